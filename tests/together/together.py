"""One process, three languages, one store by name: Python beside a C++ and a Go shared library.

python3 together.py CPP.so GO.so ORDER; ORDER says who comes first: python, cpp or go.
"""

import ctypes
import pathlib
import sys

URL = "memory:together?max_entries=1000"


class Library:
    """The store as a shared library opened it."""

    def __init__(self, path: str, language: str) -> None:
        self.library, self.language = ctypes.CDLL(path), language
        self.call("open", URL.encode())

    def call(self, function: str, *arguments: bytes) -> None:
        status = getattr(self.library, f"{self.language}_{function}")(*arguments)
        assert status == 0, (self.language, function, arguments, status)

    def set(self, key: str, value: str) -> None:
        self.call("set", key.encode(), value.encode())

    def get(self, key: str) -> str | None:
        value = ctypes.create_string_buffer(100)
        get = getattr(self.library, f"{self.language}_get")
        get.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
        status = get(key.encode(), value, len(value))
        assert status in (0, 2), (self.language, key, status)
        return value.value.decode() if status == 0 else None

    def close(self) -> None:
        self.call("close")


class Own:
    """The store as Python opened it."""

    language = "python"

    def __init__(self) -> None:
        from bytestore import ByteStore  # noqa: PLC0415 when it loads is what is tested

        self.store = ByteStore(url=URL)

    def set(self, key: str, value: str) -> None:
        self.store.mset([(key, value.encode())])

    def get(self, key: str) -> str | None:
        value = self.store.mget([key])[0]
        return None if value is None else value.decode()

    def close(self) -> None:
        self.store.close()


def main() -> None:
    cpp, go, first = sys.argv[1:]
    makers = {"python": Own, "cpp": lambda: Library(cpp, "cpp"), "go": lambda: Library(go, "go")}
    order = sorted(makers, key=lambda language: language != first)
    stores = [makers[language]() for language in order]

    for store in stores:
        store.set(f"from {store.language}", f"set in {store.language}")
    for store in stores:
        for other in stores:
            answer = store.get(f"from {other.language}")
            assert answer == f"set in {other.language}", (store.language, other.language, answer)
        assert store.get("from nobody") is None

    maps = pathlib.Path("/proc/self/maps").read_text(encoding="utf-8")
    loaded = {line.split()[-1] for line in maps.splitlines() if "libbytestore" in line}
    assert len(loaded) == 1, loaded

    # Closing is counted: whoever is left has everything, and the last one frees.
    for closed, store in enumerate(stores, 1):
        store.close()
        for left in stores[closed:]:
            assert left.get(f"from {store.language}") == f"set in {store.language}"
    again = makers[order[-1]]()
    assert again.get(f"from {first}") is None
    again.close()
    print(f"{first} first: {', '.join(order)} saw one store, in one copy of {loaded.pop()}")


if __name__ == "__main__":
    main()

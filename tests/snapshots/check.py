"""Reads the kept snapshots by the program that docs/snapshot-format.md shows, as a stranger would. Knows no library.

`python3 tests/snapshots/check.py` ends with a line that counts.
"""

import ctypes
import ctypes.util
import pathlib
import re
import struct
import sys
import types

HERE = pathlib.Path(__file__).resolve().parent
EVERY_BYTE = bytes(range(256))
TEXT = b"Alice was beginning to get very tired of sitting by her sister on the bank. " * 20
SMALL = (
    "max_bytes=1048576&ttl=3600000ms&erase=true",
    [
        (b"key", b"value", None),
        (b"", b"", None),
        (EVERY_BYTE, b"every byte", 1),
        ("schlüssel".encode(), EVERY_BYTE, 86_400_000),
        (b"text", TEXT, 2**64 - 2),
        (b"\0", b"\0", 2),
    ],
)
LONG = bytes(at >> 6 & 255 for at in range(540_000))
KEPT = {
    "v1-empty.bytestore": ("", []),
    "v1-small.bytestore": SMALL,
    "v1-long.bytestore": (
        "",
        [(b"before", b"." * 1000, None), (b"long", LONG, 7), (b"behind", b"." * 1000, None)],
    ),
    "v1-zstd.bytestore": SMALL,
}


def zstd_of_the_system():
    """As Python 3.14 has it, for older ones."""
    library = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
    decompress = library.ZSTD_decompress
    decompress.restype = ctypes.c_size_t
    decompress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]

    def decompressed(data):
        room = ctypes.create_string_buffer(512 * 1024)
        length = decompress(room, len(room), data, len(data))
        if length > len(room):
            raise ValueError("no zstd frame")
        return room.raw[:length]

    return types.SimpleNamespace(decompress=decompressed)


def reader():
    page = (HERE.parent.parent / "docs/snapshot-format.md").read_text(encoding="utf-8")
    program = re.search(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL).group(1)
    names = {}
    exec(compile(program, "docs/snapshot-format.md", "exec"), names)
    return names["read"]


def is_refused(read, snapshot):
    try:
        read(snapshot)
    except (ValueError, struct.error):
        return True
    return False


def main():
    if sys.version_info < (3, 14):
        sys.modules["compression"] = types.SimpleNamespace(zstd=zstd_of_the_system())
    read, passed, failed = reader(), 0, 0

    def check(name, right):
        nonlocal passed, failed
        passed, failed = passed + right, failed + (not right)
        if not right:
            print(f"FAILED  {name}")

    names = {path.name for path in HERE.glob("*.bytestore")}
    check("each file is known", names == set(KEPT))
    for name, content in KEPT.items():
        snapshot = (HERE / name).read_bytes()
        check(name, read(snapshot) == content)
        if len(snapshot) > 3000:
            continue
        for at in range(len(snapshot)):
            flipped = bytearray(snapshot)
            flipped[at] ^= 1 << at % 8
            check(f"{name} with byte {at} changed", is_refused(read, bytes(flipped)))
            check(f"{name} without all behind {at}", is_refused(read, snapshot[:at]))
    print(f"snapshot format: {passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()

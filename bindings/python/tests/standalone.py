"""What needs nothing but Python and the installed package: every operation, the README's program, the shared cases.

`python standalone.py` runs it, in any environment and from any directory. Knows no pytest.
"""

import asyncio
import copy
import pickle
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import closing, suppress
from pathlib import Path

import bytestore
from bytestore import ByteStore, ClosedError, _abi, _batches
from cases import all_cases
from harness import Case
from subjects import Async, Bytes, Public

README = Path(__file__).resolve().parents[3] / "tests" / "readme.py"


def operations() -> None:
    """Each one, on either way that a batch can take."""
    large = b"x" * 5000
    store = ByteStore()
    store.mset((f"key/{i}", b"%d" % i) for i in range(1000))
    assert store.mget(["key/7", "missing", "key/999"]) == [b"7", None, b"999"]
    assert len(list(store.yield_keys(prefix="key/99"))) == 11
    assert store.mdelete(store.yield_keys(prefix="key/")) == 1000
    assert store
    assert len(store) == 0
    store.mset([("\ud800", bytearray(large)), ("", b"")])
    assert store.mget(["", "\ud800"]) == [b"", large]
    assert [view and bytes(view) for view in store.mget_views(["\ud800", "missing"])] == [large, None]
    entries = {"\ud800": large, "": b""}
    assert store.store == entries
    assert copy.copy(store).mget([""]) == [b""]
    store.mset([("brief", b"")], ttl=0.001)
    assert store.mdelete(["brief"]) <= 1
    assert store.stats().sets == 1003
    for other in (copy.deepcopy(store), pickle.loads(pickle.dumps(store))):
        assert other.store == entries
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "snapshot")
        store.save(path, level=3)
        store.load(path)
        assert store.store == ByteStore(url=f"snapshot:{path}").store == entries
    store.load_bytes(store.save_bytes())
    assert (store.store.copy(), store.progress()) == (entries, (0, 0))
    view = store.namespace("view/")
    assert view.mget_or_compute(["a", "b", "a"], lambda keys: [key.encode() for key in keys]) == [b"a", b"b", b"a"]
    first, position = view.page_keys(limit=1)
    assert first + view.page_keys(position)[0] == ["a", "b"]
    assert (store.count("view/"), store.delete_prefix("view/b"), len(view)) == (2, 1, 1)
    with ByteStore(name="standalone") as named, ByteStore(url="memory:standalone") as same:
        named["a"] = b"1"
        assert same["a"] == b"1"
    asyncio.run(asynchronous(ByteStore()))
    store.close()
    with suppress(ClosedError):
        raise AssertionError(f"a closed store answers {store.mget([''])}")


async def asynchronous(store: ByteStore) -> None:
    """The same, awaited."""
    await store.amset([("a", b"1"), ("b", b"2")])
    assert await store.amget(["b", "missing"]) == [b"2", None]
    assert [key async for key in store.ayield_keys(prefix="a")] == ["a"]
    assert await store.amdelete(["a", "missing"]) == 1
    assert (await store.acount(""), await store.apage_keys(), await store.adelete_prefix("b")) == (1, (["b"], 2), 1)

    async def compute(keys: list[str]) -> list[bytes]:
        await asyncio.sleep(0)
        return [key.encode() for key in keys]

    assert await asyncio.gather(*(store.amget_or_compute(["x"], compute) for _ in range(3))) == [[b"x"]] * 3
    assert store.stats().sets == 3
    await store.aload_bytes(await store.asave_bytes())
    assert await store.amget(["x"]) == [b"x"]


def readme() -> None:
    """What readers copy prints what the comments beside it promise."""
    program = output([str(README), "python"])
    assert program.count("\n") <= 25
    *lines, error = output(["-c", program]).splitlines()
    assert lines == ["user/1: 3 bytes", "draft: 0 bytes", "user/9: missing", "user/1", "user/2", "deleted 1"]
    assert error.startswith("invalid_argument: ")
    assert "nosuch" in error


def output(arguments: list[str]) -> str:
    """What this Python prints; a warning is a failure."""
    command = [sys.executable, "-W", "error", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == "", done.stderr
    return done.stdout


def conformance() -> int:
    """How many cases there are; all are run."""
    count = 0
    for count, case in enumerate(all_cases(), 1):  # noqa: B007
        with closing(Case(Bytes)) as run:
            run.run(case["steps"])
        for subject in (Public, Async):
            try:
                with closing(Case(subject)) as run:
                    run.run(case["steps"])
            except UnicodeDecodeError:
                assert "%" in str(case), "only keys that are written byte by byte can be no str"
    return count


def strangers() -> list[str]:
    """Files of imported modules that are neither installed, nor Python's, nor the tests' own."""
    here = Path(__file__).resolve().parents[1]
    installed = [Path(path) for path in sys.path if Path(path).name in {"site-packages", "dist-packages"}]
    homes = [here, Path(bytestore.__file__).parents[1], Path(sysconfig.get_path("stdlib")), *installed]
    assert here / "src" not in homes, "the source code is imported, not what is installed"
    files = [Path(file) for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))]
    return [str(file) for file in files if not any(home in file.parents for home in homes)]


if __name__ == "__main__":
    operations()
    readme()
    cases = conformance()
    assert strangers() == [], strangers()
    assert Path(bytestore.__file__).parents[1] == Path(sysconfig.get_path("purelib")), bytestore
    assert _batches.mget.__module__ == "bytestore._accelerator", _batches.mget
    assert b"\0libbytestore.so.1\0" in _abi.PATH.read_bytes(), "the library was linked without what build.rs says"
    print(f"{sys.version.split()[0]}: operations, README, {cases} conformance cases")

"""Which of LangChain's test files are run, what stands in for which store, what is left out and why. Only data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from langchain_classic.storage import create_kv_docstore

from bytestore import ByteStore

Stores = type[ByteStore]

# A test file that names one of these must be below: in FILES, or in NOT_RUN.
MENTIONS = r"\b(InMemory(Byte|Base)?Store|LocalFileStore)\b"

OF_STORES_OWN = {"test_three_values", "test_no_overrides_DO_NOT_OVERRIDE"}


@dataclass(frozen=True)
class File:
    """A test file: `name` is what it calls its store by, `stand_in` makes the callable that gets this name."""

    project: str
    name: str = "InMemoryStore"
    stand_in: Callable[[Stores], Callable[..., Any]] = lambda store: store
    strings: str | None = None  # literals that are values, and become bytes: the only change to the file
    without_store: set[str] = field(default_factory=set)  # tests that construct no store at all
    left_out: Mapping[str, str] = field(default_factory=dict)  # tests that cannot hold, and why


def documents(store: Stores) -> Callable[[], Any]:
    """For values that are documents: what LangChain itself puts before a store of bytes."""
    return lambda: create_kv_docstore(store())


def no_directory(store: Stores) -> Callable[[object], Any]:
    """For a store that is given the directory of its files."""
    return lambda directory: store()


FILES = {
    "tests/unit_tests/stores/test_in_memory.py": File(
        "langchain-core", strings=r"value\d", without_store=OF_STORES_OWN
    ),
    "tests/unit_tests/test_in_memory_base_store.py": File(
        "langchain-tests", strings="foo|bar|buzz", without_store=OF_STORES_OWN
    ),
    "tests/unit_tests/embeddings/test_caching.py": File("langchain-classic"),
    "tests/unit_tests/retrievers/test_multi_vector.py": File("langchain-classic", stand_in=documents),
    "tests/unit_tests/retrievers/test_parent_document.py": File("langchain-classic", stand_in=documents),
    "tests/unit_tests/storage/test_lc_store.py": File("langchain-classic", "LocalFileStore", no_directory),
    "tests/unit_tests/storage/test_filesystem.py": File(
        "langchain-classic",
        "LocalFileStore",
        no_directory,
        left_out={
            "test_mset_chmod": "looks at the modes of the file and its directory",
            "test_mget_update_atime": "looks at the file's access time",
            "test_set_key_and_verify_content": "reads the file",
            "test_set_invalid_key": "wants keys refused that are no file names; here any str is a key",
            "test_catches_forbidden_keys": "wants keys refused that are paths outside; here any str is a key",
        },
    ),
}

NOT_RUN = {
    "tests/unit_tests/storage/test_imports.py": "compares the names that langchain_classic.storage exports",
}

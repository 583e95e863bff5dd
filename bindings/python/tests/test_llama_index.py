"""The LlamaIndex key-value store: as `SimpleKVStore`, below LlamaIndex's own parts, and without LlamaIndex."""

import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from llama_index.core.data_structs import IndexDict
from llama_index.core.ingestion import IngestionCache, IngestionPipeline
from llama_index.core.schema import (
    BaseNode,
    Document,
    IndexNode,
    NodeRelationship,
    RelatedNodeInfo,
    TextNode,
    TransformComponent,
)
from llama_index.core.storage.docstore.keyval_docstore import KVDocumentStore
from llama_index.core.storage.index_store.keyval_index_store import KVIndexStore
from llama_index.core.storage.kvstore import SimpleKVStore
from llama_index.core.storage.kvstore.types import BaseKVStore

from bytestore.llama_index import ByteStoreKVStore
from test_without_langchain import BLOCKER

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "python" / "llama_index_store.py"

Dict = dict[str, Any]

# Names that a careless layout of keys takes for one another or for the beginning of one another.
COLLECTIONS = ["data", "", "d", "data/", 'data"', "data\\", 'data\\"', '"', '"data"', "\0", "ä", "a\u0308", "*"]
COLLECTIONS += ["\N{GRINNING FACE}", "\ud83d\ude00", "\\ud83d\\ude00", "\ud83d", "docstore/data", "docstore"]
KEYS = ["", "k", '"', '"k', "/k", "data", "\0", "\N{GRINNING FACE}", "\ud83d\ude00"]

VALUES: list[Dict] = [
    {},
    {"": None},
    {"a": [1, -1.5, 1e300, True, {"b": {"c": []}}]},
    {'ä\0\n"\\': "\N{GRINNING FACE}"},
]
VALUES += [{"\ud83d": "\ude00"}, {"int": 1 << 200}, {"inf": math.inf, "-inf": -math.inf}, {"large": "x" * (1 << 20)}]


class Calls:
    """A store's methods, or their async twins."""

    def __init__(self, kvstore: BaseKVStore, twins: bool) -> None:
        self.kvstore, self.twins = kvstore, twins

    async def __call__(self, method: str, *args: Any, **kwargs: Any) -> Any:
        result = getattr(self.kvstore, f"a{method}" if self.twins else method)(*args, **kwargs)
        return await result if self.twins else result


@pytest.fixture(params=[ByteStoreKVStore, SimpleKVStore])
def kvstore(request: pytest.FixtureRequest) -> BaseKVStore:
    made: BaseKVStore = request.param()
    return made


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def call(request: pytest.FixtureRequest, kvstore: BaseKVStore) -> Calls:
    return Calls(kvstore, request.param)


# What both do.


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
async def test_what_is_put_is_got(call: Calls, value: Dict) -> None:
    assert await call("put", "k", value) is None
    assert await call("get", "k") == value
    assert await call("get_all") == {"k": value}
    assert await call("get", "missing") is None


async def test_puts_and_deletes(call: Calls) -> None:
    await call("put", key="foo", val={"foo": "bar"})
    await call("put", key="bar", val={"bar": "foo"}, collection="data")  # the default one
    await call("put", key="late", val={})
    await call("put", key="foo", val={"foo": 2})
    everything = await call("get_all")
    assert everything == {"foo": {"foo": 2}, "bar": {"bar": "foo"}, "late": {}}
    assert list(everything) == ["foo", "bar", "late"]
    assert await call("delete", key="foo") is True
    assert await call("delete", key="foo") is False
    assert await call("delete", key="bar", collection="other") is False
    assert await call("get_all") == {"bar": {"bar": "foo"}, "late": {}}
    assert await call("get_all", collection="other") == {}


async def test_many_at_once(call: Calls) -> None:
    pairs = [(f"k{i}", {"i": i}) for i in range(2000)]
    assert await call("put_all", pairs, collection="c", batch_size=1) is None
    await call("put_all", [("k7", {"i": "again"}), ("new", {}), ("new", {"last": "wins"})], collection="c")
    await call("put_all", [])
    expected = {**dict(pairs), "k7": {"i": "again"}, "new": {"last": "wins"}}
    everything = await call("get_all", collection="c")
    assert everything == expected
    assert list(everything) == list(expected)
    assert await call("get_all") == {}


async def test_no_two_keys_are_one(call: Calls) -> None:
    for collection in COLLECTIONS:
        await call("put_all", [(key, {"is": [collection, key]}) for key in KEYS], collection)
    for collection in COLLECTIONS:
        assert await call("get_all", collection) == {key: {"is": [collection, key]} for key in KEYS}
        assert await call("delete", "k", collection)
    for collection in COLLECTIONS:
        assert [await call("get", key, collection) is None for key in KEYS] == [key == "k" for key in KEYS]


async def test_a_dict_that_is_changed_afterwards(call: Calls) -> None:
    value = {"a": 1}
    await call("put", "k", value)
    value["a"] = 2
    got = await call("get", "k")
    got["a"] = 3
    assert await call("get", "k") == {"a": 1}


# Below LlamaIndex's own parts.


def documents(count: int = 4) -> list[BaseNode]:
    """Documents of several kinds, and nodes that are parts of one."""
    parent = Document(id_="parent", text="ä\0" * 10, metadata={"n": 1, "deep": {"list": [1, None, "x"]}})
    source = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id="parent", metadata=parent.metadata)}
    parts = [TextNode(id_=f"part {i}", text=f"text {i}", relationships=dict(source)) for i in range(count)]
    embedded = TextNode(id_="embedded", text="e", embedding=[0.1, 1e-9, 3.0])
    return [parent, IndexNode(id_="index", text="i", index_id="other"), embedded, *parts]


def test_a_document_store(kvstore: BaseKVStore) -> None:
    docstore = KVDocumentStore(kvstore, namespace="ns")
    nodes = documents()
    docstore.add_documents(nodes)
    assert docstore.docs == {node.node_id: node for node in nodes}
    assert docstore.get_document("embedded") == nodes[2]
    assert docstore.get_nodes(["part 2", "index"]) == [nodes[5], nodes[1]]
    with pytest.raises(ValueError, match="already exists"):
        docstore.add_documents(nodes[:1], allow_update=False)
    parts = [f"part {i}" for i in range(4)]
    info = docstore.get_ref_doc_info("parent")
    assert info is not None
    assert info.node_ids == parts
    docstore.delete_document("part 1")
    assert not docstore.document_exists("part 1")
    assert docstore.get_document_hash("part 2") == nodes[5].hash
    docstore.set_document_hash("parent", "hash")
    assert docstore.get_all_document_hashes()["hash"] == "parent"
    left = docstore.get_all_ref_doc_info()
    assert left is not None
    assert {name: info.node_ids for name, info in left.items()} == {"parent": ["part 0", "part 2", "part 3"]}
    docstore.delete_ref_doc("parent")
    assert list(docstore.docs) == ["index", "embedded"]
    assert docstore.get_document("parent", raise_error=False) is None
    docstore.persist("/nonexistent/never written")


async def test_a_document_store_awaited(kvstore: BaseKVStore) -> None:
    docstore = KVDocumentStore(kvstore)
    nodes = documents(300)
    await docstore.async_add_documents(nodes)
    assert await docstore.aget_nodes([node.node_id for node in nodes]) == nodes
    hashes = await docstore.aget_all_document_hashes()
    assert hashes[nodes[9].hash] == nodes[9].node_id
    await docstore.adelete_document("part 7")
    await docstore.adelete_ref_doc("parent")
    assert list(docstore.docs) == ["index", "embedded"]


@pytest.mark.parametrize("batch_size", [2, 1000])
def test_a_document_store_with_batches(batch_size: int) -> None:
    """SimpleKVStore refuses all batches but those of one."""
    docstore = KVDocumentStore(ByteStoreKVStore(), batch_size=batch_size)
    docstore.add_documents(documents())
    assert docstore.docs == {node.node_id: node for node in documents()}


async def test_an_index_store(kvstore: BaseKVStore) -> None:
    indexes = KVIndexStore(kvstore)
    one, two = IndexDict(index_id="one", summary="ä", nodes_dict={"a": "b"}), IndexDict(index_id="two")
    indexes.add_index_struct(one)
    await indexes.async_add_index_struct(two)
    assert indexes.index_structs() == await indexes.async_index_structs() == [one, two]
    assert indexes.get_index_struct("one") == one
    assert await indexes.aget_index_struct("missing") is None
    indexes.delete_index_struct("one")
    assert indexes.get_index_struct() == two


class Shout(TransformComponent):
    """Counts the nodes that it is really given."""

    given: ClassVar[list[str]] = []

    def __call__(self, nodes: Sequence[BaseNode], **_: Any) -> list[BaseNode]:
        self.given.extend(node.node_id for node in nodes)
        return [TextNode(id_=node.node_id, text=node.get_content().upper(), embedding=[0.1]) for node in nodes]


async def test_a_pipeline_transforms_once(kvstore: BaseKVStore) -> None:
    Shout.given.clear()
    cache = IngestionCache(cache=kvstore, collection="shouting")
    pipeline = IngestionPipeline(transformations=[Shout()], cache=cache)
    nodes = [Document(id_=str(i), text=f"text {i}") for i in range(3)]
    first = pipeline.run(documents=nodes)
    assert [node.get_content() for node in first] == ["TEXT 0", "TEXT 1", "TEXT 2"]
    assert pipeline.run(documents=nodes) == await pipeline.arun(documents=nodes) == first
    assert Shout.given == ["0", "1", "2"]
    pipeline.run(documents=nodes[:1])
    assert Shout.given == ["0", "1", "2", "0"]
    assert len(kvstore.get_all(collection="shouting")) == 2
    cache.clear()
    assert kvstore.get_all(collection="shouting") == {}
    assert pipeline.run(documents=nodes) == first
    assert len(Shout.given) == 7


def test_the_example() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["shouting 2 documents", "1 TEA", "2 CAKE", "5 entries in the store"]


# What it needs.


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_the_package_alone_imports_no_llama_index() -> None:
    done = run("import sys, bytestore; print([name for name in sys.modules if name.startswith('llama')])")
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_it_works_without_langchain() -> None:
    work = (
        "import sys; from bytestore.llama_index import ByteStoreKVStore; kvstore = ByteStoreKVStore();"
        "kvstore.put('k', {'a': 1}); print(kvstore.get('k'), 'langchain_core' in sys.modules)"
    )
    done = run(BLOCKER.format(name="langchain_core") + work)
    assert (done.stdout, done.stderr) == ("{'a': 1} False\n", "")


def test_without_llama_index_it_says_what_to_install() -> None:
    done = run("import sys; sys.modules['llama_index'] = None; import bytestore.llama_index")
    assert "ImportError: bytestore.llama_index needs LlamaIndex: pip install 'bytestore[llama-index]'" in done.stderr


def test_a_broken_llama_index_is_heard() -> None:
    done = run("import sys; sys.modules['fsspec'] = None; import bytestore.llama_index")
    assert "fsspec" in done.stderr.splitlines()[-1]
    assert "pip install" not in done.stderr

"""Inside LangChain: its type checks accept the store, and its own stores over it are those over the dict version."""

import pickle
from typing import Any

import pytest
from langchain_classic.storage import EncoderBackedStore, create_kv_docstore, create_lc_store
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.prompts import PromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_core.stores import BaseStore
from langchain_core.stores import ByteStore as UpstreamByteStore
from pydantic import BaseModel, ConfigDict, ValidationError, validate_call

from alike import Store, alike
from bytestore import ByteStore

DOCUMENTS = [Document(page_content=f"text {i}", metadata={"number": i, "ä": ["\0"]}) for i in range(50)]
NAMED = [(f"d{i}", document) for i, document in enumerate(DOCUMENTS)]


class Model(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    byte_store: BaseStore[str, bytes]
    upstream: UpstreamByteStore | None = None


@validate_call(config=ConfigDict(arbitrary_types_allowed=True))
def checked(store: BaseStore[str, bytes]) -> BaseStore[str, bytes]:
    return store


def encoded(texts: list[str]) -> list[tuple[str, bytes]]:
    return [(text, text.encode()) for text in texts]


def test_it_is_a_base_store(store: ByteStore) -> None:
    assert isinstance(store, BaseStore)
    assert issubclass(ByteStore, UpstreamByteStore.__origin__)  # type: ignore[attr-defined]


def test_pydantic_accepts_it(store: ByteStore) -> None:
    model = Model(byte_store=store, upstream=store)
    assert model.byte_store is store
    assert model.upstream is store
    assert Model.model_validate({"byte_store": store}).byte_store is store
    assert checked(store) is store
    with pytest.raises(ValidationError):
        Model(byte_store=object())  # type: ignore[arg-type]


async def test_a_model_copies_it_as_it_copies_a_dict() -> None:
    async def program(store: Store) -> list[list[bytes | None]]:
        store.mset([("a", b"1")])
        model = Model(byte_store=store)
        shared, own = model.model_copy(), model.model_copy(deep=True)
        shared.byte_store.mset([("b", b"2")])
        own.byte_store.mset([("c", b"3")])
        return [each.byte_store.mget(["a", "b", "c"]) for each in (model, shared, own)]

    assert await alike(program) == [[b"1", b"2", None], [b"1", b"2", None], [b"1", None, b"3"]]


async def test_its_methods_are_steps_of_a_chain() -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        fill = RunnableLambda(encoded) | RunnableLambda[Any, Any](store.mset, afunc=store.amset)
        look = RunnableLambda[Any, Any](store.mget, afunc=store.amget)
        fill.invoke(["a", "ä"])
        await fill.ainvoke(["", "\0"])
        fill.batch([[f"key {i}{j}" for j in range(5)] for i in range(5)], config={"max_concurrency": 1})
        keys = [["a", "ä", "b"], ["", "\0"], []]
        return look.batch(keys), await look.abatch(keys), len(list(store.yield_keys(prefix="key ")))

    found = [[b"a", "ä".encode(), None], [b"", b"\0"], []]
    assert await alike(program) == (found, found, 25)


async def test_documents() -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        docs = create_kv_docstore(store)
        docs.mset(NAMED)
        await docs.amset([("late", DOCUMENTS[0]), ("d7", DOCUMENTS[8])])
        given = docs.mget([name for name, _ in NAMED]), await docs.amget(["d1", "missing", "d1"])
        keys = list(docs.yield_keys(prefix="d4")), [key async for key in docs.ayield_keys(prefix="l")]
        docs.mdelete(["d0", "missing"])
        await docs.amdelete([f"d{i}" for i in range(2, 50)])
        with pytest.raises(TypeError) as refused:
            docs.mset([("new", DOCUMENTS[0]), ("newer", "no document")])  # type: ignore[list-item]
        return *given, *keys, str(refused.value), list(docs.yield_keys())

    given, some, fours, late, _, left = await alike(program)
    assert given == [*DOCUMENTS[:7], DOCUMENTS[8], *DOCUMENTS[8:]]
    assert some == [DOCUMENTS[1], None, DOCUMENTS[1]]
    assert fours == ["d4", *(f"d{i}" for i in range(40, 50))]
    assert (late, left) == (["late"], ["d1", "late"])


@pytest.mark.filterwarnings("ignore:The default value of `allowed_objects`")
async def test_serializable_objects() -> None:
    objects = [DOCUMENTS[2], HumanMessage("hello ä"), AIMessage("", id="1"), PromptTemplate.from_template("{a} of {b}")]

    async def program(store: Store) -> tuple[Any, ...]:
        things = create_lc_store(store, key_encoder=lambda key: f"lc/{key}")
        things.mset([("a", objects[0]), ("b", objects[1])])
        await things.amset([("c", objects[2]), ("d", objects[3])])
        return things.mget(list("abcd")), await things.amget(list("dx")), list(things.yield_keys())

    assert await alike(program) == (objects, [objects[3], None], ["lc/a", "lc/b", "lc/c", "lc/d"])


async def test_any_key_and_value_through_encoders() -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        things: EncoderBackedStore[tuple[int, ...], Any] = EncoderBackedStore(
            store, lambda key: "/".join(map(str, key)), pickle.dumps, pickle.loads
        )
        things.mset([((1,), {"a"}), ((1, 2), None), ((), b"")])
        await things.amset([((2, 1), 2.5), ((1,), [1])])
        given = things.mget([(1,), (1, 2), (), (3,)]), await things.amget([(2, 1), (3,)])
        things.mdelete([(1, 2), (3,)])
        await things.amdelete([()])
        return *given, list(things.yield_keys(prefix="1")), [key async for key in things.ayield_keys()]

    assert await alike(program) == ([[1], None, b"", None], [2.5, None], ["1"], ["1", "2/1"])


async def test_encoders_over_encoders() -> None:
    async def program(store: Store) -> tuple[Any, ...]:
        texts: EncoderBackedStore[str, str] = EncoderBackedStore(store, str.upper, str.encode, bytes.decode)
        numbers: EncoderBackedStore[int, int] = EncoderBackedStore(texts, hex, str, int)  # type: ignore[arg-type]
        numbers.mset([(10, 1), (255, 2)])
        await numbers.amset([(10, 3)])
        return numbers.mget([10, 255, 0]), await numbers.amget([255]), list(numbers.yield_keys(prefix="0X"))

    assert await alike(program) == ([3, 2, None], [2], ["0XA", "0XFF"])

"""A LangGraph node whose answers are good for a minute: asked the same again, it does not run."""

from typing import TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import CachePolicy

from bytestore.langgraph import ByteStoreCache


class State(TypedDict, total=False):
    """What goes through the graph."""

    question: str
    answer: str


def think(state: State) -> State:
    """Slow work, as of a model."""
    print(f"thinking about {state['question']}")
    return {"answer": state["question"].upper()}


builder = StateGraph(State)
builder.add_node("think", think, cache_policy=CachePolicy(ttl=60))
builder.add_edge(START, "think")
cache: ByteStoreCache[object] = ByteStoreCache()
graph = builder.compile(cache=cache)

for question in ("tea", "tea", "cake"):
    print(graph.invoke({"question": question})["answer"])
print(len(cache.store), "answers kept")
graph.clear_cache(["think"])
print(len(cache.store), "after clear_cache")

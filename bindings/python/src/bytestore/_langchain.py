"""The base classes: LangChain's when it is installed, so that its type checks accept the stores. Knows nothing else."""

from typing import TYPE_CHECKING

__all__ = ["Base", "VectorBase"]

if TYPE_CHECKING:
    from langchain_core.stores import BaseStore

    Base = BaseStore[str, bytes]
    VectorBase = BaseStore[str, list[float]]
else:
    try:
        from langchain_core.stores import BaseStore
    except ModuleNotFoundError as error:
        if error.name != "langchain_core":  # it is there, but broken: better heard now than as a failing type check
            raise

        class Base:
            """Stands in where LangChain is not installed."""

        VectorBase = Base
    except ImportError as error:  # pydantic refuses interpreters beside the main one
        raise ImportError(f"bytestore: LangChain is installed, but cannot be imported here: {error}") from error
    else:
        Base = BaseStore[str, bytes]
        VectorBase = BaseStore[str, list[float]]

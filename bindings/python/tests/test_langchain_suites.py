"""LangChain's own standard suites for stores, sync and async, as they are."""

import pytest
from langchain_tests.integration_tests.base_store import BaseStoreAsyncTests, BaseStoreSyncTests

from bytestore import ByteStore


class TestSync(BaseStoreSyncTests[bytes]):
    @pytest.fixture
    def kv_store(self) -> ByteStore:
        return ByteStore()

    @pytest.fixture
    def three_values(self) -> tuple[bytes, bytes, bytes]:
        return b"foo", b"bar", b"buzz"


class TestAsync(BaseStoreAsyncTests[bytes]):
    @pytest.fixture
    async def kv_store(self) -> ByteStore:
        return ByteStore()

    @pytest.fixture
    def three_values(self) -> tuple[bytes, bytes, bytes]:
        return b"foo", b"bar", b"buzz"

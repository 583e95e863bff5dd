"""LangChain's own unit tests, run with `ByteStore` in the place of the store that they construct."""

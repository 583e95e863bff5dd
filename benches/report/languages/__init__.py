"""The bindings' part of the page: each language's benchmark, read, judged, written. It must not know the engine's."""

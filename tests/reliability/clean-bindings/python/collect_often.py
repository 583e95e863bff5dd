"""A plugin of pytest: the garbage collector looks for cycles at every new container. Knows no test."""

import gc


def pytest_collection_finish() -> None:
    """What is there by now is left alone: looking through all of it each time would take for ever."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(1)

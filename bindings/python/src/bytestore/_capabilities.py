"""What a store can promise, as a plain value. Knows no store."""

from dataclasses import dataclass

from . import _abi


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a store can promise beside the four operations: all of it in memory, less on a server.

    `ByteStore.capabilities()` tells it.

    Attributes:
        insertion_order: Keys come in the order in which they were inserted; otherwise in any order, each once.
        atomic_batches: Others see all of a batch or nothing, and a batch that failed has changed nothing.
        prefix_steps: Counting, deleting and reading by prefix is one step, in time that grows with what is found;
            otherwise all keys are walked.
        positions: `page_keys` can be asked.
        snapshots: The store can be saved and loaded, pickled and deeply copied.
        sizes: `stats()` knows how many entries and bytes there are; otherwise those numbers are 0.

    """

    insertion_order: bool
    atomic_batches: bool
    prefix_steps: bool
    positions: bool
    snapshots: bool
    sizes: bool


Capabilities.__module__ = "bytestore"  # where people import it from


def capabilities_of(bits: int) -> Capabilities:
    """The library's bits; those of a later one are not known here."""
    return Capabilities(
        insertion_order=bool(bits & _abi.CAN_KEEP_ORDER),
        atomic_batches=bool(bits & _abi.CAN_BATCH_ATOMICALLY),
        prefix_steps=bool(bits & _abi.CAN_FIND_PREFIXES),
        positions=bool(bits & _abi.CAN_SEEK),
        snapshots=bool(bits & _abi.CAN_SAVE),
        sizes=bool(bits & _abi.CAN_MEASURE),
    )


def is_remote(bits: int) -> bool:
    """Whether the store is on a server: its calls wait for others, who may fail."""
    return not bits & _abi.CAN_MEASURE

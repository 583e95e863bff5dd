"""Batches in their plain form, on the fastest way that there is: the accelerator, else ctypes. See `_plain`."""

import sys

from ._abi import address_of

# The functions that the accelerator calls, in the order in which it takes them.
CONNECTED = ("mset", "mget", "mget_into", "mdelete", "free_buffer")

try:
    if "t" in getattr(sys, "abiflags", ""):  # no extension for all versions of Python works without its lock
        raise ImportError("free-threaded")  # noqa: TRY301
    from ._accelerator import connect, mdelete, mget, mget_views, mget_waiting, mset, mset_waiting
except ImportError:
    from ._plain import mdelete, mget, mget_views, mget_waiting, mset, mset_waiting
else:
    # The library that ctypes has loaded, so that both speak of the same stores.
    connect(*(address_of(f"bytestore_{name}") for name in CONNECTED))

__all__ = ["mdelete", "mget", "mget_views", "mget_waiting", "mset", "mset_waiting"]

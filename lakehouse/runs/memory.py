"""Memory that large jobs leave behind: freed by Python, but held back by its allocators for what may come."""

import ctypes
import ctypes.util
from functools import cache
from typing import Any

import pyarrow as pa


def give_back() -> None:
    """Return freed memory to the machine: a night's jobs differ, and what one needed the next does not.

    Arrow's pool lets go of its unused pages everywhere; the C library where it is glibc.
    """
    pa.default_memory_pool().release_unused()
    if trim := _trim():
        trim(0)


@cache
def _trim() -> Any:
    try:
        return getattr(ctypes.CDLL(ctypes.util.find_library("c")), "malloc_trim", None)
    except OSError:
        return None

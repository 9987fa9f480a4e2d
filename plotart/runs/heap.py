"""What becomes of memory that is freed while a run computes."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

#: Of glibc's mallopt: above how many free bytes at its end the heap shrinks, and from how many bytes on an array has
#: pages of its own, which go back to the system as soon as it is freed.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3

#: More than any run has; mallopt takes an int.
_NEVER = 2**31 - 1

#: What glibc comes to by itself at most, on 64 bits.
_USUAL = {_TRIM_THRESHOLD: 64 << 20, _MMAP_THRESHOLD: 32 << 20}


#: How many runs of this process want it now.
_keeping = 0


@contextmanager
def keeping_memory() -> Iterator[bool]:
    """While this lasts, for one run or several, freed memory stays the process's, since each step needs the same arrays
    again. Afterwards what is free goes back to the system.

    Otherwise each step gets pages anew, which the system clears: a fifth of its time (docs/benchmarks.md). False where
    the C library can't be told so, that is any but glibc.
    """
    if os.name != "posix" or not hasattr(libc := ctypes.CDLL(None), "mallopt"):
        yield False
        return
    global _keeping
    _keeping += 1
    for option in _USUAL:
        libc.mallopt(option, _NEVER)
    try:
        yield True
    finally:
        _keeping -= 1
        if not _keeping:
            for option, usual in _USUAL.items():
                libc.mallopt(option, usual)
            libc.malloc_trim(0)

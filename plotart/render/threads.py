"""Work in a few threads at once. Compiled code releases Python's lock, so plain threads are enough."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

#: Numbers in the largest array that `workspace` keeps: 64 MB.
LARGEST_HELD = 1 << 24


def thread_count() -> int:
    """As many as torch uses; `torch.set_num_threads` sets both."""
    return torch.get_num_threads()


def in_parts(work: Callable[[int, int], object], parts: int) -> None:
    """Call work(part, parts) for each part. Each thread, this one included, takes the next part when it is done."""
    numbers = itertools.count()

    def take() -> None:
        # next() of a count is atomic under Python's lock: no two threads get the same number.
        while (part := next(numbers)) < parts:
            work(part, parts)

    helpers = min(thread_count(), parts) - 1
    others = [_pool(os.getpid(), helpers).submit(take) for _ in range(helpers)]
    try:
        take()
    finally:
        for other in others:
            other.result()


def workspace(name: str, size: int) -> NDArray[np.float32]:
    """This thread's array of that name, at least `size` long, with whatever was left in it (zeros at first).

    Allocating memory takes longer than a small image does. Large arrays are not kept.
    """
    held: dict[str, NDArray[np.float32]] = _workspaces.__dict__
    array = held.get(name)
    if array is None or len(array) < size:
        array = np.zeros(size, np.float32)
        if size <= LARGEST_HELD:
            held[name] = array
    return array


_workspaces = threading.local()


@cache
def _pool(_process: int, size: int) -> ThreadPoolExecutor:
    """Threads that wait for work without spinning. A forked process, which has no threads, gets its own."""
    return ThreadPoolExecutor(size, thread_name_prefix="plotart")

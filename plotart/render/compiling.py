"""What a first use of compiled functions costs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def compiling(*functions: Any) -> Iterator[None]:
    """While this lasts, Numba may compile these functions. Where it has to, Python's collector rests: a sixth of the
    time it would look, over and over, through all that torch and Numba have loaded, and find nothing."""
    rests = gc.isenabled() and not all(function.signatures for function in functions)
    if rests:
        gc.disable()
    try:
        yield
    finally:
        if rests:
            gc.enable()

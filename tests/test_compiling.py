"""Python's collector rests while Numba compiles, and at no other time."""

from __future__ import annotations

import gc
from types import SimpleNamespace

import pytest

from plotart.render.compiling import compiling

NEW, KNOWN = SimpleNamespace(signatures=[]), SimpleNamespace(signatures=[("float32",)])


def test_the_collector_rests_until_the_end_whatever_that_is() -> None:
    def fail() -> None:
        assert not gc.isenabled()
        raise RuntimeError("no compiler")

    with pytest.raises(RuntimeError, match="no compiler"), compiling(KNOWN, NEW):
        fail()
    assert gc.isenabled()


def test_what_is_compiled_is_no_reason_to_rest() -> None:
    with compiling(KNOWN, KNOWN):
        assert gc.isenabled()


def test_a_collector_that_somebody_stopped_stays_so() -> None:
    gc.disable()
    try:
        with compiling(NEW):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()

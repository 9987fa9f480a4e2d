"""Memory that a run's steps need again stays the process's while it computes, and no longer."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

STEPS = """
import resource
import numpy as np
from plotart.runs.heap import keeping_memory

def faults(steps):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(steps):
        np.ones(2_000_000)  # 16 MB: some 4,000 pages
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

with keeping_memory() as kept:
    faults(2)
    within = faults(10)
print(kept, within, faults(10))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told what to keep")
def test_steps_get_the_same_pages_again() -> None:
    done = subprocess.run([sys.executable, "-c", STEPS], capture_output=True, text=True, check=True)
    kept, within, _ = done.stdout.split()
    assert kept == "True"
    assert int(within) < 400


def test_elsewhere_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from plotart.runs import heap

    class Other:
        """A C library without mallopt."""

    monkeypatch.setattr(heap.ctypes, "CDLL", lambda name: Other())
    with heap.keeping_memory() as kept:
        assert not kept

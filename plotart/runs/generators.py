"""The random numbers of a run."""

from __future__ import annotations

import zlib

import numpy as np
import torch


def generator_of(seed: int, purpose: str) -> torch.Generator:
    """A random generator of its own for each purpose of a run, so that one draws nothing from another's stream."""
    state = np.random.SeedSequence([seed, zlib.crc32(purpose.encode())]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0]) >> 1)

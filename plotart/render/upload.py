"""Small tensors from the host to where a step computes, without waiting for it."""

from __future__ import annotations

import torch
from torch import Tensor


def upload(values: Tensor, device: torch.device) -> Tensor:
    """`values` on `device`. A GPU copies from pinned memory when it comes to it; the host goes on at once."""
    if device.type != "cuda" or values.is_cuda:
        return values.to(device)
    return values.pin_memory().to(device, non_blocking=True)

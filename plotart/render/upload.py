"""Small tensors from the host to where a step computes, without waiting for it."""

from __future__ import annotations

from torch import Tensor


def upload(values: Tensor, like: Tensor) -> Tensor:
    """`values` where `like` is, of its number type. A GPU copies from pinned memory when it comes to it; the host goes
    on at once."""
    if not like.is_cuda or values.is_cuda:
        return values.to(like)
    return values.to(like.dtype).pin_memory().to(like.device, non_blocking=True)

"""Number type and memory layout in which a network runs: by what the processor or the GPU is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Precision:
    """How a network computes: the number type of its convolutions, and images as [B, H, W, C] in memory or not."""

    dtype: torch.dtype = torch.float32
    channels_last: bool = True

    def __str__(self) -> str:
        return str(self.dtype).removeprefix("torch.") + (", channels last" if self.channels_last else "")

    def laid_out(self, images: Tensor) -> Tensor:
        """Images [B, 3, H, W] in this layout."""
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        return images.contiguous(memory_format=layout)


#: What every figure that is reported is computed in.
EXACT = Precision()

#: What a config calls each of them (`optimize.precision`), the plain one first.
NAMED = {"float32": EXACT, "float32-planar": Precision(channels_last=False), "bfloat16": Precision(torch.bfloat16)}

#: GPUs from this compute capability on, and processors with one of these sets of instructions, multiply bfloat16.
_CUDA_BFLOAT16 = (8, 0)
_CPU_BFLOAT16 = ("amx_bf16", "avx512_bf16")


def precision_for(device: torch.device) -> Precision:
    """bfloat16 where the device multiplies it, else float32; the same on every call, as nothing is timed.

    A processor without such instructions emulates them, which takes more than twice as long as float32; planar images
    take as long as those with channels last (docs/benchmarks.md). What torch does not tell of counts as missing.
    """
    if device.type == "cuda":
        multiplies = torch.cuda.get_device_capability(device) >= _CUDA_BFLOAT16
    else:
        told: Mapping[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
        multiplies = device.type == "cpu" and any(told.get(name) is True for name in _CPU_BFLOAT16)
    return NAMED["bfloat16"] if multiplies else EXACT


def name_of(precision: Precision) -> str:
    """What a config calls it."""
    return next(name for name, named in NAMED.items() if named == precision)

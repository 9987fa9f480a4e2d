"""Number type and memory layout in which a network runs fastest: measured once per machine, and remembered."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import torch
from torch import Tensor

from plotart.networks.network import Network
from plotart.networks.weights import cache_folder

#: A number type or layout other than the plain one has to be this much faster.
_GAIN = 1.1
_REPEATS = 3


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

#: What is tried.
CANDIDATES = tuple(NAMED.values())


def fastest(network: Network, layer: str, *, size: tuple[int, int], views: int) -> Precision:
    """The precision in which one step of `network` up to `layer` takes least time on the network's device.

    size (H, W) px and `views`: what the network will look at. The answer is kept in the cache folder, by processor,
    threads, torch, network, layer, size and views, so that it is the same in every later run.
    """
    device = next(network.parameters()).device
    key = " | ".join(
        [
            _processor(device),
            f"torch {torch.__version__}",
            f"{network.name} {layer}",
            f"{views} x {size[0]} x {size[1]}",
        ]
    )
    path = cache_folder() / "precision.json"
    by_name = {str(candidate): candidate for candidate in CANDIDATES}
    remembered = _remembered(path)
    if remembered.get(key) in by_name:
        return by_name[remembered[key]]
    images = torch.rand(views, 3, *size, device=device, generator=torch.Generator(device).manual_seed(0))
    chosen = _least([(candidate, _step(network, layer, images, candidate)) for candidate in CANDIDATES])
    _remember(path, key, str(chosen))
    return chosen


def _least(steps: list[tuple[Precision, Callable[[], None]]]) -> Precision:
    """The candidate of the least time; the first unless another is clearly faster."""
    times: dict[Precision, list[float]] = {candidate: [] for candidate, _ in steps}
    for round_ in range(_REPEATS + 1):
        for candidate, step in steps:
            start = time.perf_counter()
            step()
            if round_:  # the first sets up
                times[candidate].append(time.perf_counter() - start)
    medians = {candidate: statistics.median(found) for candidate, found in times.items()}
    plain = steps[0][0]
    best = min(medians, key=lambda candidate: medians[candidate])
    return best if medians[best] * _GAIN < medians[plain] else plain


def _step(network: Network, layer: str, images: Tensor, precision: Precision) -> Callable[[], None]:
    def run() -> None:
        leaf = precision.laid_out(images.detach()).requires_grad_()
        with torch.autocast(leaf.device.type, precision.dtype, enabled=precision.dtype != torch.float32):
            value = network.activations(leaf, layer).float().mean()
        value.backward()  # type: ignore[no-untyped-call]
        if leaf.device.type == "cuda":
            torch.cuda.synchronize(leaf.device)

    return run


def _processor(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        fields = dict(line.split(":", 1) for line in lines if ":" in line)
        name = next((value.strip() for key, value in fields.items() if key.strip() == "model name"), name)
    except OSError:
        pass
    return f"{name}, {torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads"


def _remembered(path: Path) -> dict[str, str]:
    """What was measured before; nothing if the file can't be read, as it will be written anew."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(path: Path, key: str, name: str) -> None:
    """Adds to the file, whole or not at all; a cache that can't be written to only costs time."""
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps({**_remembered(path), key: name}, indent=1) + "\n", encoding="utf-8")
        os.replace(part, path)
    with contextlib.suppress(OSError):
        part.unlink()

"""What each layer of the motif network takes in a step, and what share of the processor's peak that is.

    python benchmarks/layers.py [--views 2] [--size 256 181]

One thread; the least processor time of some rounds, in the number type that `optimize.precision: auto` takes here. The
peak is that of the fastest of a few products of square matrices in that type. Back goes the gradient by the image
alone, as in a run, in which weights stay. A convolution does two operations for each pixel and weight.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.networks import load_network
from plotart.networks.precision import precision_for
from plotart.runs.heap import keeping_memory

ROUNDS = 15
SIDES = (256, 512, 1024, 2048)

Layer = Callable[[Tensor], Tensor]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--views", type=int, default=2)
    parser.add_argument("--size", type=int, nargs=2, default=(256, 181), metavar=("HEIGHT", "WIDTH"))
    given = parser.parse_args()
    torch.set_num_threads(1)
    precision = precision_for(torch.device("cpu"))
    x = precision.laid_out(torch.rand(given.views, 3, *given.size)).to(precision.dtype)
    with keeping_memory():
        peak = max(2 * side**3 / least(product(side, precision.dtype)) for side in SIDES)
        print(f"{precision}; peak {peak / 1e9:.0f} GFLOP/s of one core\n")
        print("| layer | in | GFLOP | forward ms | back ms | of the peak |\n|---|---|---|---|---|---|")
        work = there = back = 0.0
        for name, weights, layer in layers(precision.dtype):
            own = x.detach().requires_grad_()
            y = layer(own)
            upstream = torch.rand_like(y)
            operations = 2.0 * weights * len(y) * y.shape[2] * y.shape[3]
            forward = least(partial(layer, x))
            backward = least(partial(torch.autograd.grad, y, own, upstream, retain_graph=True))
            size = " x ".join(map(str, x.shape[1:]))
            share = f"{2 * operations / (forward + backward) / peak:.0%}" if weights else ""
            figures = f"{operations / 1e9:.2f} | {forward * 1e3:.2f} | {backward * 1e3:.2f}"
            print(f"| {name} | {size} | {figures} | {share} |", flush=True)
            work, there, back, x = work + operations, there + forward, back + backward, y.detach()
        figures = f"{work / 1e9:.2f} | {there * 1e3:.1f} | {back * 1e3:.1f} | {2 * work / (there + back) / peak:.0%}"
        print(f"| all | | {figures} |")


def layers(dtype: torch.dtype) -> Iterator[tuple[str, int, Layer]]:
    """Name, weights and function of each, in order."""
    network = load_network("motif")
    names = [name for name in network.layers if name.startswith("conv")]
    for before, name in zip(["", *names], names, strict=False):
        if before and before[:5] == name[:5]:
            yield f"relu of {before}", 0, F.relu
        elif before:
            yield f"pooling and relu of {before}", 0, pooled
        layer = network.get_submodule(name)
        weight, bias = layer.weight.to(dtype), layer.bias.to(dtype)
        yield name, weight.numel(), partial(F.conv2d, weight=weight, bias=bias, padding=1)


def pooled(x: Tensor) -> Tensor:
    return F.relu(F.max_pool2d(x, 2))


def product(side: int, dtype: torch.dtype) -> Callable[[], Tensor]:
    a, b = torch.rand(2, side, side).to(dtype)
    return lambda: a @ b


def least(function: Callable[[], object]) -> float:
    """Seconds of processor time."""
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        function()
        taken.append(time.process_time() - start)
    return min(taken)


if __name__ == "__main__":
    main()

"""What a step of the motif network takes in each number type and layout, and what `optimize.precision: auto` is here.

    OMP_WAIT_POLICY=PASSIVE python benchmarks/precision.py [px]

One step: two views of 224 px, or as given, forward up to the classes, and backward. The types take turns, so that other
programs slow all of them alike.
"""

from __future__ import annotations

import statistics
import sys
import time

import torch

from plotart.networks import load_network
from plotart.networks.precision import NAMED, precision_for
from plotart.objectives.features import Features, Tap

ROUNDS, VIEWS = 25, 2


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 224
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = load_network("motif").to(device=device, memory_format=torch.channels_last)
    views = torch.rand(VIEWS, 3, size, size, generator=torch.Generator().manual_seed(0)).to(device)
    times: dict[str, list[float]] = {name: [] for name in NAMED}
    for _ in range(ROUNDS + 2):
        for name, precision in NAMED.items():
            start = time.perf_counter()
            images = views.clone().requires_grad_()
            features = Features(images, [Tap(network, "class")], precision={network: precision})
            features(network, "class").mean().backward()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            times[name].append(time.perf_counter() - start)
    print(f"{size} px, {VIEWS} views, {device}, {torch.get_num_threads()} threads; auto: {precision_for(device)}\n")
    print("| number type | ms | : float32 |\n|---|---|---|")
    plain = times["float32"][2:]  # the first two rounds set up
    for name, taken in times.items():
        share = statistics.median(own / other for own, other in zip(taken[2:], plain, strict=True))
        print(f"| {name} | {statistics.median(taken[2:]) * 1000:.0f} | {share:.2f} |")


if __name__ == "__main__":
    main()

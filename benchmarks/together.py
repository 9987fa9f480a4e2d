"""What drawings cost that are made together, against the same ones alone and against one: cells of an atlas, from the
config to the picture, or with --config the steps of a config's with other seeds.

    OMP_WAIT_POLICY=PASSIVE python benchmarks/together.py                      # 4, 8 and 16 at a time
    python benchmarks/together.py --config configs/quickstart.yaml --device cuda

Each round makes all of them alone and together by turns, so that other programs slow both alike; ratios are medians of
the rounds'. Where others run, seconds of the processor, of all threads, tell more; on a GPU those of the clock do.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch

from plotart import Config
from plotart.job.build import Parts, build, pick_device
from plotart.job.objective import Shared
from plotart.optimize import Course, Optimizer, together
from plotart.runs.heap import keeping_memory
from plotart.sweep.atlas import atlas

NETWORK = "motif"

#: Prepares drawings by these numbers, and returns what makes them together.
Make = Callable[[Sequence[int]], Callable[[], None]]


class Seconds(NamedTuple):
    """Of the clock, and of the processor."""

    clock: float
    processor: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--together", type=int, nargs="+", default=[4, 8, 16])
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--config", type=Path)
    words = parser.parse_args()
    torch.set_num_threads(words.threads)
    device = pick_device(words.device)
    make = cells(words.steps, device) if words.config is None else seeds(words.config, words.steps, device)
    with keeping_memory():
        make([0])()  # compiles the renderer
        rounds = [compared(make, words.together) for _ in range(words.rounds)]
    print(
        f"{words.config or 'atlas'}, {words.steps} steps, {device}, {words.threads} threads, torch {torch.__version__}"
    )
    print("\n| together | s each | processor s each | per minute | : alone | : alone, processor | all : one |")
    print("|--:|--:|--:|--:|--:|--:|--:|")
    for count in words.together:
        print(f"| {count} | {row(count, [(found[count], found[-count]) for found in rounds])} |")


def compared(make: Make, counts: Sequence[int]) -> dict[int, Seconds]:
    """What so many take together, by their count, and alone, by minus their count."""
    found, alone = dict[int, Seconds](), list[Seconds]()
    for count in sorted(counts):
        alone += [spent(make, [number]) for number in range(len(alone), count)]
        found[-count] = Seconds(*map(sum, zip(*alone, strict=True)))
        found[count] = spent(make, range(count))
    return found


def spent(make: Make, numbers: Sequence[int]) -> Seconds:
    draw = make(numbers)
    clock, processor = time.perf_counter(), time.process_time()
    draw()
    return Seconds(time.perf_counter() - clock, time.process_time() - processor)


def row(count: int, rounds: Sequence[tuple[Seconds, Seconds]]) -> str:
    def median(of: Callable[[Seconds, Seconds], float]) -> float:
        return statistics.median(of(side, alone) for side, alone in rounds)

    clock = median(lambda side, _: side.clock) / count
    processor = median(lambda side, _: side.processor) / count
    ratios = [
        median(lambda side, alone: side.clock / alone.clock),
        median(lambda side, alone: side.processor / alone.processor),
        median(lambda side, alone: count * side.clock / alone.clock),
    ]
    return " | ".join([f"{clock:.2f}", f"{processor:.2f}", f"{60 / clock:.1f}", *(f"{ratio:.2f}" for ratio in ratios)])


def cells(steps: int, device: torch.device) -> Make:
    """Of an atlas of the network's classes."""

    def draw(numbers: Sequence[int]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            options = {"steps": steps, "device": device.type, "together": len(numbers)}
            list(atlas(NETWORK, channels=numbers, folder=folder, **options))

    return lambda numbers: partial(draw, numbers)


def seeds(path: Path, steps: int, device: torch.device) -> Make:
    """With the config's other seeds."""
    config, shared = Config.load(path).override(f"optimize.steps={steps}"), Shared()

    def draw(drawings: Sequence[Parts]) -> None:
        for end in together([whole(parts.optimizer) for parts in drawings]):
            if end is not None:
                raise end
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    def make(numbers: Sequence[int]) -> Callable[[], None]:
        every = [build(config.override(f"seed={number}"), device=device, shared=shared) for number in numbers]
        return partial(draw, every)

    return make


def whole(optimizer: Optimizer) -> Course[None]:
    while not optimizer.finished:
        yield from optimizer.step()
    optimizer.harden()


if __name__ == "__main__":
    main()

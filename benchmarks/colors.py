"""Whether a drawing's colours have a reason: classes drawn in their natural colours with pens that a person might own,
and how much of the excitation is left when the same lines are inked in the same pens, swapped.

    python benchmarks/colors.py --classes leaf flower fish

Every swap in which no pen keeps its colour is tried. Without a reason, a swap would gain as often as it loses.
"""

from __future__ import annotations

import argparse
import itertools
from statistics import mean, median

import torch

from plotart import Config
from plotart.job.build import build

PENS = {"green": "#2e8b3d", "red": "#c8102e", "blue": "#1f4fa3", "yellow": "#e6b800", "brown": "#6b4226"}
CLASSES = [
    "leaf",
    "flower",
    "tulip",
    "fish",
    "bricks",
    "waves",
    "flames",
    "apple",
    "tree",
    "hexagons",
    "grass",
    "water",
]


def config_of(name: str, pens: dict[str, str], steps: int) -> Config:
    return Config.from_dict(
        {
            "seed": 3,
            "page": {"size": [100, 100], "margin": 5},
            "pens": [{"name": hue, "color": color, "width": 0.8} for hue, color in pens.items()],
            "strokes": {"count": 120, "segments": 3, "length": 20},
            "render": {"resolution": 160},
            "objective": [{"type": "excitation", "class": name, "color": "natural"}],
            "optimize": {"steps": steps},
            # Otherwise pens would be sorted by their colours, and a swap would be none.
            "export": {"order": "given"},
        }
    )


def swapped(name: str, steps: int) -> tuple[float, list[float]]:
    """The excitation of the plot over that of bare paper, and of the same lines with every swap of the pens."""
    parts = build(config_of(name, PENS, steps))
    for _ in parts.optimizer.steps():
        pass
    state = parts.optimizer.state()

    def excitation(pens: dict[str, str]) -> float:
        other = build(config_of(name, pens, steps))
        other.optimizer.restore(*state)
        activation, canvas = other.optimizer.activation, other.canvas
        with torch.no_grad():
            return activation(canvas.hard().image) - activation(canvas.blank())

    colors = list(PENS.values())
    orders = [order for order in itertools.permutations(colors) if not any(map(str.__eq__, order, colors))]
    return excitation(PENS), [excitation(dict(zip(PENS, order, strict=True))) for order in orders]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--classes", nargs="*", default=CLASSES)
    parser.add_argument("--steps", type=int, default=120)
    options = parser.parse_args()
    print("| class | its pens | swapped, mean | best swap | swaps that lose |")
    print("|---|---|---|---|---|")
    kept = []
    for name in options.classes:
        own, others = swapped(name, options.steps)
        lose = mean(other < own for other in others)
        kept.append(mean(others) / own)
        print(f"| {name} | {own:.2f} | {mean(others):.2f} | {max(others):.2f} | {lose:.0%} |", flush=True)
    print(f"\nSwapped pens keep {median(kept):.0%} of the excitation in the median.")


if __name__ == "__main__":
    main()

"""Draws docs/pictures/annealing.png: how strokes settle on their pens while the temperature falls;
and of it the drawings alone, docs/pictures/steps.webp, for the readme.

    python docs/pictures/annealing.py quickstart --work /tmp/annealing

It makes the drawing of the config, which takes as long as `plotart generate` does.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from PIL import Image

from plotart import Config, Run, Step, generate
from plotart.plotter.simulate import to_picture

#: Steps, as shares of the run, at which the drawing is shown; the first shows what was traced.
SHOWN = (0.0, 0.2, 0.35, 0.5, 1.0)

#: Where the drawings end and the curves begin.
UPPER_PX = 316

TICKS = (1.0, 0.5, 0.2, 0.1, 0.05)
INK, SOFT, LINE = "#1b1b1b", "#1f4fa3", "#c8102e"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="the run folder")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("annealing.png"))
    options = parser.parse_args()
    config = Config.load(options.config)
    due = {max(1, round(share * config.optimize.steps)) for share in SHOWN}
    pictures: dict[int, Image.Image] = {}

    def keep(step: Step) -> None:
        if step.number in due:
            pictures[step.number] = to_picture(step.picture(1.5))

    run = generate(config, out=options.work, on_step=keep, existing="overwrite")
    draw(run, pictures, options.out)


def draw(run: Run, pictures: dict[int, Image.Image], out: Path) -> None:
    """The drawing at some steps above the curves of all of them."""
    mpl.rcParams["font.size"] = 8
    figure = plt.figure(figsize=(8.0, 5.0), layout="constrained")
    rows = figure.subfigures(2, 1, height_ratios=(1.15, 1))
    panels = rows[0].subplots(1, len(pictures))
    for axes, (number, picture) in zip(np.ravel(panels), sorted(pictures.items()), strict=True):
        axes.imshow(picture)
        axes.set_title(f"step {number}")
        axes.set_axis_off()
    temperature, shares = rows[1].subplots(1, 2)
    steps = [row["step"] for row in run.metrics]
    # The polish phase has no temperature: the pens are fixed.
    soft = [row for row in run.metrics if row["sharpness weight"] > 0]
    _curve(temperature, steps[: len(soft)], [row["temperature"] for row in soft], SOFT, "temperature")
    temperature.set_yscale("log")
    temperature.minorticks_off()
    temperature.set_yticks(TICKS, labels=[f"{tick:g}" for tick in TICKS])
    _curve(shares, steps, [row["top probability"] for row in run.metrics], SOFT, "share of the likeliest pen, mean")
    _curve(shares, steps, [row["decided"] for row in run.metrics], INK, "strokes that have decided (90 % one pen)")
    penalty = [row["sharpness"] / row["sharpness weight"] for row in soft]
    _curve(shares, steps[: len(soft)], penalty, LINE, "sharpness penalty")
    for axes in (temperature, shares):
        axes.axvspan(len(soft), len(steps), color="#eeeeee", lw=0)
        axes.set_xlabel("step (grey: polish, with the pens fixed)")
        axes.set_xlim(0, len(steps))
        axes.legend(frameon=False)
    figure.savefig(out, dpi=130, metadata={"Software": None})
    quantised = Image.open(out).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    quantised.save(out, optimize=True)
    with Image.open(out) as whole:
        upper = whole.convert("RGB").crop((0, 0, whole.width, UPPER_PX))
    upper.save(out.with_name("steps.webp"), quality=80, method=6)


def _curve(axes: Axes, steps: list[float], values: list[float], color: str, label: str) -> None:
    axes.plot(steps, values, color=color, label=label, lw=1.5)
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    mpl.use("agg")
    main()

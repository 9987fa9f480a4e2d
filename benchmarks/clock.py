"""What a drawing gains in how many steps and seconds, by how its strokes begin.

    python benchmarks/clock.py [--seeds 3] [--only tiger leaf] [--out outputs/clock]

The sheet, pens and hand of configs/quickstart.yaml, for four classes and four channels. `random` strokes for 100 and
400 steps, `imagined` ones for 50, 100 and 200 (and the steps in which the picture was imagined). The gain is
that of the drawing over bare paper, in float32, when pens are fixed and lines are joined; seconds are those of the
processor from the config to there, in one thread, without the renderer's compilation. Lines as in `plotart stats`.

Drawings are kept in `--out`, as pictures and cell by cell, so that a benchmark that was stopped goes on.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import torch
from quality import Cells

from plotart import Config
from plotart.canvas import StrokeCanvas
from plotart.export.line_figures import line_figures
from plotart.export.toolpath import build_toolpath
from plotart.job.build import build
from plotart.plotter.simulate import to_picture
from plotart.runs.heap import keeping_memory

CONFIG = Path(__file__).parents[1] / "configs" / "quickstart.yaml"

#: Chosen before any of them had been drawn from an imagined picture, but for the first and the sixth.
OBJECTIVES: dict[str, dict[str, Any]] = {
    "tiger": {"class": "tiger"},
    "leaf": {"class": "leaf"},
    "spiral": {"class": "spiral"},
    "star": {"class": "star"},
    "conv3_2:11": {"layer": "conv3_2", "channel": 11},
    "conv4_1:30": {"layer": "conv4_1", "channel": 30},
    "conv4_2:57": {"layer": "conv4_2", "channel": 57},
    "conv5_1:100": {"layer": "conv5_1", "channel": 100},
}
WAYS = {"random": (100, 400), "imagined": (50, 100, 200)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(OBJECTIVES), choices=list(OBJECTIVES))
    parser.add_argument("--out", type=Path, default=Path("outputs/clock"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    cells = Cells(options.out)
    print("| objective | start | steps | gain | seconds | lines | m | overlaid | crossings per 100 mm |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in options.only:
        for start, ladder in WAYS.items():
            for steps in ladder:
                rows = [drawing(cells, name, start, steps, seed) for seed in range(1, options.seeds + 1)]
                keys = ("gain", "seconds", "lines", "metres", "overlaid", "crossings_per_100mm")
                middle = [f"{statistics.median(row[key] or 0 for row in rows):.3g}" for key in keys]
                print(f"| {name} | {start} | {steps} | {' | '.join(middle)} |", flush=True)


def drawing(cells: Cells, name: str, start: str, steps: int, seed: int) -> dict[str, Any]:
    """The figures of one drawing; its picture is beside them."""
    goal = {"type": "excitation", "network": "motif", **OBJECTIVES[name]}
    data = Config.load(CONFIG).model_dump(mode="json", by_alias=True, exclude_unset=True)
    data |= {"seed": seed, "objective": [goal, *data["objective"][1:]]}
    data["strokes"] |= {"init": start}
    data["optimize"] = {"steps": steps}
    config = Config.from_dict(data)

    def compute() -> dict[str, Any]:
        began = time.process_time()
        parts = build(config)
        with keeping_memory():
            for _ in parts.optimizer.steps():
                pass
            parts.optimizer.harden()
        seconds = time.process_time() - began
        canvas = parts.canvas
        assert isinstance(canvas, StrokeCanvas)
        image = canvas.hard().image.detach()
        picture = cells.folder / f"{name}-{start}-{steps}-{seed}.png".replace(":", "_")
        picture.parent.mkdir(parents=True, exist_ok=True)
        to_picture(image).save(picture)
        drawn = build_toolpath(canvas.strokes.detached(), canvas.palette.pens(), parts.page, config.export).drawing
        gain = parts.activation(image) - parts.activation(canvas.blank())
        return {"gain": gain, "seconds": seconds, **line_figures(drawn).as_dict()}

    return cells([name, config.dump()], compute)


if __name__ == "__main__":
    main()

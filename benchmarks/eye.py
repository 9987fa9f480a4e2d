"""Whether drawings are what they were drawn for, in the eyes of a network that none of them was optimised for.

    python benchmarks/eye.py [--every 4] [--only default seeds others transfer] [--out outputs/eye]

default   a drawing for each class, one seed: what the judge recognises, where it may also see nothing.
seeds     the same for two seeds more.
others    settings that nobody tuned: one pen, twelve pens, black paper, a narrow sheet with broad nibs, 60 steps.
transfer  the default drawings beside those for an older network (`--before FILE`): how sure the judge is of either.

`--weights FILE` draws for another network than the shipped one. Drawings are kept in the folder `--out`, as pictures
and cell by cell, so that a run that was stopped goes on, and another judge looks at the same ones.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from line import spread
from PIL import Image, ImageDraw
from quality import COLORS, JUDGE, Cells, merged

from plotart import Config
from plotart.canvas import StrokeCanvas
from plotart.export.line_figures import line_figures
from plotart.export.toolpath import build_toolpath
from plotart.job.build import build
from plotart.networks import Network, load_network
from plotart.networks.weights_files import shipped_motif
from plotart.plotter.simulate import to_picture

MORE_COLORS = ["#e6b800", "#6b4226", "#8a8d91", "#e07b1a"]
GEL = ["#c9a34e", "#a9adb3", "#f7f7f2", "#e85b9c"]


def pens(colors: list[str], width: float, ink: str) -> dict[str, Any]:
    return {"pens": [{"name": color, "color": color, "width": width, "ink": ink} for color in colors]}


DEFAULT: dict[str, Any] = {
    "seed": 3,
    "page": {"size": [100, 100], "margin": 5},
    **pens(COLORS[:4], 0.8, "transparent"),
    "strokes": {"count": 160, "segments": 3, "length": 20, "economy": {"keep": 0.8}, "spacing": {"weight": 4}},
    "render": {"resolution": 160},
    "optimize": {"steps": 120},
}
#: As configs/quickstart.yaml has it.
HAND: list[dict[str, Any]] = [{"type": "smoothness", "weight": 0.5}, {"type": "length", "weight": 0.5}]
SEEDS: dict[str, dict[str, Any]] = {f"seed {seed}": {"seed": seed} for seed in (4, 5)}
OTHERS: dict[str, dict[str, Any]] = {
    "one pen": pens(["#1b1b1b"], 0.6, "transparent"),
    "twelve pens": pens([*COLORS, *MORE_COLORS], 0.5, "transparent"),
    "black paper": {"page": {"color": "#16161a"}, **pens(GEL, 0.7, "opaque")},
    "narrow sheet": {"page": {"size": [80, 140], "color": "#f2ead8"}, **pens(COLORS[1:4], 1.0, "opaque")},
    "60 steps": {"optimize": {"steps": 60}},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = ("default", "seeds", "others", "transfer")
    parser.add_argument("--only", nargs="*", default=["default"], choices=parts)
    parser.add_argument("--every", type=int, default=1, help="of the classes, every n-th")
    parser.add_argument("--weights", type=Path, help="of the network that is drawn for")
    parser.add_argument("--before", type=Path, help="weights of the older network, for transfer")
    parser.add_argument("--judge", type=Path, default=JUDGE)
    parser.add_argument("--workers", type=int, default=2, help="drawings at a time, each in one thread")
    parser.add_argument("--out", type=Path, default=Path("outputs/eye"))
    parser.add_argument("--sheet", type=Path, help="a contact sheet of the default drawings, as in docs/gallery")
    options = parser.parse_args()
    settings = {
        **({"default": {}} if "default" in options.only else {}),
        **(SEEDS if "seeds" in options.only else {}),
        **(OTHERS if "others" in options.only else {}),
    }
    classes = load_network("motif", weights=options.weights).classes[:: options.every]
    print("| settings | recognised | sure, median | lines | overlaid | crossings per 100 mm | seconds |")
    print("|---|---|---|---|---|---|---|")
    for title, changes in settings.items():
        rows = drawings(classes, title, changes, options.weights, options)
        _report(title, rows)
        if options.sheet and title == "default":
            sheet(rows).save(options.sheet, optimize=True)
    if "transfer" in options.only:
        common = [name for name in load_network("motif", weights=options.before).classes if name in classes]
        ours = drawings(common, "default", {}, options.weights, options)
        theirs = drawings(common, "default", {}, options.before, options)
        _report("before", theirs)
        _report("the same classes now", ours)
        better = sum(one["sure"] > other["sure"] for one, other in zip(ours.values(), theirs.values(), strict=True))
        print(f"\nThe judge is surer of {better} of {len(common)} than of what was drawn before.")


def drawings(
    names: Sequence[str], title: str, changes: dict[str, Any], weights: Path | None, options: argparse.Namespace
) -> dict[str, dict[str, Any]]:
    calls = [(options.out, name, title, changes, weights) for name in names]
    drawn = spread(drawing, calls, options.workers)
    judge = load_network("motif", weights=options.judge)
    return {name: {**row, **judged(Path(row["picture"]), name, judge)} for name, row in zip(names, drawn, strict=True)}


def drawing(out: Path, name: str, title: str, changes: dict[str, Any], weights: Path | None) -> dict[str, Any]:
    """The figures of the lines of a drawing for the class `name`, and where its picture is."""
    goal = {"type": "excitation", "network": "motif", "class": name, "weights": str(weights) if weights else None}
    config = Config.from_dict(merged({**DEFAULT, "objective": [goal, *HAND]}, changes))
    with nullcontext(weights) if weights else shipped_motif() as drawn_for:
        digest = hashlib.sha256(drawn_for.read_bytes()).hexdigest()[:12]

    def compute() -> dict[str, Any]:
        parts = build(config)
        began = time.perf_counter()
        for _ in parts.optimizer.steps():
            pass
        seconds = time.perf_counter() - began
        canvas = parts.canvas
        assert isinstance(canvas, StrokeCanvas)
        folder = out / f"{digest} {title}".replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        to_picture(canvas.hard().image.detach()).save(folder / f"{name}.png")
        drawn = build_toolpath(canvas.strokes.detached(), canvas.palette.pens(), parts.page, config.export).drawing
        return {"picture": str(folder / f"{name}.png"), "seconds": seconds, **line_figures(drawn).as_dict()}

    return Cells(out)([name, config.dump(), digest], compute)


@torch.no_grad()
def judged(picture: Path, name: str, judge: Network) -> dict[str, Any]:
    """What the judge sees in a picture, and how sure it is of the class `name`."""
    image = torch.from_numpy(np.asarray(Image.open(picture).convert("RGB")).copy()).permute(2, 0, 1)[None] / 255
    (seen,) = judge.recognised(image)
    found = judge.features(image, ("class", "nothing"))
    logits = torch.cat([found[head].mean(dim=(2, 3)) for head in ("class", "nothing")], dim=1)
    return {"seen": seen, "sure": float(logits.softmax(dim=1)[0, judge.classes.index(name)])}


def sheet(rows: dict[str, dict[str, Any]], across: int = 15, side: int = 98) -> Image.Image:
    """Drawings with their names below."""
    down = -(-len(rows) // across)
    found = Image.new("RGB", (across * (side + 5), down * (side + 26)), "white")
    canvas = ImageDraw.Draw(found)
    for k, (name, row) in enumerate(rows.items()):
        x, y = (k % across) * (side + 5), (k // across) * (side + 26)
        found.paste(Image.open(row["picture"]).convert("RGB").resize((side, side), Image.Resampling.LANCZOS), (x, y))
        canvas.text((x + 6, y + side + 6), name, fill="#444444")
    return found.quantize(40, dither=Image.Dither.NONE)


def _report(title: str, rows: dict[str, dict[str, Any]]) -> None:
    missed = [f"{name} as {row['seen']}" for name, row in rows.items() if row["seen"] != name]
    middle = [
        f"{statistics.median(row[key] or 0 for row in rows.values()):.3g}"
        for key in ("sure", "lines", "overlaid", "crossings_per_100mm", "seconds")
    ]
    print(f"| {title} | {1 - len(missed) / len(rows):.1%} of {len(rows)} | {' | '.join(middle)} |", flush=True)
    print(f"<!-- missed: {', '.join(missed) or 'none'} -->", flush=True)


if __name__ == "__main__":
    main()

"""What steps are worth to each look, and what a pen that is out of register does.

    python benchmarks/look_starts.py [--only steps register] [--out outputs/look-starts]

steps     each look of photographs on A5, in one black pen and in four, as it begins and when its lines have moved: mean
          CIEDE2000 to the picture as these pens could show it (its tones brought to what they reach), both after a blur
          of 1 mm (Gaussian, in linear light), within the margins; of drawings in black lightness alone counts.
register  drawings in four pens, each of which is then moved by 0.3 mm in a direction of its own, drawn by chance three
          times: mean CIEDE2000 to the drawing in register, after the same blur.

Results are kept in the folder `--out`, cell by cell, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from pathlib import Path
from typing import Any

import torch
from line import spread
from look_draw import BLACK, FOUR
from look_pictures import PICTURES
from quality import Cells
from torch import Tensor

from plotart.canvas import StrokeCanvas
from plotart.color import LUMINANCE
from plotart.color.difference import ciede2000
from plotart.color.light import srgb_to_linear
from plotart.color.spaces import linear_to_lab
from plotart.job.build import Parts, build
from plotart.job.draw import DrawOptions, draw_config
from plotart.job.look import lightness_reached
from plotart.job.pens import build_pens
from plotart.objectives.sight import seen_from_afar
from plotart.objectives.terms.image import ImageTerm
from plotart.pens import PenSet
from plotart.plugins import LOOKS

#: px to a mm of what is compared, mm of the blur, and mm by which pens are out of register.
FINE, BLUR_MM, SHIFT_MM = 5, 1.0, 0.3
LOOKED_AT = ("hatch", "crosshatch", "engraving", "flow", "contour", "stipple", "scribble", "tour", "squiggle")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=["steps", "register"], choices=["steps", "register"])
    parser.add_argument("--looks", nargs="*", default=LOOKED_AT, choices=LOOKS.own)
    parser.add_argument("--pictures", nargs="*", default=[picture.name for picture in PICTURES])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("outputs/look-starts"))
    options = parser.parse_args()
    if "steps" in options.only:
        print("| look, pens | as it begins | moved | less by | seconds |\n|---|---|---|---|---|")
        for pens in ("black", "four"):
            for look in options.looks:
                rows = spread(moved, [(options.out, name, look, pens) for name in options.pictures], options.workers)
                begun, ended, took = (
                    statistics.mean(row[key] for row in rows) for key in ("begun", "ended", "seconds")
                )
                print(
                    f"| {look}, {pens} | {begun:.2f} | {ended:.2f} | {1 - ended / begun:.0%} | {took:.0f} |", flush=True
                )
    if "register" in options.only:
        print("\n| look | out of register by 0.3 mm, mean and worst of three |\n|---|---|")
        for look in options.looks:
            rows = spread(shifted, [(options.out, name, look) for name in options.pictures], options.workers)
            found = [value for row in rows for value in row["apart"]]
            print(f"| {look} | {statistics.mean(found):.2f}, {max(found):.2f} |", flush=True)


def moved(out: Path, name: str, look: str, pens: str) -> dict[str, Any]:
    def compute() -> dict[str, Any]:
        began = time.perf_counter()
        parts, wanted = _parts(out, name, look, pens)
        begun = _error(_drawn(parts), wanted, parts, grey=pens == "black")
        for _ in parts.optimizer.steps():
            pass
        ended = _error(_drawn(parts), wanted, parts, grey=pens == "black")
        return {"begun": begun, "ended": ended, "seconds": time.perf_counter() - began}

    return Cells(out)(["moved", name, look, pens], compute)


def shifted(out: Path, name: str, look: str) -> dict[str, Any]:
    def compute() -> dict[str, Any]:
        parts, _ = _parts(out, name, look, "four")
        true, random = _drawn(parts), torch.Generator().manual_seed(0)
        found = []
        for _ in range(3):
            angles = 2 * math.pi * torch.rand(4, generator=random)
            ways = SHIFT_MM * torch.stack([angles.cos(), angles.sin()], dim=1)
            found.append(_error(_drawn(parts, ways), true, parts, grey=False))
        return {"apart": found}

    return Cells(out)(["shifted", name, look], compute)


def _parts(out: Path, name: str, look: str, pens: str) -> tuple[Parts, Tensor]:
    """A run's parts, and the sheet [1, 3, H, W] as it should look."""
    picture = next(one for one in PICTURES if one.name == name)
    file = picture.file(out / "pictures", grey=pens == "black")
    own = PenSet(BLACK if pens == "black" else FOUR)
    config = draw_config(file, DrawOptions(pens=own, look=look, size="a5", margin=10.0))
    term = next(term for term in config.terms if isinstance(term, ImageTerm))
    parts = build(config)
    side = round(FINE * max(parts.page.width, parts.page.height))
    return parts, term.sheet(parts.page, side, lightness_reached(config, parts.page, build_pens(config)))


@torch.no_grad()
def _drawn(parts: Parts, ways: Tensor | None = None) -> Tensor:
    """[1, 3, H, W]: the drawing, each pen's lines moved by its way [pens, 2] mm."""
    assert isinstance(parts.canvas, StrokeCanvas)
    strokes, palette = parts.canvas.strokes.in_plot_order(), parts.canvas.palette
    points = strokes.points
    if ways is not None:
        points = points + ways[strokes.pen].repeat_interleave(strokes.num_points, dim=0)
    side = round(FINE * max(parts.page.width, parts.page.height))
    renderer = parts.renderer.coarser(side / parts.renderer.resolution)
    return renderer.image(points, strokes.num_points, palette.inks()[strokes.pen], parts.page)


def _error(image: Tensor, wanted: Tensor, parts: Parts, *, grey: bool) -> float:
    """Mean CIEDE2000 of what is seen of two sheets within the margins."""
    lab = []
    for sheet in (image, wanted):
        light = srgb_to_linear(sheet)
        if grey:
            light = (light * torch.tensor(LUMINANCE)[:, None, None]).sum(dim=1, keepdim=True).expand(-1, 3, -1, -1)
        (seen,) = seen_from_afar(light, BLUR_MM * FINE, 1)
        edge = math.ceil((parts.page.margin + BLUR_MM) / BLUR_MM)
        lab.append(linear_to_lab(seen[0, :, edge:-edge, edge:-edge].movedim(0, -1)))
    return float(ciede2000(*lab).mean())


if __name__ == "__main__":
    main()

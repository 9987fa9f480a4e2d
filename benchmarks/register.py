"""Pens in register: where pens land, read from photographs, and what that is worth to a picture mixed of four.

    python benchmarks/register.py [--only chart picture sheet] [--out outputs/register]

chart    sheets of `plotart align chart` on A6 in four pens whose nibs are up to a third off what their set says, each
         drawn some 0.5 to 1 mm aside, then spoilt as cameras and hands do (tests/scans.py), at 152 dots per inch: the
         largest error of an offset, and of a nib, over three sheets.
picture  photographs as looks draw them on A5 in cyan, magenta, yellow and black as they begin, all pens but the first
         0.5 mm aside in directions drawn by chance, three times: mean CIEDE2000 to the drawing in register, after a
         blur of 1 mm, as they are and with the offsets that were read from a photograph (by hand) of a chart drawn by
         pens that sit as far aside.
sheet    the same drawings with two pens on a sheet that lies aside and turned, and a third for which it moved, in a
         photograph (by hand): mm by which what is left would miss the first pen, at the sheet's corners, before and
         after `plotart align sheet`, and the largest error of a pen's ink.

Drawings are kept in the folder `--out`, cell by cell, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from look_draw import FOUR
from look_starts import _drawn, _error, _parts
from quality import Cells

from plotart.calibration.register import Register, read_register
from plotart.calibration.register_chart import lay_out_register
from plotart.calibration.similarity import Similarity
from plotart.canvas import StrokeCanvas
from plotart.canvas.renderer import Renderer
from plotart.color.light import srgb_to_linear
from plotart.export.read import read_drawing
from plotart.geometry.page import Page
from plotart.job.finish import draw_plot
from plotart.job.sheet import furthest, look_at_sheet
from plotart.pens import PenSet
from plotart.pens.catalogue import PenFile
from plotart.plotter.simulate import simulate
from plotart.runs.run import RunFolder, load_run

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from scans import NOMINAL, PAGE, TRUE, Picture, blurred, cast, noisy, photographed, plot, save, shaded, wrinkled

#: mm by which pens sit aside, and how often directions are drawn.
ASIDE, TIMES = 0.5, 3
PIXELS = 6.0

SPOILT: dict[str, tuple[Callable[[Picture], Picture], int | None]] = {
    "flat": (lambda light: light, None),
    "at a slant, bent by the lens": (lambda light: photographed(light, degrees=-8, slant=0.12, bend=-0.03), None),
    "wrinkled": (lambda light: wrinkled(light, PIXELS), None),
    "wrinkled twice as high": (lambda light: wrinkled(light, PIXELS, height=2.4), None),
    "shaded, noisy, JPEG of quality 85": (lambda light: noisy(shaded(light)), 85),
    "JPEG of quality 60": (lambda light: light, 60),
    "by hand: all of them, in yellow light, JPEG of quality 85": (lambda light: by_hand(light, PIXELS), 85),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = ("chart", "picture", "sheet")
    parser.add_argument("--only", nargs="*", default=parts, choices=parts)
    parser.add_argument("--looks", nargs="*", default=["hatch", "crosshatch", "flow"])
    parser.add_argument("--pictures", nargs="*", default=["astronaut", "coffee"])
    parser.add_argument("--out", type=Path, default=Path("outputs/register"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if "chart" in options.only:
        print("| the photograph | offsets, largest error | nibs, largest error |\n|---|---|---|")
        rows = [_read(options.out, number) for number in range(TIMES)]
        for name in SPOILT:
            offset, nib = (max(row[name][key] for row in rows) for key in ("offset", "nib"))
            print(f"| {name} | {offset:.3f} mm | {nib:.1%} |", flush=True)
    cells = [(look, name) for look in options.looks for name in options.pictures]
    if "picture" in options.only:
        print("\n| look, picture | 0.5 mm out of register | with offsets read | left |\n|---|---|---|---|")
        for look, name in cells:
            rows = _mixed(options.out, name, look)["rows"]
            before, after = (statistics.mean(row[k] for row in rows) for k in (0, 1))
            print(f"| {look}, {name} | {before:.2f} | {after:.2f} | {after / before:.0%} |", flush=True)
    if "sheet" in options.only:
        print("\n| look, picture | would miss by | corrected | ink, largest error |\n|---|---|---|---|")
        for look, name in cells:
            row = _moved(options.out, name, look)
            print(f"| {look}, {name} | {row['before']:.2f} mm | {row['after']:.2f} mm | {row['ink']:.0%} |", flush=True)


def by_hand(light: Picture, pixels: float) -> Picture:
    photo = photographed(wrinkled(light, pixels), degrees=183, slant=0.1, bend=-0.02, border=0.2)
    return noisy(blurred(cast(shaded(photo)), 1.0))


def _ways(names: tuple[str, ...], seed: int, least: float, most: float) -> dict[str, tuple[float, float]]:
    """mm aside of the first pen, by pen: so far, in directions drawn by chance."""
    random = np.random.default_rng(seed)
    ways = {}
    for name in names[1:]:
        angle, far = random.uniform(0, 2 * math.pi), random.uniform(least, most)
        ways[name] = (far * math.cos(angle), far * math.sin(angle))
    return {names[0]: (0.0, 0.0), **ways}


def _read(out: Path, number: int) -> dict[str, dict[str, float]]:
    def compute() -> dict[str, Any]:
        ways = _ways(NOMINAL.names, number, 0.5, 1.0)
        sheet = plot(lay_out_register(PenFile(NOMINAL, title="Four"), PAGE), TRUE, out, shifts=ways)
        rows = {}
        for name, (spoil, quality) in SPOILT.items():
            found = read_register(save(spoil(sheet.light), out / "photo", quality=quality), sheet.chart)
            nibs = [abs((place.width or 0) / pen.width - 1) for place, pen in zip(found.places, TRUE, strict=True)]
            rows[name] = {"offset": _off(found, ways), "nib": max(nibs)}
        return rows

    return Cells(out)(["chart", number], compute)


def _off(found: Register, ways: dict[str, tuple[float, float]]) -> float:
    """mm of the largest error of an offset."""
    return max(math.dist(place.offset or (99, 99), ways[place.nominal.name]) for place in found.places)


def _mixed(out: Path, name: str, look: str) -> dict[str, Any]:
    """Errors out of register, and with offsets that were read, for each draw of directions."""

    def compute() -> dict[str, Any]:
        parts, _ = _parts(out, name, look, "four")
        assert isinstance(parts.canvas, StrokeCanvas)
        true, names = _drawn(parts), parts.canvas.palette.pens().names
        rows = []
        for number in range(TIMES):
            ways = _ways(names, number, ASIDE, ASIDE)
            chart = lay_out_register(PenFile(PenSet(FOUR).called(names), title="CMYK"), Page(105, 148, 7))
            sheet = plot(chart, chart.pens, out, shifts=ways)
            photo = save(by_hand(sheet.light, PIXELS), out / "photo.jpg", quality=85)
            read = {place.nominal.name: place.offset for place in read_register(photo, chart).places}
            missed = torch.tensor([ways[pen] for pen in names])
            left = missed - torch.tensor([read[pen] for pen in names])
            rows.append([_error(_drawn(parts, by), true, parts, grey=False) for by in (missed, left.float())])
        return {"rows": rows}

    return Cells(out)(["picture", name, look], compute)


def _moved(out: Path, name: str, look: str) -> dict[str, Any]:
    """How far what is left would miss the first pen on a sheet that moved, at its corners, before and after it was
    photographed."""

    def compute() -> dict[str, Any]:
        parts, _ = _parts(out, name, look, "four")
        folder = RunFolder.create(out / f"{name}-{look}")
        outcome: Any = parts.outcome
        strokes, pens = outcome.canvas.strokes.detached(), outcome.canvas.palette.pens()
        machine, options = outcome.machine, outcome.export
        written = draw_plot(folder, strokes, pens, parts.page, machine, outcome.renderer, options)
        folder.write("summary.json", json.dumps(written.summary))
        run, page = load_run(folder.path), parts.page
        middle = (page.width / 2, page.height / 2)
        laid = Similarity((0.8, -0.5), math.radians(0.2), 1.0, middle)
        moved = Similarity((-0.7, 0.9), math.radians(-0.4), 1.0, middle)
        drawing = read_drawing(folder.path / "plot.svg")
        layers = [
            replace(layer, lines=[way(line) for line in layer.lines])
            for layer, way in zip(drawing.layers, (laid, laid, moved), strict=False)
        ]
        fine = Renderer(resolution=round(max(page.width, page.height) * PIXELS))
        image = simulate(replace(drawing, layers=tuple(layers)), page, fine, pens)
        light = srgb_to_linear(image)[0].permute(1, 2, 0).double().numpy()
        photo = save(by_hand(light, PIXELS), folder.path / "photo.jpg", quality=85)
        found = look_at_sheet(run, photo, after="3", cause="sheet-moved")
        missed = furthest(laid.inverse().after(moved), page)
        left = furthest(laid.inverse().after(moved.after(found.correction)), page)
        inks = [abs(ink - 1) for layer in found.layers for ink in layer.inks]
        return {"before": missed, "after": left, "ink": max(inks)}

    return Cells(out)(["sheet", name, look], compute)


if __name__ == "__main__":
    main()

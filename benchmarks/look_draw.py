"""One drawing of one picture by one program, with what is measured of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from look_measures import PX_PER_MM as SEEN_PX_PER_MM
from look_measures import likeness, plotted
from look_pictures import Picture, printed
from look_search import Lengths, search
from look_tools import Program
from PIL import Image
from quality import Cells

from plotart.errors import DrawingError
from plotart.export.drawing import Drawing, Layer
from plotart.export.read import read_drawing
from plotart.geometry.page import Page
from plotart.pens import Pen, PenSet
from plotart.plotter.simulate import to_picture

BLACK = (Pen("Black", "#1b1b1b", 0.4),)
FOUR = (Pen("Cyan", "#009fc7", 0.4), Pen("Magenta", "#d3136f", 0.4), Pen("Yellow", "#f7d300", 0.4), *BLACK)


@dataclass(frozen=True)
class Order:
    """What is to be drawn: `metres` of ink, or as much as the program takes by itself."""

    program: Program
    picture: Picture
    metres: float | None
    colour: bool = False

    @property
    def pens(self) -> PenSet:
        return PenSet(FOUR if self.colour else BLACK)

    @property
    def key(self) -> list[Any]:
        """What a drawing depends on but the length of ink."""
        program = self.program
        return [program.name, program.settings, self.picture, [pen.model_dump() for pen in self.pens]]


def drawn(order: Order, out: Path) -> dict[str, Any]:
    """Figures of a drawing, and where its picture is: computed once."""
    return Cells(out / "cells")([*order.key, order.metres], lambda: _compute(order, out))


def _compute(order: Order, out: Path) -> dict[str, Any]:
    program, page = order.program, order.picture.page
    asked = "own" if order.metres is None else f"{order.metres:.3g}m"
    title = f"{order.picture.name} {asked} {program.name}{' colour' if order.colour else ''}"
    folder = out / "drawings" / title.replace(",", "").replace(" ", "-")
    taken: dict[float, tuple[Drawing | None, float]] = {}
    known = Lengths(out / "lengths", order.key)

    def length(density: float) -> float:
        began = time.perf_counter()
        drawing = _drawing(order, density, out, folder)
        taken[density] = drawing, time.perf_counter() - began
        known.keep(density, metres(drawing))
        return metres(drawing)

    density = program.first
    if order.metres is not None and program.growth:
        density = search(length, order.metres, program.first, program.growth, known.found)
    else:
        length(density)
    drawing, seconds = taken[density]
    image = plotted(drawing or Drawing(page.width, page.height, ()), page, order.pens)
    target = printed(order.picture.file(out / "pictures", grey=not order.colour), page, SEEN_PX_PER_MM)
    to_picture(image[None]).save(folder / "plot.png")
    lines = sum(len(layer.lines) for layer in drawing.layers) if drawing else 0
    figures = {"density": density, "metres": metres(drawing), "lifts": lines, "seconds": seconds}
    return {"picture": str(folder / "plot.png"), **figures, **likeness(image, target, page)}


def in_colour(row: dict[str, Any], picture: Picture, out: Path) -> dict[str, float]:
    """How near a drawing that is there, in whatever pens, comes to the picture in colour."""
    image = np.asarray(Image.open(row["picture"]).convert("RGB")).copy()
    target = printed(picture.file(out / "pictures", grey=False), picture.page, SEEN_PX_PER_MM)
    return likeness(torch.from_numpy(image).permute(2, 0, 1) / 255, target, picture.page)


def metres(drawing: Drawing | None) -> float:
    lines = [line for layer in drawing.layers for line in layer.lines] if drawing else []
    return float(sum(np.hypot(*np.diff(line, axis=0).T).sum() for line in lines)) / 1000


def _drawing(order: Order, density: float, out: Path, folder: Path) -> Drawing | None:
    """None where there is nothing to draw."""
    program, picture = order.program, order.picture
    file = picture.file(out / "pictures", grey=not order.colour)
    folder.mkdir(parents=True, exist_ok=True)
    if program.all_pens or not order.colour:
        found = _read(program.draw(file, picture.page, density, folder, program.settings), picture.page)
        return found if found is None or program.all_pens else _with_pen(found, order.pens[0])
    layers: list[Layer] = []
    for pen, channel, changes in zip(order.pens, separations(file), program.channels, strict=True):
        svg = program.draw(channel, picture.page, density, folder, {**program.settings, **changes})
        one = _read(svg, picture.page)
        if one is not None:
            svg.replace(folder / f"{pen.name}.svg")
            layers += _with_pen(one, pen).layers
    return Drawing(picture.page.width, picture.page.height, tuple(layers)) if layers else None


def separations(file: Path) -> list[Path]:
    """Grey pictures of what cyan, magenta, yellow and black are to print; all that is grey is black's."""
    paths = [file.with_name(f"{file.stem}-{name}.png") for name in "cmyk"]
    if not all(path.exists() for path in paths):
        ink = 1 - np.asarray(Image.open(file).convert("RGB"), dtype=np.float64) / 255
        black = ink.min(axis=-1, keepdims=True)
        inks = np.concatenate([(ink - black) / np.maximum(1 - black, 1e-6), black], axis=-1)
        for path, channel in zip(paths, np.moveaxis(inks, -1, 0), strict=True):
            Image.fromarray(np.round(255 * (1 - channel)).astype(np.uint8)).save(path)
    return paths


def _read(svg: Path, page: Page) -> Drawing | None:
    if not svg.exists():
        return None
    try:
        found = read_drawing(svg)
    except DrawingError as error:
        if "no lines to draw" not in str(error):
            raise
        return None
    if abs(found.width - page.width) + abs(found.height - page.height) > 0.1:
        raise ValueError(
            f"{svg}: a page of {found.width:g} x {found.height:g} mm, not {page.width:g} x {page.height:g}"
        )
    return found


def _with_pen(drawing: Drawing, pen: Pen) -> Drawing:
    lines = [line for layer in drawing.layers for line in layer.lines]
    return Drawing(drawing.width, drawing.height, (Layer(pen, lines),))

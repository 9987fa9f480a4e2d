"""Pens plotted on a board that is not there, and how what it drew compares with what it was given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from drawings import drawn as of_strokes
from drawings import rosette
from emulators.ebb import Ebb
from emulators.pseudo_terminal import PseudoTerminal

from plotart.canvas.renderer import Renderer
from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.svg import layer_svgs
from plotart.geometry.page import Page
from plotart.pens import Pen
from plotart.plotter.boards.ebb import ebb
from plotart.plotter.boards.live import Live
from plotart.plotter.drivers import Outcome, PlotOptions
from plotart.plotter.machines import MACHINES
from plotart.plotter.simulate import simulate

MACHINE = MACHINES["axidraw-v3"].plain


def one_pen(lines: list[Line], size: tuple[float, float] = (100.0, 60.0), **handling: int) -> Drawing:
    return Drawing(*size, (Layer(Pen("Fine", "#000000", 0.3, **handling), lines),))  # type: ignore[arg-type]


def curves() -> Drawing:
    """Petals in one pen on a page that is higher than wide."""
    drawing = of_strokes(rosette())
    lines = [line for layer in drawing.layers for line in layer.lines]
    return one_pen(lines, (drawing.width, drawing.height))


def svg_of(drawing: Drawing) -> str:
    (svg,) = layer_svgs(drawing).values()
    return svg


def plotted(
    svg: str, board: Ebb, *, options: PlotOptions | None = None, resume: bool = False, live: Live | None = None
) -> Outcome:
    """One go at a pen, over a cable of its own."""
    with PseudoTerminal(board.receive, seed=len(board.said)) as port:
        driver = ebb(MACHINE)
        driver = replace(driver, live=live) if live is not None else driver
        outcome = driver.plot(svg, replace(options or PlotOptions(1), port=port.name), resume=resume)
    board.settle()
    return outcome


def on_page(board: Ebb, page: Drawing) -> Drawing:
    """What a board drew, on the page as it was given: one that is higher than wide lay on its side."""
    lines = board.lines
    if page.height > page.width:
        lines = [np.column_stack([page.width - line[:, 1], line[:, 0]]) for line in lines]
    return replace(page, layers=(replace(page.layers[0], lines=lines),))


def decibels(one: Drawing, other: Drawing) -> float:
    """Between two drawings, at px of 0.1 mm."""
    page, long_side = Page(one.width, one.height, margin=0), round(max(one.width, one.height) * 10)
    first, second = (simulate(drawing, page, Renderer(resolution=long_side)).double() for drawing in (one, other))
    return -10 * float(torch.log10((first - second).square().mean()))


def cells(count: int = 40, side: float = 6.0) -> list[Line]:
    """Little zigzags, each in a place of its own."""
    zigzag = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0, 0.5]]) * (side - 2)
    return [np.add(zigzag, (2 + side * (number % 15), 2 + side * (number // 15))) for number in range(count)]


def times_drawn(lines: list[Line], drawn: list[Line]) -> list[float]:
    """How often each of some lines, that keep clear of each other, was drawn: by the length that lies on it."""
    counts = []
    for line in lines:
        low, high = line.min(axis=0) - 0.1, line.max(axis=0) + 0.1
        on_it = (other for other in drawn if ((other >= low) & (other <= high)).all())
        counts.append(sum(map(_length, on_it)) / _length(line))
    return counts


def _length(line: Line) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())

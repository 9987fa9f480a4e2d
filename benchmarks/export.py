"""How long it takes to turn strokes into a file for the plotter, and what each step makes of them.

    python benchmarks/export.py [--strokes 20000] [--only whole sort hidden]

whole   seconds for build_toolpath() and plot_svg() with the default options, by the number of pens
sort    pen-up travel in mm and seconds for one pen: as given, vpype's linesort with and without --two-opt, ours.
        --two-opt takes time that grows with the square of the number of lines: it is left out above 5,000
hidden  seconds with and without remove_hidden, mm left out, and lines; 5,000 strokes of opaque ink
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch

from plotart.config import ExportConfig
from plotart.export.drawing import Line
from plotart.export.engine import run_vpype
from plotart.export.order import sort_lines
from plotart.export.polyline import length, travel
from plotart.export.svg import plot_svg
from plotart.export.toolpath import build_toolpath
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes, from_curves
from plotart.pens import Ink, Pen, PenSet

PAGE = Page(210, 297)
TWO_OPT_LINES = 5000

Result = TypeVar("Result")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts: dict[str, Callable[[int], None]] = {"whole": whole_table, "sort": sort_table, "hidden": hidden_table}
    parser.add_argument("--strokes", type=int, default=20000)
    parser.add_argument("--only", nargs="*", default=list(parts), choices=list(parts))
    options = parser.parse_args()
    # What Numba compiles at first, and vpype imports, is not what is measured.
    build_toolpath(scribble(50, pens=1), pen_set(1), PAGE, ExportConfig())
    for name in options.only:
        print(f"\n## {name}\n", flush=True)
        parts[name](options.strokes)


def scribble(count: int, *, pens: int, seed: int = 0) -> Strokes:
    """Strokes of two cubics and some 10 mm all over the page, pens in turn."""
    rng = np.random.default_rng(seed)
    left, top, right, bottom = PAGE.inner
    middles = rng.uniform((left + 10, top + 10), (right - 10, bottom - 10), (count, 2))
    angles = rng.uniform(0, 2 * np.pi, count)
    ways = np.column_stack([np.cos(angles), np.sin(angles)]) * rng.uniform(1, 8, (count, 1))
    curves = [
        middle + np.linspace(-1, 1, 7)[:, None] * way + rng.normal(0, 0.8, (7, 2))
        for middle, way in zip(middles, ways, strict=True)
    ]
    return from_curves(curves, torch.nn.functional.one_hot(torch.arange(count) % pens, pens).float())


def pen_set(count: int, *, ink: Ink = "transparent") -> PenSet:
    return PenSet([Pen(f"Pen {i}", f"hsl({360 * i // count}, 80%, 40%)", 0.3 + 0.1 * i, ink) for i in range(count)])


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def whole_table(strokes: int) -> None:
    print("| strokes | pens | toolpath s | svg s | lines | pen-up mm |")
    print("|---|---|---|---|---|---|")
    for pens in (1, 4):
        given = scribble(strokes, pens=pens)
        toolpath, seconds = timed(lambda: build_toolpath(given, pen_set(pens), PAGE, ExportConfig()))  # noqa: B023
        _, writing = timed(lambda: plot_svg(toolpath.drawing))  # noqa: B023
        layers = toolpath.drawing.layers
        lines, up = sum(len(layer.lines) for layer in layers), sum(travel(layer.lines) for layer in layers)
        print(f"| {strokes} | {pens} | {seconds:.1f} | {writing:.1f} | {lines} | {up:.0f} |", flush=True)


def sort_table(strokes: int) -> None:
    print("| lines | given mm | linesort mm | s | with --two-opt mm | s | ours mm | s |")
    print("|---|---|---|---|---|---|---|---|")
    for count in (100, 500, 2000, 5000, strokes):
        drawing = build_toolpath(scribble(count, pens=1), pen_set(1), PAGE, UNSORTED).drawing
        lines = drawing.layers[0].lines
        cells = [f"{count} | {travel(lines):.0f}"]
        ways: list[Callable[[list[Line]], list[Line]]] = [
            lambda lines: run_vpype("linesort", lines),
            lambda lines: run_vpype("linesort --two-opt", lines),
            sort_lines,
        ]
        for number, way in enumerate(ways):
            if number == 1 and count > TWO_OPT_LINES:
                cells.append("- | -")
                continue
            done, seconds = timed(lambda: way(lines))  # noqa: B023
            cells.append(f"{travel(done):.0f} | {seconds:.2f}")
        print(f"| {' | '.join(cells)} |", flush=True)


def hidden_table(_: int) -> None:
    print("| strokes | pens | s | s with remove_hidden | pen-down mm | hidden mm | lines | lines with remove_hidden |")
    print("|---|---|---|---|---|---|---|---|")
    for pens in (2, 5):
        given, inks = scribble(5000, pens=pens), pen_set(pens, ink="opaque")
        plain, seconds = timed(lambda: build_toolpath(given, inks, PAGE, ExportConfig()))  # noqa: B023
        hiding = ExportConfig(remove_hidden=True)
        less, longer = timed(lambda: build_toolpath(given, inks, PAGE, hiding))  # noqa: B023
        down = sum(length(line) for layer in plain.drawing.layers for line in layer.lines)
        counts = [sum(len(layer.lines) for layer in drawn.drawing.layers) for drawn in (plain, less)]
        figures = f"{seconds:.1f} | {longer:.1f} | {down:.0f} | {less.hidden_mm:.0f} | {counts[0]} | {counts[1]}"
        print(f"| 5000 | {pens} | {figures} |", flush=True)


UNSORTED = ExportConfig(sort=False, reloop=False, merge=0)

if __name__ == "__main__":
    main()

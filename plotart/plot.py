"""Finished strokes to the files that a plotter draws, read back and looked at as they will be plotted."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from torch import Tensor

from plotart.canvas.strokes import Renderer
from plotart.export.curves import curves_svg
from plotart.export.document import build_document
from plotart.export.drawing import Drawing
from plotart.export.read import read_drawing
from plotart.export.svg import layer_svgs, plot_svg
from plotart.page import Page
from plotart.pens import PenSet
from plotart.plotter.machines import Machine
from plotart.plotter.motion import plot_stats
from plotart.plotter.travel import check_travel
from plotart.run import RunFolder, save_strokes
from plotart.simulate import simulate, to_picture
from plotart.strokes import Strokes


class ExportOptions(Protocol):
    """Lengths in mm, 0 switches off; `preview` is the long side of preview.png in px."""

    @property
    def merge(self) -> float: ...
    @property
    def simplify(self) -> float: ...
    @property
    def sort(self) -> bool: ...
    @property
    def preview(self) -> int: ...


@dataclass(frozen=True)
class Plot:
    """What will be plotted: the drawing as re-read, its image [1, 3, H, W] as `renderer` sees it, and its figures."""

    drawing: Drawing
    image: Tensor
    summary: dict[str, Any]


def draw_plot(
    folder: RunFolder,
    strokes: Strokes,
    pens: PenSet,
    page: Page,
    machine: Machine,
    renderer: Renderer,
    options: ExportOptions,
) -> Plot:
    """Writes strokes, SVGs and the preview into the folder. Raises DrawingError if the machine can't reach it all."""
    check_travel(page, machine)
    document = build_document(strokes, pens, page, merge=options.merge, simplify=options.simplify, sort=options.sort)
    for stale in folder.path.glob("plot_[0-9][0-9]_*.svg"):
        stale.unlink()
    folder.write("strokes.safetensors", save_strokes(strokes, pens, page))
    for name, text in layer_svgs(document, pens).items():
        folder.write(name, text)
    folder.write("curves.svg", curves_svg(strokes, pens, page))
    written = folder.write("plot.svg", plot_svg(document))
    # Where all strokes have left the paper there is nothing to read.
    drawing = read_drawing(written) if document.layers else Drawing(page.width, page.height, ())
    fine = replace(renderer, resolution=options.preview)
    folder.write("preview.png", _png(simulate(drawing, page, fine, pens)))
    stats = plot_stats(drawing, machine)
    summary = {
        "pens": [{key: _rounded(value) for key, value in asdict(pen).items()} for pen in stats.pens],
        "plot_seconds": round(stats.seconds, 1),
        "machine": machine.name,
    }
    return Plot(drawing, simulate(drawing, page, renderer, pens), summary)


def _rounded(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value


def _png(image: Tensor) -> bytes:
    out = io.BytesIO()
    to_picture(image).save(out, "PNG")
    return out.getvalue()

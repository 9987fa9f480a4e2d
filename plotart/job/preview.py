"""A plot simulated as a picture."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from plotart.canvas.strokes import Renderer
from plotart.config import Config
from plotart.errors import OptionError
from plotart.geometry.page import Page
from plotart.job.build import build_renderer
from plotart.job.source import Source, drawing_of, run_of
from plotart.plotter.simulate import as_viewers_show, simulate, to_picture

#: px of the long side: the least and the most.
SIZES = (64, 8192)


def preview(source: Source, *, size: int = 1400) -> Image.Image:
    """A run, its folder, a drawing, or an SVG's path, as it will be plotted: nib widths, inks, paper, plotting order.

    The long side has `size` px. Of a run it is what its preview.png shows; any other drawing lies on white paper, in
    transparent inks. Raises InputError for a source that can't be read or has no lines, and for other sizes than 64 to
    8192.
    """
    if not SIZES[0] <= size <= SIZES[1]:
        raise OptionError(f"size {size}: allowed are {SIZES[0]} to {SIZES[1]} px")
    run = run_of(source)
    drawing = drawing_of(run or source)
    page = (run and run.page) or Page(drawing.width, drawing.height, 0.0)
    pens = run.pens if run else None
    renderer = build_renderer(Config.load(run.path / "config.yaml")) if run else Renderer()
    renderer = replace(renderer, resolution=size)
    return to_picture(simulate(drawing, page, as_viewers_show(renderer, pens) if pens else renderer, pens))

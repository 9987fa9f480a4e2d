"""plotart preview."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plotart.cli.say import say
from plotart.config import Config
from plotart.errors import OutputError


def preview_command(
    source: Annotated[Path, typer.Argument(help="A run folder or an SVG.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="The PNG to write.  [default: beside the source]")] = None,
    size: Annotated[int, typer.Option(min=64, max=8192, help="Long side in px.")] = 1400,
) -> None:
    """Simulate a plot as a picture: nib widths, inks, paper, plotting order.

    **Examples**

        plotart preview outputs/quickstart

        plotart preview drawing.svg --out drawing.png
    """
    from plotart.canvas.renderer import Renderer
    from plotart.export.read import read_drawing
    from plotart.files.images import png_bytes
    from plotart.geometry.page import Page
    from plotart.job.build import build_renderer
    from plotart.plotter.simulate import as_viewers_show, simulate, to_picture
    from plotart.runs.run import RunFolder, load_run

    finished = load_run(source) if source.is_dir() else None
    drawing = read_drawing(source / "plot.svg" if finished else source)
    page = (finished.page if finished else None) or Page(drawing.width, drawing.height, 0.0)
    pens = finished.pens if finished else None
    renderer = build_renderer(Config.load(source / "config.yaml")) if finished else Renderer()
    renderer = replace(renderer, resolution=size)
    picture = to_picture(simulate(drawing, page, as_viewers_show(renderer, pens) if pens else renderer, pens))
    target = out or (source / "preview.png" if finished else source.with_suffix(".png"))
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; give a file name with --out")
    RunFolder.create(target.parent).write(target.name, png_bytes(picture))
    written = f"{target}  {picture.width} x {picture.height} px"
    say(Console(), written)

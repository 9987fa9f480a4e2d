"""plotart preview."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plotart.cli.say import say
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
    from plotart.files.images import png_bytes
    from plotart.job.preview import preview
    from plotart.runs.run import RunFolder

    picture = preview(source, size=size)
    target = out or (source / "preview.png" if source.is_dir() else source.with_suffix(".png"))
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; give a file name with --out")
    RunFolder.create(target.parent).write(target.name, png_bytes(picture))
    say(Console(), f"{target}  {picture.width} x {picture.height} px")

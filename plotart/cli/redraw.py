"""plotart preview."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plotart.cli.complete import complete_runs
from plotart.cli.say import say
from plotart.cli.tables import unshown_lines
from plotart.errors import OutputError


def preview_command(
    source: Annotated[
        Path, typer.Argument(help="A run folder or an SVG.", show_default=False, autocompletion=complete_runs)
    ],
    out: Annotated[Path | None, typer.Option(help="The PNG to write.  [default: beside the source]")] = None,
    size: Annotated[int, typer.Option(min=64, max=8192, help="Long side in px.")] = 1400,
) -> None:
    """Simulate a plot as a picture: nib widths, inks, paper, plotting order.

    **Examples**

        plotart preview outputs/quickstart

        plotart preview drawing.svg --out drawing.png
    """
    from plotart.export.drawing import Drawing
    from plotart.files.images import png_bytes
    from plotart.job.preview import preview
    from plotart.job.source import drawing_of, run_of
    from plotart.runs.run import RunFolder

    # A run is read by itself, as its config says on what paper and in what inks it lies.
    seen = run_of(source) or drawing_of(source)
    picture = preview(seen, size=size)
    target = out or (source / "preview.png" if source.is_dir() else source.with_suffix(".png"))
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; give a file name with --out")
    RunFolder.create(target.parent).write(target.name, png_bytes(picture))
    console = Console()
    say(console, f"{target}  {picture.width} x {picture.height} px")
    for line in unshown_lines(seen.left_out if isinstance(seen, Drawing) else ()):
        say(console, line)

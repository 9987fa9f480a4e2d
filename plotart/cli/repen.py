"""plotart repen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plotart.cli.complete import complete_machines
from plotart.cli.options import paper_option
from plotart.cli.palette_choose import PaperOption, PensOption
from plotart.cli.progress import StepBar
from plotart.cli.say import say
from plotart.cli.tables import line_line, pen_table, unshown_lines
from plotart.color import to_hex
from plotart.errors import UnitError
from plotart.geometry.page import Page
from plotart.geometry.units import to_mm
from plotart.reports.plot_words import left_out_lines, swaps_line
from plotart.schema.values import PAPER_MM

#: Steps of --optimize if nothing else is said.
STEPS = 80


def repen_command(
    source: Annotated[Path, typer.Argument(help="The SVG.", show_default=False)],
    pens: PensOption,
    page: Annotated[
        str | None,
        typer.Option(
            "--page",
            "--size",
            metavar="SHEET",
            help=f"The sheet: {', '.join(PAPER_MM)}, or its size, as in 200x200mm.  [default: the picture's size]",
        ),
    ] = None,
    landscape: Annotated[bool, typer.Option("--landscape", help="The sheet lies on its long side.")] = False,
    margin: Annotated[str, typer.Option(help="Nothing is drawn this close to the sheet's edges.")] = "10mm",
    paper: PaperOption = "#ffffff",
    optimize: Annotated[
        bool, typer.Option("--optimize", help="Then let lines move, and change pens, to look more like the picture.")
    ] = False,
    steps: Annotated[int, typer.Option(min=1, max=10_000, help="With --optimize: how many steps.")] = STEPS,
    machine: Annotated[str, typer.Option(help="The plotter.", autocompletion=complete_machines)] = "axidraw-v3",
    out: Annotated[Path | None, typer.Option(help="The run folder.  [default: outputs/NAME]")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="In a folder that holds a run; that run is lost.")
    ] = False,
) -> None:
    """Draw any SVG with your own pens: each path goes to the pen, or the mix of two, that comes closest on the paper.

    Strokes that are broader than a nib become lines side by side, shapes a hatch, and what lies below others is not
    drawn. Prints the mean difference in colour to the picture, seen from where lines blur.

    **Examples**

        plotart repen drawing.svg --pens stabilo-point-88 --page a4

        plotart repen poster.svg --pens mine.toml --page 200x200mm --paper "#f4ecd8" --optimize --out outputs/poster
    """
    from plotart.job.repen.repen import repen

    sheet = _sheet(page, landscape, margin, paper) if page is not None else None
    if sheet is None and paper != "#ffffff":
        from plotart.export.read import read_drawing

        own = read_drawing(source)
        sheet = Page(own.width, own.height, 0.0, to_hex(paper_option(paper)))
    console = Console()
    with StepBar(console, steps if optimize else 0) as bar:
        run = repen(
            source, pens, page=sheet, out=out, optimize=steps if optimize else 0, machine=machine,
            overwrite=overwrite, on_step=bar.update,
        )  # fmt: skip
    console.print(pen_table(run.summary))
    for line in [swaps_line(run.summary), line_line(run.summary), *left_out_lines(run.summary)]:
        say(console, line)
    for line in unshown_lines(run.summary.get("left_out", ())):
        say(console, line)
    say(console, f"mean difference in colour {run.summary['difference']:.1f} (CIEDE2000, blurred by a millimetre)")
    say(console, f"Written to {run.path}")


def _sheet(page: str, landscape: bool, margin: str, paper: str) -> Page:
    """Raises UnitError, ColorError."""
    width, height = _size(page)
    if landscape:
        width, height = max(width, height), min(width, height)
    try:
        edge = to_mm(margin)
    except UnitError as error:
        raise UnitError(f"--margin: {error}") from None
    if not 0 <= edge < min(width, height) / 2:
        raise UnitError(f"--margin: found {edge:g} mm; allowed: 0 up to less than half of the sheet's short side")
    return Page(width, height, edge, to_hex(paper_option(paper)))


def _size(page: str) -> tuple[float, float]:
    """Width and height in mm of a sheet's name, or of a size, such as 20x30cm."""
    if page.lower() in PAPER_MM:
        return PAPER_MM[page.lower()]
    found = re.fullmatch(r"\s*([\d.]+)\s*([a-z]*)\s*[x×]\s*([\d.]+)\s*([a-z]*)\s*", page.lower())
    if found is None:
        raise UnitError(f"--page: found {page}; allowed: {', '.join(PAPER_MM)}, or WIDTHxHEIGHT, as in 200x200mm")
    try:
        width, height = to_mm(found[1] + (found[2] or found[4])), to_mm(found[3] + found[4])
    except UnitError as error:
        raise UnitError(f"--page: {error}") from None
    if not (1 <= width <= 10_000 and 1 <= height <= 10_000):
        raise UnitError(f"--page: found {width:g} x {height:g} mm; allowed: sides of 1 mm to 10 m")
    return width, height

"""`plotart palette measure`: inks and nibs, read from a scan of a chart."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from plotart.cli.options import paper_option
from plotart.cli.say import say
from plotart.cli.tables import swatch
from plotart.color import linear, parse_color, to_hex
from plotart.pens.catalogue import dump_set

if TYPE_CHECKING:
    from plotart.calibration.measure import Measurement


def palette_measure_command(
    scan: Annotated[Path, typer.Argument(help="A scan or photograph of a plotted chart.", show_default=False)],
    chart: Annotated[Path, typer.Option(help="The chart's .layout.json.", show_default=False)],
    paper: Annotated[str | None, typer.Option(help="The colour of the bare paper.  [default: the chart's]")] = None,
    out: Annotated[Path | None, typer.Option(help="The TOML to write.  [default: beside the scan]")] = None,
) -> None:
    """Measure colours, inks and nib widths of pens from a picture of their chart, and write them as a set.

    However the sheet lies in the picture; all colours are relative to the paper's.

    **Example**

        plotart palette measure scan.png --chart chart.layout.json --out my-pens-measured.toml
    """
    from plotart.calibration.chart_file import read_chart
    from plotart.calibration.measure import measure
    from plotart.runs.run import RunFolder

    layout = read_chart(chart)
    light = linear(paper_option(paper)) if paper is not None else None
    found = measure(scan, layout, paper=light)
    on = to_hex(parse_color(paper or layout.page.color))
    file = found.pen_file(source=f"measured from {scan.name}, relative to paper of {on}", date=date.today().isoformat())
    target = out or scan.with_suffix(".toml")
    RunFolder.create(target.parent).write(target.name, dump_set(file))
    console = Console()
    console.print(_table(found))
    console.print(
        f"marks {found.residual:.2f} mm off, {found.dpi:.0f} dots per inch, relative to paper of {on}", highlight=False
    )
    for reading in found.readings:
        for warning in reading.warnings:
            say(console, f"{reading.nominal.name}: {warning}")
    for warning in found.warnings:
        say(console, warning)
    say(console, str(target))


def _table(found: Measurement) -> Table:
    """A row per pen: what its set says and what was measured."""
    import torch

    from plotart.color.difference import srgb_difference

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("pen", "measured", "ink"):
        table.add_column(column)
    for column in ("difference", "nib", "measured"):
        table.add_column(column, justify="right")
    for reading in found.readings:
        nominal, pen = reading.nominal, reading.pen
        off = float(srgb_difference(torch.tensor(nominal.rgb), torch.tensor(pen.rgb)))
        ink = pen.ink if pen.ink == nominal.ink else f"{pen.ink}, not {nominal.ink}"
        color, now = to_hex(nominal.rgb), to_hex(pen.rgb)
        widths = f"{nominal.width:g} mm", f"{pen.width:g} mm"
        table.add_row(swatch(color, nominal.name), swatch(now, now), ink, f"{off:.1f}", *widths)
    return table

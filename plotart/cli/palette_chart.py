"""`plotart palette chart`: a sheet of swatches to plot with the pens of a set."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plotart.cli.complete import complete_pens
from plotart.cli.files import check_file
from plotart.cli.options import page_option
from plotart.cli.say import say
from plotart.cli.tables import pen_table
from plotart.pens.catalogue import load_set
from plotart.schema.values import PAPER_MM


def palette_chart_command(
    pens_of: Annotated[
        str,
        typer.Argument(metavar="SET", help="A set of pens: its name, or a TOML file.", autocompletion=complete_pens),
    ],
    size: Annotated[str, typer.Option(help=f"The sheet: {', '.join(PAPER_MM)}.")] = "a4",
    landscape: Annotated[bool, typer.Option("--landscape", help="The sheet lies on its long side.")] = False,
    margin: Annotated[str, typer.Option(help="Nothing is drawn this close to the edges.")] = "10mm",
    paper: Annotated[
        str | None, typer.Option(help="The colour of the paper.  [default: the set's, else white]")
    ] = None,
    pens: Annotated[str | None, typer.Option(help="Only these of the set, as in 'Black 05,Red 05'.")] = None,
    black_strip: Annotated[
        bool, typer.Option(help="Keep an area for black paint or paper; a set with a black pen needs none.")
    ] = False,
    per_pen: Annotated[bool, typer.Option("--per-pen", help="Also write one file per layer.")] = False,
    out: Annotated[Path, typer.Option(help="The SVG to write; its layout goes beside it.")] = Path("chart.svg"),
) -> None:
    """Write a sheet of swatches to plot, scan and measure.

    Beside chart.svg goes chart.layout.json, which `plotart palette measure` needs.

    **Examples**

        plotart palette chart my-pens.toml --size a5 --paper "#fbfaf5"

        plotart palette chart my-pens.toml --pens "Black 05,Red 05" --out two.svg
    """
    from plotart.calibration.chart_file import dump_chart
    from plotart.calibration.layout import lay_out
    from plotart.calibration.lines import chart_drawing
    from plotart.export.read import read_drawing
    from plotart.export.svg import layer_svgs, plot_svg
    from plotart.plotter.machines import MACHINES
    from plotart.plotter.motion import plot_stats
    from plotart.runs.run import RunFolder

    check_file(out, ".svg")
    file = load_set(pens_of)
    if pens is not None:
        file = replace(file, pens=file.pens.called([name.strip() for name in pens.split(",")]))
    chart = lay_out(
        file, page_option(size, landscape, margin, paper or file.paper or "#ffffff"), black_strip=black_strip
    )
    drawing = chart_drawing(chart)
    folder = RunFolder.create(out.parent)
    written = [folder.write(out.name, plot_svg(drawing))]
    written.append(folder.write(f"{out.stem}.layout.json", dump_chart(chart)))
    if per_pen:
        for name, text in layer_svgs(drawing).items():
            written.append(folder.write(name.replace("plot", out.stem, 1), text))
    stats = plot_stats(read_drawing(out), MACHINES["axidraw-v3"])
    console = Console()
    console.print(pen_table({"pens": [asdict(pen) for pen in stats.pens], "plot_seconds": stats.seconds}))
    if black_strip:
        console.print("Paint or glue black into the frame of the strip before anything is plotted.", highlight=False)
    console.print("Plot the layers in this order; the second round draws pens over dry ink.", highlight=False)
    for path in written:
        say(console, str(path))

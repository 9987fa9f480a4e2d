"""Commands that make new files of what is there: export, preview, report."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from plotart.cli.tables import pen_table
from plotart.config import Config
from plotart.errors import ConfigError, DrawingError, OutputError

if TYPE_CHECKING:
    from plotart.run import Run


def export_command(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="Where to write.  [default: the run folder]")] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("-o", "--override", metavar="KEY=VALUE", help="As in `-o export.simplify=0.05mm`."),
    ] = None,
) -> None:
    """Write the SVGs and the preview of a finished run again, with other export settings.

    **Example**

        plotart export outputs/quickstart -o export.merge=0.3mm --out outputs/merged
    """
    from plotart.build import build_renderer
    from plotart.plot import draw_plot
    from plotart.plotter.machines import MACHINES
    from plotart.run import RunFolder, load_run

    for text in override or []:
        key = text.partition("=")[0].strip()
        if not key.startswith("export.") or key == "export.order":
            raise ConfigError(
                f"-o {text}: a finished run can only change export, and not the order of its pens: "
                "allowed are machine, merge, simplify, sort and preview, as in export.merge=0.3mm"
            )
    finished = load_run(run)
    if finished.strokes is None or finished.pens is None or finished.page is None:
        raise DrawingError(f"{run}: a run on a canvas of pixels has no strokes to export")
    config = Config.load(finished.path / "config.yaml", override or [])
    folder = RunFolder.create(out or finished.path)
    pens = finished.pens
    plot = draw_plot(
        folder,
        finished.strokes,
        pens,
        finished.page,
        MACHINES[config.export.machine],
        build_renderer(config),
        config.export,
    )
    if out is None:
        folder.write("config.yaml", config.dump())
        folder.write("summary.json", json.dumps({**finished.summary, **plot.summary}, indent=2) + "\n")
        _write_report(load_run(run))
    console = Console()
    console.print(pen_table(plot.summary))
    console.print(f"Written to {folder.path}", soft_wrap=True, highlight=False, markup=False)


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
    from plotart.build import build_renderer
    from plotart.canvas.strokes import Renderer
    from plotart.export.read import read_drawing
    from plotart.page import Page
    from plotart.run import RunFolder, load_run
    from plotart.simulate import simulate, to_picture

    finished = load_run(source) if source.is_dir() else None
    drawing = read_drawing(source / "plot.svg" if finished else source)
    page = (finished.page if finished else None) or Page(drawing.width, drawing.height, 0.0)
    pens = finished.pens if finished else None
    renderer = build_renderer(Config.load(source / "config.yaml")) if finished else Renderer()
    picture = to_picture(simulate(drawing, page, replace(renderer, resolution=size), pens))
    target = out or (source / "preview.png" if finished else source.with_suffix(".png"))
    data = io.BytesIO()
    picture.save(data, "PNG")
    if target.is_dir():
        raise OutputError(f"{target}: is a folder; give a file name with --out")
    RunFolder.create(target.parent).write(target.name, data.getvalue())
    written = f"{target}  {picture.width} x {picture.height} px"
    Console().print(written, soft_wrap=True, highlight=False, markup=False)


def report_command(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", show_default=False)],
) -> None:
    """Write report.html of a finished run again: the drawing by pen, times, curves, config."""
    from plotart.run import load_run

    written = _write_report(load_run(run))
    Console().print(str(written), soft_wrap=True, highlight=False, markup=False)


def _write_report(finished: Run) -> Path:
    from plotart.report.html import report_html
    from plotart.run import RunFolder

    plot, preview = finished.path / "plot.svg", finished.path / "preview.png"
    page = report_html(
        name=str(finished.summary.get("name", finished.path.name)),
        summary=finished.summary,
        metrics=finished.metrics,
        config_yaml=finished.config_text,
        plot_svg=plot.read_text(encoding="utf-8") if plot.is_file() else None,
        preview_png=preview.read_bytes() if preview.is_file() else None,
    )
    return RunFolder(finished.path).write("report.html", page)

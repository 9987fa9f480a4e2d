"""The report of a run, of what lies in its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plotart.export.read import read_drawing
from plotart.export.register import landed
from plotart.geometry.page import Page
from plotart.pens import PenSet
from plotart.plotter.machines import Machine
from plotart.reports.html import report_html
from plotart.reports.sheet import DrawingView
from plotart.reports.tables import rows


def run_report(
    folder: Path,
    *,
    name: str,
    summary: Mapping[str, Any],
    metrics: Sequence[dict[str, float]],
    config_yaml: str,
    machine: Machine | None,
    page: Page | None,
    pens: PenSet | None,
) -> str:
    """report.html's text, with the drawing of plot.svg and the picture of preview.png as far as they are there.

    `machine`, `page` and `pens` are None for a canvas of pixels. Raises DrawingError if plot.svg can't be read.
    """
    plot, preview = folder / "plot.svg", folder / "preview.png"
    # Where all strokes have left the paper, no pen draws anything and the file has no lines to read.
    drawn = plot.is_file() and machine is not None and page is not None and bool(rows(summary, "pens"))
    return report_html(
        name=name,
        summary=summary,
        sheet=DrawingView(landed(read_drawing(plot), pens), page.color, pens) if drawn and page else None,
        machine=machine,
        preview_png=preview.read_bytes() if preview.is_file() else None,
        metrics=metrics,
        config_yaml=config_yaml,
    )

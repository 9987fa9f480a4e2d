"""The report: what was drawn, how it is plotted, what it costs to plot, and how it came about."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from plotart.files.images import png_bytes
from plotart.plotter.machines import Machine
from plotart.reports.charts import metric_charts
from plotart.reports.line_words import line_words
from plotart.reports.numbers import DASH, duration, metres, percentage, plural, whole
from plotart.reports.pages import render
from plotart.reports.player import player_values
from plotart.reports.private import without_folders
from plotart.reports.sheet import DrawingView
from plotart.reports.tables import activations, changes, origin, rows, totals

#: More pens than these are counted below the title, and not named.
NAMED = 5


def report_html(
    *,
    name: str,
    summary: Mapping[str, Any],
    sheet: DrawingView | None = None,
    machine: Machine | None = None,
    preview_png: bytes | None = None,
    metrics: Sequence[dict[str, float]] = (),
    config_yaml: str = "",
) -> str:
    """One self-contained page: no network, no libraries, no folder's name; equal input gives equal bytes.

    name         the page's title
    summary      summary.json's content, or as much of it as is known
    sheet        the drawing, replayed as the `machine` plots it; both or neither
    preview_png  the plot simulated, or a canvas of pixels
    metrics      the rows of metrics.csv
    config_yaml  config.yaml

    Anything missing is left out, and so are texts and pictures that are not what they should be.
    """
    pens = rows(summary, "pens")
    names = list(dict.fromkeys(str(pen.get("name", DASH)) for pen in pens))
    size = [f"{sheet.drawing.width:g} × {sheet.drawing.height:g} mm"] if sheet else []
    named = [", ".join(names) if len(names) <= NAMED else plural(len(names), "pen")] if names else []
    retained = percentage(summary.get("retained"))
    total = totals(pens)
    figures = {
        "Time to plot": duration(summary.get("plot_seconds")),
        "Pens": whole(len(names)) if pens else DASH,
        "Lines": whole(total["strokes"]) if pens else DASH,
        "Pen down": f"{metres(total['pen_down_mm'])} m" if pens else DASH,
        "Survives on paper": retained,
    }
    return render(
        "report.html",
        title=name,
        lead=" · ".join(size + named),
        drawing=sheet.drawing if sheet else None,
        player=player_values(sheet, machine) if sheet and machine else None,
        picture=_small(preview_png) if preview_png else b"",
        figures={words: text for words, text in figures.items() if text != DASH},
        pens=pens,
        nibs=sheet.nibs if sheet and len(sheet.nibs) == len(pens) else (),
        totals=total,
        changes=changes(summary),
        line=line_words(summary.get("line"), summary.get("activation_per_metre")),
        activations=activations(summary),
        retained=retained if retained != DASH else "",
        matching=rows(summary, "matching"),
        charts=metric_charts(metrics),
        origin=origin(summary),
        config=without_folders(config_yaml),
    )


def player_html(sheet: DrawingView, machine: Machine) -> str:
    """The report's replay alone, of the drawing as the `machine` plots it: a <figure> for a page that has
    page/player.css and page/player.js."""
    return render("player.html", drawing=sheet.drawing, player=player_values(sheet, machine))


def _small(png: bytes) -> bytes:
    """The picture with 256 colours, a third of its bytes; empty for what is none."""
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
            colors = picture.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    except Exception:  # damaged files make decoders raise nearly anything
        return b""
    return png_bytes(colors, small=True)

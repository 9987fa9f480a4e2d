"""The report: what was drawn, how it is plotted, what it costs to plot, and how it came about."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from PIL import Image

from plotart.files.images import png_bytes
from plotart.plotter.machines import Machine
from plotart.reports.charts import metric_charts
from plotart.reports.numbers import DASH, count, duration, metres, number, plural
from plotart.reports.player import player_html
from plotart.reports.private import without_folders
from plotart.reports.replay import Sheet
from plotart.reports.style import CSS
from plotart.reports.tables import activation_section, matching_section, origin_list, pen_rows, pens_section

#: More pens than these are counted below the title, and not named.
NAMED = 5


def report_html(
    *,
    name: str,
    summary: Mapping[str, Any],
    sheet: Sheet | None = None,
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
    sections = (
        _head(name, summary, sheet),
        _sheets(sheet, machine, preview_png),
        _figures(summary),
        pens_section(summary, sheet.nibs if sheet else ()),
        activation_section(summary),
        matching_section(summary),
        _charts(metrics),
        _origin(summary, without_folders(config_yaml)),
    )
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(name)}</title>\n<style>{CSS}{_asset('player.css')}</style>\n</head>\n<body>\n<main>\n"
        f"{''.join(sections)}</main>\n<script>{_asset('player.js')}</script>\n</body>\n</html>\n"
    )
    # JSON can hold halves of characters, which no file can.
    return page.encode(errors="replace").decode()


def _asset(name: str) -> str:
    """A file of plotart/reports/page."""
    return (files("plotart.reports") / "page" / name).read_text(encoding="utf-8")


def _head(name: str, summary: Mapping[str, Any], sheet: Sheet | None) -> str:
    facts = []
    if sheet:
        facts.append(f"{sheet.drawing.width:g} × {sheet.drawing.height:g} mm")
    if pens := dict.fromkeys(str(pen.get("name", DASH)) for pen in pen_rows(summary)):
        facts.append(", ".join(pens) if len(pens) <= NAMED else plural(len(pens), "pen"))
    lead = f'<p class="lead">{escape(" · ".join(facts))}</p>\n' if facts else ""
    return f"<header>\n<h1>{escape(name)}</h1>\n{lead}</header>\n"


def _sheets(sheet: Sheet | None, machine: Machine | None, preview_png: bytes | None) -> str:
    found = []
    if sheet and machine:
        found.append(player_html(sheet, machine))
    if preview_png and (picture := _small(preview_png)):
        caption = (
            "The plot simulated: nibs, inks and paper, in plotting order."
            if sheet
            else "The picture as it was optimised, and with one ink for each pixel."
        )
        found.append(
            f'<figure class="preview"><img alt="{caption}" src="data:image/png;base64,{picture}">\n'
            f"<figcaption>{caption}</figcaption></figure>\n"
        )
    aspect = f' style="--aspect:{sheet.drawing.width / sheet.drawing.height:.5f}"' if sheet else ""
    return f'<div class="sheets"{aspect}>{"".join(found)}</div>\n' if found else ""


def _small(png: bytes) -> str:
    """The picture with 256 colours, a third of its bytes, in base64; empty for what is none."""
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
            colors = picture.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    except Exception:  # damaged files make decoders raise nearly anything
        return ""
    return base64.b64encode(png_bytes(colors, small=True)).decode()


def _figures(summary: Mapping[str, Any]) -> str:
    pens = pen_rows(summary)
    retained = number(summary.get("retained"))
    lines, down = (sum(number(pen.get(key), 0) for pen in pens) for key in ("strokes", "pen_down_mm"))
    found = {
        "Time to plot": duration(summary.get("plot_seconds")),
        "Pens": count(len({str(pen.get("name")) for pen in pens})) if pens else DASH,
        "Lines": count(lines) if pens else DASH,
        "Pen down": f"{metres(down)} m" if pens else DASH,
        "Survives on paper": f"{retained:.1%}" if math.isfinite(retained) else DASH,
    }
    items = "".join(
        f"<div><dt>{escape(key)}</dt><dd>{escape(value)}</dd></div>" for key, value in found.items() if value != DASH
    )
    return f'<dl class="figures">{items}</dl>\n' if items else ""


def _charts(metrics: Sequence[dict[str, float]]) -> str:
    charts = metric_charts(metrics)
    found = "".join(
        f"<figure><figcaption>{escape(column.replace('_', ' '))}</figcaption>{svg}</figure>\n"
        for column, svg in charts.items()
    )
    return f'<h2>Step by step</h2>\n<div class="charts">{found}</div>\n' if charts else ""


def _origin(summary: Mapping[str, Any], config_yaml: str) -> str:
    config = (
        f'<details><summary>Config, every default written out</summary><pre tabindex="0">{escape(config_yaml)}</pre>'
        "</details>\n"
        if config_yaml
        else ""
    )
    facts = origin_list(summary)
    return f"<h2>How it was made</h2>\n{facts}{config}" if facts or config else ""

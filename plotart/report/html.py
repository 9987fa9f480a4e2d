"""The report of a run: what was drawn, what it costs to plot, and how it came about."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import yaml

from plotart.color import parse_color, to_hex
from plotart.errors import ColorError
from plotart.report.charts import metric_charts
from plotart.report.drawing import inline_drawing
from plotart.report.style import CSS, SCRIPT

#: The activations of summary.json, as people can understand them; `matched` only where colours were learned.
ACTIVATIONS = {
    "blank": "the bare paper",
    "initial": "the strokes before the first step",
    "soft": "the end of the optimisation, pens still blended",
    "matched": "the colours found exchanged for pens that are owned",
    "hard": "every stroke with one pen of its own, polished",
    "plotted": "the exported file, read back and drawn as the plotter draws it",
}

_DASH = "\N{EN DASH}"


def report_html(
    *,
    name: str,
    summary: Mapping[str, Any],
    metrics: Sequence[dict[str, float]],
    config_yaml: str,
    plot_svg: str | None,
    preview_png: bytes | None,
) -> str:
    """One self-contained page: no network, no libraries; equal input gives equal bytes.

    `summary` is summary.json's content, `metrics` the rows of metrics.csv; anything missing is left out.
    """
    paper, inks = _paper_and_inks(config_yaml)
    sections = (
        _head(name, summary),
        _sheets(plot_svg, preview_png, paper, inks),
        _pens(summary),
        _matching(summary),
        _activation(summary),
        _charts(metrics),
        _origin(summary, config_yaml),
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(name)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n"
        f"{''.join(sections)}</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _head(name: str, summary: Mapping[str, Any]) -> str:
    pens = _pen_rows(summary)
    retained = _number(summary.get("retained"))
    figures = {
        "Time to plot": _duration(summary.get("plot_seconds")),
        "Pens": str(len(pens)) if pens else _DASH,
        "Lines": f"{sum(int(_number(pen.get('strokes'), 0)) for pen in pens):,}" if pens else _DASH,
        "Pen down": _metres(sum(_number(pen.get("pen_down_mm"), 0) for pen in pens)) + " m" if pens else _DASH,
        "Survives on paper": f"{retained:.1%}" if math.isfinite(retained) else _DASH,
    }
    made = (
        ("seed", "seed"),
        ("steps", "steps"),
        ("network", "network"),
        ("renderer", "renderer"),
        ("device", "device"),
    )
    lead = " · ".join(f"{word} {escape(str(summary[key]))}" for key, word in made if summary.get(key) is not None)
    items = "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in figures.items())
    return f'<h1>{escape(name)}</h1>\n<p class="lead">{lead}</p>\n<dl class="figures">{items}</dl>\n'


def _sheets(plot_svg: str | None, preview_png: bytes | None, paper: str, inks: Mapping[str, str]) -> str:
    figures = []
    drawing = inline_drawing(plot_svg, inks) if plot_svg else None
    if drawing:
        boxes = "".join(
            f'<li><label><input type="checkbox" data-layer="layer-{index}" checked>{_swatch(color)}{escape(pen)}'
            "</label></li>"
            for index, (pen, color) in enumerate(drawing.layers)
        )
        figures.append(
            f'<figure><div class="paper" style="background:{paper}">{drawing.svg}</div>\n'
            f'<ul class="pens">{boxes}</ul>\n'
            "<figcaption>The lines as they are plotted, pen by pen.</figcaption></figure>\n"
        )
    if preview_png:
        data = base64.b64encode(preview_png).decode()
        figures.append(
            f'<figure><img class="paper" alt="The simulated plot" src="data:image/png;base64,{data}">\n'
            "<figcaption>The plot simulated: nibs, inks and paper, in plotting order.</figcaption></figure>\n"
        )
    aspect = f' style="--aspect:{drawing.aspect:.4f}"' if drawing else ""
    return f'<h2>Drawing</h2>\n<div class="sheets"{aspect}>{"".join(figures)}</div>\n' if figures else ""


def _pens(summary: Mapping[str, Any]) -> str:
    pens = _pen_rows(summary)
    if not pens:
        return ""
    keys = ("strokes", "pen_down_mm", "pen_up_mm", "lifts", "seconds")
    rows = "".join(
        f"<tr><th>{_swatch(pen.get('color'))}{escape(str(pen.get('name', _DASH)))}</th>"
        f"{_pen_cells([_number(pen.get(key)) for key in keys])}</tr>\n"
        for pen in pens
    )
    totals = _pen_cells([sum(_number(pen.get(key), 0) for pen in pens) for key in keys])
    return (
        '<h2>Pens, in plotting order</h2>\n<div class="scroll"><table><thead><tr><th>Pen</th><th>Lines</th>'
        "<th>Metres down</th><th>Metres up</th><th>Lifts</th><th>Minutes</th></tr></thead>\n"
        f"<tbody>{rows}</tbody>\n<tfoot><tr><th>All</th>{totals}</tr></tfoot></table></div>\n"
        '<p class="note">Minutes include raising and lowering the pen and the way from the corner of the page and '
        "back, but not the time that you take to change pens.</p>\n"
    )


def _pen_cells(values: Sequence[float]) -> str:
    lines, down, up, lifts, seconds = values
    cells = (_count(lines), _metres(down), _metres(up), _count(lifts), f"{seconds / 60:.1f}")
    return "".join(f"<td>{escape(cell) if 'nan' not in cell else _DASH}</td>" for cell in cells)


def _matching(summary: Mapping[str, Any]) -> str:
    """The colours that were found beside the pens that took their place."""
    found = summary.get("matching")
    rows = [row for row in found if isinstance(row, Mapping)] if isinstance(found, Sequence) else []
    cells = "".join(
        f"<tr><th>{_swatch(row.get('wanted'))}{escape(str(row.get('wanted', _DASH)))}</th>"
        f"<td>{_swatch(row.get('look'))}{escape(str(row.get('pen', _DASH)))}</td>"
        f"<td>{_figure(_number(row.get('difference')))}</td></tr>\n"
        for row in rows
    )
    head = "<tr><th>Colour</th><th>Pen</th><th>Difference (CIEDE2000)</th></tr>"
    table = f'<div class="scroll"><table><thead>{head}</thead>\n<tbody>{cells}</tbody></table></div>\n'
    return f"<h2>Colours found, and the pens for them</h2>\n{table}" if rows else ""


def _activation(summary: Mapping[str, Any]) -> str:
    found = summary.get("activation")
    if not isinstance(found, Mapping) or not found:
        return ""
    values = {key: _number(found.get(key)) for key in ACTIVATIONS if key in found or key != "matched"}
    finite = [value for value in values.values() if math.isfinite(value)]
    low, span = (min(finite), max(finite) - min(finite)) if finite else (0.0, 0.0)
    rows = "".join(
        f'<tr><th>{key}</th><td>{_figure(value)}</td><td class="bar">{_bar((value - low) / span if span else 0.0)}</td>'
        f'<td class="words">{ACTIVATIONS[key]}</td></tr>\n'
        for key, value in values.items()
    )
    retained = _number(summary.get("retained"))
    kept = f"{retained:.1%} of what the optimisation gained over bare paper is left in the plotted drawing."
    warning = (
        '<p class="warning">Bare paper excites the network more than this drawing does.</p>\n'
        if values["plotted"] <= values["blank"]
        else ""
    )
    return (
        f'<h2>Excitation of the network</h2>\n{warning}<div class="scroll"><table><thead><tr><th>Image</th>'
        f'<th>Activation</th><th class="bar"></th><th></th></tr></thead>\n<tbody>{rows}</tbody></table></div>\n'
        f'<p class="note">{kept if math.isfinite(retained) else ""}</p>\n'
    )


def _charts(metrics: Sequence[dict[str, float]]) -> str:
    charts = metric_charts(metrics)
    figures = "".join(
        f"<figure><figcaption>{escape(column.replace('_', ' '))}</figcaption>{svg}</figure>\n"
        for column, svg in charts.items()
    )
    return f'<h2>Step by step</h2>\n<div class="charts">{figures}</div>\n' if charts else ""


def _origin(summary: Mapping[str, Any], config_yaml: str) -> str:
    versions = summary.get("versions")
    rows = ""
    if isinstance(versions, Mapping):
        rows = "".join(f"<tr><th>{escape(str(k))}</th><td>{escape(str(v))}</td></tr>\n" for k, v in versions.items())
    table = f'<div class="scroll"><table><tbody>{rows}</tbody></table></div>\n' if rows else ""
    wall = _duration(summary.get("wall_seconds"))
    note = f'<p class="note">Computed in {wall}.</p>\n' if wall != _DASH else ""
    return (
        f"<h2>How it was made</h2>\n{note}<details open><summary>Config, every default written out</summary>"
        f"<pre>{escape(config_yaml)}</pre></details>\n<h2>Versions</h2>\n{table}"
    )


def _pen_rows(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    pens = summary.get("pens")
    return [pen for pen in pens if isinstance(pen, Mapping)] if isinstance(pens, Sequence) else []


def _paper_and_inks(config_yaml: str) -> tuple[str, dict[str, str]]:
    """The paper's colour, and by pen's name the class of transparent ink, as far as the config tells them."""
    try:
        config = yaml.safe_load(config_yaml)
    except yaml.YAMLError:
        config = None
    config = config if isinstance(config, dict) else {}
    page, pens = config.get("page"), config.get("pens")
    paper = _hex(page.get("color") if isinstance(page, dict) else None, "#ffffff")
    listed = [pen for pen in pens if isinstance(pen, dict)] if isinstance(pens, list) else []
    return paper, {str(pen.get("name")): "multiply" for pen in listed if pen.get("ink") == "transparent"}


def _hex(color: object, default: str) -> str:
    try:
        return to_hex(parse_color(color)) if isinstance(color, str) else default
    except ColorError:
        return default


def _swatch(color: object) -> str:
    return f'<span class="swatch" style="background:{_hex(color, "#888888")}"></span>'


def _bar(share: float) -> str:
    return f'<span style="width:{max(share, 0.0):.1%}"></span>' if math.isfinite(share) else ""


def _number(value: object, default: float = math.nan) -> float:
    """A finite number as a float, anything else as `default`."""
    number = float(value) if isinstance(value, (int, float)) else math.nan
    return number if math.isfinite(number) else default


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _metres(mm: float) -> str:
    return f"{mm / 1000:,.2f}"


def _figure(value: float) -> str:
    return f"{value:,.4g}" if math.isfinite(value) else _DASH


def _duration(seconds: object) -> str:
    number = _number(seconds)
    if not math.isfinite(number):
        return _DASH
    minutes = round(number / 60)
    if number < 60:
        return f"{number:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"

"""The tables of a report: pens and their times, colours and the pens for them, activations, where it comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from plotart.reports.numbers import DASH, count, duration, figure, metres, minutes, number, plural, swatch, table

#: The activations of summary.json, as people can understand them; `matched` only where colours were learned.
ACTIVATIONS = {
    "blank": "the bare paper",
    "initial": "the strokes before the first step",
    "soft": "the end of the optimisation, pens still blended",
    "matched": "the colours found exchanged for pens that are owned",
    "hard": "every stroke with one pen of its own, polished",
    "plotted": "the exported file, read back and drawn as the plotter draws it",
}

#: What of summary.json says how a drawing was made.
ORIGIN = {
    "seed": "Seed",
    "steps": "Steps",
    "network": "Network",
    "device": "Device",
    "precision": "Precision",
    "renderer": "Renderer",
    "machine": "Plotter",
}


def pen_rows(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The pens of a summary in plotting order."""
    pens = summary.get("pens")
    return [pen for pen in pens if isinstance(pen, Mapping)] if isinstance(pens, Sequence) else []


def pens_section(summary: Mapping[str, Any], widths: Sequence[float]) -> str:
    """A row for each pen; `widths` are their nibs in mm, none where they are not known."""
    pens = pen_rows(summary)
    if not pens:
        return ""
    keys = ("strokes", "pen_down_mm", "pen_up_mm", "lifts", "seconds")
    nibs = [f"{width:g}" for width in widths] if len(widths) == len(pens) else [DASH] * len(pens)
    rows = "".join(
        f'<tr><th scope="row">{swatch(pen.get("color"))}{escape(str(pen.get("name", DASH)))}</th><td>{nib}</td>'
        f"{_pen_cells([number(pen.get(key)) for key in keys])}</tr>\n"
        for pen, nib in zip(pens, nibs, strict=True)
    )
    totals = _pen_cells([sum(number(pen.get(key), 0) for pen in pens) for key in keys])
    head = ("Pen", "Nib, mm", "Lines", "Metres down", "Metres up", "Lifts", "Minutes")
    return (
        "<h2>Pens, in plotting order</h2>\n"
        + table(head, rows, f'<tr><th scope="row">All</th><td></td>{totals}</tr>')
        + f'<p class="note">{_swaps(summary)} Minutes include raising and lowering the pen and the way from the corner '
        "of the page and back, but not the time that you take to change pens.</p>\n"
    )


def _pen_cells(values: Sequence[float]) -> str:
    lines, down, up, lifts, seconds = values
    cells = (count(lines), metres(down), metres(up), count(lifts), minutes(seconds))
    return "".join(f"<td>{cell}</td>" for cell in cells)


def _swaps(summary: Mapping[str, Any]) -> str:
    """How often someone has to come to the machine."""
    pens = pen_rows(summary)
    swaps = int(number(summary.get("pen_swaps"), len(pens) - 1))
    refills = sum(int(number(pen.get("refills"), 0)) for pen in pens)
    filled = f", {plural(refills, 'refill')}" if refills else ""
    return f"{plural(swaps, 'pen change')}{filled}."


def matching_section(summary: Mapping[str, Any]) -> str:
    """The colours that were found beside the pens that took their place."""
    found = summary.get("matching")
    rows = [row for row in found if isinstance(row, Mapping)] if isinstance(found, Sequence) else []
    if not rows:
        return ""
    cells = "".join(
        f'<tr><th scope="row">{swatch(row.get("wanted"))}{escape(str(row.get("wanted", DASH)))}</th>'
        f"<td>{swatch(row.get('look'))}{escape(str(row.get('pen', DASH)))}</td>"
        f"<td>{figure(number(row.get('difference')))}</td></tr>\n"
        for row in rows
    )
    return "<h2>Colours found, and the pens for them</h2>\n" + table(("Colour", "Pen", "Difference (CIEDE2000)"), cells)


def activation_section(summary: Mapping[str, Any]) -> str:
    found = summary.get("activation")
    if not isinstance(found, Mapping) or not found:
        return ""
    values = {key: number(found.get(key)) for key in ACTIVATIONS if key in found or key != "matched"}
    finite = [value for value in values.values() if math.isfinite(value)]
    low, span = (min(finite), max(finite) - min(finite)) if finite else (0.0, 0.0)
    rows = "".join(
        f'<tr><th scope="row">{key}</th><td>{figure(value)}</td>'
        f'<td class="words">{_bar((value - low) / span if span else 0.0)}{ACTIVATIONS[key]}</td></tr>\n'
        for key, value in values.items()
    )
    retained = number(summary.get("retained"))
    kept = f"{retained:.1%} of what the optimisation gained over bare paper is left in the plotted drawing."
    warning = (
        '<p class="warning">Bare paper excites the network more than this drawing does.</p>\n'
        if values["plotted"] <= values["blank"]
        else ""
    )
    note = f'<p class="note">{kept}</p>\n' if math.isfinite(retained) else ""
    return f"<h2>Excitation of the network</h2>\n{warning}{table(('Image', 'Activation', ''), rows)}{note}"


def _bar(share: float) -> str:
    return f'<span class="bar" style="width:{max(share, 0.0):.1%}"></span>' if math.isfinite(share) else ""


def origin_list(summary: Mapping[str, Any]) -> str:
    """What it was made with: seed, network, machine, versions."""
    facts = {words: summary[key] for key, words in ORIGIN.items() if summary.get(key) not in (None, "")}
    if math.isfinite(number(summary.get("wall_seconds"))):
        facts["Computed in"] = duration(summary["wall_seconds"])
    versions = summary.get("versions")
    if isinstance(versions, Mapping):
        facts |= versions
    items = "".join(
        f"<div><dt>{escape(str(key))}</dt><dd>{escape(str(value))}</dd></div>" for key, value in facts.items()
    )
    return f'<dl class="facts">{items}</dl>\n' if items else ""

"""What there is to say of a plot, in words: what a person has to do for it, and what of the drawing is not in it."""

from __future__ import annotations

from typing import Any

from plotart.reports.numbers import plural


def swaps_line(summary: dict[str, Any]) -> str:
    """How often a person is wanted: pens that take another's place, and refills; and how often pens are dipped by the
    plotter; of `pens` as in summary.json."""
    pens = summary["pens"]
    words = [plural(summary.get("pen_swaps", max(len(pens) - 1, 0)), "pen change")]
    for key, name in (("refills", "refill"), ("dips", "dip")):
        if count := sum(pen.get(key, 0) for pen in pens):
            words.append(plural(count, name))
    return ", ".join(words)


def left_out_lines(summary: dict[str, Any]) -> list[str]:
    """What the export did not draw, where it left something out; of `dropped` and `hidden_mm` as in summary.json."""
    lines = []
    if dropped := summary.get("dropped", 0):
        lines.append(f"{plural(dropped, 'line')} shorter than export.min_length left out")
    if hidden := summary.get("hidden_mm", 0.0):
        lines.append(f"{hidden / 1000:.2f} m of lines not drawn, as opaque ink would cover them")
    return lines


def sheet_lines(summary: dict[str, Any]) -> list[str]:
    """On how many sheets a drawing is plotted that is too large for the machine; of `sheets` as in summary.json."""
    sheets = summary.get("sheets", [])
    if not sheets:
        return []
    size = f"{sheets[0]['width_mm']:g} x {sheets[0]['height_mm']:g} mm"
    return [f"{len(sheets)} sheets of {size}; sheets/overview.svg shows how they lie"]

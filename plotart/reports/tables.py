"""What the tables of a report show of a summary: pens, colours matched, activations, where it comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from plotart.reports.numbers import DASH, duration, number, plural

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


class Activation(NamedTuple):
    """`share`: from the least (0) to the most (1) of a run's activations."""

    value: float
    share: float
    words: str


def rows(summary: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """A list of a summary, without what has no keys; pens are in plotting order."""
    found = summary.get(key)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, Sequence) else []


def totals(pens: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    keys = ("strokes", "pen_down_mm", "pen_up_mm", "lifts", "seconds")
    return {key: sum(number(pen.get(key), 0) for pen in pens) for key in keys}


def changes(summary: Mapping[str, Any]) -> str:
    """How often someone has to come to the machine."""
    pens = rows(summary, "pens")
    swaps = int(number(summary.get("pen_swaps"), len(pens) - 1))
    refills = sum(int(number(pen.get("refills"), 0)) for pen in pens)
    filled = f", {plural(refills, 'refill')}" if refills else ""
    return f"{plural(swaps, 'pen change')}{filled}."


def activations(summary: Mapping[str, Any]) -> dict[str, Activation]:
    found = summary.get("activation")
    if not isinstance(found, Mapping) or not found:
        return {}
    values = {key: number(found.get(key)) for key in ACTIVATIONS if key in found or key != "matched"}
    finite = [value for value in values.values() if math.isfinite(value)]
    low, span = (min(finite), max(finite) - min(finite)) if finite else (0.0, 0.0)
    return {
        key: Activation(value, number((value - low) / span, 0.0) if span else 0.0, ACTIVATIONS[key])
        for key, value in values.items()
    }


def origin(summary: Mapping[str, Any]) -> dict[str, Any]:
    """What it was made with: seed, network, machine, versions."""
    facts = {words: summary[key] for key, words in ORIGIN.items() if summary.get(key) not in (None, "")}
    if (computed := duration(summary.get("wall_seconds"))) != DASH:
        facts["Computed in"] = computed
    versions = summary.get("versions")
    return facts | dict(versions) if isinstance(versions, Mapping) else facts

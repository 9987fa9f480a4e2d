"""summary.json: what a run reached, and what it was computed with."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from plotart.color import to_hex
from plotart.config import Config
from plotart.export.line_figures import LineFigures
from plotart.job.activations import Activations
from plotart.job.build import Parts
from plotart.job.pens import build_pens
from plotart.reports.numbers import number
from plotart.runs.record import machine_record, network_records


def summary(
    config: Config,
    config_yaml: str,
    parts: Parts,
    activations: Activations,
    details: dict[str, Any],
    *,
    line: LineFigures | None,
    recycled: int,
    seconds: float,
) -> dict[str, Any]:
    """`config_yaml` is the config as dumped, `details` are of the outcome, and `line` is the figures of its lines, if
    it has any; `recycled` strokes began again elsewhere; `seconds` in all."""
    retained, networks = activations.retained, parts.optimizer.precision
    return {
        "name": config.name,
        "activation": {name: round(value, 6) for name, value in activations.known.items()},
        "retained": None if retained is None else round(retained, 4),
        **details,
        "activation_per_metre": activation_per_metre(activations.known, line),
        **_matching(config, parts, activations),
        "recycled": recycled,
        "wall_seconds": round(seconds, 2),
        "steps": config.optimize.steps,
        "seed": config.seed,
        "device": parts.canvas.device.type,
        "renderer": parts.renderer_name,
        "precision": ", ".join(dict.fromkeys(map(str, networks.values()))),
        "network": ", ".join(dict.fromkeys(network.name for network in networks)),
        "objective": [term.name for _, term in parts.goals],
        "plugins": [asdict(plugin) for plugin in config.plugins],
        "networks": network_records(networks),
        "config_sha256": hashlib.sha256(config_yaml.encode()).hexdigest(),
        **machine_record(),
    }


def activation_per_metre(activation: object, line: LineFigures | None) -> float | None:
    """What a metre of ink adds to the activation of bare paper; None where nothing is plotted, or no ink.

    `activation` has `blank` and `plotted`, as summary.json has it; of a damaged one nothing is known.
    """
    known = activation if isinstance(activation, Mapping) else {}
    gain = number(known.get("plotted")) - number(known.get("blank"))
    return round(gain / line.metres, 4) if line is not None and line.metres and math.isfinite(gain) else None


def _matching(config: Config, parts: Parts, activations: Activations) -> dict[str, Any]:
    """Where colours were found and then given to pens: how well those fit, and what the exchange cost."""
    if activations.soft is None or activations.matched is None:
        return {}
    pens = build_pens(config)
    rows = [
        {
            "wanted": to_hex(found.wanted),
            "pen": pens[found.pen].name,
            "look": to_hex(found.look),
            "difference": round(found.difference, 2),
        }
        for found in parts.canvas.matches
    ]
    return {"matching": rows, "matching_loss": round(activations.soft - activations.matched, 6)}

"""Strokes that hands hold stay as a run's checkpoint has them, and all others begin anew."""

from __future__ import annotations

import json

import torch

from plotart.canvas import StrokeCanvas
from plotart.canvas.canvas import put_back
from plotart.canvas.kept import Kept
from plotart.errors import ConfigError, InputError
from plotart.job.begin import Beginning
from plotart.job.build import build_canvas
from plotart.job.columns import columns_of

#: Logits by which strokes keep their pens, in temperatures of the soft phase's start.
DECIDED = 20.0


def kept_strokes(begun: Beginning, device: torch.device) -> Kept:
    """The strokes that hands hold. Raises InputError for strokes that don't exist, and on a canvas of pixels, and
    ConfigError for another number of pens."""
    assert begun.saved is not None
    assert begun.before is not None
    canvas = build_canvas(begun.before, device, begun.on_canvas)
    if not isinstance(canvas, StrokeCanvas):
        raise InputError("anew: found a canvas of pixels; allowed is one of strokes")
    try:
        put_back(canvas, begun.on_canvas)
        hardened = bool(json.loads(begun.saved[1]["optimizer"])["hardened"])
    except (KeyError, ValueError, TypeError, RuntimeError) as error:
        raise ConfigError(f"can't begin anew, the checkpoint is of another config ({error})") from None
    if hardened:
        canvas.harden()
    hands = begun.hands if begun.hands is not None else canvas.hands
    kept = canvas.keep(hands, DECIDED * begun.config.palette.temperature.start)
    columns = columns_of(begun.before, begun.config)
    return kept if columns is None else kept.with_columns(columns)

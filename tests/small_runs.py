"""Runs that are small enough for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plotart import Config, Run, generate

CONFIGS = Path(__file__).parent.parent / "configs"

#: Three soft steps and two of polish.
SMALL = (
    "strokes.count=12",
    "render.resolution=64",
    "augment.views=1",
    "optimize.steps=5",
    "optimize.polish=0.4",
    "optimize.checkpoint=2",
    "export.preview=128",
)

#: Every stroke is in the plot, whatever it is worth.
ALL_STAY = "strokes.economy={keep: 1, price: 0}"

#: All pens draw something, though there are a dozen strokes.
MOTLEY = ("strokes.coherence.weight=0", "palette.usage=3")


#: Looks have as many lines as their sheet has room for.
SMALL_SHEET = ("page.size=[58, 58]", "page.margin=10")


def small(name: str, *overrides: str) -> Config:
    """A shipped config, made small; its windows and, where it has a look, its sheet are small too."""
    path = CONFIGS / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    windows = ["render.crop=48"] if "crop:" in text else []
    sheet = SMALL_SHEET if "\nlook:" in text else ()
    loaded = Config.load(path, [*SMALL, *windows, *sheet, *overrides])
    if loaded.strokes.init != "imagined" or any(override.startswith("strokes.init=") for override in overrides):
        return loaded
    # What is traced in a picture so small is not much, nor as many strokes as are asked for.
    return Config.load(path, [*SMALL, *windows, *sheet, *overrides, "strokes.init=random"])


def run_small(config: Config, out: Path, *, charts: bool = False, **options: Any) -> Run:
    """The run of a config; its report without charts, which take longer than all else, unless they are wanted."""
    with pytest.MonkeyPatch.context() as patch:
        if not charts:
            patch.setattr("plotart.reports.html.metric_charts", lambda metrics: {})
        return generate(config, out=out, **options)

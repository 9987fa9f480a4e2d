"""plotart: vector art for pen plotters. What is optimised is what is plotted.

    from plotart import Config, generate, load_run

    run = generate(Config.load("configs/quickstart.yaml"), out="outputs/mine")

Importing has no side effects; the names below are loaded on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plotart.config import Config
    from plotart.errors import PlotartError
    from plotart.job import generate
    from plotart.optimize import Step
    from plotart.page import Page
    from plotart.pens import Pen, PenSet
    from plotart.run import Run, load_run
    from plotart.strokes import Strokes

__all__ = ["Config", "Page", "Pen", "PenSet", "PlotartError", "Run", "Step", "Strokes", "generate", "load_run"]

_HOME = {
    "Config": "config",
    "Page": "page",
    "Pen": "pens",
    "PenSet": "pens",
    "PlotartError": "errors",
    "Run": "run",
    "Step": "optimize",
    "Strokes": "strokes",
    "generate": "job",
    "load_run": "run",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'plotart' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"plotart.{_HOME[name]}"), name)
    globals()[name] = value
    return value

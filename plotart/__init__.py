"""plotart: vector art for pen plotters. What is optimised is what is plotted.

    from plotart import Config, generate, load_run

    run = generate(Config.load("configs/quickstart.yaml"), out="outputs/mine")

Importing has no side effects; the names below are loaded on first use. That sets OMP_WAIT_POLICY=PASSIVE, which OpenMP
reads when torch is loaded, unless it is set.
"""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plotart.config import Config
    from plotart.errors import PlotartError
    from plotart.geometry.page import Page
    from plotart.geometry.strokes import Strokes
    from plotart.job.generate import generate
    from plotart.optimize import Step
    from plotart.pens import Pen, PenSet
    from plotart.runs.run import Run, load_run

__all__ = ["Config", "Page", "Pen", "PenSet", "PlotartError", "Run", "Step", "Strokes", "generate", "load_run"]

_HOME = {
    "Config": "config",
    "Page": "geometry.page",
    "Pen": "pens",
    "PenSet": "pens",
    "PlotartError": "errors",
    "Run": "runs.run",
    "Step": "optimize",
    "Strokes": "geometry.strokes",
    "generate": "job.generate",
    "load_run": "runs.run",
}

_SPINNING = (
    "torch was loaded before plotart, so that its threads wait by spinning: on a busy machine a run takes several "
    "times as long. Set OMP_WAIT_POLICY=PASSIVE in the environment, or import generate from plotart before torch."
)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'plotart' has no attribute {name!r}")
    from plotart.runs.omp import wait_passively

    if not wait_passively() and name == "generate":
        warnings.warn(_SPINNING, stacklevel=2)
    value = getattr(importlib.import_module(f"plotart.{_HOME[name]}"), name)
    globals()[name] = value
    return value

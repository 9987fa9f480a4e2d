"""plotart: vector art for pen plotters. What is optimised is what is plotted.

    from plotart import Config, generate, preview

    run = generate(Config.load("quickstart"), out="outputs/mine")
    preview(run).show()

Importing has no side effects; the names below are loaded on first use. That sets OMP_WAIT_POLICY=PASSIVE, which OpenMP
reads when torch is loaded, unless it is set.
"""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plotart.canvas.hands import Hands
    from plotart.config import Config
    from plotart.errors import PlotartError, StopRun
    from plotart.export.drawing import Drawing
    from plotart.export.read import read_drawing
    from plotart.geometry.page import Page
    from plotart.geometry.strokes import Strokes
    from plotart.job.draw import DrawOptions, draw_config
    from plotart.job.events import Ready
    from plotart.job.export import Exported, export_run
    from plotart.job.generate import generate
    from plotart.job.preview import preview
    from plotart.job.repen.repen import repen
    from plotart.job.report import report
    from plotart.job.stats import stats
    from plotart.optimize import Step
    from plotart.pens import Pen, PenSet
    from plotart.plotter.machines import Machine, machine
    from plotart.plotter.motion import PlotStats
    from plotart.runs.run import Run, load_run

__version__ = "0.2.0"

__all__ = [
    "Config",
    "DrawOptions",
    "Drawing",
    "Exported",
    "Hands",
    "Machine",
    "Page",
    "Pen",
    "PenSet",
    "PlotStats",
    "PlotartError",
    "Ready",
    "Run",
    "Step",
    "StopRun",
    "Strokes",
    "draw_config",
    "export_run",
    "generate",
    "load_run",
    "machine",
    "preview",
    "read_drawing",
    "repen",
    "report",
    "stats",
]

_HOME = {
    "Config": "config",
    "DrawOptions": "job.draw",
    "Drawing": "export.drawing",
    "Exported": "job.export",
    "Hands": "canvas.hands",
    "Machine": "plotter.machines",
    "Page": "geometry.page",
    "Pen": "pens",
    "PenSet": "pens",
    "PlotStats": "plotter.motion",
    "PlotartError": "errors",
    "Ready": "job.events",
    "Run": "runs.run",
    "Step": "optimize",
    "StopRun": "errors",
    "Strokes": "geometry.strokes",
    "draw_config": "job.draw",
    "export_run": "job.export",
    "generate": "job.generate",
    "load_run": "runs.run",
    "machine": "plotter.machines",
    "preview": "job.preview",
    "read_drawing": "export.read",
    "repen": "job.repen.repen",
    "report": "job.report",
    "stats": "job.stats",
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

"""What plotting takes, and whether the plotter reaches all of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from plotart.export.line_figures import LineFigures, line_figures
from plotart.geometry.page import Page
from plotart.job.source import Source, drawing_of, machine_of
from plotart.plotter.machines import Machine
from plotart.plotter.motion import PlotStats, plot_stats
from plotart.plotter.travel import travel_problem


@dataclass(frozen=True)
class DrawingStats(PlotStats):
    """The same of a whole drawing: its page, width and height in mm, the machine's name, why it does not reach all of
    the drawing, None if it does, what the lines are like, and what of a file they are not, in words."""

    page_mm: tuple[float, float]
    machine: str
    problem: str | None
    line: LineFigures
    left_out: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain data, as `plotart stats --json` prints it."""
        return {
            "page_mm": list(self.page_mm),
            "machine": self.machine,
            "fits": self.problem is None,
            "problem": self.problem,
            "pens": [asdict(pen) for pen in self.pens],
            "strokes": self.strokes,
            "pen_down_mm": self.pen_down_mm,
            "pen_up_mm": self.pen_up_mm,
            "lifts": self.lifts,
            "pen_swaps": self.swaps,
            "refills": self.refills,
            "plot_seconds": self.seconds,
            "line": self.line.as_dict(),
            **({"left_out": list(self.left_out)} if self.left_out else {}),
        }


def stats(source: Source, *, machine: Machine | str | None = None) -> DrawingStats:
    """Strokes, metres and minutes per pen, and how clean the lines are: of a run, its folder, a drawing, or the path of
    an SVG.

    machine  a plotter or its name; "custom" is that of the run's config; if None, the run's own, or an AxiDraw V3

    Raises InputError for a source that can't be read or has no lines, and for a machine that there is not.
    """
    plotter = machine_of(source, machine)
    drawing = drawing_of(source)
    found = plot_stats(drawing, plotter)
    return DrawingStats(
        found.pens,
        found.seconds,
        found.swaps,
        page_mm=(drawing.width, drawing.height),
        machine=plotter.name,
        # What is painted may run out of the picture.
        problem=travel_problem(Page(drawing.width, drawing.height) if drawing.painted else drawing, plotter),
        line=line_figures(drawing),
        left_out=drawing.left_out,
    )

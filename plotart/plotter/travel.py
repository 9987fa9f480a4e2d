"""Whether a machine reaches all of a drawing, and whether a drawing keeps to its page."""

from __future__ import annotations

import numpy as np

from plotart.errors import DrawingError
from plotart.export.drawing import Drawing
from plotart.geometry.page import Page
from plotart.plotter.machines import Machine

#: mm that are no reason to complain: strokes are clipped, and coordinates rounded, to thousandths.
SLACK = 0.002


def check_travel(drawn: Page | Drawing, machine: Machine) -> None:
    """Raises DrawingError when the machine can't reach all that is, or may be, drawn on, however it is turned.

    The page's corner lies at the machine's home: the near margins take up travel, the far ones don't. Of a drawing,
    what lies beyond its page can't be reached either.
    """
    if (problem := travel_problem(drawn, machine)) is not None:
        raise DrawingError(problem)


def travel_problem(drawn: Page | Drawing, machine: Machine) -> str | None:
    """What `check_travel` would say; None if the machine reaches all of it."""
    if isinstance(drawn, Drawing) and (beyond := _beyond((0.0, 0.0, drawn.width, drawn.height), drawn)):
        return f"the drawing leaves its page of {drawn.width:g} x {drawn.height:g} mm: it ends {beyond}"
    right, bottom = _ends(drawn)
    reach = (machine.width_mm, machine.height_mm)
    over = [(right - along, bottom - across) for along, across in (reach, reach[::-1])]
    best = min(over, key=lambda sides: sum(max(side, 0.0) for side in sides))
    if max(best) <= SLACK:
        return None
    sides = zip(("wide", "high"), best, strict=True)
    excess = " and ".join(f"{by:.1f} mm too {way}" for way, by in sides if by > SLACK)
    return (
        f"the drawing is {excess} for {machine.name}: it ends {right:g} x {bottom:g} mm from the page's corner, "
        f"and the machine reaches {machine.width_mm:g} x {machine.height_mm:g} mm, either way round; "
        "export.sheets: true splits the page into sheets that it reaches"
    )


def check_inside(drawing: Drawing, page: Page) -> None:
    """Raises DrawingError when a line of the drawing runs beyond the page's margins."""
    if beyond := _beyond(page.inner, drawing):
        raise DrawingError(f"the drawing leaves the page's margins of {page.margin:g} mm: it ends {beyond}")


def _ends(drawn: Page | Drawing) -> tuple[float, float]:
    """How far right and down it goes, in mm from the page's corner."""
    if isinstance(drawn, Page):
        return drawn.inner[2], drawn.inner[3]
    if not drawn.layers:
        return 0.0, 0.0
    right, bottom = np.max([line.max(axis=0) for layer in drawn.layers for line in layer.lines], axis=0)
    # Rounded, as it is shown to people.
    return round(float(right), 2), round(float(bottom), 2)


def _beyond(box: tuple[float, float, float, float], drawing: Drawing) -> str:
    """By how much, where and with which pen the drawing leaves a box of left, top, right, bottom; empty if nowhere."""
    left, top, right, bottom = box
    found: dict[str, tuple[float, str]] = {}
    for layer in drawing.layers:
        points = np.concatenate(layer.lines)
        (low_x, low_y), (high_x, high_y) = points.min(axis=0), points.max(axis=0)
        sides = {"left": left - low_x, "above": top - low_y, "right": high_x - right, "below": high_y - bottom}
        for side, by in sides.items():
            found[side] = max(found.get(side, (0.0, "")), (float(by), layer.name))
    return ", ".join(f"{by:.2f} mm {side} ({name})" for side, (by, name) in found.items() if by > SLACK)

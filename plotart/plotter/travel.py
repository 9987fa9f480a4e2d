"""Whether a machine reaches all of a drawing."""

from __future__ import annotations

from plotart.errors import DrawingError
from plotart.page import Page
from plotart.plotter.machines import Machine


def check_travel(page: Page, machine: Machine) -> None:
    """Raises DrawingError when the machine can't reach all of the page that is drawn on, however it is turned.

    The page's corner lies at the machine's home: the near margins take up travel, the far ones don't.
    """
    _, _, right, bottom = page.inner
    reach = (machine.width_mm, machine.height_mm)
    over = [(right - along, bottom - across) for along, across in (reach, reach[::-1])]
    best = min(over, key=lambda sides: sum(max(side, 0.0) for side in sides))
    if max(best) > 1e-6:
        sides = zip(("wide", "high"), best, strict=True)
        excess = " and ".join(f"{by:.1f} mm too {way}" for way, by in sides if by > 1e-6)
        raise DrawingError(
            f"the drawing is {excess} for {machine.name}: it ends {right:g} x {bottom:g} mm from the page's corner, "
            f"and the machine reaches {machine.width_mm:g} x {machine.height_mm:g} mm, either way round"
        )

"""Where a page lies in the coordinates of an HPGL plotter, as vpype has it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plotart.export.document import PX_PER_MM
from plotart.export.drawing import Drawing, Layer
from plotart.export.hpgl import hpgl_devices, to_hpgl
from plotart.pens import Pen

#: Models as they call themselves, and what vpype calls them.
MODELS = {"7475A": "hp7475a", "7440A": "hp7440a", "7550A": "hp7550", "HP7550A": "hp7550"}

_LINE = re.compile(r"PU(-?\d+),(-?\d+);PD(-?\d+),(-?\d+)")


@dataclass(frozen=True, eq=False)
class HpglFrame:
    """Plotter units [n, 2] of places in mm from a page's top left corner: origin [2] + mm [n, 2] @ turn [2, 2].

    begin  instructions that set the paper up
    """

    origin: NDArray[np.float64]
    turn: NDArray[np.float64]
    begin: str = ""

    def units(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self.origin + points @ self.turn)

    def page(self, units: NDArray[np.float64]) -> NDArray[np.float64]:
        """mm from the page's corner."""
        return np.asarray((units - self.origin) @ np.linalg.inv(self.turn))


def device_frame(device: str, width: float, height: float) -> HpglFrame:
    """The frame of a plotter that vpype knows, for a page of `width` x `height` mm.

    Raises InputError for an unknown plotter, and DrawingError for a sheet that it does not take.
    """
    import vpype

    # Two lines in the middle of the page, where every plotter reaches.
    ends = np.array([[(0.3, 0.4), (0.7, 0.4)], [(0.4, 0.3), (0.4, 0.7)]]) * (width, height)
    layer = Layer(Pen("Probe", "#000000", 0.3), list(ends))
    text = to_hpgl(Drawing(width, height, (layer,)), device, absolute=True)
    found = np.array(_LINE.findall(text), dtype=np.float64).reshape(2, 2, 2)
    across, along = (found[:, 1] - found[:, 0]) / np.array([width, height])[:, None] / 0.4
    # The axes are at right angles to the page's; whole units blur that.
    plotter = vpype.config_manager.get_plotter_config(device)
    assert plotter is not None
    units_mm = PX_PER_MM / plotter.plotter_unit_length
    turn = np.round(np.array([across, along]) / units_mm) * units_mm
    begin = text[: text.find("SP")]
    return HpglFrame(found[0, 0] - ends[0, 0] @ turn, turn, begin)


def plain_frame(reach: tuple[float, float, float, float]) -> HpglFrame:
    """The frame of a plotter that nobody knows: the page's corner at the top left of its reach (left, bottom, right,
    top in units of 0.025 mm), as it tells it for the paper that is in it."""
    left, _, _, top = reach
    return HpglFrame(np.array([left, top]), np.diag([40.0, -40.0]), "IN;")


def device_of(model: str) -> str | None:
    """What vpype calls a plotter that calls itself so; None for one that it does not know."""
    name = MODELS.get(model.strip().upper())
    return name if name in hpgl_devices() else None

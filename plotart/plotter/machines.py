"""The plotters that plotart knows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    """A plotter: its travel in mm, speeds in mm/s, accelerations in mm/s^2, and seconds to raise or lower the pen.

    The defaults are those of the AxiDraw's own software.
    """

    name: str
    width_mm: float
    height_mm: float
    speed_down: float = 50.2
    speed_up: float = 150.6
    acceleration_down: float = 762.0
    acceleration_up: float = 1143.0
    raise_s: float = 0.130
    lower_s: float = 0.146


MACHINES: dict[str, Machine] = {
    machine.name: machine
    for machine in (
        Machine("axidraw-v3", 300, 218),
        Machine("axidraw-v3-a3", 430, 297),
        Machine("axidraw-v3-xlx", 595, 218),
        Machine("axidraw-minikit", 160, 101),
        Machine("axidraw-se-a1", 864, 594),
        Machine("axidraw-se-a2", 594, 432),
        Machine("nextdraw-8511", 300, 218),
        Machine("nextdraw-1117", 432, 297),
        Machine("nextdraw-2234", 864, 594),
    )
}

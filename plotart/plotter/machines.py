"""The plotters that plotart knows; docs/machines.md says where each figure comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from plotart.errors import OptionError

#: Whose rules say how fast a move is driven: the AxiDraw's software, the NextDraw's, or speed and acceleration alone.
Planner = Literal["plain", "axidraw", "nextdraw"]


@dataclass(frozen=True)
class Machine:
    """A plotter: its travel in mm, speeds in mm/s, accelerations in mm/s^2, and seconds to raise or lower the pen.

    The speeds are those of the settings that its software starts with: 25 % of the top speed with the pen down, 75 %
    with the pen up. The defaults are an AxiDraw's.
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
    planner: Planner = "plain"

    @property
    def top_speed(self) -> float:
        """mm/s at 100 % with the pen down."""
        return 4 * self.speed_down

    @property
    def plain(self) -> Machine:
        """The machine as plotart drives it itself, without the habits of its maker's software."""
        return replace(self, planner="plain")

    def at_speed(self, percent: float | None) -> Machine:
        """The machine with the pen down at so many % of its top speed; None leaves it as it is."""
        if percent is None:
            return self
        speed = self.top_speed * percent / 100
        # Where jerk is what is limited, speed is reached in a time that grows with its root.
        gain = (speed / self.speed_down) ** 0.5 if self.planner == "nextdraw" else 1.0
        return replace(self, speed_down=speed, acceleration_down=self.acceleration_down * gain)


def _axidraw(model: str, width_mm: float, height_mm: float) -> Machine:
    return Machine(f"axidraw-{model}", width_mm, height_mm, planner="axidraw")


def _nextdraw(model: str, width_mm: float, height_mm: float, jerk_down: float, jerk_up: float) -> Machine:
    """A machine with limited jerk, mm/s^3: the mean acceleration from rest to its speed is the root of both, halved."""
    down, up = 55.2, 165.7
    return Machine(
        f"nextdraw-{model}",
        width_mm,
        height_mm,
        speed_down=down,
        speed_up=up,
        acceleration_down=round((down * jerk_down) ** 0.5 / 2),
        acceleration_up=round((up * jerk_up) ** 0.5 / 2),
        raise_s=0.045,
        lower_s=0.047,
        planner="nextdraw",
    )


MACHINES: dict[str, Machine] = {
    machine.name: machine
    for machine in (
        _axidraw("v3", 300, 218),
        _axidraw("v3-a3", 430, 297),
        _axidraw("v3-xlx", 595, 218),
        _axidraw("minikit", 160, 101),
        _axidraw("se-a1", 864, 594),
        _axidraw("se-a2", 594, 432),
        _nextdraw("8511", 300, 218, 214_300, 203_600),
        _nextdraw("1117", 430, 297, 192_900, 182_200),
        _nextdraw("2234", 864, 594, 128_600, 139_300),
    )
}


def machine(name: str) -> Machine:
    """The plotter of that name. Raises InputError where plotart knows none."""
    if name not in MACHINES:
        raise OptionError(f"machine {name}: no such machine; allowed are {', '.join(MACHINES)}")
    return MACHINES[name]

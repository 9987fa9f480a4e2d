"""The seam to the software that moves a plotter: one SVG in, how it ended out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Protocol

from plotart.errors import InputError
from plotart.plotter.machines import Machine

#: The number by which AxiDraw's and NextDraw's software know each machine (their option `model`). Source:
#: https://axidraw.com/doc/cli_api/#model and https://bantam.tools/nd_cli/#model
MODELS: dict[str, int] = {
    "axidraw-v3": 1,
    "axidraw-v3-a3": 2,
    "axidraw-v3-xlx": 3,
    "axidraw-minikit": 4,
    "axidraw-se-a1": 5,
    "axidraw-se-a2": 6,
    "axidraw-v3-b6": 7,
    "nextdraw-8511": 8,
    "nextdraw-1117": 9,
    "nextdraw-2234": 10,
}

#: % of the top speed with the pen up where nothing else is said; `Machine.speed_up` is this.
SPEED_UP = 75

#: The software's `reordering` that draws lines in the order of the file, as plotart has sorted them.
FILE_ORDER = 4


class Code(IntEnum):
    """How a plot ended, in the numbers of the plotters' software (its `errors.code`); those below 0 are plotart's own.

    NEXT_PEN    a person goes on with the next pen first; this one can go on later
    STOPPED     a board stopped the plot or can't draw it, and says why: an alarm, an error, soft limits
    LOST_PLACE  a board does not know any more where its carriage stands: it has to be put home by hand

    Source: https://axidraw.com/doc/py_api/#error-handling and https://bantam.tools/nd_py/#error-handling
    """

    NEXT_PEN = -4
    STOPPED = -3
    LOST_PLACE = -2
    NOT_PLOTTED = -1
    FINISHED = 0
    PAUSE_IN_FILE = 1
    NOT_CONNECTED = 101
    BUTTON = 102
    KEYBOARD = 103
    LOST_USB = 104
    LOST_POWER = 105
    HOMING_FAILED = 106


#: Codes of a plot that was paused and can go on once someone has seen to it.
PAUSES = (Code.PAUSE_IN_FILE, Code.BUTTON, Code.KEYBOARD, Code.LOST_PLACE, Code.NEXT_PEN)

#: Codes that are faults, and what a person can do about each.
FAULTS: dict[int, str] = {
    Code.NOT_CONNECTED: "no plotter was found: see that its USB cable is plugged in, that it has power, and that no "
    "other program uses it",
    Code.LOST_USB: "the USB connection was lost while plotting: raise the pen, and see to the cable",
    Code.LOST_POWER: "the plotter lost its power while plotting: raise the pen, and see to the power supply",
    Code.HOMING_FAILED: "the plotter did not find its home: see that nothing is in the carriage's way",
    Code.STOPPED: "the plotter's board stopped the plot",
}


@dataclass(frozen=True)
class Outcome:
    """How plotting a file ended.

    code      as in `Code`; other numbers are faults too
    paused    the SVG with the progress in it from which the plot can go on; None when it is finished or nothing of
              it was drawn
    messages  what the software said, line by line
    """

    code: int
    paused: str | None = None
    messages: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        return self.code == Code.FINISHED and self.paused is None

    @property
    def fault(self) -> str:
        """What went wrong, in words; empty when nothing did."""
        if (words := FAULTS.get(self.code)) is not None:
            return next((said for said in self.messages if said.startswith(words)), words)
        if self.paused is not None or self.code in (Code.FINISHED, *PAUSES):
            return ""
        what = "did not plot the file" if self.code == Code.NOT_PLOTTED else f"ended with code {self.code}"
        said = " ".join(self.messages)
        return f"the plotter's software {what}" + (f": {said}" if said else "")


@dataclass(frozen=True)
class PlotOptions:
    """What the software is told besides the drawing.

    A pen's own speed and height are in its layer's name, where the software reads them and lets them overrule these.

    model                  the machine's number, of `MODELS`; None for one that drivers of other packages alone drive
    speed_down, speed_up   % of the top speed, 1 to 100; None leaves it to the software's own settings
    port                   of a board that plotart speaks to itself; None: the first that answers
    journal                where such a plot notes how far it has come; None: nowhere, it can't go on after a crash
    profile                a G-code profile for how such a board lowers and raises the pen, or an HPGL plotter for where
                           its paper lies; None: as the board says
    stall                  the pen's place in the carousel, of a plotter that has one
    first_line             from 0, at which such a board begins or goes on, whatever was drawn before
    """

    model: int | None
    speed_down: int | None = None
    speed_up: int | None = None
    port: str | None = None
    journal: Path | None = None
    profile: str | None = None
    stall: int = 1
    first_line: int | None = None

    def settings(self, *, resume: bool) -> dict[str, str | int]:
        """The options by the names that the Python modules and the commands have in common."""
        chosen = {
            "mode": "res_plot" if resume else "plot",
            "model": self.model,
            "reordering": FILE_ORDER,
            "speed_pendown": self.speed_down,
            "speed_penup": self.speed_up,
        }
        return {name: value for name, value in chosen.items() if value is not None}


class Driver(Protocol):
    """Software that plots. `name` is what it is asked for by; `software` whose progress marks it reads."""

    @property
    def name(self) -> str: ...
    @property
    def software(self) -> str: ...

    def plot(self, svg: str, options: PlotOptions, *, resume: bool) -> Outcome:
        """Plots the text of an SVG, or goes on with one that an `Outcome` gave as `paused`, and waits for its end.

        Ctrl-C pauses the plot. Raises MissingError when the software can't be used and nothing was drawn, PlotterError
        when it breaks down: how far the pen came is unknown then.
        """


def model_of(machine: Machine) -> int:
    """The machine's number. Raises InputError where the plotters' software does not know it."""
    if machine.name not in MODELS:
        raise InputError(
            f"{machine.name}: no machine that the software of AxiDraw or NextDraw drives; "
            f"allowed with --machine are {', '.join(MODELS)}"
        )
    return MODELS[machine.name]

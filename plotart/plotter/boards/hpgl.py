"""Old pen plotters that speak HP-GL on a serial line: they know their place, and change their own pens.

Source: as in `hpgl_flow`
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from plotart.errors import DrawingError, InputError, OptionError
from plotart.export.drawing import Drawing, Line
from plotart.export.hpgl import hpgl_devices, hpgl_pens
from plotart.export.hpgl_frame import device_frame, device_of, plain_frame
from plotart.plotter.boards.board import About, BoardFault, Place, Watch
from plotart.plotter.boards.direct import Connect, DirectDriver
from plotart.plotter.boards.hpgl_flow import ERRORS, IO_ERRORS, Handshake, HpglFlow
from plotart.plotter.boards.known import only_port
from plotart.plotter.boards.near_units import near_units
from plotart.plotter.boards.port import Port, SerialPort
from plotart.plotter.boards.port_settings import PortSettings
from plotart.plotter.boards.trajectory import Trajectory
from plotart.plotter.drivers import Code, PlotOptions
from plotart.plotter.machines import Machine

#: mm/s of the slowest speed and of the step from one to the next (VS).
SLOWEST = 10.0

#: mm by which a streamed line may stray from the drawing's: half a plotter unit.
STRAY = 0.0125

#: Bits a second where a port says nothing else.
BAUD = 9600

#: Stalls of the largest carousel.
MOST_PENS = 8

#: What is done about the plotter's buffer, by the port's flow control.
HANDSHAKES: dict[str, Handshake] = {"none": "ask", "xonxoff": "xonxoff", "rtscts": "rtscts"}

#: Places in an instruction: a part of a line that is sent and forgotten at once, if the plot is to stop.
TOGETHER = 5

#: Seconds between two looks at what was asked for meanwhile.
GLANCE = 0.1


class HpglBoard:
    """A plotter on a port, for one page of `width` x `height` mm and one of its pens.

    pen     its stall in the carousel, from 1
    device  what vpype calls the plotter, for where the paper lies; None: as it says itself, and where vpype does not
            know it the page's corner is the top left of what it reaches
    """

    def __init__(
        self,
        port: Port,
        *,
        width: float,
        height: float,
        pen: int = 1,
        device: str | None = None,
        handshake: Handshake = "ask",
    ) -> None:
        self._port, self._size, self._pen, self._device = port, (width, height), pen, device
        self._flow = HpglFlow(port, handshake)
        self._about = About("HP-GL", "")
        self._frame = plain_frame((0, 0, 0, 0))
        self._reach = (0.0, 0.0, 0.0, 0.0)
        self._is_down = False
        self._speed = 0

    @property
    def about(self) -> About:
        return self._about

    def open(self) -> About:
        self._flow.begin()
        model = (self._flow.ask("OI;") or "").strip()
        self._flow.io_error()
        device = self._device or device_of(model)
        reach = self._numbers("OH;", 4)
        try:
            frame = device_frame(device, *self._size) if device is not None else plain_frame(_four(reach))
        except (InputError, DrawingError) as error:
            raise BoardFault(Code.STOPPED, str(error)) from None
        self._frame, self._reach = frame, _four(reach)
        self._flow.send(f"{frame.begin}SP{self._pen};PU;")
        mm = np.abs(self._frame.turn).max()
        travel = (reach[2] - reach[0]) / mm, (reach[3] - reach[1]) / mm
        self._about = About("HP-GL", model, float(mm), travel, heights=False)
        self.check()
        return self._about

    def position(self) -> Place | None:
        x, y, _ = self._numbers("OA;", 3)
        return self._page(x, y)

    def place(self, at: Place) -> None:
        """It finds its place itself."""

    def set_heights(self, *, up: float | None = None, down: float | None = None) -> None:
        """Its pens have one height."""

    def set_speed(self, share: float) -> bool:
        return False

    def pen_up(self) -> None:
        if self._is_down:
            self._flow.send("PU;")
            self._is_down = False
            self.wait_idle()

    def pen_down(self) -> None:
        if not self._is_down:
            self._flow.send("PD;")
            self._is_down = True

    def follow(self, trajectory: Trajectory, watch: Watch) -> float:
        along, places = near_units(trajectory, self._frame.units, STRAY)
        units = self._within(places)
        speed = max(round(trajectory.speed / SLOWEST), 1)
        if speed != self._speed:
            self._flow.send(f"VS{speed};")
            self._speed = speed
        sent = 0
        glance = _Glance(lambda: watch(float(along[sent])))
        for first in range(1, len(units), TOGETHER):
            some = units[first : first + TOGETHER]
            if glance() or not self._flow.send(f"PA{','.join(f'{x},{y}' for x, y in some)};", glance):
                return self._broken_off(trajectory, float(along[min(sent + TOGETHER + 1, len(along) - 1)]))
            sent = first + len(some) - 1
        if self._flow.ask("OA;", glance) is None:
            return self._broken_off(trajectory, trajectory.length)
        return trajectory.length

    def _within(self, units: Line) -> NDArray[np.int_]:
        """Places at the edge of what it reaches: home is beyond that on most plotters, and nothing is drawn there."""
        left, bottom, right, top = self._reach
        return np.asarray(np.clip(units, (left, bottom), (right, top)).astype(int))

    def _broken_off(self, trajectory: Trajectory, sent: float) -> float:
        """Forgets what is in the buffer; the vector at hand is drawn to its end, or not, and the place is asked for.

        An answer to an earlier question may still be on its way.
        """
        self._flow.abort()
        self._flow.send(";")
        time.sleep(GLANCE)
        self._port.drop_input()
        place = self.position()
        assert place is not None
        last = int(np.searchsorted(trajectory.along, sent, side="right"))
        points, along = trajectory.points[:last], trajectory.along[:last]
        if len(points) < 2:
            return 0.0
        steps = np.diff(points, axis=0)
        square = np.maximum((steps**2).sum(axis=1), 1e-12)
        share = np.clip(((np.array(place) - points[:-1]) * steps).sum(axis=1) / square, 0.0, 1.0)
        apart = np.hypot(*(points[:-1] + steps * share[:, None] - place).T)
        # The first that fits within a plotter unit: a line that crosses itself is rather drawn twice than left out.
        nearest = int(np.flatnonzero(apart <= max(apart.min() + 1e-6, 0.05))[0])
        return float(along[nearest] + share[nearest] * (along[nearest + 1] - along[nearest]))

    def reaches(self, low: Place, high: Place) -> str:
        left, bottom, right, top = self._reach
        ends = np.round(self._frame.units(np.array([low, high])))
        least, most = ends.min(axis=0), ends.max(axis=0)
        if least[0] >= left and least[1] >= bottom and most[0] <= right and most[1] <= top:
            return ""
        corners = self._frame.page(np.array([(left, bottom), (right, top)]))
        (near_x, near_y), (far_x, far_y) = corners.min(axis=0), corners.max(axis=0)
        return (
            f"the lines go from {low[0]:.1f}, {low[1]:.1f} to {high[0]:.1f}, {high[1]:.1f} mm from the page's corner, "
            f"and with this paper it reaches {near_x:.1f}, {near_y:.1f} to {far_x:.1f}, {far_y:.1f}"
        )

    def wait(self, seconds: float) -> None:
        self.wait_idle()
        time.sleep(seconds)

    def wait_idle(self) -> None:
        self._numbers("OA;", 3)

    def button(self) -> bool:
        """Its VIEW button suspends the plot and lets it go on by itself."""
        return False

    def check(self) -> None:
        if code := self._flow.io_error():
            raise BoardFault(Code.STOPPED, IO_ERRORS.get(code, f"error {code} on its line"))
        if code := int(self._numbers("OE;", 1)[0]):
            raise BoardFault(Code.STOPPED, ERRORS.get(code, f"HP-GL error {code}"))

    def halt(self) -> None:
        with suppress(BoardFault):
            self._flow.abort()
            self._port.write(b";PU;")
            self._is_down = False

    def close(self, *, release: bool = False) -> None:
        """The pen goes back into its stall, where it does not dry."""
        with suppress(BoardFault):
            self._port.write(b"PU;SP0;")
        self._port.close()

    def _numbers(self, question: str, count: int) -> list[float]:
        said = self._flow.ask(question) or ""
        try:
            found = [float(word) for word in said.split(",")]
        except ValueError:
            found = []
        if len(found) != count:
            raise BoardFault(Code.STOPPED, f"{count} numbers were expected for {question} and it said {said!r}")
        return found

    def _page(self, x: float, y: float) -> Place:
        across, down = self._frame.page(np.array([x, y]))
        return float(across), float(down)


def hpgl(machine: Machine) -> DirectDriver:
    """plotart itself, on an old pen plotter that speaks HP-GL, which changes its own pens.

    The options' profile is a plotter that vpype knows (`plotart.export.hpgl`).
    """
    return DirectDriver("hpgl", machine, fit=_fit, stalls=_stalls)


def _fit(options: PlotOptions, drawing: Drawing) -> Connect:
    if options.profile is not None and options.profile not in (known := hpgl_devices()):
        raise OptionError(f"profile {options.profile}: vpype knows no such plotter; allowed are {', '.join(known)}")
    # As the lines are: a page that is higher than wide lies on its side.
    width, height = max(drawing.width, drawing.height), min(drawing.width, drawing.height)

    def connect(machine: Machine, port: str | None) -> HpglBoard:
        wanted = PortSettings.read(port or only_port(), baud=BAUD)
        return HpglBoard(
            SerialPort(wanted.name, baud=wanted.baud, flow=wanted.flow),
            width=width,
            height=height,
            pen=options.stall,
            device=options.profile,
            handshake=HANDSHAKES[wanted.flow],
        )

    return connect


def _stalls(profile: str | None) -> int:
    """Pens in the carousel; of a plotter that is not known before it is asked, as many as any has."""
    return hpgl_pens(profile) if profile is not None else MOST_PENS


class _Glance:
    """Asks a few times a second; once True, it stays so."""

    def __init__(self, watch: Callable[[], bool]) -> None:
        self._watch, self._next, self._stop = watch, 0.0, False

    def __call__(self) -> bool:
        if not self._stop and (now := time.monotonic()) >= self._next:
            self._next = now + GLANCE
            self._stop = self._watch()
        return self._stop


def _four(numbers: list[float]) -> tuple[float, float, float, float]:
    one, two, three, four = numbers
    return one, two, three, four

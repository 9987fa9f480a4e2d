"""A board in memory, which does at once what it is told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from plotart.export.drawing import Line
from plotart.plotter.boards.board import About, BoardFault, Place, Watch
from plotart.plotter.boards.trajectory import Trajectory
from plotart.plotter.drivers import Code

#: Seconds between two looks at whether to stand still.
SLICE = 0.02


class FakeBoard:
    """`drawn` has the lines that the pen left, `seconds` how long all took (lifts 0.1 s each)."""

    def __init__(self, *, at: Place | None = None) -> None:
        self.drawn: list[Line] = []
        self.heights: list[tuple[float | None, float | None]] = []
        self.seconds = 0.0
        self.at = at
        self.down = False
        self.pressed = False
        self.released = False
        #: Is called at each slice with the mm driven in all: to press, pull and wish.
        self.meanwhile: Callable[[float], None] = lambda mm: None
        self._driven = 0.0
        self.about = About("fake", "1")

    def open(self) -> About:
        return self.about

    def position(self) -> Place | None:
        return self.at

    def place(self, at: Place) -> None:
        self.at = at

    def set_heights(self, *, up: float | None = None, down: float | None = None) -> None:
        self.heights.append((up, down))

    def set_speed(self, share: float) -> bool:
        return False

    def pen_up(self) -> None:
        self.seconds += 0.1 * self.down
        self.down = False

    def pen_down(self) -> None:
        self.seconds += 0.1 * (not self.down)
        self.down = True

    def follow(self, trajectory: Trajectory, watch: Watch) -> float:
        assert self.at is not None
        np.testing.assert_allclose(trajectory.points[0], self.at, atol=0.011)
        time, driven = 0.0, 0.0
        while time < trajectory.seconds:
            time = min(time + SLICE, trajectory.seconds)
            driven = float(trajectory.distance(time)[0])
            self.meanwhile(self._driven + driven)
            if watch(driven) or self.pressed:
                braking = trajectory.braked(time)
                driven, time = braking.end, time + braking.seconds
                break
        rest = trajectory.rest_of(driven)
        line = np.concatenate([trajectory.points[trajectory.along < driven], rest[:1]])
        if self.down:
            self.drawn.append(line)
        self._driven += driven
        self.seconds += time
        self.at = float(rest[0, 0]), float(rest[0, 1])
        return driven

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def wait_idle(self) -> None: ...

    def button(self) -> bool:
        pressed, self.pressed = self.pressed, False
        return pressed

    def check(self) -> None: ...

    def reaches(self, low: Place, high: Place) -> str:
        return ""

    def halt(self) -> None:
        self.pen_up()

    def close(self, *, release: bool = False) -> None:
        self.released = release

    def pull(self) -> None:
        """As when the cable comes out."""
        raise BoardFault(Code.LOST_USB)

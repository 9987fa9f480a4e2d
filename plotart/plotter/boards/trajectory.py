"""A line or a move as the carriage drives it: where it is at each moment, from rest to rest.

Planned by the same rules as the seconds that are predicted (`plotart.plotter.planners`, planner "plain").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from plotart.export.drawing import Line
from plotart.plotter.planners import Array, plan_pieces


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A polyline in mm [n, 2], driven from rest to rest at up to `speed` mm/s with up to `acceleration` mm/s^2.

    Each straight piece is a phase of speeding up, one of cruising and one of slowing down; `lengths`, `start`, `peak`
    and `end` [m] are the pieces' mm and mm/s.
    """

    points: Line
    speed: float
    acceleration: float
    along: Array
    lengths: Array
    start: Array
    peak: Array
    end: Array

    @classmethod
    def plan(cls, points: Line, speed: float, acceleration: float) -> Trajectory:
        """The polyline as fast as its corners allow. Points may coincide; a single one is a trajectory of 0 mm."""
        points = np.asarray(points, dtype=np.float64)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        pieces = plan_pieces([points], speed, acceleration)
        peak = np.minimum(speed**2, (pieces.start + pieces.end) / 2 + acceleration * pieces.lengths)
        roots = (np.sqrt(square) for square in (pieces.start, peak, pieces.end))
        return cls(points, speed, acceleration, along, pieces.lengths, *roots)

    @property
    def length(self) -> float:
        return float(self.along[-1])

    @property
    def seconds(self) -> float:
        return float(self._times[-1])

    def distance(self, seconds: Array | float) -> Array:
        """mm [k] along the line at so many seconds [k] since its begin."""
        seconds = np.clip(np.atleast_1d(np.asarray(seconds, dtype=np.float64)), 0.0, self.seconds)
        if not len(self._changes):
            return np.zeros_like(seconds)
        phase = np.clip(np.searchsorted(self._times, seconds, side="right") - 1, 0, len(self._changes) - 1)
        since = seconds - self._times[phase]
        return np.minimum(
            self._distances[phase] + self._speeds[phase] * since + self._changes[phase] / 2 * since**2, self.length
        )

    def speed_at(self, seconds: float) -> float:
        """mm/s at so many seconds since its begin."""
        if not 0 < seconds < self.seconds:
            return 0.0
        phase = min(int(np.searchsorted(self._times, seconds, side="right")) - 1, len(self._changes) - 1)
        return float(self._speeds[phase] + self._changes[phase] * (seconds - self._times[phase]))

    def time(self, distance: Array) -> Array:
        """Seconds [k] since its begin at so many mm [k] along the line."""
        if not len(self._changes):
            return np.zeros_like(distance)
        distance = np.clip(distance, 0.0, self.length)
        phase = np.clip(np.searchsorted(self._distances, distance, side="right") - 1, 0, len(self._changes) - 1)
        covered, speed, change = distance - self._distances[phase], self._speeds[phase], self._changes[phase]
        # of v t + a t^2 / 2 = s the root that also holds for a = 0
        root = np.sqrt(np.maximum(speed**2 + 2 * change * covered, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            since = np.where(covered > 0, 2 * covered / (speed + root), 0.0)
        return np.minimum(self._times[phase] + since, self._times[phase + 1])

    def point(self, distance: Array | float) -> Line:
        """The points [k, 2] in mm at so many mm [k] along the line."""
        distance = np.atleast_1d(np.asarray(distance, dtype=np.float64))
        return np.column_stack([np.interp(distance, self.along, self.points[:, axis]) for axis in (0, 1)])

    def rest_of(self, distance: float) -> Line:
        """The polyline [k, 2] from so many mm along it to its end."""
        return np.concatenate([self.point(distance), self.points[self.along > distance]])

    def braked(self, seconds: float) -> Braking:
        """The way on at so many seconds since the begin, if it is to stand still as soon as its acceleration allows.

        It stays on the line: where a trajectory slows down for a corner, it does so with the same acceleration.
        """
        begin, speed = float(self.distance(seconds)[0]), self.speed_at(seconds)
        way = min(speed**2 / (2 * self.acceleration), self.length - begin)
        return Braking(begin, way, 2 * way / speed if speed > 0 else 0.0)

    @cached_property
    def _phases(self) -> tuple[Array, Array, Array]:
        """mm/s at the begin, mm/s^2 and seconds of each phase [3 m], those that take no time left out."""
        steady = np.zeros_like(self.peak)
        ramp = np.full_like(self.peak, self.acceleration)
        rising, falling = (self.peak - self.start) / self.acceleration, (self.peak - self.end) / self.acceleration
        ramps = (2 * self.peak**2 - self.start**2 - self.end**2) / (2 * self.acceleration)
        cruise = np.maximum(self.lengths - ramps, 0.0) / np.maximum(self.peak, 1e-12)
        speeds = np.column_stack([self.start, self.peak, self.peak]).reshape(-1)
        changes = np.column_stack([ramp, steady, -ramp]).reshape(-1)
        seconds = np.maximum(np.column_stack([rising, cruise, falling]).reshape(-1), 0.0)
        lasts = seconds > 1e-12
        return speeds[lasts], changes[lasts], seconds[lasts]

    @property
    def _speeds(self) -> Array:
        return self._phases[0]

    @property
    def _changes(self) -> Array:
        return self._phases[1]

    @cached_property
    def _times(self) -> Array:
        return np.concatenate([[0.0], np.cumsum(self._phases[2])])

    @cached_property
    def _distances(self) -> Array:
        speeds, changes, seconds = self._phases
        return np.concatenate([[0.0], np.cumsum(speeds * seconds + changes / 2 * seconds**2)])


@dataclass(frozen=True)
class Braking:
    """An even stop: from `begin` mm along a trajectory, `way` mm further, in so many `seconds`."""

    begin: float
    way: float
    seconds: float

    @property
    def end(self) -> float:
        return self.begin + self.way

    def distance(self, seconds: Array | float) -> Array:
        """mm [k] along the trajectory at so many seconds [k] since the brakes were put on."""
        passed = np.atleast_1d(seconds) / self.seconds if self.seconds > 0 else np.ones_like(np.atleast_1d(seconds))
        return self.begin + self.way * (1 - (1 - np.clip(passed, 0.0, 1.0)) ** 2)

    def time(self, distance: Array) -> Array:
        """Seconds [k] since the brakes were put on at so many mm [k] along the trajectory."""
        covered = (distance - self.begin) / self.way if self.way > 0 else np.zeros_like(distance)
        return self.seconds * (1 - np.sqrt(1 - np.clip(covered, 0.0, 1.0)))

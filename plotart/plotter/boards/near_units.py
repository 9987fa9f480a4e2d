"""Polylines for plotters that know whole units only: their points moved to where a unit lies near the line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from plotart.export.drawing import Line
from plotart.plotter.boards.thin import thinned
from plotart.plotter.boards.trajectory import Trajectory
from plotart.plotter.planners import Array

#: Radians of a turn that is a corner, which stays where it is.
CORNER = 0.35

#: Share of the way to the neighbours by which a point may be moved, and places on it that are looked at.
SHARE, CHOICES = 0.3, 33


def near_units(trajectory: Trajectory, units: Callable[[Line], Line], stray: float) -> tuple[Array, Line]:
    """Fewer points of a polyline, as mm [k] along it and as whole units [k, 2]; both ends are among them.

    Between two of them it would stray by no more than `stray` mm, if they lay on it. Points of curves are moved along
    the line to where whole units lie nearest to it, and aside of it so that as much of a chord lies outside as inside.
    """
    kept = thinned(trajectory.points, stray)
    along, points = trajectory.along[kept], trajectory.points[kept]
    moved, aside = along.copy(), np.zeros_like(points)
    ways = np.diff(points, axis=0)
    turns = np.angle(np.exp(1j * np.diff(np.arctan2(ways[:, 1], ways[:, 0]))))
    for number in np.flatnonzero(np.abs(turns) <= CORNER) + 1:
        before, here, after = along[number - 1 : number + 2]
        if before == after:
            continue
        share = (after - here) / (after - before)
        aside[number] = (points[number] - share * points[number - 1] - (1 - share) * points[number + 1]) / 6
        choices = np.linspace(here - SHARE * (here - before), here + SHARE * (after - here), CHOICES)
        places = units(trajectory.point(choices) + aside[number])
        moved[number] = choices[off_line(places).argmin()]
    return moved, np.round(units(trajectory.point(moved) + aside))


def off_line(places: Line) -> Array:
    """How far [n] the whole numbers nearest to places [n, 2] on a line lie beside it, however far along it."""
    ways = np.gradient(places, axis=0)
    off = places - np.round(places)
    across = np.abs(off[:, 0] * ways[:, 1] - off[:, 1] * ways[:, 0])
    return np.asarray(across / np.maximum(np.hypot(*ways.T), 1e-12))

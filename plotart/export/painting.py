"""A picture as SVG has it: paths that cover each other, each in its own colour, width and opacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from plotart.color import RGB, parse_color
from plotart.export.clip import Bounds
from plotart.export.fit import fitting
from plotart.export.layered import Line
from plotart.export.windings import Rule, filled_area
from plotart.geometry.page import Page

Cap = Literal["round", "flat", "square"]
Join = Literal["round", "mitre", "bevel"]

#: Straight pieces of a quarter of a round end.
QUARTER = 8


@dataclass(frozen=True, eq=False)
class Mark:
    """What is painted in one go: a path's stroke, or, where `width` is 0, what it encloses.

    lines    its parts, closed ones with their first point at the end
    color    #rrggbb
    width    mm
    layer    the number of the group that it is in, among those right below <svg>; 0 outside of all
    implied  a fill that the file does not speak of: SVG's black
    """

    lines: tuple[Line, ...]
    color: str
    width: float = 0.0
    opacity: float = 1.0
    layer: int = 0
    cap: Cap = "round"
    join: Join = "round"
    rule: Rule = "nonzero"
    implied: bool = False

    @property
    def is_fill(self) -> bool:
        return self.width == 0

    @property
    def rgb(self) -> RGB:
        return parse_color(self.color)

    @property
    def look(self) -> tuple[str, float, float]:
        """What two marks have in common that one pen could draw: colour, width and opacity."""
        return self.color, round(self.width, 3), round(self.opacity, 2)

    @cached_property
    def area(self) -> Any:
        """What it covers, a shapely geometry in mm."""
        import shapely

        if self.is_fill:
            return filled_area(self.lines, self.rule)
        lines = [
            shapely.LineString(line) if np.ptp(line, axis=0).any() else shapely.Point(line[0]) for line in self.lines
        ]
        shape = {"quad_segs": QUARTER, "cap_style": self.cap, "join_style": self.join}
        return shapely.union_all(shapely.buffer(lines, self.width / 2, **shape))

    def moved(self, scale: float, by: NDArray[np.float64]) -> Mark:
        """The mark `scale` times as large, then moved by [2] mm."""
        lines = tuple(line * scale + by for line in self.lines)
        return replace(self, lines=lines, width=self.width * scale)


@dataclass(frozen=True, eq=False)
class Painting:
    """A page of `width` x `height` mm and its marks, the lowest first; what of the file is not among them stands in
    `left_out`, in words. Nothing is seen beyond `frame` (left, top, right, bottom in mm), the page where it is None."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    left_out: tuple[str, ...] = ()
    frame: Bounds | None = None

    @property
    def bounds(self) -> Bounds:
        return self.frame or (0.0, 0.0, self.width, self.height)

    def colors_at(self, points: NDArray[np.float64], paper: RGB) -> NDArray[np.float64]:
        """[n, 3] sRGB of the picture on the paper (sRGB) at points [n, 2] in mm: each mark over those below it, as SVG
        mixes them."""
        low, high = np.array(self.bounds[:2]), np.array(self.bounds[2:])
        within = ((points >= low) & (points <= high)).all(axis=1)
        colors = np.tile(np.array(paper, float), (len(points), 1))
        colors[within] = mixed_at(self.marks, points[within], colors[within])
        return colors

    def fitted(self, page: Page) -> Painting:
        """On that page: as it is where all that is seen lies within the margins, or else as large as fits, centred."""
        import shapely

        frame = shapely.box(*self.bounds)
        seen = [shapely.intersection(mark.area, frame) for mark in self.marks]
        corners = shapely.total_bounds(np.array([frame, *seen][1:] or [frame])).reshape(2, 2)
        scale, by = fitting(corners, page)
        left, top, right, bottom = (np.array(self.bounds).reshape(2, 2) * scale + by).ravel().tolist()
        marks = tuple(mark.moved(scale, by) for mark in self.marks)
        return Painting(page.width, page.height, marks, self.left_out, (left, top, right, bottom))


def mixed_at(marks: Sequence[Mark], points: NDArray[np.float64], colors: NDArray[np.float64]) -> NDArray[np.float64]:
    """`colors` [n, 3] at `points` [n, 2] with the marks painted over them."""
    import shapely

    order = np.argsort(points[:, 0], kind="stable")
    across, mixed = points[order], colors[order].copy()
    for mark in marks:
        if mark.area.is_empty:
            continue
        left, top, right, bottom = mark.area.bounds
        begin, end = np.searchsorted(across[:, 0], (left, right), side="left")
        near = begin + np.flatnonzero((across[begin:end, 1] >= top) & (across[begin:end, 1] <= bottom))
        shapely.prepare(mark.area)
        inside = near[shapely.contains_xy(mark.area, across[near])]
        mixed[inside] += mark.opacity * (np.array(mark.rgb) - mixed[inside])
    found = np.empty_like(mixed)
    found[order] = mixed
    return found

"""The mark that AxiDraw's and NextDraw's software leaves in an SVG: how far a plot came.

It is an element `plotdata` (NextDraw's in a namespace of its own) with `pause_dist`, micrometres drawn with the pen
down or -25400 when the plot is finished. AxiDraw's also has `last_x` and `last_y`, mm from home at which the carriage
stands; a NextDraw finds its home itself.
"""

from __future__ import annotations

import re

_MARK = re.compile(r"<(?:\w+:)?plotdata\b[^>]*>")
_DISTANCE = re.compile(r'\bpause_dist="(-?\d+)"')
_POSITION = re.compile(r'\b(last_[xy])="[^"]*"')


def paused_mm(svg: str) -> float | None:
    """mm drawn with the pen down before the plot was paused; None for an SVG that wasn't."""
    distance = _distance(svg)
    return distance / 1000 if distance is not None and distance >= 0 else None


def is_finished(svg: str) -> bool:
    """Whether the software says that it plotted all of this SVG."""
    distance = _distance(svg)
    return distance is not None and distance < 0


def tells_position(svg: str) -> bool:
    """Whether the mark says where the carriage stands, so that it must not be moved before the plot goes on."""
    mark = _MARK.search(svg)
    return mark is not None and _POSITION.search(mark[0]) is not None


def from_home(svg: str) -> str:
    """The same with the carriage at home, where someone has put it back by hand."""
    return _MARK.sub(lambda mark: _POSITION.sub(r'\1="0.0"', mark[0]), svg)


def _distance(svg: str) -> int | None:
    mark = _MARK.search(svg)
    distance = _DISTANCE.search(mark[0]) if mark else None
    return int(distance[1]) if distance else None

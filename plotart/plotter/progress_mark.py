"""The mark that AxiDraw's and NextDraw's software leaves in an SVG, and plotart where it drives a board itself: how far
a plot came.

It is an element `plotdata` (NextDraw's in a namespace of its own) with `pause_dist`, micrometres drawn with the pen
down or -25400 when the plot is finished. AxiDraw's also has `last_x` and `last_y`, mm from home at which the carriage
stands; a NextDraw finds its home itself. plotart's has all of them, and the line at which it goes on: `line`, and `at`
micrometres along it.
"""

from __future__ import annotations

import hashlib
import math
import re

from plotart.plotter.boards.journal import Mark

#: Whose marks plotart's own are.
SOFTWARE = "plotart"

_MARK = re.compile(r"<(?:\w+:)?plotdata\b[^>]*>")
_DISTANCE = re.compile(r'\bpause_dist="(-?\d+)"')
_POSITION = re.compile(r'\b(last_[xy])="[^"]*"')
_VALUE = re.compile(r'\b([a-z_]+)="([^"]*)"')

#: What `from_home` writes.
_HOME = "0.0"


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
    return _MARK.sub(lambda mark: _POSITION.sub(rf'\1="{_HOME}"', mark[0]), svg)


def marked(svg: str, mark: Mark) -> str:
    """An SVG with plotart's own mark, and no other."""
    x, y = (math.nan if place is None else round(place, 3) for place in (mark.x, mark.y))
    text = (
        f'<plotdata application="{SOFTWARE}" pause_dist="{mark.drawn * 1000:.0f}" line="{mark.line}" '
        f'at="{mark.at * 1000:.0f}" last_x="{x:.3f}" last_y="{y:.3f}"/>'
    )
    body, end, rest = _MARK.sub("", svg).rpartition("</svg>")
    return f"{body}{text}{end}{rest}"


def own_mark(svg: str) -> tuple[Mark, bool] | None:
    """Where a plot goes on by plotart's own mark, and whether the carriage was put home since; None without one."""
    found = _MARK.search(svg)
    values = dict(_VALUE.findall(found[0])) if found else {}
    if values.get("application") != SOFTWARE:
        return None
    x, y = (float(values[key]) for key in ("last_x", "last_y"))
    known = math.isfinite(x) and math.isfinite(y)
    place = (x, y) if known else (None, None)
    mark = Mark(int(values["line"]), int(values["at"]) / 1000, int(values["pause_dist"]) / 1000, False, *place)
    return mark, values["last_x"] == values["last_y"] == _HOME


def job_digest(svg: str) -> str:
    """By what a journal knows what it is of: the SHA-256 of an SVG, whatever its mark."""
    return hashlib.sha256(_MARK.sub("", svg).encode()).hexdigest()


def _distance(svg: str) -> int | None:
    mark = _MARK.search(svg)
    distance = _DISTANCE.search(mark[0]) if mark else None
    return int(distance[1]) if distance else None

"""Points of a line as a chain of cubics without kinks: a joint is halfway between its neighbours.

Points either side of a joint are to be twice as far apart as others: then the three sides of a cubic's control polygon
are alike, and a bend is about as round at its joints as between them.
"""

from __future__ import annotations

import numpy as np

from plotart.canvas.stippling import Array


def chain(line: Array) -> Array:
    """The control points [3 s + 1, 2] of s cubics from a line's points [2 s + 2, 2]."""
    inner = line[1:-1].reshape(-1, 2, 2)
    joints = (inner[:-1, 1] + inner[1:, 0]) / 2
    before = np.concatenate([line[:1], joints])[:, None]
    return np.concatenate([np.concatenate([before, inner], axis=1).reshape(-1, 2), line[-1:]])


def gaps(points: int) -> Array:
    """[n - 1]: what the distances of a line's points are to be in proportion to, 2 across a joint and 1 elsewhere."""
    found = np.ones(points - 1)
    found[2:-1:2] = 2
    return found


def respaced(line: Array, count: int) -> Array:
    """`count` points along the polyline [n, 2], at distances as they are to be."""
    at = np.concatenate([[0.0], np.hypot(*np.diff(line, axis=0).T).cumsum()])
    wanted = np.concatenate([[0.0], gaps(count).cumsum()])
    wanted *= at[-1] / wanted[-1]
    return np.stack([np.interp(wanted, at, line[:, axis]) for axis in (0, 1)], axis=1)

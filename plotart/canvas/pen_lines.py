"""Lines and the pens that draw them, as the renderer wants them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from plotart.export.drawing import Line
from plotart.palette.palettes import Inks
from plotart.pens import Pen


def pen_lines(layers: Iterable[tuple[Pen, Iterable[Line]]]) -> tuple[Tensor, Tensor, Inks]:
    """Points [P, 2] in mm, num_points [N] and inks of polylines [n, 2] in mm, a stroke each."""
    chains, own = [], []
    for pen, lines in layers:
        for line in lines:
            chains.append(straight_cubics(line))
            own.append(pen)
    if not chains:
        points, num_points = torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64)
        return points, num_points, Inks(torch.zeros(0), torch.zeros(0, 3), torch.zeros(0, 3))
    points = torch.tensor(np.concatenate(chains), dtype=torch.float32)
    inks = Inks(
        torch.tensor([pen.width for pen in own]),
        torch.tensor([pen.light.reflectance for pen in own]),
        torch.tensor([pen.light.transmittance for pen in own]),
    )
    return points, torch.tensor([len(chain) for chain in chains]), inks


def straight_cubics(line: Line) -> Line:
    """A polyline [n, 2] as control points [3 (n - 1) + 1, 2] of cubics that are straight."""
    if len(line) < 2:
        line = np.repeat(line, 2, axis=0)
    start, end = line[:-1], line[1:]
    inner = np.stack([start, start + (end - start) / 3, start + (end - start) * (2 / 3)], axis=1)
    return np.concatenate([inner.reshape(-1, 2), line[-1:]])

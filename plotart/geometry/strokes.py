"""Strokes, the one core value: chains of cubic Béziers in page millimetres, and a row of class logits each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plotart.geometry.imagined import Imagined
from plotart.geometry.page import Page


@dataclass(frozen=True)
class Strokes:
    """N open strokes of s_i cubic Béziers, end to end.

    points      [P, 2] control points in mm (x right, y down), strokes one after another
    num_points  [N] int64, 3 * s_i + 1 each
    logits      [N, pens]; a stroke's pen is the largest, softmax(logits / temperature) its soft assignment
    """

    points: Tensor
    num_points: Tensor
    logits: Tensor

    def __post_init__(self) -> None:
        if int(self.num_points.sum()) != len(self.points) or len(self.num_points) != len(self.logits):
            raise ValueError("num_points must add up to the number of points, one row of logits a stroke")
        if bool(((self.num_points - 1) % 3 != 0).any()) or bool((self.num_points < 4).any()):
            raise ValueError("every stroke has 3 s + 1 control points, s >= 1")

    def __len__(self) -> int:
        return len(self.num_points)

    @property
    def pen(self) -> Tensor:
        """[N] int64: the pen that each stroke is drawn with."""
        return self.logits.argmax(dim=1)

    def select(self, order: Tensor) -> Strokes:
        """The strokes `order` [M] (indices), in that order."""
        rows = point_rows(self.num_points, order)
        return replace(self, points=self.points[rows], num_points=self.num_points[order], logits=self.logits[order])

    def in_plot_order(self) -> Strokes:
        """Grouped by pen, first pen first; within a pen the order stays."""
        return self.select(torch.argsort(self.pen, stable=True))

    def curves(self) -> list[NDArray[np.float64]]:
        """Each stroke's control points [3 s + 1, 2] in mm."""
        points = self.points.detach().cpu().double().numpy()
        ends = np.cumsum(self.num_points.cpu().numpy())
        return np.split(points, ends)[:-1]

    def to(self, device: torch.device | str) -> Strokes:
        return Strokes(self.points.to(device), self.num_points.to(device), self.logits.to(device))

    def detached(self) -> Strokes:
        return replace(self, points=self.points.detach().clone(), logits=self.logits.detach().clone())


def point_rows(num_points: Tensor, order: Tensor, total: int | None = None) -> Tensor:
    """The rows of the points array that strokes `order` occupy, in that order; no loop over strokes.

    `total` is how many those are, where that is known: a GPU need not be asked then.
    """
    starts = torch.cumsum(num_points, 0) - num_points
    counts = num_points[order]
    first = torch.repeat_interleave(starts[order] - (torch.cumsum(counts, 0) - counts), counts, output_size=total)
    return first + torch.arange(len(first), device=first.device)


def joint_rows(num_points: Tensor) -> Tensor:
    """The rows of the points array at which two cubics of one stroke meet."""
    starts = torch.cumsum(num_points, 0) - num_points
    within = torch.arange(int(num_points.sum())) - torch.repeat_interleave(starts, num_points)
    last = torch.repeat_interleave(num_points, num_points) - 1
    return ((within % 3 == 0) & (within > 0) & (within < last)).nonzero().flatten()


def from_curves(curves: Sequence[NDArray[np.float64]], logits: Tensor) -> Strokes:
    """Strokes from each one's control points [3 s + 1, 2] in mm and the logits [N, pens]."""
    points = np.concatenate(curves) if len(curves) else np.zeros((0, 2))
    return Strokes(
        points=torch.tensor(points, dtype=torch.float32),
        num_points=torch.tensor([len(c) for c in curves], dtype=torch.int64),
        logits=logits,
    )


@dataclass(frozen=True)
class StartRequest:
    """What is wanted of the strokes to begin with.

    count, segments, length   how many, of how many cubics, of about how many mm; a start may have reasons for others
    page                      the sheet; strokes begin inside its margins
    pens                      columns of the logits
    random                    the source of all that is random in them
    svg                       the file that the config names, if it names one
    composition, focus        where strokes of a random start begin; about which point, in shares of width and height
    darkness                  [H, W] how much darker the picture that is to be drawn is than the paper, over the whole
                              sheet, 0 to 1; None where there is no picture
    imagined                  what is to be drawn, if it has been imagined
    nib                       mm: the width of the pens' nibs, the median
    tell                      hears what is worth knowing of the start, in a sentence
    """

    count: int
    segments: int
    length: float
    page: Page
    pens: int
    random: torch.Generator
    svg: Path | None = None
    composition: str = "scatter"
    focus: tuple[float, float] = (0.5, 0.45)
    darkness: Tensor | None = None
    imagined: Imagined | None = None
    nib: float = 0.5
    tell: Callable[[str], None] = field(default=lambda sentence: None, compare=False)

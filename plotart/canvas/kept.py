"""How strokes are laid where a config alone does not tell it, and strokes that stay while all others begin anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from plotart.canvas.hands import Hands
from plotart.canvas.ways import Ways
from plotart.geometry.strokes import Strokes, point_rows


@dataclass(frozen=True)
class Layout:
    """Strokes to begin with, and the ways in which they may move, if not in all."""

    strokes: Strokes
    ways: Ways | None = None

    def tensors(self) -> dict[str, Tensor]:
        """What a checkpoint needs to have, beside where strokes are now, for the canvas to be made again."""
        found = {"layout.num_points": self.strokes.num_points}
        if self.ways is not None:
            found |= {"layout.points": self.strokes.points}
            found |= {f"layout.{name}": getattr(self.ways, name) for name in Ways.__dataclass_fields__}
        return found

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor], pens: int) -> Layout | None:
        """That of a checkpoint's tensors of a canvas, for so many pens; None where the config tells it."""
        if "layout.num_points" not in tensors:
            return None
        num_points, moves = tensors["layout.num_points"], "layout.points" in tensors
        ways = Ways(*(tensors[f"layout.{name}"] for name in Ways.__dataclass_fields__)) if moves else None
        points = tensors["layout.points" if moves else "points"]
        return cls(Strokes(points, num_points, torch.zeros(len(num_points), pens)), ways)


@dataclass(frozen=True)
class Kept:
    """n strokes of a canvas, as it has them.

    numbers  [n] int64, ascending: what strokes they are, there as here
    strokes  before hands moved them, their pens decided
    ways     of these strokes, from where they are; None where there are none
    links    [2 n] the ends that their ends are joined to, as in `plotart.canvas.chains`
    offset   [n, 2] int64 nm: how far hands have moved each
    hands    what hands do to them
    """

    numbers: Tensor
    strokes: Strokes
    ways: Ways | None
    links: Tensor
    offset: Tensor
    hands: Hands

    def amid(self, others: Layout) -> Layout:
        """Each at its number, in place of that one of the others; where these are too few, some are not there."""
        first, count = len(others.strokes), max([len(others.strokes), *(self.numbers[-1:] + 1).tolist()])
        empty = Strokes(torch.zeros(4, 2), torch.tensor([4]), torch.zeros(1, others.strokes.logits.shape[1]))
        parts = [others.strokes, self.strokes, empty]
        points, num_points, logits = (
            torch.cat([getattr(part, name) for part in parts]) for name in ("points", "num_points", "logits")
        )
        source = torch.full((count,), len(num_points) - 1)
        source[:first] = torch.arange(first)
        source[self.numbers] = first + torch.arange(len(self.numbers))
        ways = None
        if others.ways is not None:
            ways = _selected(_both(others, self), num_points, source)
        strokes = Strokes(points, num_points, logits).select(source)
        return Layout(strokes, ways)

    def with_columns(self, columns: list[int]) -> Kept:
        """Column k of the logits is what column ``columns[k]`` was."""
        return replace(self, strokes=replace(self.strokes, logits=self.strokes.logits[:, columns]))


def _both(others: Layout, kept: Kept) -> Ways:
    """The ways of the others and of those that are kept, whose strokes come after them."""
    assert others.ways is not None
    if kept.ways is None:
        return others.ways
    first = {
        "rows": len(others.strokes.points),
        "way": len(others.ways),
        "stroke": len(others.strokes),
        **dict.fromkeys(("vectors", "low", "high"), 0),
    }
    pairs = {name: (getattr(others.ways, name), getattr(kept.ways, name) + more) for name, more in first.items()}
    return Ways(**{name: torch.cat(pair) for name, pair in pairs.items()})


def _selected(ways: Ways, num_points: Tensor, strokes: Tensor) -> Ways:
    """The ways of these strokes [m], of all with `num_points` [N], in whose order they come then."""
    rows = point_rows(num_points, strokes)
    place, row = torch.full_like(num_points, -1), torch.full((int(num_points.sum()),), -1)
    place[strokes], row[rows] = torch.arange(len(strokes)), torch.arange(len(rows))
    left = place[ways.stroke] >= 0
    number, pair = left.cumsum(0) - 1, left[ways.way]
    return Ways(
        row[ways.rows[pair]],
        number[ways.way[pair]],
        ways.vectors[pair],
        ways.low[left],
        ways.high[left],
        place[ways.stroke[left]],
    )


def ways_of(ways: Ways, num_points: Tensor, strokes: Tensor, lengths: Tensor) -> Ways:
    """The ways of these strokes [m], from where they are once they have gone `lengths` [n]."""
    gone = replace(ways, low=ways.low - lengths, high=ways.high - lengths)
    return _selected(gone, num_points, strokes)

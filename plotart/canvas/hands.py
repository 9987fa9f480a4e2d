"""What hands do to strokes: hold them, take them away, move them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from plotart.errors import InputError

#: Moves are whole numbers of nm, so that one that is taken back leaves no trace.
NM_PER_MM = 1_000_000

#: mm that a stroke can be moved.
FARTHEST = 100_000.0


@dataclass(frozen=True)
class Hands:
    """How hands have changed a drawing, by the numbers of its strokes: a state, which takes the place of another.

    held   strokes that keep their points and their pens, and stay
    gone   strokes that are not drawn; in a state without them they are back as they were
    moved  (dx, dy) in mm, to the right and down, from where the optimisation alone would have them

    Strokes that are joined to a line are held, gone and moved together, whichever of them is named. Raises InputError
    for numbers of strokes below 0, and moves that are not numbers or farther than 100 m.
    """

    held: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()
    moved: Mapping[int, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "held", _strokes("held", self.held))
        object.__setattr__(self, "gone", _strokes("gone", self.gone))
        _strokes("moved", self.moved)
        moved = {stroke: _rounded(stroke, move) for stroke, move in sorted(self.moved.items())}
        object.__setattr__(self, "moved", {stroke: move for stroke, move in moved.items() if move != (0.0, 0.0)})

    def of(self, strokes: frozenset[int]) -> Hands:
        """What is done to these strokes."""
        moved = {stroke: move for stroke, move in self.moved.items() if stroke in strokes}
        return Hands(self.held & strokes, self.gone & strokes, moved)

    def check(self, strokes: int) -> None:
        """Raises InputError if there are not so many strokes."""
        for name in ("held", "gone", "moved"):
            beyond = sorted(stroke for stroke in getattr(self, name) if stroke >= strokes)
            if beyond:
                allowed = f"allowed are 0 to {strokes - 1}" if strokes else "the drawing has no strokes"
                raise InputError(f"hands.{name}: found stroke {beyond[0]}; {allowed}")


class Grip:
    """What hands do to N strokes at present, as tensors on the host that a checkpoint keeps.

    held, gone  [N] bool: the strokes that are named, which may be joined to others
    moved       [N, 2] int64 nm: the moves by the strokes that are named
    offset      [N, 2] int64 nm: how far each stroke has been moved
    touched     [N] bool: the strokes that have been moved some time; they may lie where none may without their move
    """

    def __init__(self, strokes: int) -> None:
        self.held = torch.zeros(strokes, dtype=torch.bool)
        self.gone = torch.zeros(strokes, dtype=torch.bool)
        self.moved = torch.zeros(strokes, 2, dtype=torch.int64)
        self.offset = torch.zeros(strokes, 2, dtype=torch.int64)
        self.touched = torch.zeros(strokes, dtype=torch.bool)

    def tensors(self) -> dict[str, Tensor]:
        return dict(vars(self))

    @property
    def hands(self) -> Hands:
        moved = {
            stroke: (self.moved[stroke, 0].item() / NM_PER_MM, self.moved[stroke, 1].item() / NM_PER_MM)
            for stroke in self.moved.any(dim=1).nonzero().flatten().tolist()
        }
        held, gone = (frozenset(named.nonzero().flatten().tolist()) for named in (self.held, self.gone))
        return Hands(held, gone, moved)

    def bring(self, hands: Hands, line: Tensor) -> None:
        """The state becomes `hands`; strokes move by what that differs from the state so far, with all of their `line`
        [N] (-1: with none)."""
        wanted = torch.zeros_like(self.moved)
        for stroke, move in hands.moved.items():
            wanted[stroke] = torch.tensor([round(way * NM_PER_MM) for way in move])
        change = wanted - self.moved
        joined = line >= 0
        of_lines = change.new_zeros(int(line.max()) + 1 if bool(joined.any()) else 0, 2)
        of_lines.index_add_(0, line[joined], change[joined])
        change[joined] = of_lines[line[joined]]
        self.offset += change
        self.touched |= change.any(dim=1)
        self.moved.copy_(wanted)
        for named, strokes in ((self.held, hands.held), (self.gone, hands.gone)):
            named.fill_(False)[sorted(strokes)] = True


def with_lines(named: Tensor, line: Tensor) -> Tensor:
    """[N] bool: the strokes that are `named` [N], and those of their `line` [N] (-1: none)."""
    joined = line >= 0
    lines = named.new_zeros(int(line.max()) + 1 if bool(joined.any()) else 0)
    lines[line[named & joined]] = True
    found = named.clone()
    found[joined] = lines[line[joined]]
    return found


def hands_of(tensors: Mapping[str, Tensor]) -> Hands:
    """Those of a checkpoint's tensors of a canvas; none where it knows of none."""
    if "held" not in tensors:
        return Hands()
    grip = Grip(len(tensors["held"]))
    for name in ("held", "gone", "moved"):
        getattr(grip, name).copy_(tensors[name])
    return grip.hands


def _strokes(name: str, strokes: Iterable[int]) -> frozenset[int]:
    for stroke in strokes:
        if isinstance(stroke, bool) or not isinstance(stroke, int) or stroke < 0:
            raise InputError(f"hands.{name}: found {stroke!r}; allowed are numbers of strokes, from 0 on")
    return frozenset(strokes)


def _rounded(stroke: int, move: tuple[float, float]) -> tuple[float, float]:
    """The move in mm, as whole nm."""
    try:
        dx, dy = (float(way) for way in move)
    except (TypeError, ValueError):
        dx, dy = math.nan, math.nan
    if not (abs(dx) <= FARTHEST and abs(dy) <= FARTHEST):
        raise InputError(
            f"hands.moved: found {move} of stroke {stroke}; allowed are two numbers, up to {FARTHEST:g} mm"
        )
    return round(dx * NM_PER_MM) / NM_PER_MM, round(dy * NM_PER_MM) / NM_PER_MM

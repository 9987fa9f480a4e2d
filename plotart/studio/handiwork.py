"""What hands did to the strokes, as plain data: the page sends it, documents keep it, and a worker makes
`plotart.canvas.hands.Hands` of it, for which torch is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plotart.errors import InputError

#: Strokes that one request names, and mm by which it moves them.
MOST_STROKES, FARTHEST = 100_000, 10_000.0


@dataclass(frozen=True)
class Handiwork:
    """By stroke: held where it is, gone, moved by so many mm in all."""

    held: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()
    moved: Mapping[int, tuple[float, float]] = field(default_factory=dict, hash=False)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Handiwork:
        moved = {int(stroke): (float(by[0]), float(by[1])) for stroke, by in data.get("moved", {}).items()}
        return cls(frozenset(map(int, data.get("held", ()))), frozenset(map(int, data.get("gone", ()))), moved)

    def dump(self) -> dict[str, Any]:
        moved = {str(stroke): list(by) for stroke, by in sorted(self.moved.items())}
        return {"held": sorted(self.held), "gone": sorted(self.gone), "moved": moved}

    def changed(self, wanted: Mapping[str, Any]) -> Handiwork:
        """With what a page asks for: strokes that are `held`, `freed`, `gone`, and `moved`: {strokes, by: [x, y] mm}.
        Raises InputError for anything else."""
        held = (self.held | strokes_of(wanted.get("held", ()))) - strokes_of(wanted.get("freed", ()))
        gone, moved = self.gone | strokes_of(wanted.get("gone", ())), dict(self.moved)
        if (more := wanted.get("moved")) is not None:
            x, y = _by(more.get("by") if isinstance(more, Mapping) else None)
            for stroke in strokes_of(more.get("strokes")):
                dx, dy = moved.get(stroke, (0.0, 0.0))
                moved[stroke] = (dx + x, dy + y)
        return Handiwork(held, gone, moved)


def strokes_of(given: Any) -> frozenset[int]:
    """Raises InputError for what are no numbers of strokes."""
    numbers = given if isinstance(given, (list, tuple)) and len(given) <= MOST_STROKES else [None]
    if not all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one < 2**31 for one in numbers):
        raise InputError("Strokes are a list of their numbers.")
    return frozenset(numbers)


def _by(given: Any) -> tuple[float, float]:
    """Raises InputError for what is no way in mm."""
    try:
        x, y = (float(one) for one in given)
    except (TypeError, ValueError):
        x, y = FARTHEST + 1, 0.0
    if not (abs(x) <= FARTHEST and abs(y) <= FARTHEST):
        raise InputError(f"Strokes are moved by [x, y] in mm, at most {FARTHEST:g} of them.")
    return x, y

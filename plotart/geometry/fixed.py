"""What lies on a sheet beside the drawing: lines that stay as they are, and where the drawing keeps clear of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Decimals of a coordinate in mm.
DECIMALS = 4


@dataclass(frozen=True)
class FixedLines:
    """Lines of one pen: the one called `pen`, else the nearest to `color`, else the one that stands out most.

    `paths` is a MULTILINESTRING in mm as WKT, which can be compared and kept in files.
    """

    paths: str
    pen: str | None = None
    color: str | None = None

    @classmethod
    def of(
        cls, lines: Sequence[NDArray[np.float64]], *, pen: str | None = None, color: str | None = None
    ) -> FixedLines:
        """The lines [n, 2] in mm, of two points at least."""
        import shapely

        paths = shapely.multilinestrings([shapely.linestrings(line) for line in lines])
        return cls(shapely.to_wkt(paths, rounding_precision=DECIMALS), pen, color)

    @property
    def lines(self) -> list[NDArray[np.float64]]:
        """The lines [n, 2] in mm."""
        import shapely

        return [shapely.get_coordinates(part) for part in shapely.get_parts(shapely.from_wkt(self.paths))]


@dataclass(frozen=True)
class Fixed:
    """Lines in the order in which their pens draw them; `clear` is the ground that they have for themselves, polygons
    in mm as WKT."""

    groups: tuple[FixedLines, ...] = ()
    clear: str = ""

    def __bool__(self) -> bool:
        return bool(self.groups)

    @property
    def ground(self) -> Any:
        """`clear` as shapely has it."""
        import shapely

        return shapely.from_wkt(self.clear or "POLYGON EMPTY")

    def plain(self) -> dict[str, Any]:
        """Plain data that `read` reads back."""
        return asdict(self)

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Fixed:
        """Raises ValueError, TypeError or KeyError for data that `plain` does not give."""
        import shapely

        found = cls(tuple(FixedLines(**group) for group in plain["groups"]), plain["clear"])
        try:
            points = [line for group in found.groups for line in group.lines]
            points.append(shapely.get_coordinates(found.ground))
        except shapely.errors.ShapelyError as error:
            raise ValueError(f"lines that can't be read: {error}") from None
        if not np.isfinite(np.concatenate(points)).all():
            raise ValueError("fixed lines have points that are not finite")
        return found


NOTHING = Fixed()

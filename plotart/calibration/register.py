"""How pens sit to each other in the holder, read from a picture of what they drew in the corners of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from plotart.calibration.chart import Box, Chart, Field
from plotart.calibration.measure import FAINT, LitSheet, PenReading, read_pen
from plotart.calibration.register_chart import MOST_OFFSET, squares
from plotart.calibration.scan import read_scan
from plotart.color.difference import ciede2000
from plotart.color.spaces import linear_to_lab
from plotart.errors import ImageError
from plotart.pens import Pen
from plotart.pens.catalogue import PenFile

Array = NDArray[np.float64]

#: mm around a square within which its ink is looked for: at first and where it was found; of the scribe's, whose places
#: are known.
FIRST, AGAIN, SCRIBES = MOST_OFFSET + 0.4, 1.0, 0.8

#: mm from a patch's edge to where what is bare around it begins and ends.
RIM = (0.6, 1.2)

#: mm by which what the corners say may differ from what all say before it is told.
DIFFERING = 0.1

#: The least share of a square's ink that must be there, and the most that may be; corners in which a pen must be found.
LEAST_INK, MOST_INK = 0.5, 1.6
LEAST_CORNERS = 2

#: A pen whose colour is so much nearer to another's (CIEDE2000) is taken for that one.
ANOTHER = 10.0


@dataclass(frozen=True)
class Place:
    """Where one pen's lines land.

    nominal  as the chart has it
    offset   mm to the right and down from where those of the set's first pen land; None where its squares are missing
    corners  [4, 2] mm: the same by each corner alone, nan where it tells nothing
    width    mm of its nib; None where its ink is hardly seen
    warnings what to know of it, a line each
    """

    nominal: Pen
    offset: tuple[float, float] | None
    corners: Array
    width: float | None
    warnings: tuple[str, ...]

    @property
    def apart(self) -> float | None:
        """mm by which a corner differs from all, at most."""
        return None if self.offset is None else float(np.nanmax(np.linalg.norm(self.corners - self.offset, axis=1)))


@dataclass(frozen=True)
class Register:
    """Where all pens of a chart land, in their set's order; how the picture was read as `Scan` has it."""

    chart: Chart
    places: tuple[Place, ...]
    residual: float
    dpi: float
    warnings: tuple[str, ...]

    def pen_file(self, file: PenFile, *, nibs: bool = False) -> PenFile:
        """The set with the offsets that were found, and the nibs where those are wanted; the first pen's own offset, if
        the set has one, is added to all. Raises PenError for a set that lacks a pen of the chart."""
        known = file.pens.called([place.nominal.name for place in self.places])
        right, down = known[0].lands
        found = {place.nominal.name: place for place in self.places}

        def placed(pen: Pen) -> Pen:
            if (place := found.get(pen.name)) is None:
                return pen
            pen = pen.but(width=place.width) if nibs and place.width is not None else pen
            if place.offset is None:
                return pen
            return pen.but(offset=(round(right + place.offset[0], 3), round(down + place.offset[1], 3)))

        return replace(file, pens=file.pens.with_pens([placed(pen) for pen in file.pens]))


class _LocallyLit(LitSheet):
    """A scan in the light that falls on each patch: folds of paper have more of it on one side than on the other."""

    def light(self, field: Field) -> tuple[Array, Array]:
        places, light = super().light(field)
        if not field.pens:
            return places, light
        rims = [self.scan.read(box) for box in _rim(field.box)]
        at = np.concatenate([place.reshape(-1, 2) for place, _ in rims])
        bare = np.concatenate([seen.reshape(-1, 3) for _, seen in rims]) / np.maximum(self.field.at(at), 1e-6)
        middle = (field.box.x + field.box.width / 2, field.box.y + field.box.height / 2)
        plane = _plane(at - middle)
        kept = np.ones(len(at), dtype=bool)
        for _ in range(3):  # letters and other pens' ink are no paper
            slope, *_ = np.linalg.lstsq(plane[kept], bare[kept], rcond=None)
            off = np.abs(bare - plane @ slope).max(axis=1)
            kept = off <= max(0.01, 3 * float(np.median(off)))
        return places, light / np.maximum(_plane(places - middle) @ slope, 1e-6)


def _rim(box: Box) -> list[Box]:
    """What is bare along a patch's edges: left, right, above, below."""
    outer, wide = box.shrunk(-RIM[1]), RIM[1] - RIM[0]
    return [
        replace(outer, width=wide),
        replace(outer, x=outer.right - wide, width=wide),
        replace(outer, height=wide),
        replace(outer, y=outer.bottom - wide, height=wide),
    ]


def _plane(off: Array) -> Array:
    """Terms [..., 3] of a plane at points [..., 2]."""
    return np.concatenate([np.ones_like(off[..., :1]), off], axis=-1)


def read_register(path: Path | str, chart: Chart) -> Register:
    """Reads a scan or photograph of a chart as `lay_out_register` gives it.

    A pen that is missing in some corners is read by the others. Raises ImageError, which names the file, where it can't
    be read as this chart, or the first pen's squares are not found.
    """
    around = squares(chart)
    if missing := [name for name in chart.order if name != chart.scribe and not around.get(name)]:
        raise ImageError(
            f"{path}: the layout has no squares of {missing[0]!r} in its corners; allowed is the .layout.json that "
            "`plotart align chart` wrote"
        )
    scan = read_scan(path, chart)
    sheet = LitSheet(scan, chart, np.array(chart.page.paper))
    corners = {name: np.array([_aside(sheet, name, *one) for one in found]) for name, found in around.items()}
    corners[chart.scribe] = np.zeros((len(next(iter(around.values()))), 2))
    offsets = {name: _middle(found) for name, found in corners.items()}
    first = chart.pens[0].name
    if (against := offsets[first]) is None:
        raise ImageError(
            f"{path}: {_unseen(first)}; allowed is a picture in which the set's first pen is seen, as all others are "
            "told against it"
        )
    moved = {name: offset for name, offset in offsets.items() if offset is not None}
    lit = _LocallyLit(scan, _with_fields_moved(chart, moved), np.array(chart.page.paper))
    readings = [read_pen(lit, pen) for pen in chart.pens]
    places = tuple(
        _place(reading, corners[reading.nominal.name] - against, _looks_like(reading, readings, chart))
        for reading in readings
    )
    return Register(chart, places, scan.residual, scan.dpi, tuple(sheet.warnings()))


def _aside(sheet: LitSheet, name: str, square: Box, ours: Sequence[Box]) -> Array:
    """[2] mm from the middle of the scribe's squares around to a pen's own, less what the chart has; nan where one of
    them is missing."""
    scribes = np.mean([_off(sheet, sheet.chart.scribe, box, (SCRIBES, SCRIBES)) for box in ours], axis=0)
    return np.asarray(_off(sheet, name, square, (FIRST, AGAIN, AGAIN)) - scribes)


def _off(sheet: LitSheet, name: str, box: Box, rims: Sequence[float]) -> Array:
    """[2] mm from a square's place to the middle of its ink, nan where there is none; looked for within each of the
    rims in turn, in mm around where it was last found."""
    off = np.zeros(2)
    for rim in rims:
        ink, places = _ink(sheet, name, replace(box, x=box.x + off[0], y=box.y + off[1]).shrunk(-rim))
        share = float(ink.mean()) * (1 + 2 * rim / box.width) * (1 + 2 * rim / box.height)
        if not LEAST_INK < share < MOST_INK:
            return np.full(2, np.nan)
        off = (ink[..., None] * places).sum(axis=(0, 1)) / ink.sum() - (box.x + box.width / 2, box.y + box.height / 2)
        if np.abs(off).max() > MOST_OFFSET:
            return np.full(2, np.nan)
    return off


def _middle(corners: Array) -> Array | None:
    """[2] of what most corners say; None where too few say anything."""
    found = corners[np.isfinite(corners).all(axis=1)]
    return np.median(found, axis=0) if len(found) >= min(LEAST_CORNERS, len(corners)) else None


def _unseen(name: str) -> str:
    return (
        f"{name}: its squares are not found in the corners: they are missing, smeared or hardly visible, or lie more "
        f"than {MOST_OFFSET:g} mm aside"
    )


def _ink(sheet: LitSheet, name: str, box: Box) -> tuple[Array, Array]:
    """The share of ink [rows, columns] of a pen in a box about a square of it, and places [rows, columns, 2] in mm.

    What is bare along the box's edge tells, as a slope, the light of the paper.
    """
    places, light = sheet.scan.read(box)
    light = light / np.maximum(sheet.field.at(places), 1e-6) * sheet.paper
    taken = sheet.paper - sheet.solid(name)
    seen = ((sheet.paper - light) * taken).sum(axis=-1) / max(float((taken**2).sum()), FAINT**2)
    edge = np.ones(seen.shape, dtype=bool)
    rim = max(1, round(0.08 * min(seen.shape)))
    edge[rim:-rim, rim:-rim] = False
    plane = _plane(places - (box.x + box.width / 2, box.y + box.height / 2))
    slope, *_ = np.linalg.lstsq(plane[edge], seen[edge], rcond=None)
    return seen - plane @ slope, places


def _with_fields_moved(chart: Chart, moved: dict[str, Array]) -> Chart:
    """The chart with each pen's fields where they were drawn."""

    def where(field: Field) -> Field:
        if len(field.pens) != 1 or field.pens[0] not in moved:
            return field
        right, down = moved[field.pens[0]]
        return replace(field, box=replace(field.box, x=field.box.x + right, y=field.box.y + down))

    return replace(chart, fields=tuple(map(where, chart.fields)))


def _place(reading: PenReading, corners: Array, looks_like: str | None) -> Place:
    middle = _middle(corners)
    offset = None if middle is None else (float(middle[0]), float(middle[1]))
    warnings = [line for line in reading.warnings if "nib" in line]
    width = reading.pen.width if reading.widths else None
    place = Place(reading.nominal, offset, corners, width, ())
    if offset is None:
        warnings.append(_unseen(reading.nominal.name).partition(": ")[2])
    elif place.apart is not None and place.apart > DIFFERING:
        warnings.append(
            f"corners differ by up to {place.apart:.2f} mm: the sheet moved or turned while it was drawn, or is not "
            "flat"
        )
    if looks_like is not None:
        warnings.append(f"looks like {looks_like}: was that pen in the holder?")
    return replace(place, warnings=tuple(warnings))


def _looks_like(reading: PenReading, readings: Sequence[PenReading], chart: Chart) -> str | None:
    """The name of the pen to whose colour what was read comes much nearer; None where it is the pen's own."""
    looks = torch.tensor([[*one.nominal.light.over(chart.page.paper)] for one in readings], dtype=torch.float64)
    seen = torch.tensor([reading.on_paper], dtype=torch.float64)
    away = ciede2000(linear_to_lab(looks), linear_to_lab(seen).expand_as(looks))
    own, best = next(k for k, one in enumerate(readings) if one is reading), int(away.argmin())
    return readings[best].nominal.name if float(away[own] - away[best]) > ANOTHER else None

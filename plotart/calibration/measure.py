"""Inks and nibs of pens, read from a picture of their chart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plotart.calibration.chart import Chart, Field
from plotart.calibration.inks import Backgrounds, fit_ink, ink_kind
from plotart.calibration.light_field import LightField, fit_light
from plotart.calibration.nibs import RUN_TOGETHER, coverage, line_paper
from plotart.calibration.scan import Scan, read_scan
from plotart.color import RGB, to_hex, to_srgb
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import PenFile

Array = NDArray[np.float64]

#: Of a patch's samples in each channel, the share left out at either end: dust, hairs, specks.
TRIMMED = 0.1

#: Ink that takes less than this from the paper's light (root mean square) is too faint to measure a nib by.
FAINT = 0.04

#: mm, and the share of light by which such parts of a solid patch may differ, root mean square.
PART, UNEVEN = 1.0, 0.04

#: Widths by lines and by hatches differ by less than this share of them.
AGREEING = 0.2

#: A nib this much thinner than it is said to be leaves gaps in its solid patch.
GAPS = 0.65

#: The share of bare paper that may be as bright as the scanner can tell, and how uneven light may be that is left.
SATURATED, UNEVEN_LIGHT = 0.02, 0.02

#: Black is darker than this share of the paper's light.
BLACK = 0.2


@dataclass(frozen=True)
class PenReading:
    """What was found of one pen.

    nominal   as the chart has it
    pen       as measured; its nib stays nominal where it could not be measured
    on_paper  linear light of its solid patch
    widths    mm, by lines and by each hatch whose lines are apart; none where the ink is hardly seen
    warnings  what to know of it, a line each
    """

    nominal: Pen
    pen: Pen
    on_paper: RGB
    widths: tuple[float, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Measurement:
    """What was found of all pens, in their set's order.

    overprints  linear light of the second pen named over the first
    residual    mm that marks lie off their places, root mean square
    dpi         of the picture, where it has the fewest
    """

    chart: Chart
    paper: RGB
    readings: tuple[PenReading, ...]
    overprints: dict[tuple[str, str], RGB]
    residual: float
    dpi: float
    warnings: tuple[str, ...]

    def pen_file(self, *, source: str, date: str) -> PenFile:
        """The measured pens as a set."""
        pens = PenSet([reading.pen for reading in self.readings], self.overprints, paper=to_hex(to_srgb(self.paper)))
        return replace(
            self.chart.file,
            pens=pens,
            status="measured",
            source=source,
            licence="own measurement",
            date=date,
        )


def measure(path: Path | str, chart: Chart, *, paper: RGB | None = None) -> Measurement:
    """Reads a scan or photograph of the chart.

    paper: linear light of the bare paper, by default what the chart has; all readings are relative to it.
    Raises ImageError, which names the file, where it can't be read as this chart.
    """
    scan = read_scan(path, chart)
    sheet = LitSheet(scan, chart, np.array(paper or chart.page.paper))
    warnings = sheet.warnings()
    readings = tuple(read_pen(sheet, pen) for pen in chart.pens)
    overprints = {
        (field.pens[0], field.pens[1]): _rgb(sheet.mean(field).clip(0, 1))
        for field in chart.fields
        if field.kind == "pair"
    }
    return Measurement(
        chart, _rgb(sheet.paper), readings, overprints, scan.residual, scan.dpi, (*warnings, *sheet.black_warning())
    )


class LitSheet:
    """A scan in the light of its paper: what is read is linear light as if the light were even and white."""

    def __init__(self, scan: Scan, chart: Chart, paper: Array) -> None:
        self.scan, self.chart, self.paper = scan, chart, paper
        bare = [field for field in chart.fields if field.kind == "bare"]
        places = np.array([(f.box.x + f.box.width / 2, f.box.y + f.box.height / 2) for f in bare])
        light = np.array([_trimmed(scan.read(chart.reading_box(field))[1]) for field in bare])
        self.field: LightField = fit_light(places, light, (chart.page.width, chart.page.height))
        self._saturated = max(scan.saturated(chart.reading_box(field)) for field in bare)
        self._means: dict[Field, Array] = {}
        blacks = [self.mean(field) for field in chart.fields if field.kind == "black"]
        self._black = np.mean(blacks, axis=0) if blacks else None

    def light(self, field: Field) -> tuple[Array, Array]:
        """Places [rows, columns, 2] in mm of a field and linear light [rows, columns, 3] there."""
        places, light = self.scan.read(self.chart.reading_box(field))
        return places, light / np.maximum(self.field.at(places), 1e-6) * self.paper

    def mean(self, field: Field) -> Array:
        """Linear light [3] of an even field."""
        if field not in self._means:
            self._means[field] = _trimmed(self.light(field)[1])
        return self._means[field]

    @property
    def black(self) -> Array | None:
        """Linear light [3] of the bare black strip, if there is one and somebody painted it."""
        dark = self._black is not None and bool((self._black < BLACK * self.paper).all())
        return self._black if dark else None

    def warnings(self) -> list[str]:
        found = []
        if self._saturated > SATURATED:
            found.append(
                "bare paper is as bright as the picture can be, and its true colour is lost: scan or expose it darker"
            )
        if self.field.uneven > UNEVEN_LIGHT:
            found.append(
                f"bare paper differs by {self.field.uneven:.1%} from place to place beyond what smooth light would "
                "explain: shadows, stains or creases"
            )
        return found

    def black_warning(self) -> list[str]:
        if self._black is None or self.black is not None:
            return []
        return ["the strip is not black: it was left out"]

    def solid(self, name: str) -> Array:
        return self.mean(next(f for f in self.chart.fields if f.kind == "solid" and f.pens == (name,)))


def read_pen(sheet: LitSheet, pen: Pen) -> PenReading:
    """What the fields of a pen say of its ink and nib."""
    own = [field for field in sheet.chart.fields if field.pens and field.pens[-1] == pen.name]
    seen = _backgrounds(sheet, pen, own)
    light, known = fit_ink(seen, pen)
    kind, opacity = ink_kind(light, seen, pen.ink)
    warnings = []
    if known < 0.5:
        warnings.append(f"no dark background tells what shows through its ink: taken for {pen.ink}, as the set says")
        kind, opacity = pen.ink, pen.opacity
    spread = _unevenness(sheet, next(field for field in own if field.kind == "solid"))
    if spread > UNEVEN:
        warnings.append(f"its solid patch is uneven ({spread:.0%})")
    width = pen.width
    widths: tuple[float, ...] = ()
    if float(np.sqrt(((seen.on_paper - seen.paper) ** 2).mean())) < FAINT:
        warnings.append(f"hardly visible on this paper: its nib stays {pen.width:g} mm, as the set says")
    else:
        widths = _widths(sheet, pen, own)
        width = max(round(float(np.median(widths)), 3), 0.001)  # no nib draws nothing
        if max(widths) - min(widths) > AGREEING * width:
            warnings.append(f"lines and hatches disagree about its nib: {min(widths):.2f} to {max(widths):.2f} mm")
        if width < GAPS * pen.width:
            warnings.append("so much thinner than the set says that its solid patch may have gaps: plot it again")
    color = to_hex(to_srgb(light.over((1.0, 1.0, 1.0))))
    measured = pen.but(color=color, width=width, ink=kind, opacity=opacity, **vars(light))
    return PenReading(pen, measured, _rgb(seen.on_paper), widths, tuple(warnings))


def _backgrounds(sheet: LitSheet, pen: Pen, own: list[Field]) -> Backgrounds:
    below, above = [], []
    for field in own:
        if field.kind == "pair":
            below.append(sheet.solid(field.pens[0]))
            above.append(sheet.mean(field))
        elif field.kind == "over black" and sheet.black is not None:
            below.append(sheet.black)
            above.append(sheet.mean(field))
    on_paper = sheet.solid(pen.name).clip(0, 1)
    return Backgrounds(sheet.paper, on_paper, np.reshape(below, (-1, 3)), np.reshape(above, (-1, 3)))


def _widths(sheet: LitSheet, pen: Pen, own: list[Field]) -> tuple[float, ...]:
    """mm, by lines first, then by each hatch that is not nearly solid."""
    solid = sheet.solid(pen.name)
    found: list[float] = []
    for field in sorted(own, key=lambda field: -field.spacing):
        if field.kind not in ("lines", "hatch"):
            continue
        places, light = sheet.light(field)
        paper = sheet.paper
        if field.kind == "lines":
            paper = line_paper(places, light, field.box, field.spacing, pen.width)
        share = coverage(light, paper, solid)
        if share < RUN_TOGETHER or field.kind == "lines":
            found.append(share * field.spacing)
    return tuple(found)


def _unevenness(sheet: LitSheet, field: Field) -> float:
    """How much parts of a patch differ, root mean square, as a share of its light or of the paper's, the larger one."""
    places, light = sheet.light(field)
    across, down = (max(1, round(float(np.ptp(places[..., axis])) / PART)) for axis in (0, 1))
    rows, columns = np.array_split(light, down, axis=0), across
    parts = np.array([part.mean(axis=(0, 1)) for row in rows for part in np.array_split(row, columns, axis=1)])
    return float((parts.std(axis=0) / np.maximum(sheet.paper, parts.mean(axis=0))).max())


def _trimmed(light: Array) -> Array:
    """The mean [3] of samples [..., 3] without the darkest and the brightest in each channel."""
    samples = np.sort(light.reshape(-1, 3), axis=0)
    cut = int(TRIMMED * len(samples))
    return samples[cut : len(samples) - cut].mean(axis=0)


def _rgb(values: Array) -> RGB:
    red, green, blue = (float(value) for value in values)
    return red, green, blue

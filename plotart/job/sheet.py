"""A sheet looked at between two pens: where lines lie, how much ink is there, and what that means for the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from plotart.calibration.camera import Camera
from plotart.calibration.drift import LayerLook, SeenSheet, find_drifts, score, weigh
from plotart.calibration.paper_edges import find_sheets
from plotart.calibration.similarity import Similarity
from plotart.canvas.renderer import Renderer
from plotart.color.light import srgb_to_linear
from plotart.errors import DrawingError, ImageError, InputError, OptionError
from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.polyline import length
from plotart.export.read import read_drawing
from plotart.export.register import landed
from plotart.export.svg import layer_svgs, plot_svg
from plotart.files.images import open_rgba
from plotart.geometry.page import Page
from plotart.pens import PenSet
from plotart.plotter.simulate import simulate
from plotart.runs.run import Run, RunFolder, load_run

#: What a displaced pen is put down to.
Cause = Literal["auto", "sheet-moved", "pen-aside", "relaid"]

#: px of a picture's long side; finer ones are reduced to it. px per mm in which a sheet is compared, and px of its long
#: side at most; dots per inch below which nothing is told.
LONGEST, FINE, LONG_SIDE, LEAST_DPI = 4500, 5.0, 1300, 60.0

#: How much alike a sheet and what should be on it must be, up to 1.
LEAST_ALIKE = 0.3

#: Parts of a layer, one drawn after the other, whose ink is weighed.
PARTS = 3

#: mm: what a pen in its holder explains, and a turn of the sheet at its corners that no pen explains.
HOLDER, TURNED = 2.0, 0.15

#: mm by which a correction may be so small that none is made.
NOTHING = 0.02

#: The share of its ink below which a layer is as good as not there.
UNSEEN = 0.2

#: The share of ink, against a layer's own beginning, below which it is called faded.
FADED = 0.8


@dataclass(frozen=True)
class DrawnLayer:
    """A layer that is on the sheet.

    number   in plotting order, from 1; name, color: its pen's
    way      from where it should lie to where it lies, against the sheet's edges
    aside    the same against the first layer
    inks     the share of its ink that is there, of each of its parts in the order drawn; nan where that is not seen
    """

    number: int
    name: str
    color: str
    way: Similarity
    aside: Similarity
    inks: tuple[float, ...]

    @property
    def faded(self) -> bool:
        """Whether it began with more ink than it ended with, by a good deal."""
        return self.inks[-1] < FADED * self.inks[0]


@dataclass(frozen=True)
class SheetLook:
    """What a picture tells of a sheet: the layers on it, what is made of that, how the lines of the `left` layers have
    to be moved, and the drawing of those, None where nothing is left or nothing has to be moved.

    light [H, W, 3] is the sheet as it was seen, from straight above, in linear light; scale: its px per mm.
    """

    layers: tuple[DrawnLayer, ...]
    cause: Cause
    correction: Similarity
    left: tuple[str, ...]
    corrected: Drawing | None
    first: int
    dpi: float
    light: NDArray[np.float32]
    scale: float

    def write(self, folder: Path) -> list[Path]:
        """The corrected layers as plot.svg, and each in its own file, numbered as in the run. Raises OutputError."""
        if self.corrected is None:
            return []
        target = RunFolder.create(folder)
        written = [target.write("plot.svg", plot_svg(self.corrected))]
        for place, (name, text) in enumerate(layer_svgs(self.corrected).items(), self.first):
            rest = name.split("_", 2)[2]
            written.append(target.write(f"plot_{place:02d}_{rest}", text))
        return written


def look_at_sheet(
    run: Run | Path | str, photo: Path | str, *, after: str, cause: Cause = "auto", earlier: Similarity | None = None
) -> SheetLook:
    """What a photograph of a run's sheet tells after its pen `after`, by number or name, is done.

    cause  sheet-moved: where the last pen lies aside of the first, the sheet moved, and the pens that are left are to
           meet the first; pen-aside: the pen sits aside in its holder, and nothing is corrected; relaid: the sheet is
           laid anew with its edges where they were meant to be, and the pens that are left are to meet the first as it
           lies; auto: the sheet moved where no pen's offset explains what is seen
    earlier  how the lines of the last pen had been moved by an earlier correction, if they were

    Raises InputError for a run without lines or in sheets and a pen that there is not, and ImageError where the picture
    does not show the sheet, or not what should be on it.
    """
    if cause not in get_args(Cause):
        raise OptionError(f"cause {cause}: allowed are {', '.join(get_args(Cause))}")
    finished = run if isinstance(run, Run) else load_run(run)
    if finished.page is None or finished.pens is None or not finished.summary.get("pens"):
        raise DrawingError(f"{finished.path}: has no lines to look for")
    if finished.summary.get("sheets"):
        raise DrawingError(f"{finished.path}: is plotted on several sheets; allowed is a run on one")
    drawing = read_drawing(finished.path / "plot.svg")
    last = _last(drawing, after)
    page, pens = finished.page, finished.pens
    meant = landed(drawing, pens)
    done = replace(meant, layers=meant.layers[:last])
    seen, start, dpi = _seen(photo, done, page, pens)
    drifts = find_drifts(seen, start)
    inks = _inks(seen, [drift.way for drift in drifts], done, page, pens)
    first = drifts[0].way
    layers = tuple(
        DrawnLayer(number, layer.title, layer.color, drift.way, drift.way.after(first.inverse()), ink)
        for number, (layer, drift, ink) in enumerate(zip(done.layers, drifts, inks, strict=True), 1)
    )
    for layer in layers:
        if not np.nanmax([*layer.inks, 0.0]) > UNSEEN:
            raise ImageError(f"{photo}: shows nothing of {layer.name}; allowed is a picture of what has drawn")
    found = _cause(layers[-1], page) if cause == "auto" else cause
    before = earlier or Similarity(about=seen.middle)
    # The sheet S with the last pen's lines moved by C took them to S C; what is left has to come to S C' = first.
    correction = {"sheet-moved": before.after(layers[-1].way.inverse().after(first)), "relaid": first}.get(
        found, before
    )
    corrected = _corrected(drawing, last, correction, pens)
    left = tuple(layer.title for layer in drawing.layers[last:])
    return SheetLook(layers, found, correction, left, corrected, last + 1, dpi, seen.light, seen.scale)


def furthest(way: Similarity, page: Page) -> float:
    """mm by which a sheet's corners are moved, at most."""
    corners = np.array([(0, 0), (page.width, 0), (page.width, page.height), (0, page.height)])
    return float(np.linalg.norm(way(corners) - corners, axis=1).max())


def _last(drawing: Drawing, after: str) -> int:
    """How many layers are done with this pen. Raises OptionError."""
    names = [layer.name.casefold() for layer in drawing.layers]
    titles = [layer.title.casefold() for layer in drawing.layers]
    wanted = after.strip().casefold()
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return int(wanted)
    for known in (titles, names):
        if wanted in known:
            return len(known) - known[::-1].index(wanted)
    numbered = ", ".join(f"{number} {layer.title}" for number, layer in enumerate(drawing.layers, 1))
    raise OptionError(f"after {after}: no such pen; allowed are {numbered}, by number or name")


def _seen(photo: Path | str, done: Drawing, page: Page, pens: PenSet) -> tuple[SeenSheet, Similarity, float]:
    """The sheet in the picture, about how what is on it lies, and the dots per inch. Raises ImageError."""
    pixels = np.asarray(open_rgba(photo, longest=LONGEST).convert("RGB"))
    cameras = find_sheets(pixels.mean(axis=2, dtype=np.float32) / 255, (page.width, page.height))
    if not cameras:
        raise ImageError(
            f"{photo}: the edges of a sheet of {page.width:g} x {page.height:g} mm are not found; allowed is a picture "
            "of the whole sheet, flat, on a ground that is darker or lighter, with some of that on all sides"
        )
    scale = min(FINE, LONG_SIDE / max(page.width, page.height))
    looks = tuple(_look(replace(done, layers=(layer,)), page, pens, scale) for layer in done.layers)
    corners = np.array([(0, 0), (page.width, 0), (page.width, page.height), (0, page.height)], dtype=float)
    dpi = max(float(camera.scale(corners).min()) for camera in cameras) * 25.4
    if dpi < LEAST_DPI:
        raise ImageError(
            f"{photo}: shows the sheet at {dpi:.0f} dots per inch; allowed are {LEAST_DPI:.0f} and more, and 150 are "
            "better"
        )
    paper = np.array(page.paper)
    tried = [SeenSheet(_flat(pixels, camera, page, scale), scale, paper, looks) for camera in cameras]
    scores = [score(sheet) for sheet in tried]
    best = max(range(len(tried)), key=lambda number: scores[number][0])
    alike, start = scores[best]
    if alike < LEAST_ALIKE:
        names = ", ".join(layer.title for layer in done.layers)
        raise ImageError(
            f"{photo}: does not show what {names} should have drawn; allowed is a picture of this run's sheet, with "
            "enough on it to be recognised"
        )
    return tried[best], start, dpi


def _flat(pixels: NDArray[np.uint8], camera: Camera, page: Page, scale: float) -> NDArray[np.float32]:
    """[rows, columns, 3]: the sheet in linear light, seen from straight above, `scale` px to the mm."""
    from scipy.ndimage import gaussian_filter, map_coordinates

    rows, columns = _size(page, scale)
    y, x = np.mgrid[:rows, :columns]
    at = camera.to_px((np.stack([x, y], axis=-1) + 0.5) / scale) - 0.5
    table = srgb_to_linear(torch.arange(256, dtype=torch.float64) / 255).float().numpy()
    finer = float(camera.scale(np.array([page.width, page.height]) / 2)) / scale
    parts = []
    for channel in range(3):
        light = table[pixels[..., channel]]
        light = gaussian_filter(light, 0.5 * finer) if finer > 1.2 else light
        parts.append(map_coordinates(light, [at[..., 1], at[..., 0]], order=1, mode="nearest"))
    return np.stack(parts, axis=-1).astype(np.float32)


def _look(drawing: Drawing, page: Page, pens: PenSet, scale: float) -> LayerLook:
    """What a drawing does to light: it is drawn on black, and on white. Its lines lie where they land."""
    renderer = Renderer(resolution=round(max(page.width, page.height) * scale))
    bare = Page(page.width, page.height, 0.0, "#000000"), Page(page.width, page.height, 0.0, "#ffffff")
    there = PenSet([pen.but(offset=None) for pen in pens])
    on_black, on_white = (
        srgb_to_linear(simulate(drawing, one, renderer, there))[0].permute(1, 2, 0).numpy() for one in bare
    )
    rows, columns = _size(page, scale)
    assert on_black.shape[:2] == (rows, columns)
    return LayerLook((on_white - on_black).clip(0, 1), on_black)


def _size(page: Page, scale: float) -> tuple[int, int]:
    rows, columns, _ = page.pixels(round(max(page.width, page.height) * scale))
    return rows, columns


def _inks(
    seen: SeenSheet, ways: Sequence[Similarity], done: Drawing, page: Page, pens: PenSet
) -> list[tuple[float, ...]]:
    """The share of ink that is there, of each part of each layer."""
    parts = [_parts(layer) for layer in done.layers]
    looks = [
        _look(replace(done, layers=(part,)), page, pens, seen.scale) for layer_parts in parts for part in layer_parts
    ]
    sheet = replace(seen, layers=tuple(looks))
    found = iter(weigh(sheet, [way for way, own in zip(ways, parts, strict=True) for _ in own]))
    return [tuple(next(found) for _ in own) for own in parts]


def _parts(layer: Layer) -> list[Layer]:
    """A layer's lines in parts of about one length, in the order drawn."""
    ends = np.cumsum([length(line) for line in layer.lines])
    number = np.minimum((ends - 1e-9) / max(float(ends[-1]), 1e-9) * PARTS, PARTS - 1).astype(int)
    groups = [[line for line, of in zip(layer.lines, number, strict=True) if of == part] for part in range(PARTS)]
    return [replace(layer, lines=lines) for lines in groups if lines]


def _cause(last: DrawnLayer, page: Page) -> Cause:
    """What a layer that lies aside of the first is put down to."""
    turned = furthest(replace(last.aside, shift=(0.0, 0.0)), page)
    return "sheet-moved" if turned > TURNED or math.hypot(*last.aside.shift) > HOLDER else "pen-aside"


def _corrected(drawing: Drawing, last: int, correction: Similarity, pens: PenSet) -> Drawing | None:
    """The layers that are left, their lines moved so that they land where the correction says. Raises InputError for
    lines that would leave the page."""
    page = Page(drawing.width, drawing.height, 0.0)
    if not drawing.layers[last:] or furthest(correction, page) < NOTHING:
        return None
    lands = {pen.name: np.array(pen.lands) for pen in pens}
    layers = tuple(_moved(layer, correction, lands.get(layer.name, np.zeros(2))) for layer in drawing.layers[last:])
    points = np.concatenate([line for layer in layers for line in layer.lines])
    if points.min() < 0 or (points > (drawing.width, drawing.height)).any():
        raise InputError(
            f"the sheet lies so far aside ({furthest(correction, page):.1f} mm) that corrected lines would leave the "
            "page; allowed: lay it back, with --cause relaid, or plot what is left by hand"
        )
    return replace(drawing, layers=layers)


def _moved(layer: Layer, correction: Similarity, lands: Line) -> Layer:
    return replace(layer, lines=[correction(line + lands) - lands for line in layer.lines])

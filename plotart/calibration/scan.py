"""A picture of a chart, read in the chart's millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from plotart.calibration.camera import Camera, fit_camera, match_marks
from plotart.calibration.chart import Box, Chart
from plotart.calibration.marks import Spot, find_spots, refine
from plotart.color.light import srgb_to_linear
from plotart.errors import ImageError
from plotart.files.images import open_rgba

Array = NDArray[np.float64]

#: px of a scan's long side; finer ones are reduced to it. A4 at 600 dpi has as many.
LONGEST = 7100

#: Dots per inch below which lines can't be measured.
LEAST_DPI = 100.0

#: mm that the marks may lie off their places, root mean square.
MOST_RESIDUAL = 0.5

#: px between samples.
SAMPLING = 0.6


@dataclass(frozen=True)
class Scan:
    """A picture and how it was taken.

    pixels [H, W, 3] are 8-bit sRGB; residual: how far marks lie off their places, root mean square, in mm; dpi: where
    there are the fewest dots per inch.
    """

    pixels: NDArray[np.uint8]
    camera: Camera
    residual: float
    dpi: float

    @cached_property
    def _linear(self) -> NDArray[np.float32]:
        """Linear light of the 256 values of a channel."""
        found: NDArray[np.float32] = srgb_to_linear(torch.arange(256, dtype=torch.float64) / 255).float().numpy()
        return found

    def read(self, box: Box) -> tuple[Array, Array]:
        """Places [rows, columns, 2] in mm, spread evenly over a box, and linear light [rows, columns, 3] at them."""
        from scipy.ndimage import map_coordinates

        step = SAMPLING / (self.dpi / 25.4)
        columns, rows = max(3, round(box.width / step)), max(3, round(box.height / step))
        x = box.x + (np.arange(columns) + 0.5) * box.width / columns
        y = box.y + (np.arange(rows) + 0.5) * box.height / rows
        places = np.stack(np.meshgrid(x, y), axis=-1)
        at = self.camera.to_px(places) - 0.5
        low = np.maximum(np.floor(at.min(axis=(0, 1))).astype(int) - 1, 0)
        high = np.ceil(at.max(axis=(0, 1))).astype(int) + 2
        part = self._linear[self.pixels[low[1] : high[1], low[0] : high[0]]]
        where = (at - low)[..., ::-1].transpose(2, 0, 1)
        light = [map_coordinates(part[..., c], where, order=1, mode="nearest") for c in range(3)]
        return places, np.stack(light, axis=-1).astype(float)

    def saturated(self, box: Box) -> float:
        """The share of a box's samples that the scanner could not tell from the brightest light it knows."""
        _, light = self.read(box)
        return float((light.max(axis=-1) > self._linear[253]).mean())


def read_scan(path: Path | str, chart: Chart) -> Scan:
    """The picture of a chart in a file, however it lies in it. Raises ImageError, which names the file and says why
    nothing can be read: marks are missing, mirrored or off their places, or the picture is too small or of another
    chart."""
    pixels = np.asarray(open_rgba(path, longest=LONGEST).convert("RGB"))
    grey = pixels.mean(axis=2, dtype=np.float32) / 255
    marks = np.array(chart.marks)
    spots = find_spots(grey, dark=chart.dark_marks)
    match = match_marks(marks, np.array([(spot.x, spot.y) for spot in spots]).reshape(-1, 2))
    if match.count < len(marks):
        raise ImageError(
            f"{path}: found {match.count} of the chart's {len(marks)} marks (discs in rings); allowed is a sharp "
            "picture of the whole sheet, all marks on it and nothing over them"
        )
    if match.mirrored:
        raise ImageError(f"{path}: the chart is mirrored; allowed is a picture of its front, as the eye sees it")
    fine = [refine(grey, spots[spot], dark=chart.dark_marks) for spot in match.spots]
    scan = _seen(pixels, chart, fine)
    if scan.residual > MOST_RESIDUAL:
        raise ImageError(
            f"{path}: the marks lie {scan.residual:.2f} mm off their places (root mean square); allowed are "
            f"{MOST_RESIDUAL:g} mm: scan the sheet flat, or photograph it from further away"
        )
    if scan.dpi < LEAST_DPI:
        raise ImageError(
            f"{path}: shows the chart at {scan.dpi:.0f} dots per inch; allowed are {LEAST_DPI:.0f} and more, and 300 "
            "are better"
        )
    _check_inside(scan, chart, path)
    _check_code(scan, chart, path)
    return scan


def _seen(pixels: NDArray[np.uint8], chart: Chart, spots: list[Spot]) -> Scan:
    marks, seen = np.array(chart.marks), np.array([(spot.x, spot.y) for spot in spots])
    rows, columns = pixels.shape[:2]
    camera = fit_camera(marks, seen, (rows, columns))
    scale = camera.scale(marks)
    off = np.linalg.norm(camera.to_px(marks) - seen, axis=1) / scale
    return Scan(pixels, camera, float(np.sqrt((off**2).mean())), float(scale.min()) * 25.4)


def _check_inside(scan: Scan, chart: Chart, path: Path | str) -> None:
    boxes = [field.box for field in chart.fields]
    boxes += [Box(x, y, 0, 0).shrunk(-1.4 * 3 * chart.unit) for x, y in chart.marks]
    corners = np.array([[(b.x, b.y), (b.right, b.y), (b.right, b.bottom), (b.x, b.bottom)] for b in boxes])
    px = scan.camera.to_px(corners)
    if px.min() < 0 or (px.max(axis=(0, 1)) > scan.pixels.shape[1::-1]).any():
        raise ImageError(f"{path}: part of the chart lies beyond the picture's edge; allowed is the whole sheet")


def _check_code(scan: Scan, chart: Chart, path: Path | str) -> None:
    """Each cell against bare paper near by: the darkest and the brightest say what is ink."""
    cells = np.array([scan.read(cell.shrunk(0.25 * cell.width))[1].mean() for cell in chart.cells])
    middle = (cells.min() + cells.max()) / 2
    filled = cells < middle if chart.dark_marks else cells > middle
    if tuple(filled) != chart.bits:
        raise ImageError(f"{path}: shows another chart than {_title(chart)}; allowed is the layout that came with it")


def _title(chart: Chart) -> str:
    return f"that of {chart.file.title!r}" if chart.file.title else "the layout's"

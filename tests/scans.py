"""Scans and photographs of charts whose pens are known, made by the renderer and then spoilt as scanners, cameras and
hands do."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from plotart.calibration.chart import Chart
from plotart.calibration.hatching import solid
from plotart.calibration.layout import lay_out
from plotart.calibration.lines import chart_drawing
from plotart.canvas.renderer import Renderer
from plotart.color.light import srgb_to_linear
from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.read import read_drawing
from plotart.export.svg import plot_svg
from plotart.geometry.page import Page
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import PenFile
from plotart.plotter.simulate import simulate

Picture = NDArray[np.float64]
Spoil = Callable[[Picture], Picture]

#: What the set says of the pens, and what they are.
NOMINAL = PenSet(
    [
        Pen("Black", "#202020", 0.5),
        Pen("Red", "#d01030", 0.5),
        Pen("Blue", "#2050a0", 0.4),
        Pen("Gold", "#e0b020", 0.8, "opaque", 0.8),
    ]
)
TRUE = PenSet(
    [
        NOMINAL[0].but(width=0.42, reflectance=(0.012, 0.011, 0.013), transmittance=(0.02, 0.018, 0.025)),
        NOMINAL[1].but(width=0.60, reflectance=(0.03, 0.004, 0.008), transmittance=(0.62, 0.035, 0.05)),
        NOMINAL[2].but(width=0.33, reflectance=(0.0, 0.01, 0.02), transmittance=(0.02, 0.12, 0.45)),
        NOMINAL[3].but(width=0.66, reflectance=(0.50, 0.33, 0.03), transmittance=(0.22, 0.2, 0.14)),
    ]
)
PAPER = "#f7f3e8"
PAGE = Page(105, 148, 7, PAPER)

#: What is glued or painted on a strip.
PAINT = Pen("Paint", "#161412", 1.5, "opaque")

#: px per mm of the flat scan: 152 dpi.
SCALE = 6.0


@dataclass(frozen=True)
class Sheet:
    """A plotted chart: its layout, what its pens are in truth, and linear light [H, W, 3] of the sheet."""

    chart: Chart
    true: PenSet
    light: Picture


@cache
def plotted(folder: Path) -> Sheet:
    """A small chart of four pens, plotted with their true nibs and inks, in the layers' order."""
    return plot(lay_out(PenFile(NOMINAL, title="Four"), PAGE), TRUE, folder)


def plot(
    chart: Chart,
    true: PenSet,
    folder: Path,
    *,
    scale: float = SCALE,
    paint: Pen | None = None,
    shift: tuple[float, float] = (0, 0),
    shifts: Mapping[str, tuple[float, float] | Callable[[Line], Line]] | None = None,
) -> Sheet:
    """The chart drawn by `true` pens, every one but the scribe `shift` mm aside in the holder, over a strip that was
    covered with `paint`; `shifts` by pens' names, in mm or as what becomes of a line, in place of that."""
    path = folder / f"chart-{chart.code}.svg"
    path.write_text(plot_svg(chart_drawing(chart)), encoding="utf-8")
    if shifts is None:
        shifts = {name: shift for name in chart.order if name != chart.scribe}
    layers = [_shifted(layer, shifts.get(layer.name, (0, 0))) for layer in read_drawing(path).layers]
    pens = list(true)
    if paint is not None:
        assert chart.strip is not None
        pens.append(paint)
        cover = [solid(chart.strip.shrunk(0.5), paint.width)]
        layers.insert(0, Layer(paint, cover))
    page = chart.page
    renderer = Renderer(resolution=round(max(page.width, page.height) * scale))
    image = simulate(Drawing(page.width, page.height, tuple(layers)), page, renderer, PenSet(pens))
    return Sheet(chart, true, srgb_to_linear(image)[0].permute(1, 2, 0).double().numpy())


def _shifted(layer: Layer, way: tuple[float, float] | Callable[[Line], Line]) -> Layer:
    return replace(layer, lines=[way(line) if callable(way) else line + way for line in layer.lines])


def photographed(
    sheet: Picture,
    *,
    degrees: float = 0.0,
    slant: float = 0.0,
    bend: float = 0.0,
    border: float = 0.08,
    zoom: float = 1.0,
    table: float = 0.25,
) -> Picture:
    """The sheet on a table of grain, turned and seen at a slant, by a lens that bends lines, in a picture so much
    larger as `border` says."""
    rows, columns = sheet.shape[:2]
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    reach = np.abs(turn) @ (columns / 2, rows / 2) * (1 + 2 * border) * zoom
    width, height = (int(2 * side) for side in reach)
    y, x = np.mgrid[:height, :width] + 0.5
    off = np.stack([x - width / 2, y - height / 2], axis=-1)
    off = off * (1 + bend * (off**2).sum(axis=-1, keepdims=True) / (width**2 + height**2) * 4)
    depth = 1 + slant * off[..., 0] / width * 2 + 0.6 * slant * off[..., 1] / height * 2
    flat = off / depth[..., None] @ turn / zoom
    at = flat[..., ::-1].transpose(2, 0, 1) + np.array([rows / 2, columns / 2])[:, None, None] - 0.5
    seen = np.stack([ndimage.map_coordinates(sheet[..., c], at, order=1, cval=-1) for c in range(3)], axis=-1)
    coarse = np.random.default_rng(5).normal(scale=0.1, size=(height // 3 + 1, width // 3 + 1))
    grain = table * np.exp(coarse.repeat(3, axis=0).repeat(3, axis=1)[:height, :width])
    ground = grain[..., None] * (1.0, 0.8, 0.6)
    inside = (at[0] > 0) & (at[0] < rows - 1) & (at[1] > 0) & (at[1] < columns - 1)
    return np.where(inside[..., None], seen, ground)


def blurred(light: Picture, sigma: float = 1.2) -> Picture:
    return ndimage.gaussian_filter(light, (sigma, sigma, 0))


def cast(light: Picture, gains: tuple[float, float, float] = (0.95, 0.8, 0.6)) -> Picture:
    return light * gains


def shaded(light: Picture, gradient: float = 0.3, vignette: float = 0.3) -> Picture:
    """Brighter on one side, darker in the corners."""
    height, width = light.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return light * (1 + gradient * (0.7 * x - 0.3 * y) / 2 - vignette * (x**2 + y**2) / 2)[..., None]


def noisy(light: Picture, sigma: float = 0.02) -> Picture:
    """Grain as a small sensor has it, more in bright places."""
    random = np.random.default_rng(3)
    return light + random.normal(size=light.shape) * sigma * np.sqrt(light.clip(0.02))


def encoded(light: Picture, *, exposure: float = 0.85) -> NDArray[np.uint8]:
    """8-bit sRGB."""
    values = (light * exposure).clip(0, 1)
    srgb = np.where(values <= 0.0031308, values * 12.92, 1.055 * values ** (1 / 2.4) - 0.055)
    return (srgb * 255).round().astype(np.uint8)


def save(light: Picture, path: Path, *, quality: int | None = None, exposure: float = 0.85) -> Path:
    """Written as PNG, or as JPEG of that quality with its colours at half the resolution."""
    picture = Image.fromarray(encoded(light, exposure=exposure))
    data = io.BytesIO()
    if quality is None:
        picture.save(data, "PNG", compress_level=1)
    else:
        picture.save(data, "JPEG", quality=quality, subsampling=2)
    path.write_bytes(data.getvalue())
    return path


def wrinkled(light: Picture, scale: float, *, height: float = 1.2, length: float = 60.0, view: float = 0.25) -> Picture:
    """Paper with folds of `height` mm, `length` mm apart, seen from above its middle, so that they shift what lies at
    its edge by `view` times their height; lit from one side."""
    rows, columns = light.shape[:2]
    y, x = np.mgrid[:rows, :columns] / scale
    along = 2 * np.pi * (0.8 * x + 0.6 * y) / length
    rise = height / 2 * (np.sin(along) + 0.5 * np.sin(1.7 * along + 1.0))
    slope = height * np.pi / length * (np.cos(along) + 0.85 * np.cos(1.7 * along + 1.0))
    reach = max(rows, columns) / scale / 2
    off = [side - middle for side, middle in ((y, rows / scale / 2), (x, columns / scale / 2))]
    at = [(side + view * rise * away / reach) * scale for side, away in zip((y, x), off, strict=True)]
    seen = [ndimage.map_coordinates(light[..., c], at, order=1, mode="nearest") for c in range(3)]
    return np.stack(seen, axis=-1) * (1 - 0.8 * slope)[..., None]

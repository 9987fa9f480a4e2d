"""A picture of what was found on a photograph of a register sheet: its four corners, seen from straight above."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from plotart.calibration.chart import Box
from plotart.calibration.register_chart import squares

if TYPE_CHECKING:
    from plotart.calibration.register import Register
    from plotart.calibration.scan import Scan

#: px per mm, and mm around the squares of a corner that are shown.
SCALE, AROUND = 16.0, 2.0

#: px between two corners, and their ground.
GAP, GROUND = 12, "#8a857c"

#: Where a square should be, and where it was found.
MEANT, SEEN = "#ff00c8", "#00b140"


def register_picture(found: Register, scan: Scan) -> bytes:
    """WebP: around each square of a pen a rectangle where it should be, and in it a cross where its middle was found;
    both differ by what the photograph tells, in its own scale."""
    chart = found.chart
    around = squares(chart)
    corners = len(next(iter(around.values())))
    places = {place.nominal.name: place for place in found.places}
    scribe = places[chart.scribe].corners if chart.scribe in places else np.zeros((corners, 2))
    shown = []
    for corner in range(corners):
        own = {name: boxes[corner][0] for name, boxes in around.items()}
        others = [box for boxes in around.values() for box in boxes[corner][1]]
        view = _about([*own.values(), *others])
        _, light = scan.read(view)
        image = _picture(light, view)
        draw = ImageDraw.Draw(image)
        for name, box in own.items():
            draw.rectangle(_px([(box.x, box.y), (box.right, box.bottom)], view), outline=MEANT, width=2)
            off = places[name].corners[corner] - scribe[corner]
            if np.isfinite(off).all():
                _cross(draw, (box.x + box.width / 2 + off[0], box.y + box.height / 2 + off[1]), view, box.width / 3)
        shown.append(image)
    file = io.BytesIO()
    _together(shown).save(file, "WEBP", quality=88, method=4)
    return file.getvalue()


def _about(boxes: list[Box]) -> Box:
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top).shrunk(-AROUND)


def _picture(light: NDArray[np.float64], view: Box) -> Image.Image:
    """[rows, columns, 3] of linear light, as it looks."""
    import torch

    from plotart.color.light import linear_to_srgb

    seen = linear_to_srgb(torch.from_numpy(light).clamp(0, 1)).numpy()
    size = round(view.width * SCALE), round(view.height * SCALE)
    return Image.fromarray((seen * 255).round().astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)


def _px(points: list[tuple[float, float]], view: Box) -> list[tuple[float, float]]:
    return [((x - view.x) * SCALE, (y - view.y) * SCALE) for x, y in points]


def _cross(draw: ImageDraw.ImageDraw, at: tuple[float, float], view: Box, arm: float) -> None:
    x, y = at
    for line in ([(x - arm, y), (x + arm, y)], [(x, y - arm), (x, y + arm)]):
        draw.line(_px(line, view), fill="#ffffff", width=5)
        draw.line(_px(line, view), fill=SEEN, width=2)


def _together(shown: list[Image.Image]) -> Image.Image:
    """Clockwise from the top left, as on the sheet."""
    order = [(0, 0), (1, 0), (1, 1), (0, 1)][: len(shown)]
    wide, high = max(one.width for one in shown), max(one.height for one in shown)
    columns, rows = 1 + max(column for column, _ in order), 1 + max(row for _, row in order)
    sheet = Image.new("RGB", (columns * wide + GAP * (columns - 1), rows * high + GAP * (rows - 1)), GROUND)
    for one, (column, row) in zip(shown, order, strict=True):
        sheet.paste(one, (column * (wide + GAP), row * (high + GAP)))
    return sheet

"""Pictures with their names below, in rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw

from plotart.reports.lettering import fitted, font
from plotart.reports.palette_pictures import GROUND, INK, RULE

#: px: around the sheet, between pictures, for a name; how many pictures are side by side at most.
MARGIN, GAP, NAME, COLUMNS = 40, 28, 44, 5


class Shown(NamedTuple):
    """A picture and its name."""

    name: str
    picture: Image.Image


def looks_sheet(shown: Sequence[Shown]) -> Image.Image:
    """All of them, in cells as large as the first."""
    width, height = shown[0].picture.size
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    size = 2 * MARGIN + columns * (width + GAP) - GAP, 2 * MARGIN + rows * (height + NAME + GAP) - GAP
    sheet = Image.new("RGB", size, GROUND)
    draw = ImageDraw.Draw(sheet)
    for number, one in enumerate(shown):
        row, column = divmod(number, columns)
        x, y = MARGIN + column * (width + GAP), MARGIN + row * (height + NAME + GAP)
        sheet.paste(one.picture.convert("RGB"), (x, y))
        draw.rectangle((x - 1, y - 1, x + width, y + height), outline=RULE)
        draw.text((x, y + height + 28), fitted(draw, one.name, font(19), width), INK, font(19), anchor="ls")
    return sheet

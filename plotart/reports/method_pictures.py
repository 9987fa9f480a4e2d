"""A picture in the colours that several methods have found for it, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw
from torch import Tensor

from plotart.reports.lettering import font
from plotart.reports.palette_pictures import GAP, GROUND, INK, MARGIN, RULE, SOFT, bar, box_of, shown

#: Measures in px: the long side of a picture at most, a panel's width at least, the title above a picture, its colours
#: and their shares below it.
LONGEST, NARROWEST, TITLE, COLORS, SHARES = 560, 330, 36, 48, 12
#: Of the text below: its size, from line to line, and all of it.
_TYPE, _LINE, _TEXT = 16, 24, 60


@dataclass(frozen=True)
class Panel:
    """What a method made of a picture: its name, the picture [3, H, W] and the palette [K, 3], both sRGB in 0..1, the
    shares [K] of the pixels, and lines of text, two at most."""

    title: str
    image: Tensor
    palette: Tensor
    shares: Tensor
    lines: tuple[str, ...]


def side_by_side(original: Tensor, panels: Sequence[Panel]) -> Image.Image:
    """A picture [3, H, W] (sRGB in 0..1) and what methods made of it, in rows of four, two of wide pictures.

    Under each there are its colours in the order of the palette, all of one width, and below them by shares. Raises
    ValueError for a picture of another size.
    """
    for one in panels:
        if one.image.shape != original.shape:
            raise ValueError(f"{one.title} is {list(one.image.shape)}; allowed is {list(original.shape)}")
    high, wide = original.shape[1:]
    box = box_of(wide, high, longest=LONGEST)
    columns = min(len(panels) + 1, 2 if wide > 2 * high else 4)
    width = max(box[0], NARROWEST)
    height = TITLE + box[1] + 10 + COLORS + SHARES + _TEXT
    rows = -(-(len(panels) + 1) // columns)
    size = 2 * MARGIN + columns * (width + GAP) - GAP, 2 * MARGIN + rows * (height + GAP) - GAP
    sheet = Image.new("RGB", size, GROUND)
    draw = ImageDraw.Draw(sheet)
    for number, panel in enumerate([None, *panels]):
        row, column = divmod(number, columns)
        x, y = MARGIN + column * (width + GAP), MARGIN + row * (height + GAP)
        draw.text((x, y + 22), "original" if panel is None else panel.title, INK, font(19), anchor="ls")
        y += TITLE
        sheet.paste(shown(original if panel is None else panel.image, box), (x, y))
        draw.rectangle((x - 1, y - 1, x + box[0], y + box[1]), outline=RULE)
        if panel is None:
            continue
        y += box[1] + 10
        sheet.paste(bar(panel.palette, [1.0] * len(panel.palette), (width, COLORS)), (x, y))
        sheet.paste(bar(panel.palette, panel.shares.tolist(), (width, SHARES)), (x, y + COLORS))
        for line, text in enumerate(panel.lines):
            at = (x, y + COLORS + SHARES + 24 + line * _LINE)
            draw.text(at, text, SOFT, font(_TYPE), anchor="ls")
    return sheet

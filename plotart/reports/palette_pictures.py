"""Pictures of palettes: a strip of colours with their shares, and a picture beside itself in few colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor

from plotart.color import linear, luminance, to_hex
from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.color.spaces import from_space, to_space
from plotart.reports.lettering import fitted, font

#: Measures in px: margins, between pictures, the long side of a picture at most, and at least after enlarging.
MARGIN, GAP, LONGEST, SHORTEST = 72, 40, 880, 420
#: A strip's width without pictures above it.
STRIP = 1280
#: Of a strip: the bar of shares, the gap below it, and the gap between two colours.
BAR, BELOW_BAR, BETWEEN = 56, 36, 20

INK, SOFT, RULE, GROUND = "#23211e", "#6c675f", "#d8d2c6", "#faf8f4"


@dataclass(frozen=True)
class _Grid:
    """How the colours of a strip are laid out: columns, the height of a patch, lines of text, the size of type."""

    columns: int
    patch: int
    named: bool
    coded: bool
    type: int

    @property
    def lines(self) -> int:
        return 1 + self.named + self.coded

    def row(self, keyed: bool) -> int:
        """The height of a row of colours."""
        return self.patch + (14 if keyed else 0) + 12 + round(self.lines * self.type * 1.45) + 22


def comparison(
    original: Tensor,
    quantised: Tensor,
    index: Tensor,
    palette: Tensor,
    shares: Tensor,
    names: Sequence[str] | None = None,
) -> Image.Image:
    """A picture, the same in the colours of a palette, and which colour is where, over the palette itself.

    original, quantised [3, H, W] sRGB in 0..1 or bytes; index [H, W] int64; palette [K, 3] sRGB in 0..1; shares [K]
    of 1. The map of colours has colours of its own, all different, each of which is a line below its colour in the
    strip. Wide pictures are laid one below the other; large ones are reduced, in linear light. Raises ValueError for
    shapes that disagree.
    """
    _check(palette, shares, names)
    size = tuple(index.shape)
    if len(size) != 2 or tuple(original.shape) != (3, *size) or tuple(quantised.shape) != (3, *size):
        raise ValueError(
            f"original is {list(original.shape)}, quantised {list(quantised.shape)} and index {list(index.shape)}; "
            "allowed are [3, H, W], [3, H, W] and [H, W] of one picture"
        )
    keys = false_colors(palette)
    high, wide = size
    box = box_of(wide, high)
    marks = Image.fromarray(keys[index.cpu().numpy()]).resize(box, Image.Resampling.NEAREST)
    panels = [
        ("original", shown(original, box)),
        ("in these colours", shown(quantised, box)),
        ("which is where", marks),
    ]
    stacked = wide > 2 * high
    columns, rows = (1, 3) if stacked else (3, 1)
    caption = 44
    width = max(columns * (box[0] + GAP) - GAP, 760)
    left = MARGIN + (width - columns * (box[0] + GAP) + GAP) // 2
    strip = _strip(palette, shares, names, width, keys)
    height = 2 * MARGIN + rows * (box[1] + caption + GAP) - GAP + 64 + strip.height
    sheet = Image.new("RGB", (width + 2 * MARGIN, height), GROUND)
    draw = ImageDraw.Draw(sheet)
    for number, (title, panel) in enumerate(panels):
        row, column = (number, 0) if stacked else (0, number)
        x, y = left + column * (box[0] + GAP), MARGIN + row * (box[1] + caption + GAP)
        draw.text((x, y + 16), title, SOFT, font(19), anchor="ls")
        sheet.paste(panel, (x, y + caption - 12))
        draw.rectangle((x - 1, y + caption - 13, x + box[0], y + caption - 12 + box[1]), outline=RULE)
    sheet.paste(strip, (MARGIN, height - MARGIN - strip.height))
    return sheet


def palette_strip(palette: Tensor, shares: Tensor | None = None, names: Sequence[str] | None = None) -> Image.Image:
    """The colours of a palette [K, 3] (sRGB in 0..1) with their names, codes and shares [K] of 1, as far as there is
    room: of many colours the codes and shares, of very many the shares alone. A bar on top shows the shares by width.

    Raises ValueError for shapes that disagree.
    """
    _check(palette, shares, names)
    strip = _strip(palette, shares, names, STRIP, None)
    sheet = Image.new("RGB", (STRIP + 2 * MARGIN, strip.height + 2 * MARGIN), GROUND)
    sheet.paste(strip, (MARGIN, MARGIN))
    return sheet


def false_colors(palette: Tensor) -> NDArray[np.uint8]:
    """[K, 3] sRGB bytes for the colours of a palette [K, 3], vivid and all different.

    Lightness follows the palette's, so that a picture can still be made out; those next to each other in lightness are
    a golden angle apart in hue.
    """
    count = len(palette)
    rank = to_space(palette.detach().cpu().double().clamp(0, 1), "oklab2")[:, 0].argsort(stable=True).argsort()
    turn = rank * math.pi * (3 - math.sqrt(5)) + 4.4
    lightness = 0.34 + 0.54 * (rank + 0.5) / count
    values = torch.stack([lightness, 0.25 * turn.cos(), 0.25 * turn.sin()], dim=-1)
    found: NDArray[np.uint8] = (from_space(values, "oklab2") * 255).round().byte().numpy()
    return found


def percent(share: float) -> str:
    """Two figures or so: 38 %, 4.2 %, 0.3 %, <0.1 %, 0 %."""
    value = 100 * share
    if value == 0:
        return "0 %"
    if value < 0.1:
        return "<0.1 %"
    return f"{value:.0f} %" if round(value, 1) >= 10 else f"{value:.1f} %"


def _check(palette: Tensor, shares: Tensor | None, names: Sequence[str] | None) -> None:
    if palette.dim() != 2 or palette.shape[1] != 3 or len(palette) == 0:
        raise ValueError(f"palette is {list(palette.shape)}; allowed is [K, 3], of one colour or more")
    for what, count in (("shares", shares), ("names", names)):
        if count is not None and len(count) != len(palette):
            raise ValueError(f"{len(count)} {what} for {len(palette)} colours; allowed is one each")


def box_of(wide: int, high: int, *, longest: int = LONGEST) -> tuple[int, int]:
    """In which a picture is shown: large ones are reduced, small ones enlarged by a whole number."""
    most = longest * (1.6 if wide > 2 * high else 1)
    side = max(wide, high)
    scale = most / side if side > most else float(max(1, SHORTEST // side))
    return max(1, round(wide * scale)), max(1, round(high * scale))


def shown(image: Tensor, box: tuple[int, int]) -> Image.Image:
    """[3, H, W] sRGB as a picture of another size: what is reduced is averaged in linear light, as eyes do."""
    reduced = box[0] < image.shape[2] or box[1] < image.shape[1]
    channels = []
    for values in image.detach().cpu():  # one by one, since a large picture's numbers take much memory
        values = values / 255 if values.dtype == torch.uint8 else values.float().clamp(0, 1)
        if reduced:
            light = Image.fromarray(srgb_to_linear(values).numpy()).resize(box, Image.Resampling.BOX)
            values = linear_to_srgb(torch.from_numpy(np.array(light)).clamp(0, 1))
        channels.append(values)
    values = torch.stack(channels)
    picture = Image.fromarray((values * 255).round().byte().permute(1, 2, 0).contiguous().numpy())
    return picture.resize(box, Image.Resampling.NEAREST)


def _strip(
    palette: Tensor,
    shares: Tensor | None,
    names: Sequence[str] | None,
    width: int,
    keys: NDArray[np.uint8] | None,
) -> Image.Image:
    colors = [(r, g, b) for r, g, b in palette.detach().cpu().clamp(0, 1).tolist()]
    parts = None if shares is None else [float(share) for share in shares.detach().cpu()]
    grid = _grid(len(colors), names is not None, width)
    rows = -(-len(colors) // grid.columns)
    top = 0 if parts is None else BAR + BELOW_BAR
    sheet = Image.new("RGB", (width, top + rows * grid.row(keys is not None) - 22), GROUND)
    draw = ImageDraw.Draw(sheet)
    if parts is not None:
        sheet.paste(bar(palette, parts, (width, BAR)), (0, 0))
    cell, typeface = (width + BETWEEN) / grid.columns, font(grid.type)
    for number, color in enumerate(colors):
        row, column = divmod(number, grid.columns)
        x0, x1 = round(column * cell), round((column + 1) * cell) - BETWEEN
        y = top + row * grid.row(keys is not None)
        draw.rectangle((x0, y, x1 - 1, y + grid.patch - 1), fill=to_hex(color), outline=_edge(color))
        y += grid.patch
        if keys is not None:
            draw.rectangle((x0, y + 5, x1 - 1, y + 10), fill=tuple(keys[number].tolist()))
            y += 14
        y += 12
        texts = [(names[number], INK)] if names is not None and grid.named else []
        texts += [(to_hex(color), SOFT)] if grid.coded else []
        texts += [(percent(parts[number]), INK if not grid.named else SOFT)] if parts is not None else []
        for text, ink in texts:
            draw.text((x0, y + grid.type), fitted(draw, text, typeface, x1 - x0), ink, typeface, anchor="ls")
            y += round(grid.type * 1.45)
    return sheet


def _grid(count: int, named: bool, width: int) -> _Grid:
    """Few colours are large and fully labelled; many are small and only counted. Rows are filled alike."""

    def columns(room: int) -> int:
        most = (width + BETWEEN) // (room + BETWEEN)
        rows = -(-count // most)
        return max(-(-count // rows), min(most, 3))

    if count <= 10:
        return _Grid(columns(104), 110, named, True, 17)
    if count <= 32:
        return _Grid(columns(124), 72, named, True, 15)
    if count <= 96:
        return _Grid(columns(66), 48, False, True, 13)
    return _Grid(columns(42), 30, False, False, 11)


def bar(palette: Tensor, shares: Sequence[float], box: tuple[int, int]) -> Image.Image:
    """The colours of a palette [K, 3] side by side, each as wide as its share."""
    width, height = box
    sheet = Image.new("RGB", box, GROUND)
    draw = ImageDraw.Draw(sheet)
    total, done = sum(shares) or 1.0, 0.0
    for color, share in zip(palette.detach().cpu().clamp(0, 1).tolist(), shares, strict=True):
        x0, x1 = round(done / total * width), round((done + share) / total * width)
        if x1 > x0:
            draw.rectangle((x0, 0, x1 - 1, height - 1), fill=to_hex((color[0], color[1], color[2])))
        done += share
    draw.rectangle((0, 0, width - 1, height - 1), outline=RULE)
    return sheet


def _edge(color: tuple[float, float, float]) -> str:
    """A patch nearly as light as the ground gets an edge."""
    return RULE if luminance(linear(color)) > 0.75 else to_hex(color)

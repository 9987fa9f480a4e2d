"""A picture, and what chosen pens can mix of it on the paper, side by side over the pens."""

from __future__ import annotations

import torch
from PIL import Image
from torch import Tensor

from plotart.color import RGB
from plotart.color.light import linear_to_srgb
from plotart.palette.choose import Choice
from plotart.palette.gamut import nearest_mixes
from plotart.palette.match import on_paper
from plotart.reports.palette_pictures import GROUND, palette_strip

#: px: the long side of each picture, the margin, the gap between the two.
LONGEST, MARGIN, GAP = 900, 40, 24

#: Steps of a channel (sRGB) that colours are told apart by: nobody sees finer ones in a mean of lines.
STEPS = 48


def mixed_picture(light: Tensor, choice: Choice, paper: RGB) -> Image.Image:
    """Of a picture [3, H, W] in linear light on the paper (linear light): itself, the nearest colours that hatches of
    one or two of the chosen pens have, and below them the pens with the share of the picture that each is used in."""
    height, width = light.shape[1:]
    scale = LONGEST / max(height, width)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    shown = torch.nn.functional.interpolate(light[None], size, mode="bilinear", antialias=True)[0].clamp(0, 1)
    pixels = linear_to_srgb(shown).flatten(1).T
    _, place = ((pixels * (STEPS - 1)).round()).unique(dim=0, return_inverse=True)
    counts = torch.bincount(place)
    means = torch.zeros(len(counts), 3).index_add(0, place, shown.flatten(1).T) / counts[:, None]
    mixed = nearest_mixes(means, choice.pens, paper)[place].T.reshape(3, *size)
    looks = linear_to_srgb(on_paper(choice.pens, paper)).float()
    strip = palette_strip(looks, torch.tensor([gain.share for gain in choice.gains]), choice.pens.names)
    across = 2 * size[1] + GAP
    strip = strip.resize((across, round(strip.height * across / strip.width)), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", (across + 2 * MARGIN, size[0] + 2 * MARGIN + strip.height), GROUND)
    sheet.paste(_image(shown), (MARGIN, MARGIN))
    sheet.paste(_image(mixed), (MARGIN + size[1] + GAP, MARGIN))
    sheet.paste(strip, (MARGIN, MARGIN + size[0] + MARGIN // 2))
    return sheet


def _image(light: Tensor) -> Image.Image:
    values = (linear_to_srgb(light) * 255).round().to(torch.uint8).permute(1, 2, 0)
    return Image.fromarray(values.contiguous().numpy())

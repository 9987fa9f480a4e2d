"""The photographs that are drawn, cut to the part of the page that is drawn on, and what a perfect print of them is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skimage.data
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.color.rgb import LUMINANCE
from plotart.geometry.page import Page

#: mm: A5's sides, and what is left bare around the drawing.
LONG, SHORT, MARGIN = 210.0, 148.0, 10.0
#: px per mm of the files that all programs are given.
PX_PER_MM = 4


@dataclass(frozen=True)
class Picture:
    """A photograph that scikit-image brings along, all of them free to use: its name in `skimage.data`, how the page
    lies, and where what is cut out of it begins, as a share of what is cut off."""

    name: str
    landscape: bool
    start: float = 0.5

    @property
    def page(self) -> Page:
        return Page(LONG, SHORT, MARGIN) if self.landscape else Page(SHORT, LONG, MARGIN)

    def file(self, folder: Path, *, grey: bool) -> Path:
        """The photograph as a PNG of PX_PER_MM; grey is its luminance."""
        path = folder / f"{self.name}-{'grey' if grey else 'colour'}.png"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            self._image(grey=grey).save(path)
        return path

    def _image(self, *, grey: bool) -> Image.Image:
        found = getattr(skimage.data, self.name)()
        image = Image.fromarray(found[0] if isinstance(found, tuple) else found).convert("RGB")
        left, top, right, bottom = self.page.inner
        width, height = right - left, bottom - top
        scale = min(image.width / width, image.height / height)
        spare = image.width - scale * width, image.height - scale * height
        x, y = (self.start * side for side in spare)
        size = round(width * PX_PER_MM), round(height * PX_PER_MM)
        cut = image.resize(size, Image.Resampling.LANCZOS, box=(x, y, x + scale * width, y + scale * height))
        if not grey:
            return cut
        light = srgb_to_linear(torch.from_numpy(np.asarray(cut).copy()) / 255)
        values = linear_to_srgb(light @ torch.tensor(LUMINANCE)) * 255
        return Image.fromarray(values.round().to(torch.uint8).numpy())


PICTURES = (
    Picture("astronaut", landscape=False, start=0.35),
    Picture("camera", landscape=False, start=0.25),
    Picture("chelsea", landscape=True),
    Picture("coffee", landscape=True),
    Picture("rocket", landscape=True),
    Picture("coins", landscape=True),
    Picture("stereo_motorcycle", landscape=True),
    Picture("moon", landscape=False),
)


def printed(file: Path, page: Page, px_per_mm: int) -> Tensor:
    """[3, H, W] linear light: the page with the picture printed on its paper within the margins."""
    image = torch.from_numpy(np.asarray(Image.open(file).convert("RGB")).copy()).permute(2, 0, 1)[None] / 255
    left, top, right, bottom = (round(px_per_mm * side) for side in page.inner)
    light = F.interpolate(srgb_to_linear(image), (bottom - top, right - left), mode="bilinear", antialias=True)
    paper = torch.tensor(page.paper)[:, None, None]
    found = paper.repeat(1, round(page.height * px_per_mm), round(page.width * px_per_mm))
    found[:, top:bottom, left:right] *= light[0]
    return found

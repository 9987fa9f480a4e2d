"""Drawings side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

#: px of a picture's long side, and around it.
SIDE, SPACE, TITLE = 420, 12, 16


def sheet(rows: Sequence[Sequence[tuple[str, Path]]]) -> Image.Image:
    """A row for each picture: titles and files, the page with what was wanted first."""
    images = [[(title, _page(file)) for title, file in row] for row in rows]
    width = max(sum(image.width + SPACE for _, image in row) for row in images)
    heights = [max(image.height for _, image in row) + TITLE + SPACE for row in images]
    found = Image.new("RGB", (width, sum(heights)), "#d8d8d8")
    canvas = ImageDraw.Draw(found)
    top = 0
    for row, height in zip(images, heights, strict=True):
        left = 0
        for title, image in row:
            canvas.text((left + 4, top + 2), title, fill="#222222")
            found.paste(image, (left, top + TITLE))
            left += image.width + SPACE
        top += height
    return found


def _page(file: Path) -> Image.Image:
    image = Image.open(file).convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return image

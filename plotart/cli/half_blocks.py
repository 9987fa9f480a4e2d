"""Pictures in a terminal that has all colours: a letter is two px, one above the other."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps
from rich.text import Text


def half_blocks(path: Path, width: int, height: int) -> Text:
    """The picture as lines of text, at most so many letters wide and so many lines high."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((width, 2 * height), Image.Resampling.LANCZOS)
    picture = ImageOps.autocontrast(picture, cutoff=1, preserve_tone=True)  # thin lines are pale in so few px
    if picture.height % 2:
        picture = picture.resize((picture.width, picture.height + 1))
    px = picture.load()
    assert px is not None
    lines = [
        Text.assemble(*(("▀", f"{_hex(px[x, y])} on {_hex(px[x, y + 1])}") for x in range(picture.width)))
        for y in range(0, picture.height, 2)
    ]
    return Text("\n").join(lines)


def _hex(color: object) -> str:
    assert isinstance(color, tuple)
    return "#{:02x}{:02x}{:02x}".format(*color)

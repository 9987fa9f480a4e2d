"""A run as a notebook shows it."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from PIL import Image

from plotart.errors import ImageError
from plotart.files.images import open_rgba, png_bytes

#: The picture's long side in px, and its colours: enough for pens on paper, and a tenth of the bytes.
LONGEST, COLORS = 480, 64


def run_card(folder: Path, summary: Mapping[str, Any]) -> str:
    """HTML that needs nothing else: the preview of a run and a line of figures, as far as they are there."""
    caption = escape(" · ".join(_facts(folder, summary)))
    try:
        picture = open_rgba(folder / "preview.png", longest=LONGEST).convert("RGB")
    except ImageError:
        return f"<figure><figcaption>{caption}</figcaption></figure>"
    small = picture.quantize(COLORS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    source = base64.b64encode(png_bytes(small, small=True)).decode("ascii")
    image = f'<img src="data:image/png;base64,{source}" width="{small.width}" alt="{caption}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def _facts(folder: Path, summary: Mapping[str, Any]) -> list[str]:
    facts = [str(summary.get("name") or folder.name)]
    if pens := summary.get("pens"):
        facts += [f"{len(pens)} pens" if len(pens) > 1 else "1 pen", f"{sum(pen['strokes'] for pen in pens):,} strokes"]
    if (seconds := summary.get("plot_seconds")) is not None:
        facts.append(f"{math.ceil(seconds / 60)} min to plot")
    if (kept := summary.get("retained")) is not None:
        facts.append(f"{kept:.0%} of the excitation retained")
    return facts

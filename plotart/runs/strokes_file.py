"""strokes.safetensors: the strokes of a run, with its pens and page."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from plotart.errors import DrawingError, PenError
from plotart.geometry.fixed import NOTHING, Fixed
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.pens import PenSet


def save_strokes(strokes: Strokes, pens: PenSet, page: Page) -> bytes:
    """strokes.safetensors: points in mm, the pen of each stroke, class logits; pens and page as JSON in the metadata.

    Equal input gives equal bytes: the metadata has one key, as safetensors writes several in any order.
    """
    tensors = {
        "points": strokes.points.contiguous(),
        "num_points": strokes.num_points.contiguous(),
        "logits": strokes.logits.contiguous(),
        "pen": strokes.pen.contiguous(),
    }
    fixed = {"fixed": page.fixed.plain()} if page.fixed else {}
    drawing = {"pens": pens.plain(), "page": {**_without_fixed(page), **fixed}}
    return save(tensors, {"drawing": json.dumps(drawing)})


def read_strokes(folder: Path) -> tuple[Strokes, PenSet, Page]:
    """What `save_strokes` wrote into a run's folder. Raises DrawingError if it can't be read."""
    try:
        with safe_open(folder / "strokes.safetensors", framework="pt") as file:
            drawing = json.loads(file.metadata()["drawing"])
            points, num_points, logits = (file.get_tensor(name) for name in ("points", "num_points", "logits"))
        return Strokes(points, num_points, logits), PenSet.read(drawing["pens"]), _page(drawing["page"])
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        SafetensorError,
        PenError,
    ) as error:
        raise DrawingError(f"{folder}: the run can't be read ({error})") from None


def _without_fixed(page: Page) -> dict[str, Any]:
    return {name: value for name, value in vars(page).items() if name != "fixed"}


def _page(values: dict[str, Any]) -> Page:
    """A page as `save_strokes` wrote it."""
    page = Page(**{**values, "fixed": Fixed.read(values["fixed"]) if "fixed" in values else NOTHING})
    if not all(map(math.isfinite, (page.width, page.height, page.margin))):
        raise ValueError("the page has values that are not finite")
    return page

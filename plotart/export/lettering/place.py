"""Where words and guests lie on the sheet."""

from __future__ import annotations

import numpy as np

from plotart.errors import DrawingError
from plotart.export.layered import Line
from plotart.export.lettering.choices import Place
from plotart.geometry.page import Page

#: How high words in the margin may be, as a share of it.
MARGIN_SHARE = 0.5

#: mm by which something may reach beyond the sheet: what rounding does.
SLACK = 0.001


def way_to(place: Place, frame: Line, page: Page, *, in_margin: bool) -> Line:
    """[2] mm by which what has the `frame` [n, 2] is moved to its place, inside the margins.

    `in_margin`: to the middle of the margin, above or below the drawing, if it is at most half as high as that.
    """
    low, high = frame.min(axis=0), frame.max(axis=0)
    left, top, right, bottom = page.inner
    vertical, _, horizontal = place.partition("-")
    x = {"left": left - low[0], "right": right - high[0]}.get(horizontal, page.width / 2 - (low[0] + high[0]) / 2)
    if vertical == "center":
        return np.array([x, page.height / 2 - (low[1] + high[1]) / 2])
    if in_margin and high[1] - low[1] <= MARGIN_SHARE * page.margin:
        middle = page.margin / 2 if vertical == "top" else page.height - page.margin / 2
        return np.array([x, middle - (low[1] + high[1]) / 2])
    return np.array([x, top - low[1] if vertical == "top" else bottom - high[1]])


def check_fits(box: Line, page: Page) -> None:
    """Raises DrawingError for a box [n, 2] that reaches beyond the sheet."""
    low, high = box.min(axis=0), box.max(axis=0)
    sheet = np.array([page.width, page.height])
    sides = zip(("wide", "high"), low.tolist(), high.tolist(), sheet.tolist(), strict=True)
    for word, start, end, side in sides:
        beyond = max(0.0, -start) + max(0.0, end - side)
        if beyond > SLACK:
            raise DrawingError(
                f"found {end - start:.1f} mm {word}, {beyond:.1f} mm of it beyond the sheet of "
                f"{page.width:g} x {page.height:g} mm; allowed: up to {max(0.0, end - start - beyond):.1f} mm there"
            )

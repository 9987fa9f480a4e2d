"""What is plotted of a finished version, as the page draws it: the lines of plot.svg, each with its pen's number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plotart.studio.wire import FILTERS, Lines, pack_frame

if TYPE_CHECKING:
    from plotart.export.drawing import Drawing
    from plotart.geometry.page import Page
    from plotart.pens import PenSet


def plotted_frame(version: str, drawing: Drawing, page: Page, pens: PenSet | None) -> bytes:
    """The bytes that the page draws of a run's drawing, as it lands on its page; `pens` as far as they are known.

    Lines are polylines in plotting order; the number of each is that of its layer, from 1, as plots number their pens.
    """
    import numpy as np

    from plotart.color import parse_color
    from plotart.export.register import landed
    from plotart.reports.sheet import DrawingView

    drawing = landed(drawing, pens)
    inks = [
        (*(round(255 * channel) for channel in parse_color(ink.color)), FILTERS * ink.multiply)
        for ink in DrawingView(drawing, page.color, pens).inks
    ]
    each = [len(layer.lines) for layer in drawing.layers]
    lines = [line for layer in drawing.layers for line in layer.lines]
    metres = sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines) / 1000
    header: dict[str, Any] = {
        "id": version,
        "phase": "plotted",
        "step": 0,
        "polylines": True,
        "page": [page.width, page.height],
        "margin": page.margin,
        "cut": False,
        "paper": page.color,
        "pens": [{"name": layer.title, "color": layer.color} for layer in drawing.layers],
        "line": {"lines": len(lines), "metres": metres},
    }
    return pack_frame(
        header,
        Lines(
            np.repeat(np.arange(1, len(each) + 1), each).astype("u4"),
            np.array([len(line) for line in lines], "u4"),
            np.repeat([layer.width for layer in drawing.layers], each).astype("f4"),
            np.repeat(np.array(inks, "u1").reshape(-1, 4), each, axis=0),
            np.concatenate(lines).astype("f4"),
        ),
    )

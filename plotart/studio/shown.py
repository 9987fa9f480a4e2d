"""A step as the page shows it: its lines in their colours, and its figures."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from plotart.canvas.drawn import Drawn
from plotart.color import linear, parse_color
from plotart.color.light import linear_to_srgb
from plotart.geometry.page import Page
from plotart.job.events import Ready
from plotart.optimize import Step
from plotart.studio.wire import FILTERS, HELD, Lines, pack_frame


def frame_of(version: str, seen: Step | Ready, page: Page, *, now: bool = False) -> bytes | None:
    """The bytes that the page draws, of the lines that a step saw or (`now`) of those that there are after it; None on
    a canvas of pixels."""
    drawn = seen.lines() if now and isinstance(seen, Step) else seen.drawn
    if drawn is None:
        return None
    lines = _lines(drawn, page)
    header: dict[str, Any] = {
        "id": version,
        "phase": seen.phase,
        "total": seen.total,
        "page": [page.width, page.height],
        "margin": page.margin,
        "cut": page.cut,
        "paper": page.color,
        "pens": [{"name": pen.name, "color": pen.color} for pen in drawn.pens],
        "line": {"lines": len(lines.counts), "metres": _length(drawn) / 1000},
    }
    if isinstance(seen, Ready):
        header["step"] = seen.done
    else:
        figures = {"step": seen.number, "loss": seen.loss, "losses": seen.losses, "temperature": seen.temperature}
        header |= {**figures, "decided": seen.decided, "use": list(seen.use)}
    return pack_frame(header, lines)


def _lines(drawn: Drawn, page: Page) -> Lines:
    """Inks as they look: those that let light through over white, for the page to multiply, others on this paper."""
    paper = torch.tensor(linear(parse_color(page.color)), dtype=drawn.reflectance.dtype)
    reflectance, transmittance = drawn.reflectance.cpu(), drawn.transmittance.cpu()
    # What a layer reflects of its own says whether it covers: dyes reflect nothing.
    filters = reflectance.sum(dim=1) < transmittance.sum(dim=1)
    below = torch.where(filters[:, None], torch.ones(3), paper)
    color = linear_to_srgb((reflectance + transmittance * below).clamp(0, 1))
    flags = FILTERS * filters.to(torch.uint8) + HELD * drawn.held.cpu().to(torch.uint8)
    inks = torch.cat([(color * 255).round().to(torch.uint8), flags[:, None]], dim=1)
    return Lines(
        _array(drawn.stroke).astype("u4"),
        _array(drawn.num_points).astype("u4"),
        _array(drawn.widths),
        inks.numpy(),
        _array(drawn.points),
    )


def _length(drawn: Drawn) -> float:
    """mm of the control polygons, which is a little more than that of the lines."""
    steps = drawn.points.diff(dim=0).square().sum(dim=1).sqrt()
    last = drawn.num_points.cumsum(dim=0)[:-1] - 1
    return float(steps.sum() - steps[last].sum())


def _array(values: Tensor) -> Any:
    return values.detach().cpu().numpy()

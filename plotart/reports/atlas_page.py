"""An atlas: what channels or classes of a network draw, as a contact sheet (PNG) and as a self-contained HTML page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from PIL import Image, ImageDraw

from plotart.export.line_figures import LineFigures
from plotart.files.images import png_bytes
from plotart.reports.lettering import fitted, font
from plotart.reports.pages import render

#: The sheet's measures in px: a drawing's side, what is between drawings, and the margins around all of them.
SIDE, GAP, MARGIN = 240, 26, 64
#: Below a drawing: its label and its gain in one line, and a bar as long as the gain.
CAPTION = 44
HEADING = 96

_INK, _SOFT, _RULE, _GROUND, _SHEET = "#23211e", "#6c675f", "#e2ddd3", "#f4f1ea", "#ffffff"
_ACCENT, _WEAK = "#1f5fa8", "#b3261e"


@dataclass(frozen=True)
class Cell:
    """One small drawing: what it excites, and how much.

    label    the class's name, or the channel's number
    blank, initial, final  activations of bare paper, of the strokes before the first step, and of the drawing
    line     how clean the lines are that a plotter would draw
    picture  the PNG of the drawing
    cached   the drawing was there already
    weights  the network's weights file, None for the usual one
    """

    network: str
    layer: str
    channel: int
    label: str
    blank: float
    initial: float
    final: float
    line: LineFigures
    picture: Path
    cached: bool
    weights: Path | None = None

    @property
    def gain(self) -> float:
        """By how much the drawing excites more than bare paper does."""
        return self.final - self.blank

    @property
    def term(self) -> str:
        """The line for a config's objective."""
        term = excitation(self.network, self.layer, self.channel, self.label, self.weights)
        text: str = yaml.safe_dump(term, default_flow_style=True, sort_keys=False, allow_unicode=True, width=math.inf)
        return text.strip()


def excitation(network: str, layer: str, channel: int, label: str, weights: Path | None) -> dict[str, str | int]:
    """The term of an objective that a cell is drawn for, as a config has it."""
    target: dict[str, str | int] = {"class": label} if layer == "class" else {"layer": layer, "channel": channel}
    file = {} if weights is None else {"weights": str(weights)}
    return {"type": "excitation", "network": network, **target, **file}


def atlas_title(cells: Sequence[Cell]) -> str:
    """The network and the layer of all of the cells."""
    layer = "classes" if cells[0].layer == "class" else cells[0].layer
    return f"{cells[0].network} {layer}"


def gain_text(gain: float) -> str:
    """Three figures or so: +0.12, +8.30, +14.2, +250."""
    return f"{gain:+.{2 if abs(gain) < 10 else 1 if abs(gain) < 100 else 0}f}"


def sheet_png(
    cells: Sequence[Cell], *, note: str = "", title: str | None = None, scores: Sequence[float] | None = None
) -> bytes:
    """A contact sheet of at least one cell, in the order given; `note` says under the heading how they were made.

    title   the heading; the network and the layer if None
    scores  what stands and is drawn as a bar beneath each cell, 0 to 1; the gain if None
    """
    columns = _across(len(cells))
    rows = -(-len(cells) // columns)
    width = 2 * MARGIN + columns * (SIDE + GAP) - GAP
    height = 2 * MARGIN + HEADING + rows * (SIDE + CAPTION + GAP) - GAP
    sheet = Image.new("RGB", (width, height), _GROUND)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, MARGIN), title or atlas_title(cells), _INK, font(38), anchor="lt")
    draw.text((MARGIN, MARGIN + 52), note, _SOFT, font(18), anchor="lt")
    figures = [cell.gain for cell in cells] if scores is None else scores
    texts = [gain_text(figure) if scores is None else f"{figure:.2f}" for figure in figures]
    most = max(figures)
    for index, (cell, figure, text) in enumerate(zip(cells, figures, texts, strict=True)):
        row, column = divmod(index, columns)
        left = MARGIN + column * (SIDE + GAP)
        top = MARGIN + HEADING + row * (SIDE + CAPTION + GAP)
        share = figure / most if figure > 0 else None
        _draw_cell(sheet, draw, cell, left, top, text, share)
    return png_bytes(sheet, small=True)


def _across(count: int) -> int:
    """A sheet a little wider than high, but no wider than a poster."""
    return min(count, max(4, min(12, round(math.sqrt(count * 4 / 3)))))


def _draw_cell(
    sheet: Image.Image,
    draw: ImageDraw.ImageDraw,
    cell: Cell,
    left: int,
    top: int,
    figure: str,
    share: float | None,
) -> None:
    """`figure` stands beneath the drawing, with a bar of that `share` of its width; None is a weak one, without."""
    with Image.open(cell.picture) as picture:
        small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    draw.rectangle((left - 1, top - 1, left + SIDE, top + SIDE), fill=_SHEET, outline=_RULE)
    sheet.paste(small, (left, top))
    typeface = font(19)
    room = SIDE - draw.textlength(figure, typeface) - 12
    baseline = top + SIDE + 25
    draw.text((left, baseline), fitted(draw, cell.label, typeface, room), _INK, typeface, anchor="ls")
    draw.text((left + SIDE - 1, baseline), figure, _WEAK if share is None else _SOFT, typeface, anchor="rs")
    draw.rectangle((left, baseline + 10, left + SIDE - 1, baseline + 11), fill=_RULE)
    if share is not None:
        draw.rectangle((left, baseline + 10, left + round((SIDE - 1) * share), baseline + 11), fill=_ACCENT)


def atlas_html(cells: Sequence[Cell], *, note: str = "") -> str:
    """One self-contained page of at least one cell: no network, no libraries; equal input gives equal bytes."""
    return render(
        "atlas.html",
        title=atlas_title(cells),
        lead=note,
        cells=cells,
        most=max(cell.gain for cell in cells),
        weak=sum(cell.gain <= 0 for cell in cells),
        gain_text=gain_text,
    )

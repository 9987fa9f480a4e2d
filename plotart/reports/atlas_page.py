"""An atlas: what channels or classes of a network draw, as a contact sheet (PNG) and as a self-contained HTML page."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import yaml
from PIL import Image, ImageDraw, ImageFont

from plotart.files.images import png_bytes
from plotart.reports.atlas_style import ATLAS_CSS, ATLAS_SCRIPT
from plotart.reports.style import CSS

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


def sheet_png(cells: Sequence[Cell], *, note: str = "") -> bytes:
    """A contact sheet of at least one cell, in the order given; `note` says under the heading how they were made."""
    columns = _columns(len(cells))
    rows = -(-len(cells) // columns)
    width = 2 * MARGIN + columns * (SIDE + GAP) - GAP
    height = 2 * MARGIN + HEADING + rows * (SIDE + CAPTION + GAP) - GAP
    sheet = Image.new("RGB", (width, height), _GROUND)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, MARGIN), atlas_title(cells), _INK, ImageFont.load_default(size=38), anchor="lt")
    draw.text((MARGIN, MARGIN + 52), note, _SOFT, ImageFont.load_default(size=18), anchor="lt")
    most = max(cell.gain for cell in cells)
    for index, cell in enumerate(cells):
        row, column = divmod(index, columns)
        left = MARGIN + column * (SIDE + GAP)
        top = MARGIN + HEADING + row * (SIDE + CAPTION + GAP)
        _draw_cell(sheet, draw, cell, left, top, most)
    return png_bytes(sheet, small=True)


def _columns(count: int) -> int:
    """A sheet a little wider than high, but no wider than a poster."""
    return min(count, max(4, min(12, round(math.sqrt(count * 4 / 3)))))


def _draw_cell(sheet: Image.Image, draw: ImageDraw.ImageDraw, cell: Cell, left: int, top: int, most: float) -> None:
    with Image.open(cell.picture) as picture:
        small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    draw.rectangle((left - 1, top - 1, left + SIDE, top + SIDE), fill=_SHEET, outline=_RULE)
    sheet.paste(small, (left, top))
    font, weak = ImageFont.load_default(size=19), cell.gain <= 0
    gain = gain_text(cell.gain)
    room = SIDE - draw.textlength(gain, font) - 12
    baseline = top + SIDE + 25
    draw.text((left, baseline), _fitted(draw, cell.label, font, room), _INK, font, anchor="ls")
    draw.text((left + SIDE - 1, baseline), gain, _WEAK if weak else _SOFT, font, anchor="rs")
    draw.rectangle((left, baseline + 10, left + SIDE - 1, baseline + 11), fill=_RULE)
    if not weak:
        draw.rectangle((left, baseline + 10, left + round((SIDE - 1) * cell.gain / most), baseline + 11), fill=_ACCENT)


def _fitted(
    draw: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, room: float
) -> str:
    """The text, cut if it is wider than `room` px."""
    if draw.textlength(text, font) <= room:
        return text
    while text and draw.textlength(f"{text}...", font) > room:
        text = text[:-1]
    return f"{text}..."


def atlas_html(cells: Sequence[Cell], *, note: str = "") -> str:
    """One self-contained page of at least one cell: no network, no libraries; equal input gives equal bytes."""
    title = escape(atlas_title(cells))
    most = max(cell.gain for cell in cells)
    figures = "".join(_figure(cell, index, most) for index, cell in enumerate(cells))
    weak = sum(cell.gain <= 0 for cell in cells)
    unbeaten = f" {weak} of {len(cells)} did not beat it." if weak else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{CSS}{ATLAS_CSS}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{title}</h1>\n<p class="lead">{escape(note)}</p>\n'
        '<p class="note">The figure is the gain: by how much the drawing excites more than bare paper does.'
        f"{unbeaten} Choose a drawing to get its line for the objective of a config.</p>\n"
        '<form class="tools" hidden>\n<label>Find <input type="search" id="find" autocomplete="off"></label>\n'
        '<fieldset><legend>Sort by</legend><label><input type="radio" name="sort" value="number" checked>number</label>'
        '<label><input type="radio" name="sort" value="gain">gain</label></fieldset>\n'
        '<output id="count"></output>\n</form>\n'
        f'<ul class="atlas">\n{figures}</ul>\n</main>\n'
        '<aside class="chosen" hidden>\n<img alt="">\n'
        '<div><p role="status"></p><code id="term"></code></div>\n'
        '<button type="button" id="close">Close</button>\n</aside>\n'
        f"<script>{ATLAS_SCRIPT}</script>\n</body>\n</html>\n"
    )


def _figure(cell: Cell, index: int, most: float) -> str:
    share = max(cell.gain, 0) / most if most > 0 else 0.0
    weak = ' class="weak" title="Bare paper excites it as much as this does"' if cell.gain <= 0 else ""
    image = base64.b64encode(cell.picture.read_bytes()).decode()
    return (
        f'<li{weak} data-number="{index}" data-gain="{cell.gain!r}" data-label="{escape(cell.label)}">'
        f'<button type="button" data-term="{escape(cell.term)}"><img alt="" src="data:image/png;base64,{image}">'
        f'<span class="name">{escape(cell.label)}</span><span class="gain">{gain_text(cell.gain)}</span>'
        f'<span class="share"><span style="width:{share:.1%}"></span></span></button></li>\n'
    )

"""Words and guests of a config, on its page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from plotart.config import Config
from plotart.config.words import GuestConfig, TextConfig
from plotart.errors import DrawingError
from plotart.export.drawing import Drawing
from plotart.export.ground import around_box, around_lines, ground_text
from plotart.export.guest import bounds, moved, read_guest
from plotart.export.layered import Line
from plotart.export.lettering.choices import Place
from plotart.export.lettering.font import load_font
from plotart.export.lettering.place import check_fits, way_to
from plotart.export.lettering.words import Words, lettered
from plotart.geometry.fixed import Fixed, FixedLines
from plotart.geometry.page import Page


def with_fixed(page: Page, config: Config) -> Page:
    """The page with them on it. Raises DrawingError for what can't be read, written or placed."""
    if not config.text and not config.guests:
        return page
    groups: list[FixedLines] = []
    shapes: list[Any] = []
    values = variables_of(config)
    for number, text in enumerate(config.text):
        with _about(f"text.{number}"):
            words = _words(text, values, page)
        groups.append(FixedLines.of(words.lines, pen=text.pen))
        shapes += [around_box(words.box, text.clear)] if text.clear > 0 else []
    for number, guest in enumerate(config.guests):
        with _about(f"guests.{number}"):
            drawing = _guest(guest, page)
        groups += [FixedLines.of(layer.lines, pen=guest.pen, color=layer.color) for layer in drawing.layers]
        lines = [line for layer in drawing.layers for line in layer.lines]
        shapes += [around_lines(lines, guest.clear, hides=guest.hides)] if guest.clear > 0 else []
    return replace(page, fixed=Fixed(tuple(groups), ground_text(shapes)))


def variables_of(config: Config) -> dict[str, str]:
    """What stands for each variable in the words."""
    plain = config.name.replace("-", " ").replace("_", " ")
    return {
        "title": plain[:1].upper() + plain[1:],
        "name": config.name,
        "seed": str(config.seed),
        "date": config.edition.date or date.today().isoformat(),
        "edition": str(config.edition.number),
        "of": str(config.edition.of),
    }


def _words(wanted: TextConfig, values: dict[str, str], page: Page) -> Words:
    try:
        words = lettered(
            wanted.text.format_map(values),
            load_font(wanted.font),
            wanted.size,
            align=wanted.aligned,
            angle=wanted.angle,
        )
    except DrawingError as error:
        raise DrawingError(f"text: {error}") from None
    words = words.moved(_way(wanted.at, words.frame, page, in_margin=True))
    _check_fits(words.box, page)
    return words


def _guest(wanted: GuestConfig, page: Page) -> Drawing:
    try:
        drawing = read_guest(wanted.file, width=wanted.width, height=wanted.height)
    except DrawingError as error:
        raise DrawingError(f"file: {error}") from None
    box = np.array(bounds(drawing))
    if wanted.at is not None:
        drawing = moved(drawing, _way(wanted.at, box, page, foot=box[0]))
    _check_fits(np.array(bounds(drawing)), page)
    return drawing


def _way(
    at: Place | Sequence[float], frame: Line, page: Page, *, foot: Line | None = None, in_margin: bool = False
) -> Line:
    """[2] mm to the place: to the point, from `foot` or (0, 0)."""
    if isinstance(at, str):
        return way_to(at, frame, page, in_margin=in_margin)
    return np.array(at) - (foot if foot is not None else 0.0)


def _check_fits(box: Line, page: Page) -> None:
    try:
        check_fits(box, page)
    except DrawingError as error:
        raise DrawingError(f"at: {error}") from None


@contextmanager
def _about(key: str) -> Iterator[None]:
    try:
        yield
    except DrawingError as error:
        raise DrawingError(f"{key}.{error}") from None

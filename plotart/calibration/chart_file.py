"""A chart's layout as a JSON file: what `plotart palette measure` knows of the sheet."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from plotart.calibration.chart import CODE_CELLS, Box, Chart, ChartLabel, Field
from plotart.color import parse_color
from plotart.errors import InputError, PenError
from plotart.files.bounded import TooLarge, read_bytes
from plotart.geometry.page import Page
from plotart.pens.catalogue import dump_set, parse_set, shown

#: Of the layout's form; a file of another is refused.
VERSION = 1

#: Kinds of fields, and how many pens draw one.
PENS_OF_KIND = {"bare": 0, "solid": 1, "hatch": 1, "lines": 1, "pair": 2, "black": 0, "over black": 1}

#: What a layout may hold: the corners' marks at least, more bytes and fields than any sheet, mm of a page's side.
LEAST_MARKS = 4
MOST_BYTES = 10_000_000
MOST_FIELDS = 20_000
LONGEST_SIDE = 10_000.0


def dump_chart(chart: Chart) -> str:
    """The layout as JSON text, all lengths in mm, the pens as the TOML of their set; `parse_chart` reads it."""
    data = dataclasses.asdict(dataclasses.replace(chart, file=None))  # type: ignore[arg-type]
    data |= {"plotart chart": VERSION, "file": dump_set(chart.file)}
    return json.dumps({key: data[key] for key in ("plotart chart", *(k for k in data if k != "plotart chart"))}) + "\n"


def read_chart(path: Path | str) -> Chart:
    """The layout in a file. Raises PenError, which names it."""
    try:
        text = read_bytes(path, MOST_BYTES).decode("utf-8")
    except TooLarge:
        raise PenError(f"{path}: is too large for a chart's layout; allowed: up to {MOST_BYTES / 1e6:g} MB") from None
    except (OSError, ValueError) as error:
        found = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise PenError(f"{path}: can't be read ({found}); allowed is the .layout.json beside a chart") from None
    return parse_chart(text, str(path))


def parse_chart(text: str, label: str) -> Chart:
    """The layout in a JSON text; `label` stands for it in messages. Raises PenError."""
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("plotart chart") != VERSION:
            raise ValueError(f"no layout of version {VERSION}")
        return _chart(data, label)
    except InputError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise PenError(
            f"{label}: not a chart's layout ({error}); allowed is the .layout.json that `plotart palette chart` wrote"
        ) from None


def _chart(data: dict[str, Any], label: str) -> Chart:
    page = _page(data["page"])
    chart = Chart(
        parse_set(data["file"], label),
        page,
        tuple(_text(name) for name in data["order"]),
        _text(data["scribe"]),
        _number(data["unit"], most=100.0),
        tuple((_number(x, most=page.width), _number(y, most=page.height)) for x, y in data["marks"]),
        _code(data["code"]),
        tuple(_box(box, page) for box in data["cells"]),
        tuple(ChartLabel(_text(item["text"]), _box(item["box"], page)) for item in data["labels"]),
        tuple(_field(item, page) for item in data["fields"]),
        _box(data["strip"], page) if data["strip"] else None,
    )
    if len(chart.marks) < LEAST_MARKS or len(chart.cells) != CODE_CELLS or len(chart.fields) > MOST_FIELDS:
        raise ValueError(f"{len(chart.marks)} marks, {len(chart.cells)} cells, {len(chart.fields)} fields")
    named = {*chart.order, chart.scribe, *(name for field in chart.fields for name in field.pens)}
    if unknown := named - {*chart.pens.names}:
        raise ValueError(f"no pen is called {min(unknown)!r}")
    if without := {*chart.order} - {field.pens[0] for field in chart.fields if field.kind == "solid"}:
        raise ValueError(f"the pen {min(without)!r} has no solid field")
    return chart


def _page(data: dict[str, Any]) -> Page:
    page = Page(
        _number(data["width"], most=LONGEST_SIDE),
        _number(data["height"], most=LONGEST_SIDE),
        _number(data["margin"], most=LONGEST_SIDE),
        _text(data["color"]),
    )
    parse_color(page.color)
    return page


def _field(data: dict[str, Any], page: Page) -> Field:
    kind, pens = data["kind"], tuple(_text(name) for name in data["pens"])
    if kind not in PENS_OF_KIND or len(pens) != PENS_OF_KIND[kind]:
        raise ValueError(f"a field {kind!r} of {len(pens)} pens")
    spacing = _number(data["spacing"], most=LONGEST_SIDE)
    if (spacing > 0) != (kind in ("hatch", "lines")):
        raise ValueError(f"a field {kind!r} of lines {spacing:g} mm apart")
    return Field(kind, _box(data["box"], page), pens, spacing)


def _box(data: dict[str, Any], page: Page) -> Box:
    """A box that lies on the page, but for what rounding may do."""
    x, y = _number(data["x"], most=page.width), _number(data["y"], most=page.height)
    width = _number(data["width"], most=page.width - x + 1e-6)
    return Box(x, y, width, _number(data["height"], most=page.height - y + 1e-6))


def _number(value: object, *, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
        raise ValueError(f"{shown(value)} where a number from 0 to {most:g} belongs")
    return float(value)


def _code(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << CODE_CELLS:
        raise ValueError(f"the code {shown(value)}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} where text belongs")
    return value

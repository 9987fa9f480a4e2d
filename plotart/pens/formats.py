"""Pens in the formats of other programs: vpype's pen configurations and tables (CSV) as DrawingBotV3 names its columns.

Neither knows of inks: what is read is taken as transparent at full opacity, and what is written has lost both.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from plotart.color import parse_color, to_hex
from plotart.errors import ColorError, PenError, UnitError
from plotart.geometry.units import MILLIMETRES, to_mm
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import MOST_PENS, PenFile, dump_set, parse_set, parse_toml, read_text, shown
from plotart.pens.pen import WIDEST

PenFormat = Literal["toml", "vpype", "drawingbot"]
FORMATS: tuple[PenFormat, ...] = get_args(PenFormat)

#: mm of the nib where a file says nothing of it, and of a stroke of 1 in a table.
NIB = 0.5

#: What a table's columns may be called: small letters, no brackets. The first is the name that is written.
_COLUMNS = {
    "type": ("pen type", "type", "brand", "maker", "manufacturer"),
    "name": ("pen name", "name"),
    "red": ("red", "r"),
    "green": ("green", "g"),
    "blue": ("blue", "b"),
    "color": ("colour", "color", "hex"),
    "stroke": ("stroke", "stroke size"),
}
_WRITTEN = ("type", "name", "red", "green", "blue", "stroke")


def read_pens(path: Path, form: PenFormat | None = None, *, pick: str | None = None, width: float = NIB) -> PenFile:
    """The pens of a file; without a format, a table if it is called .csv, .tsv or .txt, else what its TOML holds.

    pick: which pen configuration, of a file of vpype's that has several; width: mm of the nib of a pen without one,
    and of a stroke of 1 in a table. Raises PenError, which names file, place, what was found and what is allowed.
    """
    text, label = read_text(path), str(path)
    if form is None:
        form = "drawingbot" if path.suffix.lower() in (".csv", ".tsv", ".txt") else None
    if form is None:
        form = "vpype" if "pen_config" in parse_toml(text, label) else "toml"
    if pick is not None and form != "vpype":
        raise PenError(f"{label}: holds one set; only files of vpype's hold several to choose from")
    if form == "vpype":
        return parse_vpype(text, label, pick=pick, width=width)
    return parse_set(text, label) if form == "toml" else parse_drawingbot(text, label, width=width)


def write_pens(found: PenFile, form: PenFormat, name: str) -> str:
    """The set as a text of that format; `name` is what vpype's `pens` command will know it by."""
    if form == "vpype":
        return dump_vpype(found, name)
    return dump_set(found) if form == "toml" else dump_drawingbot(found)


def parse_vpype(text: str, label: str, *, pick: str | None = None, width: float = NIB) -> PenFile:
    """A pen configuration of a config file of vpype's, its layers in the order of their numbers. Raises PenError.

    As vpype reads it: ``[pen_config.NAME] layers = [{layer_id, name, color, pen_width}, ...]``; a width without a unit
    is in CSS pixels.
    """
    configs = parse_toml(text, label).get("pen_config")
    if not isinstance(configs, dict) or not configs:
        raise PenError(f"{label}: has no pen configuration; allowed: vpype's [pen_config.NAME] with layers")
    if pick is None and len(configs) > 1:
        raise PenError(f"{label}: found the pen configurations {', '.join(configs)}; say which one (--set)")
    name = pick if pick is not None else next(iter(configs))
    if name not in configs:
        raise PenError(f"{label}: no pen configuration is called {name!r}: there are {', '.join(configs)}")
    label = f"{label}: pen_config.{name}"
    layers = configs[name].get("layers") if isinstance(configs[name], dict) else None
    if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
        raise PenError(f"{label}: layers: allowed: tables, each with a layer_id, a name, a color and a pen_width")
    _few(len(layers), label)
    numbered: dict[int, Pen] = {}
    for place, layer in enumerate(layers, 1):
        number, pen = _layer(layer, f"{label}: layers.{place}", width)
        if number in numbered:
            raise PenError(
                f"{label}: layers.{place}: layer_id: found {number} a second time; each needs one of its own"
            )
        numbered[number] = pen
    return _gathered([numbered[number] for number in sorted(numbered)], label, name, f"vpype pen configuration {name}")


def dump_vpype(found: PenFile, name: str) -> str:
    """A config file for ``vpype --config FILE ... pens NAME``: one layer per pen, numbered from 1 in their order."""
    import tomli_w

    layers = [
        {"layer_id": number, "name": pen.name, "color": to_hex(pen.rgb), "pen_width": f"{pen.width:.6g}mm"}
        for number, pen in enumerate(found.pens, 1)
    ]
    return tomli_w.dumps({"pen_config": {name: {"layers": layers}}})


def parse_drawingbot(text: str, label: str, *, width: float = NIB) -> PenFile:
    """The pens of a table: a line of names of columns, then a line per pen. Raises PenError with the line's number.

    Columns, in any order, with or without brackets, large or small: Pen Type (its maker), Pen Name, Red, Green and
    Blue of 0 to 255 or Colour as #rrggbb, and Stroke, a multiple of `width` mm (1 if there is none). Others are
    skipped. Pens of several types that share a name get their type before it.
    """
    lines = _lines(text, label)
    columns = _columns(next(lines, (1, []))[1], label)
    pens: list[tuple[str, Pen]] = []
    for number, cells in lines:
        row = {key: cells[at].strip() if at < len(cells) else "" for key, at in columns.items()}
        pens.append((f"{label}: line {number}", _row(row, f"{label}: line {number}", width)))
        _few(len(pens), label)
    names = Counter(pen.name for _, pen in pens)
    named: dict[str, Pen] = {}
    for place, pen in pens:
        name = f"{pen.maker} {pen.name}" if pen.maker and names[pen.name] > 1 else pen.name
        if name in named:
            raise PenError(f"{place}: Pen Name: found {name!r} a second time; every pen needs a name of its own")
        named[name] = Pen(name, pen.color, pen.width, maker=pen.maker)
    return _gathered(list(named.values()), label, Path(label).stem, f"table of pens {Path(label).name}")


def dump_drawingbot(found: PenFile) -> str:
    """A table with the columns of `parse_drawingbot`; a stroke of 1 is a nib of 0.5 mm."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(f"[{_COLUMNS[key][0].title()}]" for key in _WRITTEN)
    for pen in found.pens:
        table.writerow([pen.maker, pen.name, *(round(c * 255) for c in pen.rgb), f"{pen.width / NIB:.6g}"])
    return text.getvalue()


def _layer(layer: Mapping[str, Any], label: str, width: float) -> tuple[int, Pen]:
    number = layer.get("layer_id")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 10**6:
        raise PenError(f"{label}: layer_id: found {shown(number)}; allowed: whole numbers from 1")
    name = layer.get("name", f"Layer {number}")
    if "color" not in layer:
        raise PenError(f"{label}: has no color; a pen needs one")
    return number, Pen(
        _name(name, f"{label}: name"), _color(layer["color"], f"{label}: color"), _nib(layer, label, width)
    )


def _nib(layer: Mapping[str, Any], label: str, width: float) -> float:
    value = layer.get("pen_width", f"{width}mm")
    # As for vpype, a bare number is in CSS pixels.
    bare = not isinstance(value, str) or not re.search(r"[a-zA-Z]\s*$", value)
    try:
        return _within(to_mm(value) * (MILLIMETRES["px"] if bare else 1), f"{label}: pen_width: {shown(value)}")
    except UnitError as error:
        raise PenError(f"{label}: pen_width: {error}") from None
    except ValueError:  # a whole number of thousands of digits
        raise PenError(f"{label}: pen_width: found {shown(value)}; allowed: up to {WIDEST:g} mm") from None


def _lines(text: str, label: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of a table that hold anything, with their numbers; commas, semicolons or tabs between cells."""
    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    table = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        for cells in table:
            if any(cell.strip() for cell in cells):
                yield table.line_num, cells
    except csv.Error as error:
        raise PenError(f"{label}: line {table.line_num}: not a line of a table: {error}") from None


def _columns(cells: list[str], label: str) -> dict[str, int]:
    """Where in a line each column is that the first line names."""
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name = " ".join(re.sub(r"[\[\]_]", " ", cell).lower().split())
        for key, names in _COLUMNS.items():
            if name in names:
                found.setdefault(key, at)
    if "name" not in found or not ({"red", "green", "blue"} <= found.keys() or "color" in found):
        allowed = ", ".join(f"[{_COLUMNS[key][0].title()}]" for key in _WRITTEN)
        raise PenError(
            f"{label}: line 1: found {', '.join(cells) or 'nothing'}; allowed: names of columns, as {allowed}"
        )
    return found


def _row(row: Mapping[str, str], label: str, width: float) -> Pen:
    if {"red", "green", "blue"} <= row.keys():
        color = to_hex((_level(row, "red", label), _level(row, "green", label), _level(row, "blue", label)))
    else:
        text = row["color"]
        # Tables often leave out the hash.
        color = _color(f"#{text}" if re.fullmatch(r"[0-9a-fA-F]{6}", text) else text, f"{label}: Colour")
    nib = width
    if stroke := row.get("stroke"):
        try:
            nib = _within(round(float(stroke) * width, 6), f"{label}: Stroke: {stroke}")
        except ValueError:
            raise PenError(f"{label}: Stroke: found {shown(stroke)}; allowed: a number") from None
    return Pen(_name(row["name"], f"{label}: Pen Name"), color, nib, maker=row.get("type", ""))


def _level(row: Mapping[str, str], key: str, label: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}", row[key], re.ASCII) or int(row[key]) > 255:
        raise PenError(f"{label}: {key.title()}: found {shown(row[key])}; allowed: 0 to 255")
    return int(row[key]) / 255


def _name(value: object, label: str) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise PenError(f"{label}: found {shown(value)}; allowed: a line of text")
    return value


def _color(value: object, label: str) -> str:
    try:
        return to_hex(parse_color(value))  # type: ignore[arg-type]
    except ColorError as error:
        raise PenError(f"{label}: {error}") from None


def _within(width: float, label: str) -> float:
    if not 0 < width <= WIDEST:
        raise PenError(f"{label} is a nib of {width:g} mm; allowed: above 0, up to {WIDEST:g} mm")
    return width


def _few(pens: int, label: str) -> None:
    if pens > MOST_PENS:
        raise PenError(f"{label}: found more than {MOST_PENS} pens; allowed: up to as many")


def _gathered(pens: list[Pen], label: str, title: str, source: str) -> PenFile:
    makers = {pen.maker for pen in pens}
    try:
        return PenFile(PenSet(pens), title=title, maker=makers.pop() if len(makers) == 1 else "", source=source)
    except PenError as error:
        raise PenError(f"{label}: {error}") from None

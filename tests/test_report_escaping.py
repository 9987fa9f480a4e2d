"""Names in every field that the pages show come out as text: they neither become markup, nor are they templates."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from outline import Outline
from PIL import Image

from plotart.export.drawing import Drawing, Layer
from plotart.export.line_figures import LineFigures
from plotart.pens import Pen
from plotart.plotter.machines import MACHINES
from plotart.reports.atlas_page import Cell, atlas_html
from plotart.reports.configs_page import ConfigCard, configs_html
from plotart.reports.gallery import Card, gallery_html
from plotart.reports.html import report_html
from plotart.reports.sheet import DrawingView
from plotart.reports.tables import ORIGIN

HOSTILE = """--></title></script><script>alert(1)</script>"'><b onclick='x' {{ 7*7 }}{% raw %}{# &lt;"""

#: A page whose fields all end in what is given, and its fields: each is in the page's text or an attribute.
Page = tuple[str, list[str]]


def report(end: str, folder: Path) -> Page:
    names = ["name", *ORIGIN, "version", "its value", "pen", "wanted", "match", "column", "layer", "machine", "config"]
    field = {name: f"{name} {end}" for name in names}
    layer = Layer(Pen(field["layer"], "#000000", 0.3), [np.array([[1.0, 1], [2, 3]])])
    page = report_html(
        name=field["name"],
        summary={
            **{key: field[key] for key in ORIGIN},
            "versions": {field["version"]: field["its value"]},
            "pens": [{"name": field["pen"], "color": end, "strokes": end, "seconds": end}],
            "matching": [{"wanted": field["wanted"], "look": end, "pen": field["match"], "difference": end}],
            "activation": {"blank": end, "soft": 1.0, end: 2.0},
            "retained": end,
        },
        sheet=DrawingView(Drawing(9, 9, (layer,))),
        machine=replace(MACHINES["axidraw-v3"], name=field["machine"]),
        metrics=[{field["column"]: 1.0}, {field["column"]: 2.0}],
        config_yaml=f"# {field['config']}\n",
    )
    return page, list(field.values())


def gallery(end: str, folder: Path) -> Page:
    name, key, value, pen, message = (f"{field} {end}" for field in ("name", "key", "value", "pen", "message"))
    pens = [{"name": pen, "color": end}]
    done = Card(end, {key: value}, b"x", f"{end}/report.html", {"pens": pens, "activation": end})
    failed = replace(done, thumbnail=b"", report="", figures={}, message=message)
    page = gallery_html(name, [done, failed], 2)
    return page, [name, key, value, f"{key} {value}", f"value:{key}", pen, f"Pens: {pen}", f"failed: {message}"]


def atlas(end: str, folder: Path) -> Page:
    picture = folder / "cell.png"
    Image.new("RGB", (2, 2)).save(picture)
    network, layer, label, note, file = (f"{field} {end}" for field in ("network", "layer", "label", "note", "file"))
    line = LineFigures(1, 1.0, 0.0, 1000.0, 0.0, 0.0, 0.0)
    cell = Cell(network, layer, 0, label, 0.0, 1.0, 2.0, line, picture, cached=False, weights=Path(file))
    return atlas_html([cell], note=note), [f"{network} {layer}", label, note, cell.term]


def configs(end: str, folder: Path) -> Page:
    name, about, facts, pen = (f"{field} {end}" for field in ("name", "about", "facts", "pen"))
    card = ConfigCard(name, about, b"x", facts, ((pen, end),))
    return configs_html([card]), [name, about, facts, f"Pens: {pen}", f"plotart new {name}"]


@pytest.mark.parametrize("page", [report, gallery, atlas, configs])
def test_hostile_names_come_out_as_text(page: Callable[[str, Path], Page], tmp_path: Path) -> None:
    (plain, _), (hostile, fields) = (page(end, tmp_path) for end in ("x", HOSTILE))
    outline = Outline(hostile)
    assert not outline.open
    shown = [outline.text, *(value or "" for _, attributes in outline.elements for value in attributes.values())]
    for field in fields:
        assert any(field in text for text in shown), field
    assert shape(outline) == shape(Outline(plain))


def test_what_cards_are_sorted_by_is_json_whatever_its_names(tmp_path: Path) -> None:
    cards = [attributes for tag, attributes in Outline(gallery(HOSTILE, tmp_path)[0]).elements if tag == "li"]
    assert [json.loads(card["data-order"] or "") for card in cards] == [
        {f"value:key {HOSTILE}": f"value {HOSTILE}"}
    ] * 2


def shape(outline: Outline) -> list[tuple[str, list[str]]]:
    """Elements and the names of their attributes."""
    return [(tag, list(attributes)) for tag, attributes in outline.elements]

"""The report: complete, self-contained, repeatable, and safe to open whatever its run folder says."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
import torch

from plotart.export.document import build_document
from plotart.export.svg import plot_svg
from plotart.page import Page
from plotart.pens import Pen, PenSet
from plotart.report.charts import metric_charts
from plotart.report.drawing import inline_drawing
from plotart.report.html import report_html
from plotart.strokes import from_curves

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
CONFIG = """name: spirals & <stars>
page: {color: "#fbfaf5"}
pens:
  - {name: Blue, color: "#1f4e9e", width: 0.3, ink: transparent}
  - {name: White <gel>, color: "#ffffff", width: 0.5, ink: opaque}
"""
SUMMARY: dict[str, Any] = {
    "activation": {"blank": 1.17, "initial": 1.4, "soft": 12.5, "hard": 12.1, "plotted": 12.03},
    "retained": 0.958,
    "pens": [
        {
            "name": "Blue",
            "color": "#1f4e9e",
            "strokes": 1200,
            "pen_down_mm": 23456.0,
            "pen_up_mm": 4000.0,
            "lifts": 1200,
            "seconds": 930.0,
        },
        {
            "name": "White <gel>",
            "color": "white",
            "strokes": 4,
            "pen_down_mm": 80.0,
            "pen_up_mm": 20.0,
            "lifts": 4,
            "seconds": 6.0,
        },
    ],
    "plot_seconds": 4000.0,
    "wall_seconds": 93.0,
    "steps": 400,
    "seed": 7,
    "device": "cpu",
    "renderer": "cpu",
    "network": "motif",
    "versions": {"plotart": "1.0.0", "python": "3.11"},
}
METRICS = [
    {"step": i, "excitation": -i / 10, "temperature": 5 * 0.95**i, "sharpness": i / 60, "loss": 3 - i / 10}
    for i in range(60)
]


def plot() -> str:
    curves = list(np.random.default_rng(0).uniform(20, 80, (4, 4, 2)))
    pens = PenSet([Pen("Blue", "#1f4e9e", 0.3), Pen("White <gel>", "#ffffff", 0.5, ink="opaque")])
    strokes = from_curves(curves, torch.eye(2).repeat(2, 1))
    return plot_svg(build_document(strokes, pens, Page(100, 120), merge=0, simplify=0, sort=False))


def report(**changes: Any) -> str:
    made: dict[str, Any] = {
        "name": "spirals & <stars>",
        "summary": SUMMARY,
        "metrics": METRICS,
        "config_yaml": CONFIG,
        "plot_svg": plot(),
        "preview_png": PNG,
    }
    return report_html(**{**made, **changes})


@pytest.fixture(scope="module")
def page() -> str:
    return report()


class Outline(HTMLParser):
    """Every element with its attributes, the text, and whether all elements are closed in order."""

    VOID = frozenset({"meta", "input", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_says_what_people_want_to_know(page: str) -> None:
    outline = Outline(page)
    assert not outline.open
    for words in (
        "spirals & <stars>",
        "White <gel>",
        "23.46",
        "15.5",
        "1 h 07 min",
        "95.8%",
        "12.03",
        "plotart",
        "seed 7",
    ):
        assert words in outline.text
    assert CONFIG in outline.text


def test_repeats_byte_for_byte(page: str) -> None:
    assert report() == page


def test_reaches_for_nothing_outside(page: str) -> None:
    outline = Outline(page)
    assert "http" not in page
    for _, attributes in outline.elements:
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/png;base64,"))


def test_ids_are_unique_and_what_refers_to_them_exists(page: str) -> None:
    ids = [attributes["id"] for _, attributes in Outline(page).elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([^")]*)', page)) <= set(ids)


def test_a_checkbox_for_each_layer(page: str) -> None:
    elements = Outline(page).elements
    boxes = [attributes["data-layer"] for tag, attributes in elements if tag == "input"]
    groups = {attributes.get("id"): attributes for tag, attributes in elements if tag == "g"}
    assert boxes == ["layer-0", "layer-1"]
    assert [groups[box]["class"] for box in boxes] == ["multiply", ""]
    assert "background:#fbfaf5" in page


def test_charts_lead_with_the_loss_and_stand_gaps() -> None:
    assert list(metric_charts(METRICS)) == ["loss", "temperature", "sharpness", "excitation"]
    gaps = [{"step": i, "loss": math.nan if i % 3 == 0 else i, "odd": math.inf} for i in range(9)]
    assert list(metric_charts(gaps)) == ["loss"]
    assert metric_charts([{"step": 0, "loss": 1.0}]) == {}
    assert "<style" not in metric_charts(METRICS)["loss"]


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": {}},
        {"summary": {"pens": None, "activation": {"soft": None}, "retained": math.nan, "plot_seconds": "x"}},
        {"summary": {"pens": [{}, 3], "versions": ["x"]}},
        {"config_yaml": "a: ["},
        {"config_yaml": "- 1\n"},
        {"config_yaml": "page: 3\npens: sakura\n"},
        {"plot_svg": None, "preview_png": None},
        {"plot_svg": "<svg"},
    ],
)
def test_what_is_missing_is_left_out(changes: dict[str, Any]) -> None:
    outline = Outline(report(**{"metrics": [], **changes}))
    assert not outline.open
    assert "nan" not in outline.text


def test_a_drawing_worse_than_bare_paper_says_so(page: str) -> None:
    assert "Bare paper excites" not in page
    worse = {**SUMMARY, "activation": {**SUMMARY["activation"], "plotted": 1.0}}
    assert "Bare paper excites" in report(summary=worse, metrics=[])


def test_text_from_the_run_folder_never_becomes_markup() -> None:
    evil = '"><script>alert(1)</script>'
    html = report(
        name=evil,
        config_yaml=f"page: {{color: '{evil}'}}\n",
        summary={
            **SUMMARY,
            "network": evil,
            "pens": [{"name": evil, "color": evil, "strokes": evil}],
            "versions": {evil: evil},
        },
        metrics=[{evil: 1.0}, {evil: 2.0}],
    )
    assert "alert(1)" in html
    assert [tag for tag, _ in Outline(html).elements].count("script") == 1


def test_only_lines_are_taken_from_the_svg() -> None:
    evil = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
        'viewBox="0 0 10 20" onload="alert(1)"><script>alert(1)</script>'
        '<g inkscape:label="1 &lt;b&gt;" stroke="red&quot; onclick=&quot;x" onclick="alert(1)">'
        '<path d="M0 0L1 1" onclick="alert(1)"/><foreignObject><body/></foreignObject><image href="http://x"/></g></svg>'
    )
    drawing = inline_drawing(evil, {})
    assert drawing is not None
    assert drawing.aspect == 0.5
    assert drawing.layers[0][0] == "<b>"
    elements = Outline(drawing.svg).elements
    assert [tag for tag, _ in elements] == ["svg", "g", "path"]
    assert not any("onclick" in attributes or "onload" in attributes for _, attributes in elements)
    for broken in ("<svg", '<!DOCTYPE svg><svg viewBox="0 0 1 1"/>', "<svg/>", '<svg viewBox="0 0 0 1"/>'):
        assert inline_drawing(broken, {}) is None

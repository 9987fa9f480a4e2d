"""The report: complete, self-contained, repeatable, and safe to open whatever its drawing or run folder says."""

from __future__ import annotations

import io
import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Cli
from outline import Outline
from PIL import Image

from plotart.export.drawing import Drawing, Layer
from plotart.export.read import read_drawing
from plotart.job.report import replay
from plotart.pens import Pen, PenSet
from plotart.plotter.machines import MACHINES
from plotart.plotter.timetable import timetable
from plotart.reports.charts import metric_charts
from plotart.reports.html import report_html
from plotart.reports.player import clock
from plotart.reports.private import without_folders
from plotart.reports.sheet import DrawingView, InkLook
from plotart.runs.run import Run

V3 = MACHINES["axidraw-v3"]
CONFIG = """name: spirals & <stars>
page: {color: "#fbfaf5"}
pens:
  - {name: Blue, color: "#1f4e9e", width: 0.3, ink: transparent}
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
    "line": {
        "lines": 1204,
        "metres": 23.54,
        "lifts_per_m": 51.1,
        "mean_mm": 19.6,
        "stubs": 0.021,
        "overlaid": 0.06,
        "crossings_per_100mm": 2.94,
    },
    "activation_per_metre": 0.4613,
    "machine": "axidraw-v3",
    "wall_seconds": 93.0,
    "steps": 400,
    "seed": 7,
    "device": "cpu",
    "renderer": "cpu",
    "network": "motif",
    "versions": {"plotart": "1.0.0", "python": "3.11"},
}
METRICS = [
    {
        "step": i,
        "excitation": -i / 10,
        "top probability": i / 60,
        "temperature": 5 * 0.95**i,
        "sharpness weight": i / 60,
        "decided": i / 59,
        "loss": 3 - i / 10,
    }
    for i in range(60)
]
PENS = PenSet([Pen("Blue", "#1f4e9e", 0.3), Pen("White <gel>", "#ffffff", 0.5, ink="opaque")])


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 6), "#fbfaf5").save(out, "PNG")
    return out.getvalue()


def sheet() -> DrawingView:
    random = np.random.default_rng(0)
    blue, white = (Layer(pen, list(random.uniform(20, 80, (3, 9, 2)))) for pen in PENS)
    return DrawingView(Drawing(100, 120, (blue, white)), "#fbfaf5", PENS)


def report(**changes: Any) -> str:
    made: dict[str, Any] = {
        "name": "spirals & <stars>",
        "summary": SUMMARY,
        "metrics": METRICS,
        "config_yaml": CONFIG,
        "sheet": sheet(),
        "machine": V3,
        "preview_png": png(),
    }
    return report_html(**{**made, **changes})


@pytest.fixture(scope="module")
def page() -> str:
    return report()


def groups(html: str) -> list[dict[str, str | None]]:
    return [attributes for tag, attributes in Outline(html).elements if tag == "g" and "data-pen" in attributes]


# --- the page --------------------------------------------------------------------------------------------------------


def test_says_what_people_want_to_know(page: str) -> None:
    outline = Outline(page)
    assert not outline.open
    for words in (
        "spirals & <stars>",
        "100 × 120 mm",
        "White <gel>",
        "23.46",
        "15.5",
        "1 h 07 min",
        "95.8%",
        "12.03",
        "1,204 lines, 51.1 lifts per metre, 20 mm a line, 2% of them stubs, 6% overlaid, "
        "2.9 crossings per 100 mm, 0.46 activation per metre",
        "1 pen change.",
        "axidraw-v3",
        "plotart",
        "Seed",
        "motif",
    ):
        assert words in outline.text
    assert CONFIG in outline.text
    assert {"0.3", "0.5"} <= set(re.findall(r"<td>([^<]*)</td>", page))


def test_repeats_byte_for_byte(page: str) -> None:
    assert report() == page


def test_reaches_for_nothing_outside(page: str) -> None:
    outline = Outline(page)
    assert "http" not in page
    assert "@import" not in page
    for _, attributes in outline.elements:
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/png;base64,"))


def test_ids_are_unique_and_what_refers_to_them_exists(page: str) -> None:
    ids = [attributes["id"] for _, attributes in Outline(page).elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([^")]*)', page)) <= set(ids)


def test_a_checkbox_for_each_pen(page: str) -> None:
    boxes = [a["data-toggles"] for tag, a in Outline(page).elements if tag == "input" and "data-toggles" in a]
    assert boxes == [group["data-pen"] for group in groups(page)] == ["0", "1"]
    assert [group["class"] for group in groups(page)] == ["layer multiply", "layer"]
    assert "--paper:#fbfaf5" in page


def test_charts_lead_with_the_loss_and_stand_gaps() -> None:
    leading = ["loss", "temperature", "decided", "top probability", "sharpness weight", "excitation"]
    assert list(metric_charts(METRICS)) == leading
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
        {"summary": {"line": [1], "activation_per_metre": "x"}},
        {"summary": {"line": {"lines": math.nan, "stubs": None, 3: 4}}},
        {"config_yaml": "a: ["},
        {"config_yaml": "- 1\n"},
        {"config_yaml": ""},
        {"sheet": None, "machine": None, "preview_png": None},
        {"preview_png": b"\x89PNG\r\n\x1a\n" + bytes(20)},
        {"preview_png": b"GIF89a"},
    ],
)
def test_what_is_missing_is_left_out(changes: dict[str, Any]) -> None:
    outline = Outline(report(**{"metrics": [], **changes}))
    assert not outline.open
    assert "nan" not in outline.text


def test_pixels_get_a_report_without_a_player() -> None:
    outline = Outline(report(sheet=None, machine=None, metrics=[]))
    classes = [attributes.get("class") for _, attributes in outline.elements]
    assert "preview" in classes
    assert "player" not in classes


def test_a_drawing_worse_than_bare_paper_says_so(page: str) -> None:
    assert "Bare paper excites" not in page
    worse = {**SUMMARY, "activation": {**SUMMARY["activation"], "plotted": 1.0}}
    assert "Bare paper excites" in report(summary=worse, metrics=[])


def test_a_pen_that_is_filled_again_is_one_pen() -> None:
    layers = sheet().drawing.layers
    again = Layer(layers[0].pen, layers[0].lines, refill=1)
    rows = [{**SUMMARY["pens"][0], "refills": 1}, SUMMARY["pens"][1]]
    html = report(
        sheet=DrawingView(Drawing(100, 120, (layers[0], again, layers[1])), "#fbfaf5", PENS),
        summary={**SUMMARY, "pens": rows},
        metrics=[],
    )
    assert [group["data-pen"] for group in groups(html)] == ["0", "0", "1"]
    assert html.count('data-toggles="') == 2
    assert "1 pen change, 1 refill." in html


# --- what it may not say ---------------------------------------------------------------------------------------------


def test_text_from_the_run_folder_never_becomes_markup() -> None:
    evil = '"><script>alert(1)</script>'
    plain, hostile = (
        report(
            name=text,
            config_yaml=f"page: {{color: '{text}'}}\n",
            summary={
                **SUMMARY,
                "network": text,
                "pens": [{"name": text, "color": text, "strokes": text}],
                "versions": {text: text},
            },
            sheet=DrawingView(Drawing(9, 9, (Layer(Pen(text, "#000000", 0.3), [np.array([[1.0, 1], [2, 3]])]),))),
            metrics=[{text: 1.0}, {text: 2.0}],
        )
        for text in ("x", evil)
    )
    assert "alert(1)" in hostile
    assert [tag for tag, _ in Outline(hostile).elements] == [tag for tag, _ in Outline(plain).elements]


def test_only_numbers_and_names_are_taken_from_a_foreign_svg(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "evil.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
        'width="10mm" height="20mm" viewBox="0 0 10 20" onload="alert(1)"><script>alert(2)</script>'
        '<g inkscape:groupmode="layer" inkscape:label="1 &lt;b onclick=x&gt;" stroke="red&quot; onclick=&quot;x">'
        '<path d="M0 0L1 1" onclick="alert(3)" stroke="red"/><foreignObject><body/></foreignObject>'
        '<image href="http://example.org/x"/></g></svg>',
        encoding="utf-8",
    )
    done = cli("report", tmp_path / "evil.svg")
    assert done.status == 0, done.err
    html = (tmp_path / "evil.report.html").read_text(encoding="utf-8")
    assert done.out.strip() == str(tmp_path / "evil.report.html")
    assert "&lt;b onclick=x&gt;" in html
    for words in ("alert", "<b onclick", "example.org", "foreignObject", str(tmp_path)):
        assert words not in html
    assert [tag for tag, _ in Outline(html).elements].count("script") == 2


def test_no_folder_of_a_person_is_shown() -> None:
    text = (
        "# mine\nname: a\npens: '/home/ada/my pens/set.toml'\nstrokes: {svg: /home/ada/drawings/start.svg, count: 3}\n"
        'objective:\n- {file: "C:\\\\Users\\\\ada\\\\photo.png", weights: ~/nets/w.pth, mask: null, weight: 0.5}\n'
    )
    assert without_folders(text) == (
        "# mine\nname: a\npens: set.toml\nstrokes: {svg: start.svg, count: 3}\n"
        "objective:\n- {file: photo.png, weights: w.pth, mask: null, weight: 0.5}\n"
    )
    html = report(config_yaml=text, metrics=[])
    assert "ada" not in html
    assert "start.svg" in html


def test_a_config_without_paths_stays_as_it_is(quickstart: Run) -> None:
    assert without_folders(quickstart.config_text) == quickstart.config_text
    assert without_folders("a: [/tmp/a") == ""
    assert without_folders("a: [") == "a: ["


def test_a_file_name_that_would_read_as_something_else_is_quoted() -> None:
    assert without_folders("file: /tmp/1e5\n") == 'file: "1e5"\n'


def test_the_page_of_a_run_names_no_folder(quickstart: Run) -> None:
    html = (quickstart.path / "report.html").read_text(encoding="utf-8")
    assert str(quickstart.path.parent) not in html


# --- the drawing -----------------------------------------------------------------------------------------------------


def test_lines_keep_their_hundredths_of_a_millimetre() -> None:
    made = sheet()
    paths = re.findall(r'<path d="([^"]*)"', report(sheet=made, metrics=[]).split("</svg>")[0])
    lines = [line for layer in made.drawing.layers for line in layer.lines]
    assert len(paths) == len(lines)
    for path, line in zip(paths, lines, strict=True):
        numbers = np.array(re.findall(r"-?\d+", path), dtype=float).reshape(-1, 2)
        assert np.abs(np.cumsum(numbers, axis=0) / 100 - line).max() <= 0.005 + 1e-9


def test_a_dot_keeps_a_step() -> None:
    dot = Drawing(9, 9, (Layer(Pen("a", "#000000", 0.3), [np.array([[1.0, 2], [1.001, 2]])]),))
    assert 'd="M100 200l0 0"' in report(sheet=DrawingView(dot), metrics=[])


def test_the_player_has_the_times_of_the_motion_model() -> None:
    made = sheet()
    data = re.search(r'<script type="application/json">(.*?)</script>', report(sheet=made, metrics=[]))
    assert data
    found = json.loads(data[1])
    times = timetable(made.drawing, V3)
    assert found["total"] == round(times.seconds * 1000)
    clock_ms = 0
    for steps, layer in zip(found["layers"], times.layers, strict=True):
        ends = clock_ms + np.cumsum(steps)
        assert np.abs(ends[0::2] - layer.lands * 1000).max() <= 0.5 + 1e-6
        assert np.abs(ends[1::2] - layer.lifts * 1000).max() <= 0.5 + 1e-6
        clock_ms = int(ends[-1])


def test_inks_look_as_they_do_on_this_paper() -> None:
    half = (0.5, 0.5, 0.5)
    pens = PenSet(
        [
            Pen("dye", "#1f4e9e", 0.3),
            Pen("gel", "#ffffff", 0.3, ink="opaque", opacity=0.5),
            Pen("own", "#123456", 0.3, ink="opaque", reflectance=half, transmittance=half),
        ]
    )
    line = [np.array([[1.0, 1], [2, 2]])]
    layers = tuple(Layer(Pen(name, "#abcdef", 0.3), line) for name in ("dye", "gel", "own", "unknown"))
    inks = DrawingView(Drawing(9, 9, layers), "#000000", pens).inks
    assert inks == (
        InkLook("#1f4e9e", True),
        InkLook("#bcbcbc", False),
        InkLook("#bcbcbc", False),
        InkLook("#abcdef", False),
    )


def test_the_clock_has_hours_where_there_are_any() -> None:
    assert [clock(ms) for ms in (0, 65_900, 3_725_000)] == ["0:00", "1:05", "1:02:05"]


def test_a_page_of_two_thousand_lines_stays_small() -> None:
    random = np.random.default_rng(1)
    steps = random.normal(0, 0.5, (2000, 60, 2))
    lines = list(np.clip(np.cumsum(steps, axis=1) + random.uniform(10, 130, (2000, 1, 2)), 0, 148))
    made = DrawingView(Drawing(148, 210, (Layer(Pen("Black", "#000000", 0.3), lines),)))
    assert len(report(sheet=made, metrics=[]).encode()) < 1_500_000


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def svg(tmp_path: Path, quickstart: Run) -> Path:
    return Path(shutil.copy(quickstart.path / "plot.svg", tmp_path / "mine.svg"))


def test_any_svg_gets_a_page_for_its_paper_and_plotter(svg: Path, cli: Cli) -> None:
    target = svg.with_name("page.html")
    done = cli("report", svg, "--out", target, "--machine", "nextdraw-2234", "--paper", "black")
    assert (done.status, done.out.strip()) == (0, str(target))
    html = target.read_text(encoding="utf-8")
    assert "<h1>mine</h1>" in html
    assert "--paper:#000000" in html
    assert "nextdraw-2234" in html
    assert len(groups(html)) == len(read_drawing(svg).layers)
    assert "Excitation" not in html
    assert "Step by step" not in html


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--machine", "pencil"), "--machine pencil: no such machine; allowed are axidraw-v3"),
        (("--paper", "kraft"), "--paper: 'kraft' is not a colour: allowed are #rrggbb"),
        (("--out", "page.pdf"), "page.pdf: found .pdf; allowed is a name that ends in .html"),
    ],
)
def test_options_that_mean_nothing_are_refused(svg: Path, cli: Cli, options: tuple[str, ...], message: str) -> None:
    done = cli("report", svg, *options)
    assert done.status == 2
    assert message in done.err
    assert [path.name for path in svg.parent.iterdir()] == ["mine.svg"]


def test_a_run_has_its_own_paper_and_plotter(quickstart: Run, tmp_path: Path, cli: Cli) -> None:
    done = cli("report", quickstart.path, "--paper", "black", "--out", tmp_path / "a.html")
    assert done.status == 2
    assert "--paper black: allowed only for an SVG; a run has its own in its config" in done.err
    assert cli("report", quickstart.path, "--out", tmp_path / "a.html").status == 0
    assert "<h1>quickstart</h1>" in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_the_replay_alone_is_that_of_the_report(quickstart: Run) -> None:
    fragment = replay(quickstart)
    assert fragment.startswith('<figure class="player"')
    assert fragment.rstrip().endswith("</figure>")
    assert fragment in (quickstart.path / "report.html").read_text(encoding="utf-8")

"""The chart of a set of pens: what is on it, where, and in which order it is plotted."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import typer
from scans import NOMINAL, PAGE, PAPER, SCALE, TRUE, plotted
from typer.testing import CliRunner

from plotart.calibration.chart import BROADEST, NIB_OFFSET, Box, Chart, line_count, periods
from plotart.calibration.chart_file import dump_chart, parse_chart, read_chart
from plotart.calibration.hatching import solid
from plotart.calibration.layout import lay_out
from plotart.calibration.lines import chart_drawing, chart_layers
from plotart.cli.palette_chart import palette_chart_command
from plotart.errors import InputError, OutputError, PenError
from plotart.export.read import read_drawing
from plotart.export.svg import plot_svg
from plotart.geometry.page import Page
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import PenFile, dump_set

A4, A5 = Page(210, 297), Page(148, 210)


def many(count: int, width: float = 0.4) -> PenFile:
    colors = [f"#{40 + 15 * n:02x}{200 - 9 * n:02x}{(60 + 53 * n) % 256:02x}" for n in range(count - 1)]
    pens = [Pen(f"Pen {n}", color, width + 0.05 * (n % 3)) for n, color in enumerate(colors)]
    return PenFile(PenSet([*pens, Pen("Black", "#181818", width)]), title="Many")


CHARTS = {
    "4 on A6": lay_out(PenFile(NOMINAL), PAGE),
    "4 on A5 with a strip": lay_out(PenFile(NOMINAL, title="Strip"), A5, black_strip=True),
    "12 on A4": lay_out(many(12), A4),
    "1 on A6": lay_out(PenFile(NOMINAL.pick([0])), PAGE),
    "broad nibs on A4": lay_out(many(5, 1.6), A4),
    "9 on A4 with a strip, lying": lay_out(many(9), Page(297, 210), black_strip=True),
}
every_chart = pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)


def overlap(one: Box, other: Box) -> bool:
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom


@every_chart
def test_nothing_lies_over_anything_else(chart: Chart) -> None:
    quiet = [Box(x, y, 0, 0).shrunk(-4.2 * chart.unit) for x, y in chart.marks]
    rims = [Box(x, y, 0, 0).shrunk(-3 * chart.unit) for x, y in chart.marks]
    areas = [*(f.box for f in chart.fields), *(label.box for label in chart.labels), *chart.cells]
    for number, box in enumerate(areas):
        assert not any(overlap(box.shrunk(1e-6), other) for other in areas[number + 1 :])
        assert not any(overlap(box, rim) for rim in rims)
    bare = [field.box for field in chart.fields if field.kind == "bare"]
    assert not any(overlap(box, mark) for box in areas if box not in bare for mark in quiet), "marks need paper around"


@every_chart
def test_every_line_keeps_to_the_margin(chart: Chart) -> None:
    left, top, right, bottom = chart.page.inner
    for pen, lines in chart_layers(chart):
        points = np.concatenate(lines)
        reach = pen.width / 2 - 1e-9
        assert (points.min(axis=0) - reach >= (left, top)).all()
        assert (points.max(axis=0) + reach <= (right, bottom)).all()


@every_chart
def test_every_pen_has_its_swatches_and_lies_below_and_above_every_other(chart: Chart) -> None:
    for name in chart.pens.names:
        own = [field.kind for field in chart.fields if field.pens == (name,)]
        expected = ["solid", "hatch", "hatch", "hatch", "lines"] + (["over black"] if chart.strip else [])
        assert sorted(own) == sorted(expected)
    pairs = [field.pens for field in chart.fields if field.kind == "pair"]
    assert sorted(pairs) == sorted(permutations(chart.pens.names, 2))
    assert all(field.box.width >= 9 and field.box.height >= 9 for field in chart.fields if field.kind == "solid")
    assert all(field.box.width >= 7 for field in chart.fields if field.kind in ("pair", "over black"))


@every_chart
def test_a_chart_takes_two_rounds_of_pens_less_one(chart: Chart) -> None:
    count = len(chart.pens)
    names = [pen.name for pen, _ in chart_layers(chart)]
    assert names == [*chart.order, *chart.order[:-1]] if count > 1 else names == list(chart.order)


def test_bare_paper_is_spread_over_the_sheet() -> None:
    chart = CHARTS["12 on A4"]
    places = np.array([(f.box.x, f.box.y) for f in chart.fields if f.kind == "bare"])
    for x in (0, 70, 140):
        for y in (0, 99, 198):
            inside = ((places >= (x, y)) & (places < (x + 70, y + 99))).all(axis=1)
            assert inside.sum() >= 2, (x, y)


def test_no_turn_or_reflection_brings_the_marks_to_themselves() -> None:
    for chart in CHARTS.values():
        marks = np.array(chart.marks) - (chart.page.width / 2, chart.page.height / 2)
        for swap in (False, True):
            for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
                moved = (marks[:, ::-1] if swap else marks) * signs
                away = np.linalg.norm(moved[:, None] - marks[None], axis=-1).min(axis=1)
                assert (away.max() < 1) == (signs == (1, 1) and not swap)


def test_what_is_plotted_is_bare_where_it_should_be_and_inked_in_the_right_order(tmp_path_factory) -> None:
    """The sheet as the renderer draws the SVG with other nibs and inks, looked at without any of the measuring."""
    sheet = plotted(tmp_path_factory.getbasetemp())
    paper = np.array(PAGE.paper)
    truth = {pen.name: pen.light for pen in TRUE}
    widths = {pen.name: pen.width for pen in TRUE}
    for field in sheet.chart.fields:
        box = sheet.chart.reading_box(field)
        rows, columns = (
            np.round(np.array(ends) * SCALE).astype(int) for ends in ((box.y, box.bottom), (box.x, box.right))
        )
        seen = sheet.light[rows[0] : rows[1], columns[0] : columns[1]]
        expected = tuple(paper)
        for name in field.pens:
            expected = truth[name].over(expected)
        if field.kind in ("bare", "solid", "pair"):
            np.testing.assert_allclose(seen, np.broadcast_to(expected, seen.shape), atol=2e-3)
        else:
            share = min(1.0, widths[field.pens[0]] / field.spacing)
            mean = share * np.array(expected) + (1 - share) * paper
            np.testing.assert_allclose(seen.mean(axis=(0, 1)), mean, atol=0.03)


@pytest.mark.parametrize("nib", [0.05, 0.3, 0.7, 2.0])
def test_a_solid_has_no_gaps_for_a_nib_a_third_thinner(nib: float) -> None:
    box = Box(3, 4, 9, 7)
    for upright in (False, True):
        line = solid(box, nib, upright=upright)
        inner = np.random.default_rng(0).uniform((4, 5), (11, 10), size=(200, 2))
        start, end = line[:-1], line[1:]
        along = end - start
        share = ((inner[:, None] - start) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-12)
        nearest = start + share.clip(0, 1)[..., None] * along
        assert np.linalg.norm(inner[:, None] - nearest, axis=-1).min(axis=1).max() <= 0.67 * nib / 2
        assert (line.min(axis=0) >= (3 + nib / 2 - 1e-9, 4 + nib / 2 - 1e-9)).all()


@pytest.mark.parametrize("nib", [0.1, 0.3, 0.5, 0.8, 1.2])
@pytest.mark.parametrize("share", [0.75, 0.5, 0.25, 0.15])
def test_what_a_hatch_shows_does_not_change_when_pens_sit_askew(nib: float, share: float) -> None:
    width, spacing = 9.0, nib / share
    lines = line_count(width, spacing, nib)
    middles = (np.arange(lines) - (lines - 1) / 2) * spacing
    half = periods(width, spacing, nib) * spacing / 2
    x = np.linspace(-half, half, 20_001)

    def covered(broader: float, shift: float) -> float:
        return float((np.abs(x[:, None] - middles - shift).min(axis=1) <= broader * nib / 2).mean())

    if half * 2 <= width:
        for broader in (0.7, 1.0, BROADEST):
            for shift in (-0.9 * NIB_OFFSET, 0.3 * NIB_OFFSET):
                assert covered(broader, shift) == pytest.approx(min(1.0, broader * share), abs=0.004)


def test_a_layout_reads_back_as_it_was_written(tmp_path: Path) -> None:
    for chart in CHARTS.values():
        assert parse_chart(dump_chart(chart), "chart") == chart
    path = tmp_path / "chart.layout.json"
    path.write_text(dump_chart(CHARTS["4 on A6"]))
    assert read_chart(path) == CHARTS["4 on A6"]


def test_a_damaged_layout_is_refused_by_name(tmp_path: Path) -> None:
    good = json.loads(dump_chart(CHARTS["4 on A6"]))
    for text in (
        "{",
        "[]",
        "{}",
        json.dumps({**good, "marks": [1]}),
        json.dumps({**good, "scribe": "Nobody"}),
        json.dumps({**good, "plotart chart": 2}),
        json.dumps({key: value for key, value in good.items() if key != "fields"}),
        json.dumps({**good, "file": "pens = 3"}),
    ):
        with pytest.raises(PenError, match=r"^x\.json: "):
            parse_chart(text, "x.json")
    with pytest.raises(PenError, match="can't be read"):
        read_chart(tmp_path / "none.json")


def test_other_pens_and_other_pages_have_other_codes() -> None:
    codes = [chart.code for chart in CHARTS.values()]
    assert len(set(codes)) == len(codes)
    assert all(0 < code < 2**12 - 1 for code in codes)


def test_the_message_for_too_many_pens_says_how_many_fit() -> None:
    with pytest.raises(PenError, match=r"9 pens don't fit on a page of 105 x 148 mm .*: at most 4 do") as caught:
        lay_out(many(9), Page(105, 148))
    assert "--size" in str(caught.value)
    lay_out(PenFile(many(9).pens.called(["Black", "Pen 0", "Pen 1", "Pen 2"])), Page(105, 148))
    with pytest.raises(PenError, match="no chart fits"):
        lay_out(many(2), Page(60, 60))


def test_marks_are_drawn_by_a_thin_pen_that_stands_out() -> None:
    pens = PenSet([Pen("Pale", "#f0e8a0", 0.1), Pen("Broad", "#101010", 1.0), Pen("Thin", "#141418", 0.3)])
    assert lay_out(PenFile(pens), A5).scribe == "Thin"
    white = PenSet([Pen("White", "#f8f8f8", 0.8, "opaque"), Pen("Blue", "#203080", 0.4, "opaque")])
    assert lay_out(PenFile(white), Page(148, 210, color="#181818")).scribe == "White"
    with pytest.raises(PenError, match="no pen stands out"):
        lay_out(PenFile(pens.called(["Pale"])), A5)


def test_names_that_the_font_lacks_do_no_harm() -> None:
    chart = lay_out(PenFile(PenSet([Pen("Grün — 緑", "#206020", 0.4), Pen("黒", "#101010", 0.4)]), title="…"), A5)
    assert "Grün — 緑" in plot_svg(chart_drawing(chart))


def test_the_command_writes_chart_and_layout(tmp_path: Path) -> None:
    pens = tmp_path / "four.toml"
    pens.write_text(dump_set(PenFile(NOMINAL, title="Four")), encoding="utf-8")
    out = tmp_path / "new" / "sheet.svg"
    app = typer.Typer()
    app.command()(palette_chart_command)

    def run(*words: object):
        return CliRunner().invoke(app, [str(pens), *map(str, words)])

    done = run("--size", "a6", "--paper", PAPER, "--pens", "Red, Black", "--per-pen", "--out", out)
    assert done.exit_code == 0, done.output
    names = ["sheet.layout.json", "sheet.svg", "sheet_01_red.svg", "sheet_02_black.svg", "sheet_03_red.svg"]
    assert sorted(path.name for path in out.parent.iterdir()) == names
    chart = read_chart(out.parent / "sheet.layout.json")
    assert chart.page == Page(105, 148, 10, PAPER)
    drawing = read_drawing(out)
    assert [layer.name for layer in drawing.layers] == ["Red", "Black", "Red"]
    assert (drawing.width, drawing.height) == (105, 148)

    for words, error in (
        (("--size", "a0"), InputError),
        (("--size", "a6", "--margin", "60"), InputError),
        (("--margin", "x"), InputError),
        (("--paper", "nothing"), InputError),
        (("--pens", "Green"), PenError),
        (("--out", tmp_path / "x.png"), OutputError),
    ):
        assert isinstance(run(*words).exception, error), words

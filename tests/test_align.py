"""Where pens land, read from photographs of sheets whose pens sit aside by known ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scans import (
    NOMINAL,
    PAGE,
    TRUE,
    Picture,
    Sheet,
    blurred,
    cast,
    noisy,
    photographed,
    plot,
    plotted,
    save,
    shaded,
    wrinkled,
)
from typer.testing import CliRunner

from plotart.calibration.chart_file import dump_chart, parse_chart
from plotart.calibration.lines import chart_layers
from plotart.calibration.marks import find_spots
from plotart.calibration.register import Register, read_register
from plotart.calibration.register_chart import MOST_OFFSET, lay_out_register, squares
from plotart.canvas.renderer import Renderer
from plotart.cli.app import app
from plotart.color import linear, parse_color
from plotart.color.difference import ciede2000
from plotart.color.light import srgb_to_linear
from plotart.color.spaces import linear_to_lab
from plotart.errors import ImageError, PenError
from plotart.export.drawing import Drawing, Layer
from plotart.export.register import registered
from plotart.geometry.page import Page
from plotart.objectives.sight import seen_from_afar
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import PenFile, load_set, read_set, save_set
from plotart.plotter.simulate import simulate

#: mm right and down by which each pen sits aside.
ASIDE = {"Black": (0.1, 0.0), "Red": (0.5, -0.3), "Blue": (-0.8, 0.2), "Gold": (0.15, 1.6)}
FOUR = PenFile(NOMINAL, title="Four")

#: What is done to a sheet of that many px to a mm, and JPEG's quality.
SPOILT: dict[str, tuple[Callable[[Picture], Picture], int | None]] = {
    "flat": (lambda light: light, None),
    "at a slant": (lambda light: photographed(light, degrees=-8, slant=0.12, bend=-0.03), None),
    "wrinkled": (lambda light: wrinkled(light, 6.0), None),
    "by hand": (
        lambda light: noisy(
            blurred(cast(shaded(photographed(wrinkled(light, 6.0), degrees=183, slant=0.1, bend=-0.02))), 1.0)
        ),
        85,
    ),
}


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    return plot(
        lay_out_register(FOUR, Page(105.0, 148.0, 7.0, PAGE.color)),
        TRUE,
        tmp_path_factory.mktemp("register"),
        shifts=ASIDE,
    )


def check(found: Register, aside: dict[str, tuple[float, float]] = ASIDE, *, offset: float, nib: float) -> None:
    first = aside[found.chart.pens[0].name]
    for place in found.places:
        name = place.nominal.name
        assert place.offset == pytest.approx(np.subtract(aside[name], first), abs=offset), name
        assert place.width == pytest.approx(TRUE[TRUE.names.index(name)].width, rel=nib), name


@pytest.mark.parametrize("name", SPOILT)
def test_pens_are_found_where_they_land_however_the_picture_is_spoilt(name: str, sheet: Sheet, tmp_path: Path) -> None:
    spoil, quality = SPOILT[name]
    found = read_register(save(spoil(sheet.light), tmp_path / "photo", quality=quality), sheet.chart)
    check(found, offset=0.03, nib=0.05)


def test_a_sheet_that_turned_is_told(sheet: Sheet, tmp_path: Path) -> None:
    """Red alone was drawn on a sheet turned by a fifth of a degree."""
    angle = np.radians(0.2)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = plot(sheet.chart, TRUE, tmp_path, shifts={"Red": lambda line: (line - (52, 74)) @ turn + (52, 74)})
    found = read_register(save(turned.light, tmp_path / "photo"), sheet.chart)
    by_name = {place.nominal.name: place for place in found.places}
    assert any("the sheet moved or turned" in line for line in by_name["Red"].warnings)
    assert not by_name["Gold"].warnings


def test_a_pen_too_far_aside_is_told_and_the_others_are_read(sheet: Sheet, tmp_path: Path) -> None:
    aside = {**ASIDE, "Gold": (0.0, MOST_OFFSET + 0.9)}
    light = plot(sheet.chart, TRUE, tmp_path, shifts=aside).light
    found = read_register(save(light, tmp_path / "photo"), sheet.chart)
    assert [place.offset is None for place in found.places] == [False, False, False, True]
    assert "more than 2 mm aside" in found.places[3].warnings[0]
    assert found.places[1].offset == pytest.approx((0.4, -0.3), abs=0.02)
    kept = found.pen_file(FOUR)
    assert kept.pens[3].offset is None


def test_one_smeared_corner_does_no_harm(sheet: Sheet, tmp_path: Path) -> None:
    light = sheet.light.copy()
    box, _ = squares(sheet.chart)["Red"][2]
    rows, columns = (slice(int(6 * (at - 2)), int(6 * (at + 6))) for at in (box.y, box.x))
    light[rows, columns] = light[rows, columns].mean(axis=(0, 1))
    check(read_register(save(light, tmp_path / "photo"), sheet.chart), offset=0.03, nib=0.05)


def test_pens_that_were_swapped_are_told(sheet: Sheet, tmp_path: Path) -> None:
    swapped = PenSet([TRUE[0], TRUE[1].but(name="Blue"), TRUE[2].but(name="Red"), TRUE[3]])
    light = plot(sheet.chart, swapped, tmp_path, shifts=ASIDE).light
    found = read_register(save(light, tmp_path / "photo"), sheet.chart)
    told = {place.nominal.name: place.warnings for place in found.places}
    assert told["Red"] == ("looks like Blue: was that pen in the holder?",)
    assert not told["Black"]


def test_a_palette_chart_has_no_squares(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    other = plotted(tmp_path_factory.getbasetemp())
    with pytest.raises(ImageError, match="has no squares of 'Gold' in its corners"):
        read_register(save(other.light, tmp_path / "photo"), other.chart)


class TestChart:
    def test_every_pen_has_a_square_near_each_corner_amid_four_of_the_scribes(self) -> None:
        chart = lay_out_register(FOUR, PAGE)
        found = squares(chart)
        assert {*found, chart.scribe} == {*NOMINAL.names}
        for boxes in found.values():
            middles = np.array([(box.x + box.width / 2, box.y + box.height / 2) for box, _ in boxes])
            quarters = {(x > PAGE.width / 2, y > PAGE.height / 2) for x, y in middles}
            assert len(boxes) == len(quarters) == 4
            for box, around in boxes:
                assert np.mean([(one.x, one.y) for one in around], axis=0) == pytest.approx((box.x, box.y))

    @pytest.mark.parametrize(("count", "page"), [(2, PAGE), (8, Page(148, 210, 10)), (12, Page(210, 297, 10))])
    def test_nothing_overlaps(self, count: int, page: Page) -> None:
        pens = [Pen(f"Pen {number}", "#202020", 0.3 + 0.05 * number) for number in range(count)]
        chart = lay_out_register(PenFile(PenSet(pens)), page)
        boxes = [*(field.box for field in chart.fields), *chart.cells, *(label.box for label in chart.labels)]
        for number, one in enumerate(boxes):
            for other in boxes[:number]:
                apart = max(other.x - one.right, one.x - other.right, other.y - one.bottom, one.y - other.bottom)
                assert apart > -1e-9, (one, other)

    def test_only_marks_look_like_marks(self, sheet: Sheet) -> None:
        assert len(find_spots(sheet.light.mean(axis=2).astype(np.float32))) == len(sheet.chart.marks)

    def test_every_pen_has_one_layer(self) -> None:
        layers = chart_layers(lay_out_register(FOUR, PAGE))
        assert [pen.name for pen, _ in layers] == list(NOMINAL.light_to_dark().names)

    def test_the_layout_reads_back(self) -> None:
        chart = lay_out_register(FOUR, PAGE)
        assert parse_chart(dump_chart(chart), "layout") == chart

    def test_what_does_not_fit_is_refused(self) -> None:
        many = PenFile(PenSet([Pen(f"Pen {number}", "#202020", 0.5) for number in range(30)]))
        with pytest.raises(PenError, match=r"30 pens don't fit on a page of 105 x 148 mm .*larger page \(--size\)"):
            lay_out_register(many, PAGE)
        with pytest.raises(PenError, match="found 1 pen; allowed: two and more"):
            lay_out_register(PenFile(PenSet([Pen("One", "black", 0.5)])), PAGE)


class TestCommands:
    @pytest.fixture(autouse=True)
    def own(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PLOTART_CONFIG", str(tmp_path / "config"))
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.chdir(tmp_path)

    def said(self, *words: str) -> str:
        result = CliRunner().invoke(app, ["align", *words], catch_exceptions=False)
        assert result.exit_code == 0
        return result.output

    def test_from_chart_to_set(self, sheet: Sheet, tmp_path: Path) -> None:
        save_set(replace(FOUR, pens=PenSet([*NOMINAL, Pen("Pink", "#ff80a0", 0.4)])), "mine")
        output = self.said("chart", "mine", "--size", "a6", "--margin", "7", "--paper", PAGE.color,
                           "--pens", "Black,Red,Blue,Gold")  # fmt: skip
        assert "align_01_gold.svg" in output
        assert len([*tmp_path.glob("align_0*.svg")]) == 4
        save(SPOILT["by hand"][0](sheet.light), tmp_path / "photo.jpg", quality=85)
        assert "Nothing is kept yet" in self.said("read", "photo.jpg")
        assert load_set("mine").pens[1].offset is None
        assert "Kept in" in self.said("read", "photo.jpg", "--into", "mine", "--nibs")
        pens = {pen.name: pen for pen in load_set("mine").pens}
        assert pens["Red"].lands == pytest.approx((0.4, -0.3), abs=0.03)
        assert pens["Red"].width == pytest.approx(0.6, rel=0.05)
        assert pens["Black"].offset == (0.0, 0.0)
        assert pens["Pink"].offset is None
        shown = self.said("show", "mine")
        assert "not measured" in shown
        assert f"{pens['Blue'].lands[0]:+g} mm" in shown

    def test_by_hand(self, tmp_path: Path) -> None:
        save_set(FOUR, "mine")
        assert "lands +0.3 mm to the right, -0.15 mm down" in self.said(
            "set", "Red", "0.3mm", "-0.15", "--into", "mine"
        )
        assert load_set("mine").pens[1].offset == (0.3, -0.15)
        self.said("set", "Red", "0", "0", "--into", "mine")
        assert load_set("mine").pens[1].offset is None

    def test_a_set_that_comes_with_plotart_becomes_ones_own(self, tmp_path: Path) -> None:
        output = self.said("set", "Uni Pin 0.5 Black", "-0.2", "0", "--into", "uni-pin")
        assert str(tmp_path / "config") in output
        assert load_set("uni-pin").pens.called(["Uni Pin 0.5 Black"])[0].offset == (-0.2, 0.0)

    def test_a_file_is_written_in_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "four.toml").write_text('pens = [{name = "Black", color = "black", width = "0.5mm"}]')
        self.said("set", "Black", "1", "2", "--into", "four.toml")
        assert read_set(tmp_path / "four.toml").pens[0].offset == (1.0, 2.0)

    def test_what_can_not_be_set_is_refused(self) -> None:
        save_set(FOUR, "mine")
        for words, message in (
            (("Pink", "0", "0"), "no pen is called 'Pink': there are Black, Red, Blue, Gold"),
            (("Red", "30", "0"), "DX: found 30 mm; allowed: -20 to 20 mm"),
            (("Red", "0", "low"), "DY:"),
        ):
            result = CliRunner().invoke(app, ["align", "set", *words, "--into", "mine"])
            assert message in str(result.exception)


def test_a_picture_of_four_pens_loses_little_of_its_colour(sheet: Sheet, tmp_path: Path) -> None:
    """Hatches of four pens over each other, as meant, half a millimetre aside, and with the offsets that were read."""
    spoil, quality = SPOILT["by hand"]
    found = read_register(save(spoil(sheet.light), tmp_path / "photo", quality=quality), sheet.chart)
    first = ASIDE["Black"]
    true = [pen.but(offset=tuple(np.subtract(ASIDE[pen.name], first).tolist())) for pen in TRUE]
    read = found.pen_file(FOUR).pens
    hatches = [
        [np.array([(15.0 + k, 15.0), (15.0 + k + 20 * number, 130.0)]) for k in np.arange(0, 70 - 20 * number, 1.1)]
        for number in range(4)
    ]
    meant = Drawing(105, 148, tuple(Layer(pen, lines) for pen, lines in zip(read, hatches, strict=True)))
    images = [
        simulate(drawing, PAGE, Renderer(resolution=888), PenSet(pens))
        for drawing, pens in ((meant, list(TRUE)), (meant, true), (registered(meant), true))
    ]
    lab = [linear_to_lab(seen_from_afar(srgb_to_linear(image), 6.0, 1)[0][0].movedim(0, -1)) for image in images]
    missed, left = (float(ciede2000(one, lab[0]).mean()) for one in lab[1:])
    assert missed > 0.5
    assert left < 0.15 * missed


def test_offsets_are_told_against_those_that_the_first_pen_has(sheet: Sheet, tmp_path: Path) -> None:
    found = read_register(save(sheet.light, tmp_path / "photo"), sheet.chart)
    known = replace(FOUR, pens=PenSet([NOMINAL[0].but(offset=(1.0, 1.0)), *NOMINAL[1:]]))
    assert found.pen_file(known).pens[1].offset == pytest.approx((1.4, 0.7), abs=0.02)


def test_pens_on_dark_paper_are_found(tmp_path: Path) -> None:
    pens = PenSet([Pen("White", "#f4f4f0", 0.7, "opaque"), Pen("Yellow", "#f0d040", 0.7, "opaque")])
    page = replace(PAGE, color="#141414")
    assert sum(linear(parse_color(page.color))) < 0.1
    chart = lay_out_register(PenFile(pens), page)
    light = plot(chart, pens, tmp_path, shifts={"Yellow": (-0.4, 0.6)}).light
    found = read_register(save(light, tmp_path / "photo"), chart)
    assert found.places[1].offset == pytest.approx((-0.4, 0.6), abs=0.03)

"""Inks and nibs read from scans of charts whose pens are known."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import skimage.transform
import torch
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scans import (
    NOMINAL,
    PAGE,
    PAINT,
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
)
from scipy import ndimage
from typer.testing import CliRunner

from plotart.calibration.camera import Camera, fit_camera, homographies, match_marks
from plotart.calibration.chart import Chart
from plotart.calibration.chart_file import dump_chart
from plotart.calibration.inks import Backgrounds, fit_ink
from plotart.calibration.layout import lay_out
from plotart.calibration.light_field import fit_light
from plotart.calibration.marks import find_spots
from plotart.calibration.measure import Measurement, measure
from plotart.cli.palette_measure import palette_measure_command
from plotart.color import RGB, linear, parse_color
from plotart.color.difference import ciede2000
from plotart.color.spaces import linear_to_lab
from plotart.errors import ColorError, ImageError
from plotart.geometry.page import Page
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import PenFile, read_set

SPOILT: dict[str, tuple[Callable[[Picture], Picture], int | None]] = {
    "flat": (lambda light: light, None),
    "turned by 3": (lambda light: photographed(light, degrees=3), None),
    "turned by 90": (lambda light: photographed(light, degrees=90), None),
    "turned by 183": (lambda light: photographed(light, degrees=183), None),
    "at a slant": (lambda light: photographed(light, degrees=-8, slant=0.12), None),
    "bent by the lens": (lambda light: photographed(light, bend=-0.04), None),
    "blurred": (lambda light: blurred(light, 1.5), None),
    "noisy": (lambda light: noisy(light, 0.03), None),
    "in yellow light": (cast, None),
    "shaded": (shaded, None),
    "JPEG": (lambda light: light, 85),
    "shaded and noisy JPEG": (lambda light: noisy(shaded(light)), 85),
    "by hand": (
        lambda light: noisy(blurred(cast(shaded(photographed(light, degrees=183, slant=0.1, bend=-0.02))), 1.0)),
        85,
    ),
}


@pytest.fixture(scope="session")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    return plotted(tmp_path_factory.getbasetemp())


def difference(first: RGB, second: RGB) -> float:
    """CIEDE2000 of two colours in linear light."""
    return float(ciede2000(*(linear_to_lab(torch.tensor(light, dtype=torch.float64)) for light in (first, second))))


def looks(pens: PenSet, chart: Chart, *names: str) -> RGB:
    """Linear light of pens one over the other on the chart's paper."""
    light = chart.page.paper
    for name in names:
        light = pens[pens.names.index(name)].light.over(light)
    return light


def errors(found: Measurement, true: PenSet) -> tuple[list[float], list[float], list[float], list[float]]:
    """Differences of colours on paper and of overprints, as read and as the measured inks have them; shares by which
    nibs are off."""
    chart, measured = found.chart, PenSet([reading.pen for reading in found.readings])
    colors = [difference(reading.on_paper, looks(true, chart, reading.pen.name)) for reading in found.readings]
    overprints = [difference(light, looks(true, chart, *pair)) for pair, light in found.overprints.items()]
    by_inks = [difference(looks(measured, chart, *pair), looks(true, chart, *pair)) for pair in found.overprints]
    nibs = [abs(pen.width / one.width - 1) for pen, one in zip(measured, true, strict=True)]
    return colors, overprints, by_inks, nibs


@pytest.mark.parametrize("name", SPOILT)
def test_pens_are_found_as_they_are_however_the_scan_is_spoilt(name: str, sheet: Sheet, tmp_path: Path) -> None:
    spoil, quality = SPOILT[name]
    found = measure(save(spoil(sheet.light), tmp_path / "scan", quality=quality), sheet.chart)
    colors, overprints, by_inks, nibs = errors(found, sheet.true)
    assert np.mean(colors) < 1
    assert max(colors) < 2
    assert np.mean(overprints) < 1.5
    assert max(overprints) < 3
    assert np.mean(by_inks) < 1.5
    assert max(nibs) < 0.05
    assert found.residual < 0.05
    assert found.warnings == ()
    assert [reading.warnings for reading in found.readings] == [()] * 4
    assert [reading.pen.ink for reading in found.readings] == [pen.ink for pen in NOMINAL]
    for reading, true in zip(found.readings, sheet.true, strict=True):
        np.testing.assert_allclose(reading.pen.transmittance, true.light.transmittance, atol=0.03)
        np.testing.assert_allclose(reading.pen.reflectance, true.light.reflectance, atol=0.03)


def test_pens_that_sit_aside_in_the_holder_are_found_as_they_are(sheet: Sheet, tmp_path: Path) -> None:
    askew = plot(sheet.chart, sheet.true, tmp_path, shift=(0.35, -0.3))
    colors, overprints, _, nibs = errors(measure(save(askew.light, tmp_path / "x.png"), sheet.chart), sheet.true)
    assert max(colors) < 1
    assert max(overprints) < 2
    assert max(nibs) < 0.03


def test_another_paper_given_is_what_colours_are_relative_to(sheet: Sheet, tmp_path: Path) -> None:
    path = save(sheet.light, tmp_path / "x.png")
    paper = linear(parse_color("#ddd8c0"))
    plain, other = measure(path, sheet.chart), measure(path, sheet.chart, paper=paper)
    for one, two in zip(plain.readings, other.readings, strict=True):
        ratio = np.array(paper) / sheet.chart.page.paper
        np.testing.assert_allclose(two.on_paper, np.array(one.on_paper) * ratio, rtol=1e-6)
    assert other.pen_file(source="x", date="2026-01-01").paper == "#ddd8c0"


def test_a_black_strip_tells_what_shows_through_an_only_pen(tmp_path: Path) -> None:
    pens = PenSet([Pen("Gold", "#8a6a10", 0.8)])  # said to be transparent, which it is not
    true = PenSet([TRUE[3].but(ink="transparent")])
    chart = lay_out(PenFile(pens), PAGE, black_strip=True)
    painted = save(plot(chart, true, tmp_path, paint=PAINT).light, tmp_path / "painted.png")
    (reading,) = measure(painted, chart).readings
    assert reading.pen.ink == "opaque"
    np.testing.assert_allclose(reading.pen.transmittance, true[0].light.transmittance, atol=0.02)
    assert reading.warnings == ()

    forgotten = measure(save(plot(chart, true, tmp_path).light, tmp_path / "forgotten.png"), chart)
    assert "strip is not black" in forgotten.warnings[0]
    assert "no dark background" in forgotten.readings[0].warnings[0]
    assert forgotten.readings[0].pen.ink == "transparent"
    assert difference(forgotten.readings[0].on_paper, looks(true, chart, "Gold")) < 1


def test_opaque_pens_are_measured_on_black_paper_too(tmp_path: Path) -> None:
    pens = [Pen("White", "#f4f4f0", 0.8, "opaque"), Pen("Red", "#d03040", 0.7, "opaque")]
    true = PenSet(
        [
            pens[0].but(width=0.7, reflectance=(0.7, 0.7, 0.66), transmittance=(0.2, 0.2, 0.2)),
            pens[1].but(width=0.6, reflectance=(0.5, 0.03, 0.05), transmittance=(0.15, 0.1, 0.1)),
        ]
    )
    chart = lay_out(PenFile(PenSet(pens)), Page(105, 148, 7, "#262628"))
    assert not chart.dark_marks
    light = noisy(photographed(plot(chart, true, tmp_path).light, degrees=4), 0.01)
    colors, overprints, _, nibs = errors(measure(save(light, tmp_path / "x.png"), chart), true)
    assert np.mean(colors) < 2
    assert np.mean(overprints) < 2
    assert max(nibs) < 0.1


def test_a_pen_that_is_hardly_seen_keeps_its_nib_and_says_so(tmp_path: Path) -> None:
    pens = PenSet([Pen("Black", "#202020", 0.5), Pen("Cream", "#f8f4e6", 0.6, "opaque")])
    true = PenSet([pens[0], pens[1].but(width=0.4)])
    chart = lay_out(PenFile(pens), PAGE)
    _, cream = measure(save(plot(chart, true, tmp_path).light, tmp_path / "x.png"), chart).readings
    assert cream.pen.width == 0.6
    assert "hardly visible" in cream.warnings[0]
    assert cream.widths == ()


def test_an_overexposed_scan_is_read_with_a_warning(sheet: Sheet, tmp_path: Path) -> None:
    found = measure(save(sheet.light, tmp_path / "x.png", exposure=1.3), sheet.chart)
    assert "as bright as the picture can be" in found.warnings[0]


def wavy(light: Picture) -> Picture:
    y, x = np.mgrid[: light.shape[0], : light.shape[1]].astype(float)
    at = [y + 12 * np.sin(x / 110), x + 12 * np.sin(y / 110)]
    return np.stack([ndimage.map_coordinates(light[..., c], at, order=1, mode="nearest") for c in range(3)], axis=-1)


REFUSED: dict[str, tuple[Callable[[Picture], Picture], str]] = {
    "blank": (lambda light: noisy(np.full_like(light, 0.8)), "found 0 of the chart's 8 marks"),
    "coffee": (lambda light: (skimage.data.coffee() / 255.0) ** 2.2, r"found \d of the chart's 8 marks"),
    "a corner missing": (lambda light: light[:, 100:], "of the chart's 8 marks"),
    "a corner cut": (lambda light: photographed(light, degrees=8, border=-0.06), "picture's edge|of the chart's"),
    "mirrored": (lambda light: light[:, ::-1], "mirrored"),
    "mirrored and turned": (lambda light: photographed(light, degrees=70)[::-1], "mirrored"),
    "small": (lambda light: ndimage.zoom(light, (0.45, 0.45, 1), order=1), "shows the chart at 69 dots per inch"),
    "wavy": (wavy, "mm off their places"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_whole_chart_is_refused_with_a_reason(name: str, sheet: Sheet, tmp_path: Path) -> None:
    spoil, reason = REFUSED[name]
    path = save(spoil(sheet.light), tmp_path / "scan.png")
    with pytest.raises(ImageError, match=reason) as caught:
        measure(path, sheet.chart)
    assert str(caught.value).startswith(f"{path}: ")


def test_another_chart_is_refused(sheet: Sheet, tmp_path: Path) -> None:
    other = lay_out(PenFile(NOMINAL.called(["Black", "Blue", "Gold", "Red"]), title="Other"), PAGE)
    path = save(sheet.light, tmp_path / "scan.png")
    with pytest.raises(ImageError, match="another chart than that of 'Other'"):
        measure(path, other)
    with pytest.raises(ImageError, match=r"mm off their places|of the chart's"):
        measure(path, lay_out(PenFile(NOMINAL), Page(148, 210)))


def test_the_command_writes_a_set_that_reads_back(sheet: Sheet, tmp_path: Path) -> None:
    scan = save(sheet.light, tmp_path / "scan.png")
    layout = tmp_path / "chart.layout.json"
    layout.write_text(dump_chart(sheet.chart), encoding="utf-8")
    app = typer.Typer()
    app.command()(palette_measure_command)
    done = CliRunner().invoke(app, [str(scan), "--chart", str(layout)], env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    assert re.search(r"Black.*transparent.* 0\.5 mm +0\.4[12]\d? mm", done.output)
    file = read_set(tmp_path / "scan.toml")
    assert (file.status, file.licence, file.paper) == ("measured", "own measurement", PAGE.color)
    assert file.source == f"measured from scan.png, relative to paper of {PAGE.color}"
    assert file.pens.names == NOMINAL.names
    assert set(file.pens.overprints) == set(permutations(NOMINAL.names, 2))
    for pen, true in zip(file.pens, sheet.true, strict=True):
        assert pen.measured is not None
        assert pen.width == pytest.approx(true.width, rel=0.02)
        assert difference(pen.light.over((1, 1, 1)), linear(pen.rgb)) < 1
    words = [str(scan), "--chart", str(layout), "--paper", "nothing"]
    assert isinstance(CliRunner().invoke(app, words).exception, ColorError)


unit = st.floats(0, 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(unit, unit), min_size=3, max_size=3), st.integers(0, 100))
def test_an_ink_is_found_again_from_what_it_does_to_light(parts: list[tuple[float, float]], seed: int) -> None:
    passes = np.array([p for p, _ in parts])
    reflects = np.array([(1 - p) * r for p, r in parts])
    random = np.random.default_rng(seed)
    paper, below = np.array([0.95, 0.93, 0.88]), np.vstack([random.uniform(0, 0.9, (3, 3)), [[0.02] * 3]])
    seen = Backgrounds(paper, reflects + passes * paper, below, reflects + passes * below)
    light, known = fit_ink(seen, Pen("x", "#808080", 0.5))
    assert known > 0.9
    np.testing.assert_allclose(light.over((0.95, 0.93, 0.88)), seen.on_paper, atol=1e-9)
    np.testing.assert_allclose(light.transmittance, passes, atol=0.02)
    np.testing.assert_allclose(light.reflectance, reflects, atol=0.02)


@settings(max_examples=60, deadline=None)
@given(st.lists(unit, min_size=9, max_size=9))
def test_an_ink_is_physical_whatever_was_read(values: list[float]) -> None:
    on_paper, below, above = np.reshape(values, (3, 3))
    paper = np.array([0.95, 0.93, 0.88])
    light, _ = fit_ink(Backgrounds(paper, on_paper, below[None], above[None]), Pen("x", "#808080", 0.5))
    for r, t in zip(light.reflectance, light.transmittance, strict=True):
        assert 0 <= r <= 1
        assert 0 <= t <= 1
        assert r + t <= 1 + 1e-9


def test_homographies_are_those_of_scikit_image() -> None:
    random = np.random.default_rng(2)
    square = np.array([[0, 0], [10, 0], [10, 14], [0, 14]], dtype=float)
    targets = square * 7 + random.uniform(-3, 3, (20, 4, 2))
    found = homographies(np.broadcast_to(square, (20, 4, 2)), targets)
    for matrix, target in zip(found, targets, strict=True):
        expected = skimage.transform.ProjectiveTransform.from_estimate(square, target)
        np.testing.assert_allclose(matrix, expected.params, rtol=1e-6, atol=1e-9)


def test_a_camera_is_found_again_from_the_marks_it_sees(sheet: Sheet) -> None:
    marks = np.array(sheet.chart.marks)
    angle = math.radians(197)
    turn = np.array([[math.cos(angle), -math.sin(angle), 8.0], [math.sin(angle), math.cos(angle), 140.0]]) * 7
    true = Camera(np.vstack([turn, [0.0004, -0.0003, 1]]), (500, 400), math.hypot(500, 400), -0.03)
    found = fit_camera(marks, true.to_px(marks), (800, 1000))
    everywhere = np.stack(np.meshgrid(np.linspace(0, 105, 9), np.linspace(0, 148, 9)), axis=-1)
    np.testing.assert_allclose(found.to_px(everywhere), true.to_px(everywhere), atol=0.01)


def test_marks_are_recognised_in_any_order_and_among_others(sheet: Sheet) -> None:
    marks = np.array(sheet.chart.marks)
    random = np.random.default_rng(4)
    for mirrored in (False, True):
        for _ in range(5):
            angle = random.uniform(0, 2 * math.pi)
            turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]) * 6
            px = (marks * (-1 if mirrored else 1, 1)) @ turn + 900
            spots = np.concatenate([px, random.uniform(300, 1500, (4, 2))])
            order = random.permutation(len(spots))
            match = match_marks(marks, spots[order])
            assert match.count == len(marks)
            assert match.mirrored == mirrored
            np.testing.assert_allclose(spots[order][list(match.spots)], px)


def test_only_marks_look_like_marks(sheet: Sheet) -> None:
    grey = sheet.light.mean(axis=2).astype(np.float32) ** 0.45
    assert len(find_spots(grey)) == len(sheet.chart.marks)
    for picture in (skimage.data.coffee(), skimage.data.astronaut(), skimage.data.immunohistochemistry()):
        assert len(find_spots(np.asarray(Image.fromarray(picture).convert("L"), dtype=np.float32) / 255)) < 4


def test_light_is_found_again_from_bare_paper_though_some_of_it_is_stained() -> None:
    random = np.random.default_rng(6)
    places = random.uniform((0, 0), (105, 148), (40, 2))

    def light(points: np.ndarray) -> np.ndarray:
        x, y = np.moveaxis(points / (105, 148), -1, 0)
        return np.stack([0.8 - 0.2 * x, 0.7 + 0.1 * x * y, 0.6 - 0.2 * (y - 0.4) ** 2], axis=-1)

    seen = light(places) * (1 + random.normal(scale=0.002, size=(40, 3)))
    seen[[3, 17]] *= 0.6
    field = fit_light(places, seen, (105, 148))
    inside = random.uniform((10, 10), (95, 138), (50, 2))
    np.testing.assert_allclose(field.at(inside), light(inside), rtol=0.01)
    assert field.uneven < 0.01

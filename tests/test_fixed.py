"""Words and guests that are fixed on the sheet: the drawing keeps clear of them, in the picture as in the plot."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from on_sheet import without_fixed
from small_runs import ALL_STAY, run_small, small

from plotart import Config, Run, load_run
from plotart.canvas import StrokeCanvas
from plotart.canvas.renderer import Renderer
from plotart.errors import ConfigError, DrawingError, StopRun
from plotart.export.clip import part_of
from plotart.export.drawing import Drawing
from plotart.export.fixed_pens import fixed_lines
from plotart.export.ground import around_box, around_lines, clear_of, ground_text
from plotart.export.layers import pen_layers
from plotart.export.read import read_drawing
from plotart.export.toolpath import build_toolpath
from plotart.geometry.bezier import bezier_points
from plotart.geometry.fixed import Fixed, FixedLines
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.job.build import build, build_page
from plotart.job.export import export_run
from plotart.objectives import Windows
from plotart.palette import FixedPalette
from plotart.pens import Pen, PenSet
from plotart.plotter.simulate import simulate

BOX = np.array([(20.0, 12.0), (40.0, 12.0), (40.0, 28.0), (20.0, 28.0)])
CROSS = [np.array([(25.0, 20.0), (35.0, 20.0)]), np.array([(30.0, 15.0), (30.0, 25.0)])]
FIXED = Fixed((FixedLines.of(CROSS, pen="Blue"),), ground_text([shapely.polygons(BOX)]))
PAGE = Page(60, 40, margin=4, color="#f0e8d0", fixed=FIXED)
PENS = PenSet([Pen("Red", "#c8102e", 2.0), Pen("Blue", "#1f4e9e", 0.8, "opaque")])

ACROSS = [[5.0, 20.0], [20.0, 20.0], [40.0, 20.0], [55.0, 20.0]]
WITHIN = [[22.0, 17.0], [25.0, 17.0], [33.0, 17.0], [38.0, 17.0]]

LOGO = """<svg xmlns="http://www.w3.org/2000/svg" width="20mm" height="20mm" viewBox="0 0 20 20" fill="none">
<circle cx="10" cy="10" r="8" stroke="#d01030"/><path d="M6 10H14" stroke="#2050a0"/></svg>"""


def strokes(points: list[list[float]]) -> Strokes:
    count = len(points) // 4
    return Strokes(torch.tensor(points), torch.full((count,), 4), torch.tensor([[1.0, 0.0]]).expand(count, 2))


def canvas(points: list[list[float]], page: Page = PAGE, resolution: int = 240) -> StrokeCanvas:
    return StrokeCanvas(strokes(points), FixedPalette(PENS), page, Renderer(resolution=resolution))


def on_ground(resolution: int = 240) -> torch.Tensor:
    """[H, W] bool: pixels that lie wholly on it."""
    scale = resolution / 60
    mask = torch.zeros(round(40 * scale), resolution, dtype=torch.bool)
    mask[round(12 * scale) : round(28 * scale), round(20 * scale) : round(40 * scale)] = True
    return mask


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    path = tmp_path / "logo.svg"
    path.write_text(LOGO, encoding="utf-8")
    return path


# The picture


def test_on_its_ground_lies_nothing_but_the_cross() -> None:
    drawn = canvas(ACROSS)
    image, blank = drawn.hard().image.detach(), drawn.blank()
    assert torch.equal(image[..., on_ground()], blank[..., on_ground()])
    cross = simulate(Drawing(60, 40, ()), replace(PAGE, fixed=Fixed()), Renderer(resolution=240))
    assert float((blank - cross).abs().max()) > 0.3
    plain = canvas(ACROSS, replace(PAGE, fixed=Fixed())).hard().image.detach()
    away = ~on_ground()
    away[40:120, 76:164] = False  # a pixel of the edge, too
    torch.testing.assert_close(image[..., away], plain[..., away])


def test_strokes_on_its_ground_have_no_slope_and_are_dead() -> None:
    drawn = canvas([*ACROSS, *WITHIN])
    drawn.hard().image.sum().backward()
    slope = drawn.parameters()["points"].grad
    assert slope is not None
    assert float(slope[4:].abs().max()) == 0 < float(slope[:4].abs().max())
    assert drawn.dead(0.1).tolist() == [False, True]


def test_windows_show_it_as_the_sheet_does() -> None:
    drawn = canvas(ACROSS)
    frame = drawn.hard(Windows.tiling(PAGE, 240, 128))
    whole = drawn.hard().image.detach()
    torch.testing.assert_close(frame.image[:1].detach(), whole[:, :, :128, :128], atol=0.03, rtol=0)
    assert frame.idle["logits"].shape == (1,)


def test_windows_with_lines_that_run_through_tell_which_strokes_they_show() -> None:
    page = replace(PAGE, fixed=replace(FIXED, clear=""))
    corner = [[6.0, 6.0], [7.0, 6.0], [8.0, 6.0], [9.0, 6.0]]
    drawn = canvas([*WITHIN, *corner], page)
    with torch.no_grad():
        drawn.parameters()["logits"].copy_(torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    (window,) = list(Windows.tiling(page, 240, 60))[:1]
    assert drawn.hard(window).idle["logits"].tolist() == [True, False]


def test_lines_that_run_through_are_laid_where_they_are_plotted() -> None:
    """Blue is drawn after red and covers it; were it the other way round, red would lie on it."""
    page = replace(PAGE, fixed=replace(FIXED, clear=""))
    drawn = canvas(ACROSS, page)
    scale, (x, y) = 4, (30, 20)
    blue = drawn.hard().image.detach()[0, :, y * scale, x * scale]
    assert torch.equal(blue, drawn.blank()[0, :, y * scale, x * scale])
    turned = StrokeCanvas(
        strokes(ACROSS), FixedPalette(PenSet([PENS[1], PENS[0].but(ink="opaque")])), page, Renderer(resolution=240)
    )
    with torch.no_grad():
        turned.parameters()["logits"].copy_(torch.tensor([[0.0, 1.0]]))
    red = turned.hard().image.detach()[0, :, y * scale, x * scale]
    assert float(red[0]) > 0.6 > 0.3 > float(blue[0])


def test_the_picture_is_that_of_the_plot() -> None:
    drawn, renderer = canvas([*ACROSS, *WITHIN], resolution=240), Renderer(resolution=240)
    toolpath = build_toolpath(drawn.strokes, PENS, PAGE, Config.from_dict(LEAST).export)
    plotted = simulate(toolpath.drawing, PAGE, renderer, PENS)
    difference = (drawn.hard().image.detach() - plotted).abs()
    assert float(difference[..., on_ground()].max()) == pytest.approx(0, abs=1e-4)
    assert float(difference.mean()) < 1e-3


def test_words_in_the_margin_stay_where_lines_are_cut_there() -> None:
    word = Fixed((FixedLines.of([np.array([(5.0, 37.5), (50.0, 37.5)])]),), "")
    page = replace(PAGE, cut=True, fixed=word)
    drawn = canvas(ACROSS, page)
    image = drawn.hard().image.detach()
    assert float((image - drawn.blank())[..., 144:, :].abs().max()) == 0
    toolpath = build_toolpath(drawn.strokes, PENS, page, Config.from_dict(LEAST).export)
    plotted = simulate(toolpath.drawing, page, Renderer(resolution=240), PENS)
    assert float((plotted - image)[..., 144:, :].abs().max()) < 1e-3
    assert float((image[0, :, 150, 100] - image[0, :, 158, 100]).abs().max()) > 0.3


# The plot


def test_lines_end_half_a_nib_before_its_ground() -> None:
    ((_, (before, after)),) = pen_layers(strokes(ACROSS), PENS, PAGE)
    assert before[[0, -1], 0].tolist() == pytest.approx([5, 19], abs=0.01)
    assert after[[0, -1], 0].tolist() == pytest.approx([41, 55], abs=0.01)


def test_its_own_lines_are_plotted_as_they_are() -> None:
    options = Config.from_dict({**LEAST, "export": {"min_length": 12, "merge": 5}}).export
    drawing = build_toolpath(strokes([*ACROSS, *WITHIN]), PENS, PAGE, options).drawing
    red, blue = drawing.layers
    assert (red.name, blue.name) == ("Red", "Blue")
    assert {tuple(sorted(map(tuple, line.tolist()))) for line in blue.lines} == {
        ((25.0, 20.0), (35.0, 20.0)),
        ((30.0, 15.0), (30.0, 25.0)),
    }


coordinate = st.floats(0, 60)


@settings(max_examples=40, deadline=None)
@given(
    points=st.lists(st.tuples(coordinate, coordinate), min_size=7, max_size=7),
    nib=st.floats(0.1, 3),
    shape=st.sampled_from(["box", "ring", "lines"]),
)
def test_no_nib_touches_the_ground(points: list[tuple[float, float]], nib: float, shape: str) -> None:
    ring = shapely.get_coordinates(shapely.Point(30, 20).buffer(12).exterior)
    ground = {
        "box": lambda: around_box(BOX, 1.5),
        "ring": lambda: around_lines([ring], 1.0, hides="shape"),
        "lines": lambda: around_lines([*CROSS, ring], 0.7),
    }[shape]()
    curve = np.array(points)
    parts = clear_of([curve], ground, nib)
    for part in parts:
        assert shapely.LineString(bezier_points(part, 0.001)).distance(ground) >= nib / 2 - 0.003
    flat = bezier_points(curve, 0.001)
    pieces = shapely.linestrings(np.stack([flat[:-1], flat[1:]], axis=1))  # a curve may go back over itself
    # It may go along the edge: what is left is what lies outside, a hair more or less.
    areas = [shapely.buffer(ground, nib / 2 + by) for by in (0.05, -0.01)]
    least, most = (shapely.length(shapely.difference(pieces, area)).sum() for area in areas)
    assert least - 0.1 <= sum(shapely.LineString(bezier_points(part, 0.001)).length for part in parts) <= most + 0.1


@given(start=st.floats(0, 1.9), length=st.floats(0.05, 2))
def test_a_part_of_a_chain_lies_on_it(start: float, length: float) -> None:
    chain = np.array([(0, 0), (1, 2), (3, 2), (4, 0), (5, -2), (8, 1), (9, 4)], dtype=float)
    end = min(2.0, start + length)
    part = part_of(chain, start, end)
    for place, point in ((start, part[0]), (end, part[-1])):
        number = min(int(place), 1)
        p, t = chain[3 * number : 3 * number + 4], place - number
        there = (1 - t) ** 3 * p[0] + 3 * (1 - t) ** 2 * t * p[1] + 3 * (1 - t) * t**2 * p[2] + t**3 * p[3]
        assert point == pytest.approx(there, abs=1e-9)
    assert (len(part) - 1) % 3 == 0


def test_pens_that_nobody_names() -> None:
    groups = [
        FixedLines.of(CROSS),
        FixedLines.of(CROSS, color="#2030ff"),
        FixedLines.of(CROSS, pen="Red", color="blue"),
    ]
    page = replace(PAGE, fixed=Fixed(tuple(groups)))
    pens = PenSet([Pen("Yellow", "#f0d000", 0.5), *PENS])
    found = {pens[place].name: len(lines) for place, lines in fixed_lines(page, pens).items()}
    assert found == {"Blue": 4, "Red": 2}  # blue is darker than red
    assert fixed_lines(replace(page, color="#101010"), PenSet([*PENS, Pen("White", "white", 1, "opaque")]))[2]


# Configs

PEN = {"name": "Black", "color": "#1b1b1b", "width": 0.5}
LEAST: dict[str, Any] = {"pens": [PEN], "objective": [{"type": "excitation", "class": "star"}]}


def refusal(**keys: Any) -> str:
    with pytest.raises((ConfigError, DrawingError)) as caught:
        build_page(Config.from_dict({**LEAST, **keys}, name="x"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"text": [{"text": "{author}"}]},
            "x: text.0.text: found {author}; allowed: {title}, {name}, {seed}, {date}, {edition}, {of}; {{ and }} for "
            "braces",
        ),
        ({"text": [{"text": "{seed:03}"}]}, "x: text.0.text: found {seed:03}; allowed: {title}, "),
        ({"text": [{"text": "50 }"}]}, 'x: text.0.text: found a brace by itself in "50 }"; allowed: {title}, '),
        ({"text": [{"text": "{edition}/{of}"}]}, "x: text.0.text: found {of}, and no edition.of; allowed: {of} with "),
        ({"text": [{"text": "a", "pen": "Red"}]}, 'x: text.0.pen: found "Red"; allowed: null, Black'),
        ({"text": [{"text": "a", "at": "left"}]}, 'x: text.0.at: found "left"; allowed: a list of 2, each a length'),
        ({"text": [{"text": "a", "font": "times"}]}, 'x: text.0.font: found "/'),
        ({"text": [{"text": "€"}]}, "text.0.text: found € (U+20AC), which the font futural lacks; allowed: "),
        ({"text": [{"text": "W" * 90}]}, "text.0.at: found 410.7 mm wide, 272.7 mm of it beyond the sheet of "),
        ({"text": [{"text": "a"}], "canvas": "pixels"}, "x: text: found some on a canvas of pixels; allowed: text on "),
        ({"edition": "3 of 25"}, 'x: edition: found "3 of 25"; allowed: number/of as in 3/25, or a mapping'),
        ({"edition": "9/5"}, "x: edition.number: found 9; allowed: at most of (5)"),
        ({"guests": [{"file": "none.svg"}]}, "guests.0.file: "),
        ({"guests": [{"file": "a.svg", "width": 1, "height": 1}]}, "x: guests.0.height: found 1 mm beside width; "),
    ],
)
def test_what_is_refused(keys: dict[str, Any], message: str) -> None:
    assert refusal(**keys).startswith(message)


def test_learned_colours_have_no_names_yet() -> None:
    keys = {"palette": {"mode": "learned", "colors": 1}, "text": [{"text": "a", "pen": "Black"}]}
    assert refusal(**keys) == 'x: text.0.pen: found "Black"; allowed: null, as colours are learned'


def test_pens_of_words_are_kept_where_pens_are_chosen() -> None:
    pens = [{**PEN, "name": name} for name in "ABC"]
    keys = {"pens": pens, "palette": {"mode": "choose", "colors": 2, "must": ["A"]}}
    text = [{"text": "a", "pen": "B"}]
    assert Config.from_dict({**LEAST, **keys, "text": text}).must == ("A", "B")
    assert "found 3 pens, with those of text and guests; allowed: at most colors (2)" in refusal(
        **keys, text=[*text, {"text": "a", "pen": "C"}]
    )


def test_variables_and_braces() -> None:
    keys = {"text": [{"text": "{{{title}}} {edition}/{of} {seed}", "at": [10, 50]}], "edition": "3/25", "seed": 7}
    config = Config.from_dict({**LEAST, **keys}, name="two-tigers")
    wanted = config.override("text.0.text='{{Two tigers}} 3/25 7'", "text.0.at=[10, 50]")
    assert build_page(config) == build_page(wanted)
    assert config.override("edition=4/25").edition.number == 4
    assert Config.from_dict({**LEAST, "edition": {"number": 2}}).edition.of is None


def test_fonts_and_guests_are_files_beside_the_config(tmp_path: Path, logo: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("text: [{text: a, font: futuram}, {text: a, font: own.svg}]\nguests: [{file: logo.svg}]\n")
    config = Config.load(path, ["objective=surprise", 'pens=[{name: a, color: "#000", width: 1}]'])
    assert [one.font for one in config.text] == ["futuram", tmp_path / "own.svg"]
    assert config.guests[0].file == logo


@pytest.mark.parametrize(
    ("keys", "low", "high"),
    [
        ({}, (2, 2), (18, 18)),
        ({"at": [30, 40]}, (30, 40), (46, 56)),
        ({"at": [30, 40], "width": "4cm"}, (30, 40), (70, 80)),
        ({"at": "bottom-right", "height": 8}, (130, 192), (138, 200)),
        ({"at": "center"}, (66, 97), (82, 113)),
    ],
)
def test_guests_lie_where_they_are_put(logo: Path, keys: dict[str, Any], low: Any, high: Any) -> None:
    page = build_page(Config.from_dict({**LEAST, "guests": [{"file": str(logo), **keys}]}))
    points = np.concatenate([line for group in page.fixed.groups for line in group.lines])
    assert points.min(axis=0) == pytest.approx(low, abs=0.02)
    assert points.max(axis=0) == pytest.approx(high, abs=0.02)


def test_guests_hide_what_is_near_their_lines_or_within_them(logo: Path) -> None:
    def ground(**keys: Any) -> Any:
        return build_page(Config.from_dict({**LEAST, "guests": [{"file": str(logo), **keys}]})).fixed.ground

    middle = shapely.Point(10, 6)
    assert not ground().contains(middle)
    assert ground(hides="shape").contains(middle)
    assert ground(clear=0, hides="shape").is_empty
    assert ground(hides="shape", clear=3).area == pytest.approx(np.pi * 11**2, rel=0.01)


def test_guests_too_large_for_the_sheet_are_refused(logo: Path) -> None:
    message = refusal(guests=[{"file": str(logo), "at": [100, 5], "width": 60}])
    assert message == (
        "guests.0.at: found 60.0 mm wide, 12.0 mm of it beyond the sheet of 148 x 210 mm; allowed: up to 48.0 mm there"
    )


# Runs

WORDS = (
    "page={size: [80, 60], margin: 8mm, color: '#fbfaf5'}",
    "text=[{text: '{title} {edition}/{of}', at: center, size: 6, pen: Red}, {text: '{date}', at: bottom-right}]",
    "edition=3/25",
    ALL_STAY,
)


def strangers(run: Run, where: Path) -> list[Any]:
    """What is plotted on the ground and is not fixed there, by more than rounding and simplifying."""
    assert run.page is not None
    inner = shapely.buffer(run.page.fixed.ground, -0.1)
    drawn = without_fixed(read_drawing(where / "plot.svg"), run.page)
    assert drawn.layers
    paths = [shapely.LineString(line) for layer in drawn.layers for line in layer.lines]
    return [path for path in paths if path.intersects(inner)]


def test_a_run_is_plotted_as_it_is_seen_and_exported_again(tmp_path: Path, logo: Path) -> None:
    guest = f"guests=[{{file: {logo}, at: [10, 10], width: 10mm}}]"
    run = run_small(small("quickstart", *WORDS, guest), tmp_path / "run")
    activation = run.summary["activation"]
    assert activation["plotted"] == pytest.approx(activation["hard"], abs=0.2 * abs(activation["hard"]))
    assert strangers(run, run.path) == []
    names = {layer.name for layer in read_drawing(run.path / "plot.svg").layers}
    assert {"Red", "Blue", "Black"} <= names
    assert 'd="M' in (run.path / "curves.svg").read_text()
    logo.unlink()
    export_run(run, out=tmp_path / "again")
    for name in ("plot.svg", "curves.svg", "preview.png", "strokes.safetensors"):
        assert (tmp_path / "again" / name).read_bytes() == (run.path / name).read_bytes()


def test_the_date_is_that_of_the_beginning(tmp_path: Path) -> None:
    def stop(step: Any) -> None:
        if step.number == 3:
            raise StopRun

    config = small("quickstart", *WORDS)
    with pytest.raises(StopRun):
        run_small(config.override("edition.date=2001-02-03"), tmp_path / "run", on_step=stop)
    run = run_small(config, tmp_path / "run", existing="resume")
    assert Config.load(run.path / "config.yaml").edition.date == "2001-02-03"
    whole = run_small(config.override("edition.date=2001-02-03"), tmp_path / "whole")
    assert (run.path / "plot.svg").read_bytes() == (whole.path / "plot.svg").read_bytes()


@pytest.mark.parametrize("mode", ["learned", "choose"])
def test_words_have_a_pen_while_pens_are_not_settled(mode: str) -> None:
    config = small("quickstart", f"palette={{mode: {mode}, colors: 2}}", "text=[{text: words, at: center, size: 9}]")
    canvas = build(config).canvas
    before = canvas.soft(1.0).image.detach()
    canvas.harden()
    after = canvas.hard().image.detach()
    for image in (before, after):
        assert float((image - canvas.paper[:, None, None]).abs().max()) > 0.05


def test_windows_and_words(tmp_path: Path) -> None:
    run = run_small(small("large", "text=[{text: LARGE, at: center, size: 20}]", ALL_STAY), tmp_path / "run")
    assert run.page is not None
    assert run.page.fixed


def test_a_page_comes_back_from_its_file(tmp_path: Path) -> None:
    assert Fixed.read(json.loads(json.dumps(FIXED.plain()))) == FIXED
    for damaged in (
        {"groups": [{"paths": "LINE"}], "clear": ""},
        {"groups": [], "clear": "POINT (nan 1)"},
        {"groups": 1},
    ):
        with pytest.raises((ValueError, TypeError, KeyError)):
            Fixed.read(damaged)


def test_a_run_remembers_its_page(tmp_path: Path) -> None:
    run = run_small(small("quickstart", *WORDS), tmp_path / "run")
    assert load_run(run.path).page == build_page(Config.load(run.path / "config.yaml"))

"""Export: from strokes to SVG layers, and back through vpype."""

from __future__ import annotations

import io
import logging
import math
import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
import vpype

from plotart.errors import DrawingError
from plotart.export.clip import clip_curve
from plotart.export.curves import curves_svg
from plotart.export.document import PX_PER_MM, build_document
from plotart.export.drawing import Drawing, Layer
from plotart.export.layers import DOT
from plotart.export.read import read_drawing, strokes_from_svg
from plotart.export.svg import layer_svgs, plot_svg
from plotart.page import Page
from plotart.pens import Pen, PenSet
from plotart.plotter.machines import MACHINES, Machine
from plotart.plotter.motion import line_seconds, move_seconds, plot_stats
from plotart.plotter.travel import check_travel
from plotart.strokes import Strokes, bezier_points, from_curves

if TYPE_CHECKING:
    from conftest import Golden

PAGE = Page(148, 210, margin=12, color="#fbfaf5")
PENS = PenSet(
    [
        Pen("Yellow", "gold", 0.5),
        Pen("0.3 blue", "#1f4e9e", 0.3),
        Pen("Unused", "#00ff00", 1.0),
        Pen("Micron 01", "#c8102e", 0.25),
        Pen('Tusche "A" & <B>', "#1b1b1b", 0.35, ink="opaque"),
    ]
)
RAW: dict[str, Any] = {"merge": 0.0, "simplify": 0.0, "sort": False}
TIDY: dict[str, Any] = {"merge": 0.1, "simplify": 0.02, "sort": True}
V3 = MACHINES["axidraw-v3"]


def rosette() -> Strokes:
    """Petals around the page's centre, a dot in the middle, pens in turn; in an order that wastes travel."""
    curves, pen = [], []
    for i in range(28):
        a = 2 * math.pi * ((i * 11) % 28) / 28
        way, across = np.array([math.cos(a), math.sin(a)]), np.array([-math.sin(a), math.cos(a)])
        start, end = np.array([74.0, 105.0]) + 14 * way, np.array([74.0, 105.0]) + 52 * way
        middle = (start + end) / 2 + 6 * across
        curves.append(np.array([start, start + 9 * across, middle - 6 * way, middle, middle + 6 * way, end, end]))
        pen.append((0, 1, 3, 4)[i % 4])
    curves.append(np.full((4, 2), (74.0, 105.0)))
    pen.append(4)
    return from_curves(curves, torch.nn.functional.one_hot(torch.tensor(pen), len(PENS)).float())


def scribble(n: int, seed: int = 0, pens: int = 1) -> Strokes:
    rng = np.random.default_rng(seed)
    curves = [rng.uniform((20, 20), (128, 190)) + rng.normal(0, 3, (7, 2)) for _ in range(n)]
    return from_curves(curves, torch.nn.functional.one_hot(torch.arange(n) % pens, pens).float())


def lengths(lines: list[np.ndarray]) -> float:
    return sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines)


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "drawing.svg"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def svg(body: str, attributes: str = 'width="100mm" height="80mm" viewBox="0 0 100 80"') -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{body}</svg>'


class TestDocument:
    def test_a_layer_for_each_pen_that_draws_in_plotting_order(self) -> None:
        document = build_document(rosette(), PENS, PAGE, **TIDY)
        names = [document.layers[i].property("vp_name") for i in document.layers]
        assert list(document.layers) == [1, 2, 3, 4]
        assert names == ["Yellow", "0.3 blue", "Micron 01", 'Tusche "A" & <B>']
        assert document.page_size == pytest.approx((148 * PX_PER_MM, 210 * PX_PER_MM))
        assert document.layers[2].property("vp_pen_width") == pytest.approx(0.3 * 96 / 25.4)
        assert document.layers[1].property("vp_color").as_rgb_hex() == "#ffd700"

    def test_polylines_follow_the_curves(self) -> None:
        strokes = scribble(5)
        document = build_document(strokes, PENS, PAGE, **RAW, tolerance=0.01)
        for line, curve in zip(document.layers[1], strokes.curves(), strict=True):
            fine = bezier_points(curve, 1e-5)
            points = np.column_stack([line.real, line.imag]) / PX_PER_MM
            for chord in (points[:-1] + points[1:]) / 2:
                assert np.hypot(*(fine - chord).T).min() < 0.01 + 0.01

    @pytest.mark.parametrize("options", [RAW, TIDY, {**TIDY, "sort": False}, {**TIDY, "merge": 5.0, "sort": False}])
    @pytest.mark.parametrize("seed", range(3))
    def test_never_more_pen_up_travel_than_the_input(self, options: dict[str, Any], seed: int) -> None:
        strokes = scribble(40, seed, pens=3)
        before = build_document(strokes, PENS, PAGE, **RAW)
        after = build_document(strokes, PENS, PAGE, **options)
        for number in before.layers:
            limit = before.layers[number].pen_up_length()[0]
            assert after.layers[number].pen_up_length()[0] <= limit * (1 + 1e-6)

    def test_sorting_saves_most_of_the_travel_and_loses_nothing(self) -> None:
        before = build_document(scribble(150), PENS, PAGE, **RAW).layers[1]
        after = build_document(scribble(150), PENS, PAGE, **{**RAW, "sort": True}).layers[1]
        assert after.pen_up_length()[0] < 0.2 * before.pen_up_length()[0]
        assert len(after) == len(before)
        assert after.length() == pytest.approx(before.length())

    def test_an_order_that_is_best_already_stays(self) -> None:
        curves = [np.linspace((20 + i, 50), (20 + i, 50.5), 4) for i in range(30)]
        strokes = from_curves(curves, torch.zeros(30, 1))
        before = build_document(strokes, PENS, PAGE, **RAW).layers[1]
        after = build_document(strokes, PENS, PAGE, **{**RAW, "sort": True}).layers[1]
        assert after.pen_up_length()[0] <= before.pen_up_length()[0]

    def test_merging_joins_touching_strokes(self) -> None:
        curves = [np.linspace((20 + 5 * i, 50), (25 + 5 * i, 50), 4) for i in range(4)]
        strokes = from_curves(curves, torch.zeros(4, 1))
        assert len(build_document(strokes, PENS, PAGE, **RAW).layers[1]) == 4
        assert len(build_document(strokes, PENS, PAGE, **{**RAW, "merge": 0.1}).layers[1]) == 1

    def test_simplifying_keeps_the_shape_with_fewer_points(self) -> None:
        fine = build_document(scribble(20), PENS, PAGE, **RAW, tolerance=0.002).layers[1]
        coarse = build_document(scribble(20), PENS, PAGE, **{**RAW, "simplify": 0.05}, tolerance=0.002).layers[1]
        assert coarse.segment_count() < 0.6 * fine.segment_count()
        assert coarse.length() == pytest.approx(fine.length(), rel=0.01)

    @pytest.mark.parametrize("options", [RAW, TIDY])
    def test_strokes_without_length_stay_as_dots(self, options: dict[str, Any]) -> None:
        curves = [np.full((4, 2), (40.0, 50.0)), np.full((7, 2), (90.0, 50.0))]
        document = build_document(from_curves(curves, torch.zeros(2, 1)), PENS, PAGE, **options)
        assert [abs(line[-1] - line[0]) / PX_PER_MM for line in document.layers[1]] == pytest.approx([DOT, DOT])

    def test_a_loop_that_simplifying_closes_is_a_dot(self) -> None:
        loop = np.array([(50, 50), (50.3, 50), (50, 50.3), (50, 50)], float)
        document = build_document(from_curves([loop], torch.zeros(1, 1)), PENS, PAGE, **{**TIDY, "simplify": 1.0})
        assert document.layers[1].length() / PX_PER_MM == pytest.approx(DOT)

    def test_nothing_is_drawn_beyond_the_margin(self) -> None:
        curves = [np.linspace((-50, 100), (200, 100), 4), np.linspace((300, 100), (400, 100), 4)]
        document = build_document(from_curves(curves, torch.zeros(2, 1)), PENS, PAGE, **RAW)
        assert len(document.layers[1]) == 1
        assert np.array(document.bounds()) / PX_PER_MM == pytest.approx([12, 100, 136, 100], abs=0.01)

    def test_no_strokes(self) -> None:
        document = build_document(from_curves([], torch.zeros(0, 2)), PENS, PAGE, **TIDY)
        assert not document.layers
        assert "<g" not in plot_svg(document)
        assert "<path" not in curves_svg(from_curves([], torch.zeros(0, 2)), PENS, PAGE)

    def test_points_that_are_not_finite(self) -> None:
        strokes = from_curves([np.full((4, 2), np.nan)], torch.zeros(1, 1))
        with pytest.raises(ValueError, match="not finite"):
            build_document(strokes, PENS, PAGE, **RAW)

    def test_repeats_byte_for_byte_and_leaves_the_process_as_it_was(self) -> None:
        np.random.seed(1)
        random.seed(1)
        level, expected = logging.getLogger().level, (np.random.rand(), random.random())
        np.random.seed(1)
        random.seed(1)
        texts = {plot_svg(build_document(rosette(), PENS, PAGE, **TIDY)) for _ in range(2)}
        assert len(texts) == 1
        assert (np.random.rand(), random.random()) == expected
        assert logging.getLogger().level == level


class TestClip:
    BOX = (0.0, 0.0, 10.0, 10.0)

    def test_inside_is_untouched(self) -> None:
        curve = np.random.default_rng(0).uniform(0, 10, (7, 2))
        assert clip_curve(curve, self.BOX)[0] is curve

    @pytest.mark.parametrize("seed", range(20))
    def test_parts_are_the_curve_inside(self, seed: int) -> None:
        curve = np.random.default_rng(seed).uniform(-5, 15, (7, 2))
        parts = clip_curve(curve, self.BOX)
        fine = np.concatenate([bezier_points(curve[3 * i : 3 * i + 4], 1e-7) for i in range(2)])
        inside = ((fine[:-1] + fine[1:]) / 2 >= 0).all(1) & ((fine[:-1] + fine[1:]) / 2 <= 10).all(1)
        steps = np.hypot(*np.diff(fine, axis=0).T)
        assert lengths([bezier_points(part, 1e-7) for part in parts]) == pytest.approx(steps[inside].sum(), abs=0.01)
        assert all(len(part) % 3 == 1 for part in parts)

    def test_parts_join_where_the_curve_stays_inside(self) -> None:
        inside = np.linspace((1, 1), (9, 1), 7)
        curve = np.concatenate([inside, np.linspace((9, 1), (30, 1), 4)[1:]])
        (part,) = clip_curve(curve, self.BOX)
        assert part[0] == pytest.approx([1, 1])
        assert part[-1] == pytest.approx([10, 1])


class TestSvg:
    def test_golden(self, golden: Golden) -> None:
        golden.check("plot.svg", plot_svg(build_document(rosette(), PENS, PAGE, **TIDY)))
        golden.check("curves.svg", curves_svg(rosette(), PENS, PAGE))

    def test_the_golden_comparison_can_fail(self, golden: Golden) -> None:
        comparing = replace(golden, store=False)
        moved = rosette()
        moved.points[0, 0] += 0.01
        with pytest.raises(AssertionError):
            comparing.check("plot.svg", plot_svg(build_document(moved, PENS, PAGE, **TIDY)))
        with pytest.raises(AssertionError, match="store-golden"):
            comparing.check("missing.svg", "")

    @pytest.mark.parametrize("options", [RAW, TIDY])
    def test_vpype_reads_the_same_layers(self, options: dict[str, Any]) -> None:
        document = build_document(rosette(), PENS, PAGE, **options)
        read = vpype.read_multilayer_svg(io.StringIO(plot_svg(document)), quantization=0.1)
        assert list(read.layers) == list(document.layers)
        assert np.array(read.page_size) / PX_PER_MM == pytest.approx([148, 210], abs=0.01)
        for number, layer in document.layers.items():
            assert len(read.layers[number]) == len(layer)
            assert read.layers[number].length() == pytest.approx(layer.length(), rel=0.001)
            assert read.layers[number].property("vp_color") == layer.property("vp_color")
            assert read.layers[number].property("vp_pen_width") == pytest.approx(
                layer.property("vp_pen_width"), rel=1e-4
            )
            assert np.array(read.layers[number].bounds()) / PX_PER_MM == pytest.approx(
                np.array(layer.bounds()) / PX_PER_MM, abs=0.01
            )

    def test_curves_and_plot_agree(self, tmp_path: Path) -> None:
        strokes = replace(rosette(), points=rosette().points * 1.6 - 50)  # some leave the page
        plot = read_drawing(write(tmp_path, plot_svg(build_document(strokes, PENS, PAGE, **RAW, tolerance=0.001))))
        curves = read_drawing(write(tmp_path, curves_svg(strokes, PENS, PAGE)))
        assert (plot.width, plot.height) == (curves.width, curves.height)
        for a, b in zip(plot.layers, curves.layers, strict=True):
            assert (a.name, a.color, a.width, len(a.lines)) == (b.name, b.color, b.width, len(b.lines))
            assert lengths(a.lines) == pytest.approx(lengths(b.lines), rel=0.001)
            for one, other in zip(a.lines, b.lines, strict=True):
                assert one[[0, -1]] == pytest.approx(other[[0, -1]], abs=0.002)

    def test_only_layers_and_lines_at_fixed_decimals_and_nothing_private(self) -> None:
        text = plot_svg(build_document(rosette(), PENS, PAGE, **TIDY))
        assert set(re.findall(r"<(\w+)", text)) == {"svg", "g", "polyline"}
        numbers = re.split(r"[, ]", " ".join(re.findall(r'points="([^"]*)"', text)))
        assert all(re.fullmatch(r"\d+\.\d{3}", number) for number in numbers)
        for word in ("metadata", "date", "transform", "style", str(Path.cwd())):
            assert word not in text
        assert 'width="148mm" height="210mm" viewBox="0 0 148 210"' in text
        assert 'inkscape:label="2 0.3 blue" id="layer2"' in text

    def test_a_file_per_pen(self, tmp_path: Path) -> None:
        document = build_document(rosette(), PENS, PAGE, **TIDY)
        files = layer_svgs(document, PENS)
        assert list(files) == [
            "plot_01_yellow.svg",
            "plot_02_0-3-blue.svg",
            "plot_03_micron-01.svg",
            "plot_04_tusche-a-b.svg",
        ]
        whole = read_drawing(write(tmp_path, plot_svg(document)))
        for text, layer in zip(files.values(), whole.layers, strict=True):
            single = read_drawing(write(tmp_path, text))
            assert (single.width, single.height) == (whole.width, whole.height)
            (alone,) = single.layers
            assert alone.name == layer.name
            assert all(np.array_equal(a, b) for a, b in zip(alone.lines, layer.lines, strict=True))

    def test_a_pen_named_with_control_characters(self, tmp_path: Path) -> None:
        pens = PenSet([Pen("a\x00\nb", "black", 0.3)])
        document = build_document(scribble(1), pens, PAGE, **RAW)
        assert read_drawing(write(tmp_path, plot_svg(document))).layers[0].name == "a  b"
        assert read_drawing(write(tmp_path, curves_svg(scribble(1), pens, PAGE))).layers[0].name == "a  b"


class TestReadDrawing:
    def test_our_own(self, tmp_path: Path) -> None:
        document = build_document(rosette(), PENS, PAGE, **TIDY)
        drawing = read_drawing(write(tmp_path, plot_svg(document)))
        assert (drawing.width, drawing.height) == pytest.approx((148, 210), abs=0.001)
        assert [layer.name for layer in drawing.layers] == ["Yellow", "0.3 blue", "Micron 01", 'Tusche "A" & <B>']
        assert [layer.width for layer in drawing.layers] == [0.5, 0.3, 0.25, 0.35]
        assert [layer.color for layer in drawing.layers] == ["#ffd700", "#1f4e9e", "#c8102e", "#1b1b1b"]
        for layer, lines in zip(drawing.layers, document.layers.values(), strict=True):
            for ours, theirs in zip(layer.lines, lines, strict=True):
                assert ours[0] == pytest.approx([theirs[0].real / PX_PER_MM, theirs[0].imag / PX_PER_MM], abs=0.001)

    def test_a_foreign_one(self, tmp_path: Path) -> None:
        body = '<circle cx="50" cy="40" r="20"/><g><rect x="-10" y="10" width="50" height="10" stroke="red"/></g>'
        drawing = read_drawing(write(tmp_path, svg(body)))
        assert {layer.color for layer in drawing.layers} == {"#000000"}
        assert lengths([line for layer in drawing.layers for line in layer.lines]) == pytest.approx(
            40 * math.pi + 90, rel=0.001
        )

    @pytest.mark.parametrize(
        "size", ['viewBox="0 0 192 96" width="100%"', 'width="192" height="96"', 'width="2in" height=" 96px "']
    )
    def test_a_size_in_px_or_by_viewbox_alone(self, tmp_path: Path, size: str) -> None:
        drawing = read_drawing(write(tmp_path, svg('<path d="M0 0L96 96"/>', size)))
        assert (drawing.width, drawing.height) == pytest.approx((50.8, 25.4), rel=1e-4)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "not well-formed"),
            ("<svg><g></svg>", "not well-formed XML: mismatched tag in line 1"),
            (b"\x89PNG\r\n\x1a\n", "not well-formed"),
            ('<?xml version="1.0" encoding="nonsense"?><svg/>', "encoding"),
            ("<html/>", "outermost element is <html>"),
            ('<svg xmlns="http://example.org"/>', "outermost element is <svg>, xmlns 'http://example.org'"),
            (svg('<path d="M0 0L9 9"/>', ""), "no size"),
            (svg('<path d="M0 0L9 9"/>', 'width="100%" height="100%"'), "no size"),
            (svg('<path d="M0 0L9 9"/>', 'width="0mm" height="10mm"'), "a page of 0 x 10 mm"),
            (svg('<path d="M0 0L9 9"/>', 'width="1e400mm" height="10mm"'), "not a finite length"),
            (svg('<path d="M0 0L9 9"/>', 'width="1A8mm" height="10mm"'), "'1A8mm' is not a length"),
            (svg(""), "no lines to draw"),
            (svg("<text>words</text>"), "no lines to draw"),
            (svg('<path d="M200 0L300 9"/>'), "beyond its page"),
            (svg('<path d="M0 0L1e12 9"/>'), "100 m"),
            (svg('<path d="M0 0C1e12 0 0 1e12 9 9"/>'), "100 m"),
            (svg('<circle cx="0" cy="0" r="1e15"/>'), "100 m"),
            (svg('<path d="M0 0L1e999 9"/>'), "100 m|can't be read"),
            (svg("<g>" * 300 + "</g>" * 300), "deep"),
            (svg('<g id="a"><use href="#a"/></g>'), "themselves"),
            (f'<!DOCTYPE svg [<!ENTITY a "b">]>{svg("")}', "DOCTYPE"),
            (f'<?xml version="1.0"?><!-- x -->\n<!DOCTYPE svg PUBLIC "x" "y">{svg("")}'.encode("utf-16"), "DOCTYPE"),
        ],
    )
    def test_what_is_wrong_is_one_clear_error(self, tmp_path: Path, text: str | bytes, message: str) -> None:
        path = write(tmp_path, text)
        with pytest.raises(DrawingError, match=message) as caught:
            read_drawing(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_use_elements_that_multiply(self, tmp_path: Path) -> None:
        levels = "".join(f'<g id="a{i + 1}">' + f'<use href="#a{i}"/>' * 10 + "</g>" for i in range(9))
        with pytest.raises(DrawingError, match="once every <use> is replaced"):
            read_drawing(write(tmp_path, svg(f'<g id="a0"><path d="M0 0L9 9"/></g>{levels}')))

    def test_missing_files_and_folders(self, tmp_path: Path) -> None:
        for path in (tmp_path / "missing.svg", tmp_path):
            with pytest.raises(DrawingError, match=re.escape(str(path))):
                read_drawing(path)


class TestStrokesFromSvg:
    def test_what_lies_inside_stays_where_it_is(self, tmp_path: Path) -> None:
        body = '<path d="M30 30L60 60" fill="none"/><circle cx="50" cy="40" r="10"/>'
        strokes = strokes_from_svg(write(tmp_path, svg(body)), PAGE, pens=3)
        assert strokes.logits.shape == (2, 3)
        assert not strokes.logits.any()
        line, circle = strokes.curves()
        assert line == pytest.approx(np.linspace((30, 30), (60, 60), 4), abs=0.01)
        points = bezier_points(circle, 0.001)
        assert np.hypot(*(points - (50, 40)).T) == pytest.approx(np.full(len(points), 10), abs=0.15)
        assert circle[0] == pytest.approx(circle[-1])

    def test_what_does_not_is_fitted_into_the_margins(self, tmp_path: Path) -> None:
        body = '<path d="M0 0L1000 0L1000 500"/>'
        strokes = strokes_from_svg(
            write(tmp_path, svg(body, 'width="1000mm" height="500mm" viewBox="0 0 1000 500"')), PAGE, pens=1
        )
        points = np.concatenate([bezier_points(curve, 0.001) for curve in strokes.curves()])
        assert points[0] == pytest.approx([12, 74], abs=0.01)
        assert points[-1] == pytest.approx([136, 136], abs=0.01)

    def test_long_lines_have_at_most_twelve_cubics(self, tmp_path: Path) -> None:
        points = " ".join(f"{50 + i / 10 * math.cos(i)},{40 + i / 10 * math.sin(i)}" for i in range(300))
        strokes = strokes_from_svg(write(tmp_path, svg(f'<polyline points="{points}"/>')), PAGE, pens=1)
        assert int(strokes.num_points.max()) == 37


class TestMotion:
    def test_straight_moves_by_hand(self) -> None:
        # Full speed is reached after v^2 / 2a: 100 mm at 10 mm/s and 10 mm/s^2 is 1 s up, 9 s on, 1 s down.
        assert move_seconds(np.array([100.0, 2.5, 0.0]), 10.0, 10.0) == pytest.approx([11.0, 1.0, 0.0])

    def test_a_straight_polyline_takes_as_long_as_its_straight_line(self) -> None:
        line = np.linspace((0, 0), (30, 40), 17)
        assert line_seconds(line, 50, 700) == pytest.approx(float(move_seconds(np.array([50.0]), 50, 700)[0]))

    def test_corners_slow_the_pen_and_a_way_back_stops_it(self) -> None:
        straight, right, back = (np.array([(0, 0), (20, 0), end], float) for end in ((40, 0), (20, 20), (0, 0)))
        seconds = [line_seconds(line, 50, 700) for line in (straight, right, back)]
        assert seconds[0] < seconds[1] < seconds[2]
        assert seconds[2] == pytest.approx(2 * float(move_seconds(np.array([20.0]), 50, 700)[0]))

    def test_a_large_smooth_circle_is_driven_at_full_speed(self) -> None:
        t = np.linspace(0, 2 * np.pi, 400)[:, None]
        circle = 40 * np.hstack([np.cos(t), np.sin(t)])
        assert line_seconds(circle, 50, 700) == pytest.approx(
            float(move_seconds(np.array([80 * np.pi]), 50, 700)[0]), rel=1e-3
        )

    def test_points_that_repeat_and_lines_without_length(self) -> None:
        assert line_seconds(np.zeros((3, 2)), 50, 700) == 0
        assert line_seconds(np.array([(0, 0), (0, 0), (10, 0)], float), 50, 700) > 0

    def test_stats_of_two_lines(self) -> None:
        lines = [np.array([(3.0, 4.0), (13.0, 4.0)]), np.array([(13.0, 10.0), (13.0, 20.0), (23.0, 20.0)])]
        stats = plot_stats(Drawing(100, 100, (Layer("Black", "#000000", 0.3, lines),)), V3)
        (pen,) = stats.pens
        assert (pen.strokes, pen.lifts) == (2, 2)
        assert (pen.pen_down_mm, pen.pen_up_mm) == pytest.approx((30, 6))
        ways = move_seconds(np.array([5.0, 6.0, np.hypot(23, 20)]), V3.speed_up, V3.acceleration_up).sum()
        down = sum(line_seconds(line, V3.speed_down, V3.acceleration_down) for line in lines)
        assert pen.seconds == pytest.approx(ways + down + 2 * (0.130 + 0.146))
        assert stats.seconds == pytest.approx(pen.seconds)

    def test_travel_is_vpypes(self, tmp_path: Path) -> None:
        document = build_document(rosette(), PENS, PAGE, **TIDY)
        stats = plot_stats(read_drawing(write(tmp_path, plot_svg(document))), V3)
        for pen, layer in zip(stats.pens, document.layers.values(), strict=True):
            assert pen.pen_up_mm == pytest.approx(layer.pen_up_length()[0] / PX_PER_MM, rel=0.001)
            assert pen.pen_down_mm == pytest.approx(layer.length() / PX_PER_MM, rel=0.001)

    @pytest.mark.parametrize("page", [Page(210, 297), Page(297, 210), Page(148, 210), Page(310, 227)])
    def test_pages_that_fit(self, page: Page) -> None:
        check_travel(page, V3)

    def test_a_page_that_does_not_fit_says_by_how_much(self) -> None:
        with pytest.raises(DrawingError, match=r"69\.0 mm too wide and 110\.0 mm too high for axidraw-v3"):
            check_travel(Page(297, 420), V3)
        with pytest.raises(DrawingError, match=r"drawing is 5\.0 mm too wide for tiny"):
            check_travel(Page(115, 50), Machine("tiny", 100, 60))


def test_importing_is_quick_and_pulls_in_no_vpype() -> None:
    modules = "plotart.export.document, plotart.export.svg, plotart.export.curves, plotart.plotter.motion"
    heavy = "('vpype', 'matplotlib', 'svgwrite', 'svgelements')"
    code = f"import sys, {modules}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

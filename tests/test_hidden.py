"""What opaque ink covers: left out where it can't be seen, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import torch

from plotart.canvas.renderer import Renderer
from plotart.config import ExportConfig
from plotart.export.drawing import Drawing, Line
from plotart.export.hidden import Cover, hides
from plotart.export.polyline import length
from plotart.export.toolpath import build_toolpath
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes, from_curves
from plotart.pens import Ink, Pen, PenSet
from plotart.plotter.simulate import simulate

PAGE = Page(60, 80, margin=5)


def straight(*ends: tuple[float, float]) -> Line:
    return np.array(ends, float)


def visible(lines: list[Line], width: float, *above: tuple[list[Line], float], broadest: float = 3.0) -> list[Line]:
    cover = Cover(broadest)
    for lines_above, width_above in above:
        cover.add(lines_above, width_above)
    return cover.visible(lines, width).lines


def spans(lines: list[Line]) -> list[tuple[float, float]]:
    """From and to which x lines go."""
    return [(float(line[0, 0]), float(line[-1, 0])) for line in lines]


class TestCover:
    def test_a_line_below_a_broader_one_is_hidden(self) -> None:
        assert visible([straight((10, 20), (30, 20))], 0.3, ([straight((10, 20), (30, 20))], 1.0)) == []

    def test_so_is_one_below_itself(self) -> None:
        line = straight((10, 20), (30, 20), (37, 31))
        assert visible([line], 0.5, ([line], 0.5)) == []

    def test_a_broader_one_is_seen_at_both_sides(self) -> None:
        line = straight((10, 20), (30, 20))
        assert visible([line], 1.0, ([line], 0.9)) == [line]

    def test_round_ends_count(self) -> None:
        # The nib of 1 mm lies in the band of 3 mm as far as 1 mm from where that one's line ends.
        (seen,) = visible([straight((10, 20), (30, 20))], 1.0, ([straight((0, 20), (20, 20))], 3.0))
        assert seen == pytest.approx(straight((21, 20), (30, 20)), abs=0.02)

    def test_a_crossing_band_hides_less_than_its_width(self) -> None:
        seen = visible([straight((10, 20), (30, 20))], 0.4, ([straight((20, 0), (20, 40))], 3.0))
        assert np.array(spans(seen)) == pytest.approx(np.array([(10, 18.7), (21.3, 30)]), abs=0.02)

    def test_the_band_has_to_be_covered_not_just_the_line(self) -> None:
        # Two bands that leave a slit of 0.1 mm in the middle, or one that reaches to the line's middle only.
        line = straight((10, 20), (30, 20))
        slit = [straight((0, 19.45), (40, 19.45)), straight((0, 20.55), (40, 20.55))]
        assert visible([line], 0.3, (slit, 1.0)) == [line]
        assert visible([line], 0.3, ([straight((0, 20.5), (40, 20.5))], 1.0)) == [line]

    def test_bands_cover_together_what_none_covers_alone(self) -> None:
        line = straight((10, 20), (30, 20))
        both = [straight((0, 19.6), (40, 19.6)), straight((0, 20.4), (40, 20.4))]
        assert visible([line], 0.5, (both, 1.0)) == []
        assert visible([line], 0.5, (both[:1], 1.0), (both[1:], 1.0)) == []
        assert visible([line], 0.5, (both[:1], 1.0)) == [line]

    def test_short_gaps_within_a_line_are_drawn(self) -> None:
        line = straight((10, 20), (30, 20))
        assert visible([line], 0.4, ([straight((20, 0), (20, 40))], 1.2)) == [line]
        assert len(visible([line], 0.4, ([straight((20, 0), (20, 40))], 1.6))) == 2

    def test_a_line_that_crosses_itself_is_cut_where_it_is_covered(self) -> None:
        loop = straight((10, 20), (40, 20), (40, 50), (25, 50), (25, 5))
        seen = visible([loop], 0.3, ([straight((25, 10), (25, 30))], 2.0))
        assert sum(map(length, seen)) == pytest.approx(length(loop) - 1.7 - 21.7, abs=0.1)
        assert [tuple(line[0].round(1)) for line in seen] == [(10, 20), (25.9, 20), (25, 9.1)]

    def test_nothing_above_hides_nothing(self) -> None:
        line = straight((10, 20), (30, 20))
        assert Cover(1.0).visible([line], 0.3).lines == [line]
        assert Cover(1.0).visible([line], 0.3).hidden_mm == 0

    @pytest.mark.parametrize("seed", range(4))
    def test_what_is_left_out_lies_within_the_union_of_bands_and_what_lies_well_within_is_left_out(
        self, seed: int
    ) -> None:
        rng = np.random.default_rng(seed)
        lines, first, second = (scribbles(rng, count) for count in (60, 50, 40))
        cover = Cover(0.6)
        cover.add(first, 1.5)
        cover.add(second, 0.8)
        found = cover.visible(lines, 0.6)
        assert found.hidden_mm > 50
        bands = [
            shapely.LineString(line).buffer(w / 2, quad_segs=64)
            for w, of in ((1.5, first), (0.8, second))
            for line in of
        ]
        union = shapely.union_all(bands)
        drawn = shapely.union_all([shapely.LineString(line).buffer(1e-4) for line in found.lines])
        hidden = shapely.union_all([shapely.LineString(line) for line in lines]).difference(drawn)
        assert hidden.buffer(0.3 - 0.012, quad_segs=64).difference(union).area == pytest.approx(0, abs=1e-9)
        safe = union.buffer(-0.31, quad_segs=64)
        still = shapely.union_all([shapely.LineString(line) for line in found.lines]).intersection(safe)
        # Short gaps are drawn; nothing longer is.
        assert all(piece.length < 1.0 + 0.1 for piece in shapely.get_parts(shapely.line_merge(still)))


def scribbles(rng: np.random.Generator, count: int) -> list[Line]:
    t = np.linspace(0, 1, 12)[:, None]
    starts = rng.uniform(8, 50, (count, 2))
    return [start + t * rng.normal(0, 10, 2) + np.sin(3 * t) * rng.normal(0, 3, 2) for start in starts]


class TestInks:
    @pytest.mark.parametrize(
        ("pen", "hiding"),
        [
            (Pen("a", "black", 0.3, "opaque"), True),
            (Pen("a", "black", 0.3, "opaque", 0.99), False),
            (Pen("a", "black", 0.3), False),
            (Pen("a", "black", 0.3, "opaque", reflectance=(0.1, 0.1, 0.1), transmittance=(0.0, 0.02, 0.0)), False),
        ],
    )
    def test_only_ink_that_lets_no_light_through_hides(self, pen: Pen, hiding: bool) -> None:
        assert hides(pen) == hiding

    @pytest.mark.parametrize(
        ("ink", "opacity", "hidden"), [("opaque", 1.0, 20), ("opaque", 0.9, 0), ("transparent", 1, 0)]
    )
    def test_layers_above_hide_by_their_ink(self, ink: Ink, opacity: float, hidden: float) -> None:
        pens = PenSet([Pen("below", "red", 0.3), Pen("above", "black", 1.0, ink, opacity)])
        assert build_toolpath(pair(), pens, PAGE, HIDING).hidden_mm == pytest.approx(hidden, abs=0.01)

    def test_layers_below_and_the_same_layer_hide_nothing(self) -> None:
        opaque: Ink = "opaque"
        below = PenSet([Pen("above", "black", 1.0, opaque), Pen("below", "red", 0.3)])
        turned = from_curves(pair().curves(), pair().logits.flip(1))
        assert build_toolpath(turned, below, PAGE, HIDING).hidden_mm == 0
        one = from_curves([*pair().curves(), pair().curves()[0]], torch.zeros(3, 1))
        assert build_toolpath(one, PenSet([Pen("one", "black", 1.0, opaque)]), PAGE, HIDING).hidden_mm == 0


HIDING = ExportConfig(remove_hidden=True, merge=0)


def pair() -> Strokes:
    """The same line for two pens."""
    line = np.linspace((15, 20), (35, 20), 4)
    return from_curves([line, line], torch.eye(2))


@pytest.mark.parametrize("seed", range(3))
def test_the_picture_stays_the_same_and_less_is_drawn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 300
    starts = rng.uniform(5, 60, (count, 2))
    curves = [start + np.cumsum(rng.normal(0, 3, (7, 2)), axis=0) for start in starts]
    pen = torch.nn.functional.one_hot(torch.arange(count) % 3, 3).float()
    strokes = from_curves(curves, pen)
    pens = PenSet(
        [Pen("red", "#c8102e", 0.4, "opaque"), Pen("ochre", "#cc9933", 0.3), Pen("white", "#eeeeff", 1.5, "opaque")]
    )
    plain = build_toolpath(strokes, pens, PAGE, ExportConfig())
    less = build_toolpath(strokes, pens, PAGE, ExportConfig(remove_hidden=True))
    down = [sum(length(line) for layer in path.drawing.layers for line in layer.lines) for path in (plain, less)]
    assert plain.hidden_mm == 0
    assert less.hidden_mm > 0.15 * down[0]
    # Loops that are closed where they began have a tenth of a millimetre more, or not.
    assert down[1] + less.hidden_mm == pytest.approx(down[0], abs=1)
    assert psnr(plain.drawing, less.drawing, pens) >= 40


def psnr(one: Drawing, other: Drawing, pens: PenSet) -> float:
    """dB between two drawings at 20 px per mm."""
    renderer = Renderer(resolution=1600, oversample=2)
    images = [simulate(drawing, PAGE, renderer, pens) for drawing in (one, other)]
    return float(-10 * torch.log10(((images[0] - images[1]) ** 2).mean()))

"""What keeps lines clean, whatever they are to show: joining, spacing, coherence, fairness."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from plotart.geometry.cubics import cubics, pieces
from plotart.geometry.ends import ends
from plotart.geometry.near import _by_cells as near_pairs_by_cells
from plotart.geometry.near import near_pairs
from plotart.geometry.page import Page
from plotart.objectives import InkedStrokes, StrokeTerm
from plotart.objectives.hand import Coherence, Fairness, Joining, Spacing
from plotart.objectives.hand.joining import meeting_ends

PAGE = Page(100, 80, margin=5)
TERMS: tuple[StrokeTerm, ...] = (Joining(8.0), Spacing(1.5), Coherence(10.0), Fairness())
NAMES = [term.name for term in TERMS]

Place = tuple[float, float]


def lines(*places: tuple[Place, Place], pens: list[int] | None = None, count: int = 2) -> InkedStrokes:
    """Straight strokes from one place to another, of one cubic each; all with the first of `count` pens or so."""
    found = torch.tensor(places, dtype=torch.float64)
    t = torch.linspace(0, 1, 4, dtype=torch.float64)[:, None]
    points = (found[:, :1] * (1 - t) + found[:, 1:] * t).reshape(-1, 2).requires_grad_()
    pen = torch.tensor(pens or [0] * len(places))
    shares = torch.nn.functional.one_hot(pen, count).double().requires_grad_()
    widths = torch.full((len(places),), 0.5).double()
    return InkedStrokes(points, torch.full((len(places),), 4), widths, shares)


def loss(term: StrokeTerm, strokes: InkedStrokes) -> float:
    return float(term.of_strokes(strokes, PAGE).detach())


def downhill(term: StrokeTerm, strokes: InkedStrokes) -> Tensor:
    """[N, 4, 2]: where control points go."""
    (gradient,) = torch.autograd.grad(term.of_strokes(strokes, PAGE), strokes.points)
    return -gradient.reshape(-1, 4, 2)


def scattered(count: int = 30, segments: int = 2, seed: int = 0) -> InkedStrokes:
    random = torch.Generator().manual_seed(seed)
    start = torch.rand(count, 1, 2, generator=random).double() * torch.tensor([80.0, 60.0]) + 10
    steps = torch.randn(count, 3 * segments, 2, generator=random).double() * 2
    points = torch.cat([start, start + steps.cumsum(1)], dim=1).reshape(-1, 2)
    shares = torch.rand(count, 3, generator=random).double().softmax(1)
    return InkedStrokes(points, torch.full((count,), 3 * segments + 1), torch.full((count,), 0.5).double(), shares)


class TestAll:
    # Spacing takes directions and lengths as they are, so that only what lies beside is pushed: TestSpacing.
    @pytest.mark.parametrize("term", [term for term in TERMS if term.name != "spacing"], ids=lambda term: term.name)
    def test_derivatives_are_right(self, term: StrokeTerm) -> None:
        strokes = scattered(8)

        def value(points: Tensor, shares: Tensor) -> Tensor:
            return term.of_strokes(InkedStrokes(points, strokes.num_points, strokes.widths, shares), PAGE)

        points, shares = strokes.points.clone().requires_grad_(), strokes.shares.clone().requires_grad_()
        if term.name == "coherence":
            assert torch.autograd.gradcheck(lambda one: value(points.detach(), one), shares)
        else:
            assert torch.autograd.gradcheck(value, (points, shares))

    @pytest.mark.parametrize("term", TERMS, ids=NAMES)
    def test_one_stroke_alone_costs_next_to_nothing(self, term: StrokeTerm) -> None:
        assert loss(term, lines(((10, 10), (40, 20)))) == pytest.approx(0, abs=1e-9)

    @pytest.mark.parametrize("term", TERMS, ids=NAMES)
    def test_it_is_a_number_where_all_points_are_one(self, term: StrokeTerm) -> None:
        strokes = lines(((10, 10), (10, 10)), ((10, 10), (10, 10)))
        value = term.of_strokes(strokes, PAGE)
        value.backward()
        assert value.isfinite()
        assert strokes.points.grad is None or bool(strokes.points.grad.isfinite().all())

    @pytest.mark.parametrize("term", TERMS, ids=NAMES)
    def test_the_order_of_strokes_does_not_count(self, term: StrokeTerm) -> None:
        strokes = scattered(20)
        turned = InkedStrokes(
            strokes.points.reshape(20, -1, 2).flip(0).reshape(-1, 2),
            strokes.num_points,
            strokes.widths,
            strokes.shares.flip(0),
        )
        assert loss(term, turned) == pytest.approx(loss(term, strokes), rel=1e-9)


class TestJoining:
    def test_ends_are_drawn_together_and_no_other_points(self) -> None:
        strokes = lines(((10, 10), (40, 10)), ((44, 12), (70, 12)))
        moves = downhill(Joining(8.0), strokes)
        assert float(moves[0, 3, 0]) > 0
        assert float(moves[0, 3, 1]) > 0
        assert float(moves[1, 0, 0]) < 0
        assert not moves[0, :2].any()
        assert not moves[1, 2:].any()

    def test_ends_further_apart_than_the_reach_stay(self) -> None:
        assert loss(Joining(3.0), lines(((10, 10), (40, 10)), ((44, 12), (70, 12)))) == 0

    def test_an_end_that_goes_on_straight_is_preferred_to_a_nearer_one_that_turns_back(self) -> None:
        points, tangents = ends(
            lines(((10, 10), (40, 10)), ((43, 10), (70, 10)), ((10, 11.5), (40, 11.5))).points.detach(),
            torch.full((3,), 4),
        )
        met = meeting_ends(points, tangents, 8.0)
        assert (met[1], met[2], met[5]) == (2, 1, -1)

    def test_two_pens_that_meet_cost_what_they_have_not_in_common(self) -> None:
        both = (((10, 10), (40, 10)), ((40, 10), (70, 10)))
        assert loss(Joining(8.0), lines(*both)) == pytest.approx(0, abs=1e-9)
        assert loss(Joining(8.0), lines(*both, pens=[0, 1])) == pytest.approx(2 / 4)

    @settings(deadline=None, max_examples=50)
    @given(seed=st.integers(0, 200))
    def test_what_an_end_meets_meets_it(self, seed: int) -> None:
        strokes = scattered(12, 1, seed)
        met = meeting_ends(*ends(strokes.points, strokes.num_points), 10.0)
        found = (met >= 0).nonzero().flatten()
        assert met[met[found]].equal(found)
        assert not bool((met == torch.arange(24)).any())


class TestSpacing:
    def test_two_lines_in_one_place_count_whole(self) -> None:
        assert loss(Spacing(1.5), lines(((10, 10), (40, 10)), ((10, 10), (40, 10)))) == pytest.approx(1, rel=0.02)

    def test_the_nearer_the_dearer_and_nothing_at_the_distance(self) -> None:
        found = [loss(Spacing(1.5), lines(((10, 10), (40, 10)), ((10, 10 + d), (40, 10 + d)))) for d in (0.3, 0.9, 1.5)]
        assert found[0] > found[1] > 0.2 > found[2] == pytest.approx(0, abs=1e-12)
        assert found[0] == pytest.approx(1 - 0.3 / 1.5, rel=0.05)

    def test_lines_are_pushed_apart_and_not_along(self) -> None:
        moves = downhill(Spacing(1.5), lines(((10, 10), (40, 10)), ((10, 10.5), (40, 10.5))))
        assert float(moves[0, :, 1].max()) < 0 < float(moves[1, :, 1].min())
        assert float(moves[..., 0].abs().max()) < 1e-9

    def test_a_crossing_and_a_line_that_goes_on_cost_nothing(self) -> None:
        assert loss(Spacing(1.5), lines(((10, 10), (40, 10)), ((25, 0), (25, 30)))) == 0
        assert loss(Spacing(1.5), lines(((10, 10), (40, 10)), ((40, 10), (70, 10)))) == 0

    def test_a_circle_is_not_doubled_but_a_loop_drawn_twice_is(self) -> None:
        def turns(count: float) -> InkedStrokes:
            angle = torch.linspace(0, 2 * math.pi * count, 61, dtype=torch.float64)
            points = torch.stack([50 + 15 * angle.cos(), 40 + 15 * angle.sin()], dim=1)
            return InkedStrokes(points, torch.tensor([61]), torch.tensor([0.5]).double(), torch.ones(1, 1).double())

        assert loss(Spacing(1.5), turns(0.95)) == pytest.approx(0, abs=1e-6)
        assert loss(Spacing(1.5), turns(2)) > 0.8

    def test_what_is_hardly_there_hardly_counts(self) -> None:
        strokes = lines(((10, 10), (40, 10)), ((10, 10), (40, 10)))
        gates = torch.tensor([1.0, 0.25]).double().requires_grad_()
        half = InkedStrokes(strokes.points, strokes.num_points, strokes.widths, strokes.shares, gates)
        value = Spacing(1.5).of_strokes(half, PAGE)
        assert float(value.detach()) == pytest.approx(0.5, rel=0.02)
        value.backward()
        assert gates.grad is not None
        assert float(gates.grad.min()) > 0


class TestCoherence:
    def test_what_lies_together_in_two_pens_costs_and_what_lies_apart_does_not(self) -> None:
        near, far = ((10, 10), (20, 10)), ((80, 70), (90, 70))
        both = [((10, 12), (20, 12)), ((80, 68), (90, 68))]
        assert loss(Coherence(10.0), lines(near, far, *both, pens=[0, 1, 0, 1])) == pytest.approx(0, abs=1e-3)
        assert loss(Coherence(10.0), lines(near, far, *both, pens=[0, 1, 1, 0])) == pytest.approx(0.5, abs=0.02)

    def test_it_is_the_mean_over_pairs(self) -> None:
        """The formula, pair by pair; cells smear it a little."""
        strokes = scattered(40, 1, seed=5)
        curves, stroke = cubics(strokes.points, strokes.num_points)
        middle = (curves * torch.tensor([1, 3, 3, 1]).double()[:, None] / 8).sum(1)
        near = torch.exp(-(torch.cdist(middle, middle) ** 2) / (2 * 10.0**2))
        alike = strokes.shares[stroke] @ strokes.shares[stroke].T
        assert loss(Coherence(10.0), strokes) == pytest.approx(float((near * (1 - alike)).sum() / near.sum()), abs=0.01)

    def test_strokes_off_the_page_are_taken_along(self) -> None:
        assert math.isfinite(loss(Coherence(10.0), lines(((-40, -10), (-30, -10)), ((150, 120), (170, 120)))))

    def test_it_moves_pens_and_no_strokes(self) -> None:
        strokes = lines(((10, 10), (20, 10)), ((10, 12), (20, 12)), pens=[0, 1])
        value = Coherence(10.0).of_strokes(strokes, PAGE)
        points, shares = torch.autograd.grad(value, (strokes.points, strokes.shares), allow_unused=True)
        assert points is None
        assert bool(shares.any())


class TestFairness:
    def test_size_does_not_count(self) -> None:
        small, large = scattered(5, 3), scattered(5, 3)
        scaled = InkedStrokes(large.points * 7, large.num_points, large.widths, large.shares)
        assert loss(Fairness(), scaled) == pytest.approx(loss(Fairness(), small), rel=0.01)

    def test_an_arc_costs_little_and_a_zigzag_much(self) -> None:
        def stroke(points: Tensor) -> InkedStrokes:
            return InkedStrokes(points, torch.tensor([len(points)]), torch.ones(1).double(), torch.ones(1, 1).double())

        t = torch.linspace(0, math.pi, 13, dtype=torch.float64)
        arc = stroke(20 * torch.stack([t.cos(), t.sin()], dim=1))
        zigzag = stroke(torch.stack([torch.arange(13.0), torch.arange(13.0) % 2], dim=1).double())
        assert loss(Fairness(), arc) < 0.01
        assert loss(Fairness(), zigzag) > 1


class TestNear:
    @settings(deadline=None, max_examples=50)
    @given(count=st.integers(0, 60), reach=st.floats(0.1, 20), seed=st.integers(0, 99))
    def test_all_pairs_that_are_near_each_once(self, count: int, reach: float, seed: int) -> None:
        points = torch.rand(count, 2, generator=torch.Generator().manual_seed(seed)).double() * 50
        apart = torch.cdist(points, points).tril(0).add(torch.eye(count) * 1e3)
        wanted = {tuple(sorted(pair)) for pair in ((apart < reach) & (apart > 0)).nonzero().tolist()}
        i, j = near_pairs(points, reach)
        assert {tuple(sorted(pair)) for pair in zip(i.tolist(), j.tolist(), strict=True)} == wanted
        assert len(i) == len(wanted)

    @settings(deadline=None, max_examples=50)
    @given(reach=st.floats(0.5, 6), seed=st.integers(0, 99))
    def test_a_list_of_cells_finds_what_the_tree_finds(self, reach: float, seed: int) -> None:
        points = torch.rand(60, 2, generator=torch.Generator().manual_seed(seed)).double() * 50
        tree = {tuple(sorted(pair)) for pair in zip(*map(Tensor.tolist, near_pairs(points, reach)), strict=True)}
        i, j = (each[each_i] for each_i, each in _real(*near_pairs_by_cells(points, reach)))
        cells = [tuple(sorted(pair)) for pair in zip(i.tolist(), j.tolist(), strict=True)]
        assert set(cells) == tree
        assert len(cells) == len(tree)


def _real(i: Tensor, j: Tensor) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Without the pairs that stand for none."""
    return (i != j, i), (i != j, j)


def test_pieces_are_of_about_the_length_and_cover_the_curve() -> None:
    strokes = scattered(10, 2)
    curves, _ = cubics(strokes.points, strokes.num_points)
    middles, steps, cubic = pieces(curves, 0.5)
    assert len(middles) == len(steps) == len(cubic)
    length = torch.zeros(len(curves)).double().index_add(0, cubic, steps.norm(dim=1))
    fine = torch.linspace(0, 1, 2001, dtype=torch.float64)[:, None]
    u = 1 - fine
    weights = torch.cat([u**3, 3 * u**2 * fine, 3 * u * fine**2, fine**3], dim=1)
    true = torch.einsum("tk,skd->std", weights, curves).diff(dim=1).norm(dim=2).sum(1)
    assert torch.allclose(length, true, rtol=0.03)
    assert float(steps.norm(dim=1).max()) < 2.0

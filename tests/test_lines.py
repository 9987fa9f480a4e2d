"""Strokes that leave, that are joined, and the lines that they make."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_runs import run_small, small
from torch import Tensor

from plotart.canvas import Renderer, StrokeCanvas, Symmetry, random_strokes
from plotart.canvas.chains import FREE, chained, joints_of, lines_of, strokes_alone
from plotart.errors import ConfigError
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.objectives import Goal, Look, RandomViews, Sum
from plotart.optimize import Optimizer, Plan
from plotart.optimize.clearing import Clearing
from plotart.optimize.economy import Economy, prune
from plotart.optimize.ensemble import Course, alone
from plotart.palette import FixedPalette
from plotart.pens import Pen, PenSet

PAGE = Page(60, 60, margin=4)
PENS = PenSet([Pen("Black", "black", 1.0), Pen("Red", "red", 1.0)])


class InkWithin(Goal):
    """Wants ink in the left half of the page, as much as there can be, and none elsewhere."""

    name = "ink within"

    def __call__(self, look: Look) -> Tensor:
        dark = 1 - look.image.mean(dim=1)
        half = dark.shape[-1] // 2
        return 20 * dark[..., half:].mean() - 20 * dark[..., :half].mean()


def canvas_of(*lines: list[tuple[float, float]], pens: list[int] | None = None, **options: object) -> StrokeCanvas:
    points = torch.tensor([place for line in lines for place in line])
    pen = torch.tensor(pens or [0] * len(lines))
    strokes = Strokes(
        points, torch.tensor([len(line) for line in lines]), 5.0 * torch.nn.functional.one_hot(pen, 2).float()
    )
    return StrokeCanvas(strokes, FixedPalette(PENS), PAGE, Renderer(resolution=60), **options)  # type: ignore[arg-type]


def straight(start: tuple[float, float], stop: tuple[float, float]) -> list[tuple[float, float]]:
    return [(start[0] + (stop[0] - start[0]) * t / 3, start[1] + (stop[1] - start[1]) * t / 3) for t in range(4)]


def scattered(count: int = 24, seed: int = 0, symmetry: Symmetry | None = None) -> StrokeCanvas:
    strokes = random_strokes(count, 2, 14.0, PAGE, 2, torch.Generator().manual_seed(seed))
    return StrokeCanvas(strokes, FixedPalette(PENS), PAGE, Renderer(resolution=48), symmetry=symmetry)


def optimizer(canvas: StrokeCanvas, clearing: Clearing, steps: int = 40, **plan: object) -> Optimizer:
    views = RandomViews(count=1)
    settings = Plan(steps=steps, polish=0.25, recycle=0, clearing=clearing, **plan)  # type: ignore[arg-type]
    return Optimizer(canvas, Sum(((1.0, InkWithin()),)), views, settings, seed=3)


# --- chains ----------------------------------------------------------------------------------------------------------


def links_of(count: int, *pairs: tuple[int, int]) -> Tensor:
    links = torch.full((2 * count,), FREE)
    for one, other in pairs:
        links[one], links[other] = other, one
    return links


class TestChains:
    def test_strokes_that_are_joined_are_one_line_backwards_where_need_be(self) -> None:
        counts, there = torch.tensor([4, 4, 7]), torch.ones(3, dtype=torch.bool)
        found = lines_of(counts, there, links_of(3, (1, 3)))  # the end of 0 meets the end of 1
        assert found.rows.tolist() == [0, 1, 2, 3, 6, 5, 4, 8, 9, 10, 11, 12, 13, 14]
        assert found.num_points.tolist() == [7, 7]
        assert found.member.tolist() == [0, 0, 1]

    def test_a_ring_ends_where_it_begins(self) -> None:
        counts, there = torch.tensor([4, 4]), torch.ones(2, dtype=torch.bool)
        found = lines_of(counts, there, links_of(2, (1, 2), (3, 0)))
        assert found.rows.tolist() == [0, 1, 2, 3, 5, 6, 7]

    def test_what_has_left_is_in_no_line(self) -> None:
        counts, there = torch.tensor([4, 4, 4]), torch.tensor([True, False, True])
        for units in (strokes_alone(counts, there), lines_of(counts, there, links_of(3))):
            assert units.rows.tolist() == [0, 1, 2, 3, 8, 9, 10, 11]
            assert units.member.tolist() == [0, -1, 1]
            assert units.stroke.tolist() == [0, 2]

    def test_a_joint_is_the_middle_of_its_neighbours(self) -> None:
        joints = joints_of(torch.tensor([4, 7]), links_of(2, (1, 2)), smooth=True)
        assert dict(
            zip(joints.rows.tolist(), zip(joints.before.tolist(), joints.after.tolist(), strict=True), strict=True)
        ) == {
            7: (6, 8),
            3: (2, 5),
            4: (5, 2),
        }

    @settings(deadline=None, max_examples=50)
    @given(count=st.integers(1, 30), wanted=st.integers(1, 30), seed=st.integers(0, 99))
    def test_as_many_lines_as_are_wanted_and_every_stroke_in_one(self, count: int, wanted: int, seed: int) -> None:
        random = torch.Generator().manual_seed(seed)
        places = torch.rand(2 * count, 2, generator=random)
        counts, there = torch.full((count,), 4), torch.ones(count, dtype=torch.bool)
        links = chained(places, there, links_of(count), wanted)
        found = lines_of(counts, there, links)
        assert len(found.num_points) == min(count, wanted)
        assert int(found.num_points.sum()) == 4 * count - (count - len(found.num_points))
        joined = (links != FREE).nonzero().flatten()
        assert links[links[joined]].equal(joined)

    def test_a_ring_is_opened_where_it_has_to_be_joined(self) -> None:
        links = links_of(3, (1, 2), (3, 0))
        places = torch.tensor([[0.0, 0.0], [1, 0], [1, 0], [0, 0], [5, 0], [6, 0]])
        there = torch.ones(3, dtype=torch.bool)
        assert len(lines_of(torch.full((3,), 4), there, links).num_points) == 2
        assert len(lines_of(torch.full((3,), 4), there, chained(places, there, links, 1)).num_points) == 1
        assert chained(places, there, links, 2).equal(links)

    def test_the_nearest_ends_come_first(self) -> None:
        canvas = canvas_of(straight((10, 10), (20, 10)), straight((24, 10), (34, 10)), straight((50, 40), (50, 50)))
        canvas.chain(2)
        assert sorted(canvas.strokes.num_points.tolist()) == [4, 7]


# --- joining ---------------------------------------------------------------------------------------------------------


class TestJoining:
    def test_ends_that_meet_become_one_smooth_line(self) -> None:
        canvas = canvas_of(straight((10, 10), (25, 10)), straight((26, 10.5), (40, 14)))
        canvas.join(3.0)
        (line,) = canvas.strokes.curves()
        assert len(line) == 7
        assert line[3] == pytest.approx((line[2] + line[4]) / 2)

    def test_two_pens_are_not_joined_nor_ends_that_are_far_apart(self) -> None:
        pair = straight((10, 10), (25, 10)), straight((26, 10), (40, 10))
        for canvas, reach in ((canvas_of(*pair, pens=[0, 1]), 3.0), (canvas_of(*pair), 0.5)):
            canvas.join(reach)
            assert len(canvas.strokes) == 2

    def test_joined_strokes_share_their_pen_for_good(self) -> None:
        canvas = canvas_of(straight((10, 10), (25, 10)), straight((26, 10), (40, 10)))
        canvas.join(3.0)
        with torch.no_grad():
            canvas.parameters()["logits"].copy_(torch.tensor([[0.0, 4.0], [3.0, 0.0]]))
        assert canvas.soft(1.0).shares[0].tolist() == canvas.soft(1.0).shares[1].tolist()
        assert canvas.hard().shares.tolist() == [[0, 1]]

    def test_a_stroke_that_leaves_parts_its_line(self) -> None:
        canvas = canvas_of(*(straight((x, 10), (x + 9, 10)) for x in (10, 20, 30)))
        canvas.join(3.0)
        assert canvas.lines == 1
        canvas.leave(torch.tensor([1]))
        assert canvas.lines == 2
        assert len(canvas.strokes) == 2

    def test_once_pens_are_fixed_a_line_leaves_as_a_whole(self) -> None:
        canvas = canvas_of(straight((10, 10), (19, 10)), straight((20, 10), (29, 10)), straight((10, 40), (19, 40)))
        canvas.join(3.0)
        canvas.harden()
        canvas.leave(canvas.units[canvas.units == 2])
        assert canvas.strokes.num_points.tolist() == [7]

    def test_copies_are_joined_as_their_strokes_are(self) -> None:
        canvas = canvas_of(straight((10, 10), (18, 10)), straight((19, 10), (27, 10)), symmetry=Symmetry.mirror(PAGE))
        canvas.join(3.0)
        assert canvas.lines == 2
        left, right = canvas.strokes.curves()
        assert right[:, 0] == pytest.approx(60 - left[:, 0])

    def test_soft_and_hard_drawings_of_a_line_are_alike(self) -> None:
        """Strokes are drawn one by one while pens are soft; only round ends at the joint lie on each other then."""
        canvas = canvas_of(straight((10, 10), (25, 10)), straight((26, 10.5), (40, 14)))
        canvas.join(3.0)
        apart = (canvas.soft(1e-3).image - canvas.hard().image).detach().abs()
        assert float(apart.mean()) < 2e-3


# --- economy ---------------------------------------------------------------------------------------------------------


def at_once(activation: Callable[[Tensor], float]) -> Callable[[Tensor], Course[float]]:
    """An activation that needs no network."""

    def course(gates: Tensor) -> Course[float]:
        yield from ()
        return activation(gates)

    return course


class TestEconomy:
    def test_what_has_not_been_seen_stays(self) -> None:
        canvas = scattered(6)
        economy = Economy(6, canvas.device)
        economy.note(torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
        economy.forget(torch.tensor([0]))
        economy.thin(canvas, 2)
        assert 0 in canvas.units.tolist()
        assert len(canvas.units) == 2

    def test_idle_strokes_keep_their_worth(self) -> None:
        economy = Economy(2, torch.device("cpu"))
        economy.note(torch.tensor([1.0, 1.0]))
        economy.note(torch.tensor([3.0, 3.0]), idle=torch.tensor([True, False]))
        assert economy.worth.tolist() == [1.0, 2.0]

    def test_lines_that_do_not_pay_leave_and_one_always_stays(self) -> None:
        canvas = canvas_of(straight((6, 10), (25, 10)), straight((35, 20), (54, 20)), straight((6, 30), (25, 30)))
        canvas.harden()
        goal = InkWithin()
        worth = torch.zeros(3)

        def activation(gates: Tensor) -> float:
            return goal.activation(canvas.hard(gates=gates).image, PAGE)

        alone(prune(canvas, at_once(activation), goal.activation(canvas.blank(), PAGE), 0.2, worth))
        assert canvas.units.tolist() == [0, 2]
        alone(prune(canvas, at_once(lambda gates: 0.0), 0.0, 0.9, worth))
        assert len(canvas.units) >= 1

    @pytest.mark.parametrize(("idle", "tried"), [([3], 20), ([3, 19], 36), ([3, 20], 20)])
    def test_no_more_are_tried_once_sixteen_in_a_row_earn_their_ink(self, idle: list[int], tried: int) -> None:
        canvas = scattered(60)
        canvas.harden()
        earns = torch.ones(60)
        earns[idle] = 0.0
        asked: list[int] = []

        def activation(gates: Tensor) -> float:
            asked.extend((gates == 0).nonzero()[:, 0].tolist() if (gates == 0).sum() == 1 else [])
            return float((gates * earns).sum())

        alone(prune(canvas, at_once(activation), 0.0, 0.5, torch.arange(60.0) * 1e9))
        assert set(range(60)) - set(canvas.units.tolist()) == {line for line in idle if line < tried}
        assert max(asked) == tried - 1

    def test_two_that_stand_in_for_each_other_do_not_both_leave(self) -> None:
        canvas = canvas_of(*[straight((6, 10), (25, 10))] * 2, straight((6, 30), (25, 30)))
        canvas.harden()

        def activation(gates: Tensor) -> float:
            return float(torch.maximum(gates[0], gates[1]) + gates[2])

        alone(prune(canvas, at_once(activation), 0.0, 0.5, torch.zeros(3)))
        assert len(canvas.units) == 2
        assert 2 in canvas.units.tolist()

    def test_as_many_stay_as_are_to_and_those_are_worth_something(self) -> None:
        canvas = scattered(24)
        loop = optimizer(canvas, Clearing(keep=0.25))
        list(loop.steps())
        assert len(canvas.units) == 6
        assert len(canvas.strokes) == 6
        x = canvas.strokes.points[:, 0]
        assert float((x < 32).float().mean()) > 0.9

    def test_gates_are_what_a_stroke_adds(self) -> None:
        """No gate is the drawing as it is; a gate of 0 is the drawing without that stroke."""
        canvas = scattered(4)
        ones = torch.ones(4)
        assert torch.allclose(canvas.soft(1.0, gates=ones).image, canvas.soft(1.0).image, atol=1e-6)
        without = canvas.soft(1.0, gates=torch.tensor([1.0, 0.0, 1.0, 1.0])).image
        canvas.leave(torch.tensor([1]))
        assert torch.allclose(canvas.soft(1.0).image, without, atol=1e-6)

    @pytest.mark.parametrize("steps", [1, 2, 3, 7])
    def test_short_runs_end_with_as_many_lines_as_are_asked_for(self, steps: int) -> None:
        canvas = scattered(9)
        loop = optimizer(canvas, Clearing(keep=0.5, price=0.1, join=2.0, lines=2), steps=steps)
        list(loop.steps())
        loop.harden()
        assert len(canvas.strokes) == 2


# --- clearing --------------------------------------------------------------------------------------------------------


class TestClearing:
    @settings(deadline=None, max_examples=50)
    @given(of=st.integers(1, 500), keep=st.floats(0.05, 0.99), lines=st.sampled_from([None, 1, 5]))
    def test_ever_fewer_are_left_until_as_many_are_as_are_to(self, of: int, keep: float, lines: int | None) -> None:
        clearing = Clearing(keep=keep, lines=lines)
        left = [share for done in range(1, of) if (share := clearing.left(done, of)) is not None]
        assert left == sorted(left, reverse=True)
        assert all(keep - 1e-9 <= share <= 1 for share in left)

    @pytest.mark.parametrize("of", [100, 135, 136, 340])
    @pytest.mark.parametrize(("keep", "looks"), [(0.3, range(6, 17)), (0.8, range(4, 6)), (0.999, range(4, 6))])
    def test_a_whole_run_comes_to_the_share(self, keep: float, looks: range, of: int) -> None:
        """In few looks, which take time, where few are to leave."""
        left = [share for done in range(1, of) if (share := Clearing(keep=keep).left(done, of)) is not None]
        assert left[-1] == pytest.approx(keep)
        assert len(left) in looks

    def test_nothing_leaves_or_is_joined_where_that_is_off(self) -> None:
        clearing = Clearing()
        assert not any(clearing.left(done, 100) or clearing.joins(done, 100) for done in range(100))


# --- over a run ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clearing", [Clearing(0.4, 0.1, 2.0), Clearing(0.4, 0.1, 2.0, lines=2)], ids=["free", "two"])
def test_goes_on_to_the_bit(clearing: Clearing) -> None:
    whole = optimizer(scattered(), clearing)
    list(whole.steps())
    for stop in (9, 16, 24, 31, 38):
        begun = optimizer(scattered(), clearing)
        list(islice(begun.steps(), stop))
        again = optimizer(scattered(), clearing)
        again.restore(*begun.state())
        list(again.steps())
        assert again.canvas.hard().image.equal(whole.canvas.hard().image)
        assert again.state()[0].keys() == whole.state()[0].keys()


@pytest.mark.parametrize(
    "symmetry", [None, Symmetry.mirror(PAGE), Symmetry.turns(PAGE, 3)], ids=["none", "mirror", "turns"]
)
def test_one_line_a_copy(symmetry: Symmetry | None) -> None:
    canvas = scattered(symmetry=symmetry)
    copies = len(symmetry) if symmetry else 1
    list(optimizer(canvas, Clearing(0.4, 0.1, 2.0, lines=copies)).steps())
    assert len(canvas.strokes) == copies


def test_recycling_leaves_chained_lines_whole() -> None:
    canvas = scattered()
    plan = Plan(steps=40, polish=0.25, recycle=2, recycle_until=1.0, clearing=Clearing(0.6, 0.0, 2.0, lines=1))
    loop = Optimizer(canvas, Sum(((1.0, InkWithin()),)), RandomViews(count=1), plan, seed=3)
    list(loop.steps())
    assert len(canvas.strokes) == 1


def test_one_line_in_a_run_is_one_lift(tmp_path: Path) -> None:
    run = run_small(small("quickstart", "strokes.lines=1", "optimize.steps=12"), tmp_path / "run")
    assert run.summary["line"]["lines"] == 1
    assert len(run.strokes) == 1
    assert sum(pen["lifts"] for pen in run.summary["pens"]) == 1


def test_who_begins_with_long_lines_gets_as_many(tmp_path: Path) -> None:
    config = small("quickstart", "strokes={init: wander, count: 3, segments: 20}", "optimize.steps=12")
    assert len(run_small(config, tmp_path / "run").strokes or ()) == 3


def test_what_has_left_is_in_no_file(tmp_path: Path) -> None:
    config = small("quickstart", "strokes.economy={keep: 0.25, price: 0}", "optimize.steps=12", "strokes.count=16")
    run = run_small(config, tmp_path / "run")
    assert len(run.strokes) <= 4
    assert run.summary["line"]["lines"] <= 4
    assert (tmp_path / "run" / "curves.svg").read_text().count("<path") == len(run.strokes)


def test_as_many_lines_as_copies_at_least() -> None:
    with pytest.raises(ConfigError, match=r"strokes\.lines: found 4; allowed: a multiple of 12"):
        small("snowflake", "strokes.lines=4")

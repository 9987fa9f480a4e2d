"""Hands on strokes: what is held stays, what is gone comes back as it was, what is moved lies where it was put."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_runs import ALL_STAY, run_small, small
from torch import Tensor

from plotart import Config, Hands, Ready, Run, Step, StopRun
from plotart.canvas import PixelCanvas, Renderer, StrokeCanvas, Symmetry, random_strokes
from plotart.canvas.drawn import Drawn
from plotart.canvas.hands import hands_of
from plotart.canvas.kept import Layout
from plotart.canvas.ways import Ways
from plotart.errors import ConfigError, InputError
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes, point_rows
from plotart.objectives import Goal, Look, RandomViews, RandomWindows, Sum
from plotart.optimize import Optimizer, Plan
from plotart.optimize.clearing import Clearing
from plotart.optimize.optimizer import canvas_tensors
from plotart.palette import ChoosingPalette, FixedPalette, LearnedPalette, Palette
from plotart.pens import Pen, PenSet
from plotart.runs.checkpoints import newest_checkpoint, save_checkpoint
from plotart.runs.run import RunFolder

PAGE = Page(40, 30, margin=3, color="white")
PENS = PenSet([Pen("Red", "red", 1.5), Pen("Blue", "blue", 1.0), Pen("Black", "black", 0.5)])
STROKES, SEGMENTS = 12, 2
PLAN = Plan(steps=12, polish=0.25)

#: A work with a look.
LOOK = "works/engraved-cat"

#: One with several pens.
COLOURED = "works/coffee"


class RedCorner(Goal):
    """Wants red ink, and no other, in the top left quarter."""

    name = "red corner"

    def __call__(self, look: Look) -> Tensor:
        red, green, blue = look.image[..., : look.image.shape[2] // 2, : look.image.shape[3] // 2].mean(dim=(0, 2, 3))
        return (green + blue) / 2 - red


def canvas_of(palette: Palette | None = None, symmetry: Symmetry | None = None, ways: bool = False) -> StrokeCanvas:
    strokes = random_strokes(STROKES, SEGMENTS, 8.0, PAGE, 3, torch.Generator().manual_seed(0))
    middle = torch.tensor([PAGE.width / 2, PAGE.height / 2])
    strokes = replace(strokes, points=middle + 0.7 * (strokes.points - middle))
    renderer, palette = Renderer(resolution=40, oversample=1), palette or FixedPalette(PENS)
    return StrokeCanvas(strokes, palette, PAGE, renderer, symmetry=symmetry, ways=shifts(strokes) if ways else None)


def shifts(strokes: Strokes) -> Ways:
    """Each stroke may go 2 mm to the right or the left, as a whole."""
    rows, way = torch.arange(len(strokes.points)), torch.arange(len(strokes)).repeat_interleave(strokes.num_points)
    vectors, far = torch.tensor([1.0, 0.0]).expand(len(rows), 2), torch.full((len(strokes),), 2.0)
    return Ways(rows, way, vectors, -far, far, torch.arange(len(strokes)))


def loop(canvas: StrokeCanvas, plan: Plan = PLAN, views: Any = None) -> Optimizer:
    return Optimizer(canvas, Sum(((1.0, RedCorner()),)), views or RandomViews(count=1), plan, seed=1)


def lines_of(canvas: StrokeCanvas, temperature: float = 0.5) -> Drawn:
    return canvas.laid(temperature).drawn()


def points_of(canvas: StrokeCanvas, stroke: int) -> list[Tensor]:
    """The control points of all lines that have this number."""
    drawn = lines_of(canvas)
    rows = (drawn.stroke == stroke).nonzero().flatten()
    return [drawn.points[point_rows(drawn.num_points, row[None])] for row in rows]


def numbers(canvas: StrokeCanvas) -> set[int]:
    return set(lines_of(canvas).stroke.tolist())


def whole(canvas: StrokeCanvas) -> list[Tensor]:
    """All that is drawn."""
    return [value for value in vars(lines_of(canvas)).values() if isinstance(value, Tensor)]


def close(one: list[Tensor], other: list[Tensor]) -> bool:
    """The same, but for how copies that symmetry makes are rounded, which goes by how many there are."""
    return len(one) == len(other) and all(torch.allclose(a, b, atol=1e-4) for a, b in zip(one, other, strict=True))


def lie_alike(one: list[Tensor], other: list[Tensor]) -> bool:
    """The same points, however lines are divided: strokes that are joined are one line once pens are fixed."""
    if not one or not other:  # strokes that had left when they were held
        return one == other
    apart = torch.cdist(torch.cat(one), torch.cat(other), compute_mode="donot_use_mm_for_euclid_dist")
    return bool((apart.amin(dim=0) < 1e-4).all()) and bool((apart.amin(dim=1) < 1e-4).all())


def same(one: list[Tensor], other: list[Tensor]) -> bool:
    return len(one) == len(other) and all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


CANVASES: dict[str, Callable[[], StrokeCanvas]] = {
    "plain": canvas_of,
    "turns": lambda: canvas_of(symmetry=Symmetry.turns(PAGE, 3)),
    "ways": lambda: canvas_of(ways=True),
    "learned": lambda: canvas_of(LearnedPalette(3, width=1.0)),
}


@pytest.fixture(params=CANVASES)
def canvas(request: pytest.FixtureRequest) -> StrokeCanvas:
    return CANVASES[request.param]()


# --- a state in place of another --------------------------------------------------------------------------------------


@pytest.mark.parametrize("hardened", [False, True])
def test_state_and_back_leaves_no_trace(canvas: StrokeCanvas, hardened: bool) -> None:
    optimizer = loop(canvas)
    list(islice(optimizer.steps(), 3))
    if hardened:
        canvas.chain(20)
        canvas.harden()
    number = min(numbers(canvas))
    first = Hands(held=frozenset({2}), moved={number: (0.1, -0.7), 3: (1 / 3, 0)})
    second = Hands(gone=frozenset({3}), moved={number: (-1.3, 2.2)})
    states = []
    for hands in (Hands(), first, second, first, Hands()):
        canvas.touch(hands)
        assert canvas.hands == hands
        states.append(whole(canvas))
    assert same(states[0], states[4])
    assert same(states[1], states[3])
    assert not same(states[0], states[1])
    assert not same(states[1], states[2])


def test_moves_are_from_where_strokes_would_be_without(canvas: StrokeCanvas) -> None:
    before, others = points_of(canvas, 5), points_of(canvas, 6)
    canvas.touch(Hands(moved={5: (0.5, 0.25)}))
    canvas.touch(Hands(moved={5: (-0.25, 0.5)}))
    after = points_of(canvas, 5)
    moves = canvas._symmetry.moves @ torch.tensor([-0.25, 0.5])
    assert len(after) == len(before) == len(moves)
    for one, other, move in zip(before, after, moves, strict=True):
        assert other - one == pytest.approx(move.expand_as(one), abs=1e-4)
    assert same(points_of(canvas, 6), others)


def test_moves_off_the_sheet_are_cut_short_and_taken_back_whole(canvas: StrokeCanvas) -> None:
    before = whole(canvas)
    canvas.touch(Hands(moved={4: (500.0, -500.0)}))
    left, top, right, bottom = PAGE.inner
    x, y = lines_of(canvas).points.unbind(dim=1)
    assert left <= float(x.min()) <= float(x.max()) <= right
    assert top <= float(y.min()) <= float(y.max()) <= bottom
    canvas.touch(Hands())
    assert same(whole(canvas), before)


def test_gone_strokes_are_not_drawn_and_come_back(canvas: StrokeCanvas) -> None:
    before = whole(canvas)
    canvas.touch(Hands(gone=frozenset({1, 7})))
    assert numbers(canvas) == set(range(STROKES)) - {1, 7}
    assert len(canvas.units) == STROKES - 2
    for frame in (canvas.soft(0.5), canvas.hard()):
        assert frame.strokes is not None
        assert len(frame.strokes.widths) == canvas.lines == (STROKES - 2) * len(canvas._symmetry)
    canvas.touch(Hands())
    assert same(whole(canvas), before)


@pytest.mark.parametrize("hardened", [False, True])
def test_joined_strokes_are_taken_as_one(hardened: bool) -> None:
    canvas = canvas_of()
    canvas.chain(3)
    if hardened:
        canvas.harden()
    drawn = lines_of(canvas)
    assert len(set(drawn.stroke.tolist())) == 3
    line = int(drawn.stroke[0])
    members = [stroke for stroke in range(STROKES) if int(canvas._line[stroke]) == line]
    assert len(members) > 1
    inner, before = members[-1], points_of(canvas, line)
    canvas.touch(Hands(moved={inner: (0.5, 0.5)}, held=frozenset({inner})))
    assert [int(stroke) for stroke in canvas.held.nonzero()] == members
    assert lines_of(canvas).held.tolist() == (lines_of(canvas).stroke == line).tolist()
    for one, other in zip(before, points_of(canvas, line), strict=True):
        assert other - one == pytest.approx(torch.full_like(one, 0.5), abs=1e-4)
    canvas.touch(Hands(gone=frozenset({inner})))
    assert line not in numbers(canvas)
    assert len(numbers(canvas)) == 2
    canvas.touch(Hands())
    assert same(points_of(canvas, line), before)


# --- what is optimised ------------------------------------------------------------------------------------------------


#: With all that could take a stroke away, move it, or join it.
PLANS = {
    "plain": PLAN,
    "economy": replace(PLAN, clearing=Clearing(keep=0.3, price=2.0)),
    "join": replace(PLAN, clearing=Clearing(join=6.0)),
    "chain": replace(PLAN, clearing=Clearing(lines=1)),
    "recycle": replace(PLAN, recycle=1, recycle_until=1.0),
    "noise": replace(PLAN, noise=0.5),
}


@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize("plan", PLANS)
def test_held_strokes_keep_their_points_and_pens(canvas: StrokeCanvas, plan: str, windows: bool) -> None:
    views = RandomWindows(1, 24) if windows else None
    optimizer, held = loop(canvas, PLANS[plan], views), frozenset({0, 4, 9})
    list(islice(optimizer.steps(), 2))
    optimizer.touch(Hands(held=held, moved={4: (1.0, 1.0)}))
    before = {stroke: points_of(canvas, stroke) for stroke in held}
    logits = canvas.tensors()["logits"][sorted(held)].detach().clone()
    links = canvas.tensors()["links"].reshape(-1, 2)[sorted(held)].clone()
    for step in optimizer.steps():
        assert step.drawn is not None
        assert set(step.drawn.stroke[step.drawn.held].tolist()) == held
    optimizer.harden()
    for stroke, points in before.items():
        assert close(points_of(canvas, stroke), points)
    assert torch.equal(canvas.tensors()["logits"][sorted(held)], logits)
    assert torch.equal(canvas.tensors()["links"].reshape(-1, 2)[sorted(held)], links)
    assert not same([lines_of(canvas).points], [lines_of(canvas_of()).points])


def test_pens_of_held_strokes_are_not_closed() -> None:
    for held in range(STROKES):
        canvas = canvas_of(ChoosingPalette(PENS, 1))
        canvas.touch(Hands(held=frozenset({held})))
        pen = int(canvas._matrix.hard()[held])
        canvas.harden()
        assert canvas.palette.pens().names == (PENS.names[pen],)


def test_all_lines_are_chained_to_one_but_those_that_are_held() -> None:
    canvas = canvas_of()
    optimizer = loop(canvas, PLANS["chain"])
    optimizer.touch(Hands(held=frozenset({3, 5})))
    list(optimizer.steps())
    assert canvas.lines == 3
    assert not canvas.can_chain(1)
    assert {3, 5} < numbers(canvas)


def test_gone_strokes_come_back_as_they_were_though_others_have_moved(canvas: StrokeCanvas) -> None:
    optimizer = loop(canvas, PLANS["economy"])
    list(islice(optimizer.steps(), 2))
    gone, before = {2, 8} & numbers(canvas), {stroke: points_of(canvas, stroke) for stroke in (2, 8)}
    optimizer.touch(Hands(gone=frozenset(gone)))
    for step in optimizer.steps():
        assert step.drawn is not None
        assert gone.isdisjoint(step.drawn.stroke.tolist())
    optimizer.touch(Hands())
    for stroke in gone:
        assert close(points_of(canvas, stroke), before[stroke])


def test_moved_strokes_are_optimised_from_where_they_lie(canvas: StrokeCanvas) -> None:
    optimizer = loop(canvas, PLAN)
    optimizer.touch(Hands(moved={6: (2.0, -1.0)}))
    before = points_of(canvas, 6)
    steps = list(optimizer.steps())
    assert steps[0].drawn is not None
    after = points_of(canvas, 6)
    assert not same(after, before)
    assert max(float((one - other).abs().max()) for one, other in zip(before, after, strict=True)) < 14
    x, y = lines_of(canvas).points.unbind(dim=1)
    left, top, right, bottom = PAGE.inner
    assert left - 0.01 <= float(x.min()) <= float(x.max()) <= right + 0.01
    assert top - 0.01 <= float(y.min()) <= float(y.max()) <= bottom + 0.01


@pytest.mark.parametrize("plan", PLANS)
def test_loop_with_hands_goes_on_to_the_bit(plan: str) -> None:
    hands = Hands(frozenset({1, 2}), frozenset({3}), {2: (0.5, 0.5), 7: (-1.0, 0.3)})
    optimizer = loop(canvas_of(), PLANS[plan])
    list(islice(optimizer.steps(), 2))
    optimizer.touch(hands)
    list(islice(optimizer.steps(), 2))
    tensors, text = optimizer.state()
    saved = {name: value.clone() for name, value in tensors.items()}
    again = loop(canvas_of(), PLANS[plan])
    again.restore(saved, text)
    assert again.canvas.hands == hands
    list(optimizer.steps())
    list(again.steps())
    (one, _), (other, _) = optimizer.state(), again.state()
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


@st.composite
def some_hands(draw: st.DrawFn) -> Hands:
    number = st.integers(0, STROKES - 1)
    way = st.floats(-60, 60, allow_nan=False, width=32)
    gone = draw(st.frozensets(number, max_size=6))
    return Hands(draw(st.frozensets(number, max_size=5)), gone, draw(st.dictionaries(number, st.tuples(way, way))))


@settings(max_examples=40, deadline=None)
@given(
    made=st.sampled_from(sorted(CANVASES)),
    plan=st.sampled_from(sorted(PLANS)),
    states=st.lists(st.tuples(some_hands(), st.integers(0, 3)), min_size=1, max_size=5),
)
def test_any_hands_at_any_time(made: str, plan: str, states: list[tuple[Hands, int]]) -> None:
    canvas = CANVASES[made]()
    optimizer = loop(canvas, PLANS[plan])
    for hands, steps in states:
        before, was = whole(canvas), canvas.hands
        try:
            optimizer.touch(hands)
        except InputError:
            assert canvas.hands == was
            assert same(whole(canvas), before)
            continue
        optimizer.touch(was)
        assert same(whole(canvas), before)
        optimizer.touch(hands)
        held = {stroke: points_of(canvas, stroke) for stroke in canvas._line[canvas.held].tolist()}
        for step in islice(optimizer.steps(), steps):
            assert math.isfinite(step.loss)
        drawn = lines_of(canvas)
        assert bool(drawn.points.isfinite().all())
        assert hands.gone.isdisjoint(drawn.stroke.tolist())
        assert bool((drawn.points >= torch.tensor([2.99, 2.99])).all())
        assert bool((drawn.points <= torch.tensor([37.01, 27.01])).all())
        for stroke, points in held.items():
            assert lie_alike(points_of(canvas, stroke), points)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hands", "message"),
    [
        (Hands(held=frozenset({12})), r"hands\.held: found stroke 12; allowed are 0 to 11"),
        (Hands(gone=frozenset({1, 40})), r"hands\.gone: found stroke 40; allowed are 0 to 11"),
        (Hands(moved={99: (1, 1)}), r"hands\.moved: found stroke 99; allowed are 0 to 11"),
        (Hands(gone=frozenset(range(12))), r"hands\.gone: found all strokes that are left; allowed are some of them"),
    ],
)
def test_hands_that_find_no_stroke_are_refused(hands: Hands, message: str) -> None:
    canvas = canvas_of()
    with pytest.raises(InputError, match=message):
        canvas.touch(hands)
    assert canvas.hands == Hands()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"held": frozenset({-1})}, r"hands\.held: found -1; allowed are numbers of strokes, from 0 on"),
        ({"gone": frozenset({"a"})}, r"hands\.gone: found 'a'"),
        ({"moved": {True: (1, 1)}}, r"hands\.moved: found True"),
        (
            {"moved": {1: (math.nan, 1)}},
            r"hands\.moved: found \(nan, 1\) of stroke 1; allowed are two numbers, up to 100000 mm",
        ),
        ({"moved": {1: (2,)}}, r"hands\.moved: found \(2,\) of stroke 1"),
        ({"moved": {1: "far"}}, r"hands\.moved: found far of stroke 1"),
        ({"moved": {1: (0, -1e9)}}, r"hands\.moved: found \(0, -1000000000.0\) of stroke 1"),
    ],
)
def test_what_no_hand_can_do_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Hands(**given)


def test_pixels_have_no_strokes_for_hands() -> None:
    random = torch.Generator().manual_seed(0)
    canvas = PixelCanvas(FixedPalette(PENS), PAGE, resolution=20, random=random)
    canvas.touch(Hands())
    assert canvas.hands == Hands()
    with pytest.raises(InputError, match=r"hands\.held: found stroke 0; the drawing has no strokes"):
        canvas.touch(Hands(held=frozenset({0})))


def test_a_move_of_nothing_is_none() -> None:
    assert Hands(moved={3: (0.0, -0.0), 4: (1e-8, 0)}) == Hands()
    assert Hands(moved={3: (0.1, 0)}) != Hands()


# --- strokes among which others begin anew ----------------------------------------------------------------------------


@pytest.mark.parametrize("others", [2, 12, 30])
@pytest.mark.parametrize("ways", [False, True])
def test_kept_strokes_have_their_numbers_amid_any_others(others: int, ways: bool) -> None:
    canvas = canvas_of(ways=ways)
    if ways:
        with torch.no_grad():
            canvas.parameters()["points"].copy_(torch.linspace(-1, 1, STROKES))
    canvas.touch(Hands(moved={4: (1.0, 0.5), 5: (1.0, 1.0)}))
    hands = Hands(frozenset({4, 9}), frozenset({2}), {4: (0.5, 0.5)})
    kept = canvas.keep(hands, 20.0)
    assert kept.hands == Hands(frozenset({4, 9}), moved={4: (0.5, 0.5)})
    strokes = random_strokes(others, 3, 8.0, PAGE, 3, torch.Generator().manual_seed(5))
    layout = kept.amid(Layout(strokes, shifts(strokes) if ways else None))
    new = StrokeCanvas(layout.strokes, FixedPalette(PENS), PAGE, Renderer(40, 1), ways=layout.ways, apart=True)
    new.adopt(kept, others)
    canvas.touch(hands)
    assert new.hands == kept.hands
    assert numbers(new) == {4, 9, *range(others)}
    shares = new.laid(1.0).drawn()
    decided = set(shares.stroke[shares.shares.amax(dim=1) > 0.9].tolist())
    assert decided == {4, 9}
    for stroke in (4, 9):
        assert same(points_of(new, stroke), points_of(canvas, stroke))
    if ways:
        far = torch.tensor([-9.0, 9.0])
        for push in far:
            with torch.no_grad():
                new.parameters()["points"].fill_(push)
                canvas.parameters()["points"].fill_(push)
            new.project()
            canvas.project()
            for one, other in zip(points_of(new, 4), points_of(canvas, 4), strict=True):
                assert one == pytest.approx(other, abs=1e-5)


# --- runs -------------------------------------------------------------------------------------------------------------


#: No stroke is joined to another.
APART = "strokes.joining.weight=0"

HANDS = Hands(frozenset({1, 4}), frozenset({2}), {4: (3.0, -2.0), 6: (-1.5, 0.5)})


def stop_at(number: int) -> Callable[[Step], None]:
    def stop(step: Step) -> None:
        if step.number == number:
            raise StopRun

    return stop


def stopped(config: Config, out: Path, at: int, **options: Any) -> Path:
    with pytest.raises(StopRun):
        run_small(config, out, on_step=stop_at(at), **options)
    return out


def lasting(run: Path) -> dict[str, bytes]:
    names = ("plot.svg", "strokes.safetensors", "metrics.csv", "preview.png")
    return {name: (run / name).read_bytes() for name in names}


def numbered(run: Path) -> Hands:
    saved = newest_checkpoint(RunFolder(run))
    assert saved is not None
    return hands_of(canvas_tensors(saved[0]))


@pytest.mark.parametrize("name", ["quickstart", "learned-palette"])
@pytest.mark.parametrize("at", [2, 4])
def test_run_with_hands_that_goes_on_is_the_one_that_never_stopped(tmp_path: Path, name: str, at: int) -> None:
    config = small(name, ALL_STAY)
    unbroken = run_small(config, tmp_path / "whole", hands=HANDS)
    stopped(config, tmp_path / "run", at, hands=HANDS)
    again = run_small(config, tmp_path / "run", existing="resume")
    assert lasting(again.path) == lasting(unbroken.path)
    assert numbered(again.path) == HANDS


def test_run_without_hands_is_what_it_was(tmp_path: Path) -> None:
    plain = run_small(small("quickstart"), tmp_path / "plain")
    assert lasting(run_small(small("quickstart"), tmp_path / "none", hands=Hands()).path) == lasting(plain.path)


def test_checkpoints_that_know_no_hands_are_gone_on_with(tmp_path: Path) -> None:
    """As those of earlier versions, of looks too."""
    for name, overrides in (("quickstart", ()), (LOOK, ())):
        config = small(name, *overrides)
        unbroken = run_small(config, tmp_path / f"{name}-whole")
        run = stopped(config, tmp_path / name, 3)
        folder, saved = RunFolder(run), newest_checkpoint(RunFolder(run))
        assert saved is not None
        new = ("canvas.held", "canvas.gone", "canvas.moved", "canvas.offset", "canvas.layout.")
        tensors = {key: value for key, value in saved[0].items() if not key.startswith(new)}
        assert len(tensors) < len(saved[0])
        save_checkpoint(folder, 3, tensors, saved[1])
        assert lasting(run_small(config, run, existing="resume").path) == lasting(unbroken.path)


def test_finished_run_is_finished_again_with_other_hands(tmp_path: Path) -> None:
    config, steps = small("quickstart", ALL_STAY), list[Step]()
    first = run_small(config, tmp_path)
    before = lasting(first.path)
    assert first.strokes is not None
    moved = Hands(gone=frozenset({0}), moved={3: (4.0, 0.0)})
    again = run_small(config, tmp_path, existing="resume", hands=moved, on_step=steps.append)
    assert again.strokes is not None
    assert steps == []
    assert len(again.strokes) == len(first.strokes) - 1
    assert lasting(again.path)["plot.svg"] != before["plot.svg"]
    assert lasting(again.path)["metrics.csv"] == before["metrics.csv"]
    written = (again.path / "plot.svg").stat().st_mtime_ns
    run_small(config, tmp_path, existing="resume", hands=moved)
    run_small(config, tmp_path, existing="resume")
    assert (again.path / "plot.svg").stat().st_mtime_ns == written
    assert lasting(run_small(config, tmp_path, existing="resume", hands=Hands()).path) == before
    for path in (tmp_path / "checkpoints").iterdir():
        path.unlink()
    assert run_small(config, tmp_path, existing="resume", hands=Hands()).summary["steps"] == 5
    with pytest.raises(InputError, match="found no checkpoint with strokes for hands; allowed: a run that has one"):
        run_small(config, tmp_path, existing="resume", hands=moved)
    assert lasting(tmp_path) == before


def test_strokes_that_do_not_exist_change_nothing(tmp_path: Path) -> None:
    config = small("quickstart", ALL_STAY)
    before = lasting(run_small(config, tmp_path / "run").path)
    for options in ({"hands": Hands(held=frozenset({99}))}, {"hands": Hands(held=frozenset({99})), "anew": True}):
        with pytest.raises(InputError, match=r"hands\.held: found stroke 99; allowed are 0 to 11"):
            run_small(config, tmp_path / "run", existing="resume", **options)
        assert lasting(tmp_path / "run") == before
        assert (tmp_path / "run/summary.json").is_file()
    with pytest.raises(InputError, match=r"hands\.held: found stroke 99"):
        run_small(config, tmp_path / "new", hands=Hands(held=frozenset({99})))
    assert not (tmp_path / "new").exists()


def ready_of(config: Config, out: Path, **options: Any) -> tuple[Ready, Run]:
    told: list[Any] = []
    run = run_small(config, out, on_event=told.append, **options)
    (ready,) = (event for event in told if isinstance(event, Ready))
    return ready, run


def strokes_in(drawn: Drawn | None) -> dict[int, Tensor]:
    assert drawn is not None
    lines = drawn.points.split(drawn.num_points.tolist())
    return dict(zip(drawn.stroke.tolist(), lines, strict=True))


@pytest.mark.parametrize("at", [2, 4, None])
def test_others_begin_anew_around_what_is_held(tmp_path: Path, at: int | None) -> None:
    config, out, seen = small("quickstart", ALL_STAY, APART), tmp_path / "run", list[Step]()
    if at is None:
        run_small(config, out)
    else:
        stopped(config, out, at)
    hands = Hands(frozenset({1, 4}), moved={4: (2.0, 1.0)})
    before: list[Drawn | None] = []
    with pytest.raises(StopRun):
        run_small(config, out, existing="resume", hands=hands, on_event=lambda event: look(event, before))
    other = config.override("seed=8")
    plain, _ = ready_of(other, tmp_path / "plain")
    told: list[Any] = []
    run = run_small(
        other, out, existing="resume-changed", hands=hands, anew=True, on_event=told.append, on_step=seen.append
    )
    (ready,) = told
    was, now, alone = strokes_in(before[0]), strokes_in(ready.drawn), strokes_in(plain.drawn)
    assert (ready.done, ready.phase) == (0, "soft")
    assert [step.number for step in seen] == [1, 2, 3, 4, 5]
    assert now.keys() == alone.keys() == set(range(12))
    for stroke, points in now.items():
        assert torch.equal(points, was[stroke] if stroke in hands.held else alone[stroke])
    shares = dict(zip(ready.drawn.stroke.tolist(), ready.drawn.shares.amax(dim=1).tolist(), strict=True))
    assert all((shares[stroke] > 0.99) == (stroke in hands.held) for stroke in now)
    end = strokes_in(seen[-1].drawn)
    assert all(torch.equal(end[stroke], was[stroke]) for stroke in hands.held)
    names = sorted(path.name for path in (out / "checkpoints").iterdir())
    assert names == ["00000002.safetensors", "00000004.safetensors", "00000005.safetensors"]
    assert [row["step"] for row in run.metrics] == [1, 2, 3, 4, 5]
    assert numbered(out) == hands


def look(event: object, found: list[Drawn | None]) -> None:
    if isinstance(event, Ready):
        found.append(event.drawn)
        raise StopRun


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("quickstart", 3),
        ("wander", 0),
        *(pytest.param(name, 3, marks=pytest.mark.slow) for name in ("learned-palette", LOOK, "wander")),
        *(pytest.param(name, 0, marks=pytest.mark.slow) for name in ("quickstart", "learned-palette", LOOK)),
    ],
)
def test_anew_goes_on_to_the_bit_and_again(tmp_path: Path, name: str, at: int) -> None:
    wander = ("strokes.init=wander", "strokes.count=8", "strokes.segments=6")
    config = small("quickstart", *wander) if name == "wander" else small(name)
    hands = Hands(held=frozenset({0, 5}))
    run_small(config, tmp_path / "whole")
    other = config.override("seed=5")
    options: dict[str, Any] = {"existing": "resume-changed", "hands": hands, "anew": True}
    unbroken = run_small(other, tmp_path / "whole", **options)
    run_small(config, tmp_path / "run")
    if at:
        stopped(other, tmp_path / "run", at, **options)
    else:
        with pytest.raises(StopRun):
            run_small(other, tmp_path / "run", on_event=lambda event: look(event, []), **options)
    again = run_small(other, tmp_path / "run", existing="resume")
    assert lasting(again.path) == lasting(unbroken.path)
    third = run_small(config.override("seed=6"), tmp_path / "run", **options)
    assert numbered(third.path) == hands
    assert third.summary["seed"] == 6


def test_anew_needs_a_checkpoint_and_strokes(tmp_path: Path) -> None:
    config = small("quickstart")
    for existing in ("refuse", "overwrite"):
        with pytest.raises(InputError, match=f"anew: found it with existing='{existing}'; allowed are resume"):
            run_small(config, tmp_path / "run", existing=existing, anew=True)
    with pytest.raises(InputError, match="found no checkpoint with strokes for hands"):
        run_small(config, tmp_path / "run", existing="resume", anew=True)
    pixels = small("pixels")
    run_small(pixels, tmp_path / "pixels")
    with pytest.raises(InputError, match="anew: found a canvas of pixels; allowed is one of strokes"):
        run_small(pixels, tmp_path / "pixels", existing="resume", anew=True)


def test_anew_takes_no_other_number_of_pens(tmp_path: Path) -> None:
    config = small("quickstart")
    run_small(config, tmp_path)
    fewer = Config.from_dict({**config.model_dump(mode="json", by_alias=True), "pens": config.pens.plain()[:2]})
    with pytest.raises(ConfigError, match=r"pens: found 2; allowed: \d+, as strokes that are held were drawn with"):
        run_small(fewer, tmp_path, existing="resume-changed", anew=True, hands=Hands(held=frozenset({1})))


# --- a config that changes while it runs ------------------------------------------------------------------------------


def changed(config: Config, **parts: Any) -> Config:
    return Config.from_dict({**config.model_dump(mode="json", by_alias=True), **parts})


def pens_with(config: Config, which: str, **values: Any) -> list[dict[str, Any]]:
    """The config's pens, one of which has become another."""
    return [{**pen, **values} if pen["name"] == which else pen for pen in config.pens.plain()]  # type: ignore[union-attr]


def by_pen(ready: Ready) -> dict[str, set[int]]:
    """The numbers of the strokes that each pen draws, by its name."""
    assert ready.drawn is not None
    pen = ready.drawn.shares.argmax(dim=1)
    return {name: set(ready.drawn.stroke[pen == place].tolist()) for place, name in enumerate(ready.pens.names)}


@pytest.mark.parametrize("at", [2, 4])
@pytest.mark.parametrize("renamed", [False, True])
def test_pen_of_another_colour_draws_what_it_drew(tmp_path: Path, at: int, renamed: bool) -> None:
    """Black becomes a pale yellow, which is plotted first and not last."""
    config, steps = small("quickstart", ALL_STAY, APART), list[Step]()
    out = stopped(config, tmp_path / "run", at)
    before, _ = ready_of(config, tmp_path / "run", existing="resume")
    out = stopped(config, tmp_path / "other", at)
    pens = pens_with(config, "Black", color="#fff3a0", **({"name": "Lemon"} if renamed else {}))
    ready, run = ready_of(changed(config, pens=pens), out, existing="resume-changed", on_step=steps.append)
    assert [step.number for step in steps] == list(range(at + 1, 6))
    assert before.pens.names[-1] == "Black"
    assert ready.pens.names[0] == ("Lemon" if renamed else "Black")
    drew, draws = by_pen(before), by_pen(ready)
    if renamed:
        draws["Black"] = draws.pop("Lemon")
    assert draws == drew
    assert drew["Black"]
    assert strokes_in(before.drawn).keys() == strokes_in(ready.drawn).keys()
    assert [row["step"] for row in run.metrics] == [1, 2, 3, 4, 5]


CHANGES: dict[str, tuple[str, ...]] = {
    "weight": ("objective.0.weight=2",),
    "temperature": ("palette.temperature.end=0.2",),
    "economy": ("strokes.economy={keep: 0.5, price: 0.9}",),
    "paper": ("page.color=#101820",),
    "margin": ("page.margin=30",),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("at", [2, 4])
def test_config_that_changes_while_it_runs_costs_no_step(tmp_path: Path, change: str, at: int) -> None:
    config, steps = small("quickstart", ALL_STAY, APART), list[Step]()
    out = stopped(config, tmp_path, at)
    other = config.override(*CHANGES[change])
    ready, run = ready_of(other, out, existing="resume-changed", on_step=steps.append, hands=Hands(frozenset({1})))
    assert ready.done == at
    assert [step.number for step in steps] == list(range(at + 1, 6))
    assert Config.load(out / "config.yaml").page == other.page
    assert run.strokes is not None
    assert run.page is not None
    left, top, right, bottom = run.page.inner
    x, y = run.strokes.points.unbind(dim=1)
    assert left <= float(x.min()) <= float(x.max()) <= right
    assert top <= float(y.min()) <= float(y.max()) <= bottom


def test_finished_run_takes_other_pens_without_a_step(tmp_path: Path) -> None:
    config, steps = small("quickstart", ALL_STAY, APART), list[Step]()
    first = run_small(config, tmp_path)
    other = changed(config, pens=pens_with(config, "Black", color="#fff3a0"))
    again = run_small(other, tmp_path, existing="resume-changed", on_step=steps.append)
    assert steps == []
    assert first.strokes is not None
    assert first.pens is not None
    assert again.strokes is not None
    assert again.pens is not None
    assert torch.equal(first.strokes.points, again.strokes.points)
    names = [first.pens.names[pen] for pen in first.strokes.pen.tolist()]
    assert [again.pens.names[pen] for pen in again.strokes.pen.tolist()] == names


@pytest.mark.parametrize("name", ["quickstart", COLOURED])
def test_other_number_of_pens_is_refused(tmp_path: Path, name: str) -> None:
    config = small(name)
    stopped(config, tmp_path, 2)
    fewer = changed(config, pens=config.pens.plain()[:-1])  # type: ignore[union-attr,index]
    with pytest.raises(ConfigError, match="can't go on, the checkpoint is of another config"):
        run_small(fewer, tmp_path, existing="resume-changed")


def test_lines_of_a_look_stay_when_their_pens_change_and_no_other_look_is_laid(tmp_path: Path) -> None:
    config = small(COLOURED)
    out = stopped(config, tmp_path, 2)
    name = config.pens.names[0]  # type: ignore[union-attr]
    other = changed(config, pens=pens_with(config, name, color="#7a1f5c"))
    with pytest.raises(StopRun):
        run_small(other, out, existing="resume-changed", on_step=stop_at(3))
    laid = other.override("look.spacing=3")
    with pytest.raises(ConfigError, match=r"can't lay strokes otherwise that have begun: look\.spacing was "):
        run_small(laid, out, existing="resume-changed")
    assert run_small(other, out, existing="resume").metrics[-1]["step"] == 5

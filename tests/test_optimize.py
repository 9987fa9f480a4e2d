"""The loop: it goes down, follows its plan, can be saved and restored to the bit, and stops when it must."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
import torch
from torch import Tensor

from plotart.canvas import PixelCanvas, StrokeCanvas, grid_strokes, random_strokes
from plotart.canvas.renderer import Renderer
from plotart.errors import Diverged
from plotart.geometry.bezier import bezier_points
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.networks import VGG
from plotart.objectives import Inside, Length, Look, RandomViews, Sum, Tap, Term
from plotart.optimize import Optimizer, Plan, Step
from plotart.optimize.adam import Adam
from plotart.optimize.schedules import constant, cosine, geometric, steps, until
from plotart.palette import ChoosingPalette, FixedPalette, LearnedPalette, Palette
from plotart.pens import Pen, PenSet

PAGE = Page(40, 30, margin=3, color="white")
PENS = PenSet([Pen("Red", "red", 1.5), Pen("Blue", "blue", 1.0), Pen("Black", "black", 0.5)])
PLAN = Plan(steps=10, polish=0.4)


class RedInTheCorner(Term):
    """Wants red ink, and no other, in the top left quarter; bare paper is 0."""

    name = "red corner"

    def __call__(self, look: Look) -> Tensor:
        red, green, blue = look.image[0, :, : look.image.shape[2] // 2, : look.image.shape[3] // 2].mean(dim=(1, 2))
        return (green + blue) / 2 - red


class Broken(Term):
    """As `RedInTheCorner`, but with a loss, or a gradient, that is not a number from the third look on."""

    name = "broken"

    def __init__(self, where: str) -> None:
        self.where, self.looks = where, 0

    def __call__(self, look: Look) -> Tensor:
        self.looks += 1
        loss = RedInTheCorner()(look)
        if self.looks < 3:
            return loss
        # The square root's slope at 0 is infinite, and 0 times infinity is not a number.
        return loss * math.nan if self.where == "loss" else loss + (loss * 0).sqrt()


class Picture(Term):
    """Wants the drawing to be this picture [1, 3, H, W]: the mean square of what differs."""

    name = "picture"

    def __init__(self, wanted: Tensor) -> None:
        self.wanted = wanted

    def __call__(self, look: Look) -> Tensor:
        return (look.image - self.wanted).square().mean()


def strokes_canvas(palette: Palette | None = None) -> StrokeCanvas:
    random = torch.Generator().manual_seed(0)
    strokes = random_strokes(12, 2, 8.0, PAGE, 3, random)
    return StrokeCanvas(strokes, palette or FixedPalette(PENS), PAGE, Renderer(resolution=40, oversample=1))


def learned_canvas() -> StrokeCanvas:
    return strokes_canvas(LearnedPalette(3, width=1.5))


MANY = PenSet([Pen(name, name, 1.5) for name in ("yellow", "orange", "red", "lime", "cyan", "blue", "purple", "black")])
CHOOSING = replace(PLAN, open=until(0.5, geometric(8, 3)), sparsity=0.2)


def choosing_canvas() -> StrokeCanvas:
    random = torch.Generator().manual_seed(0)
    strokes = random_strokes(12, 2, 8.0, PAGE, len(MANY), random)
    return StrokeCanvas(strokes, ChoosingPalette(MANY, 3), PAGE, Renderer(resolution=40, oversample=1))


def buried_canvas() -> StrokeCanvas:
    """A stroke that is seen, one under it that is covered by paint, the paint, and one off the page; 1 px to the mm."""
    pens = PenSet([Pen("Red", "red", 1.0), Pen("Blue", "blue", 1.0), Pen("Paint", "white", 6.0, "opaque")])
    ends = [(5.0, 20.0, 8.0), (25.0, 33.0, 15.0), (22.0, 36.0, 15.0), (5.0, 20.0, -9.0)]
    points = [(low + (high - low) * t, y) for low, high, y in ends for t in (0, 0.3, 0.7, 1)]
    logits = 20.0 * torch.nn.functional.one_hot(torch.tensor([0, 1, 2, 0]), 3)
    strokes = Strokes(torch.tensor(points), torch.full((4,), 4), logits)
    return StrokeCanvas(strokes, FixedPalette(pens), PAGE, Renderer(resolution=40, oversample=1), length=6.0)


def pixel_canvas() -> PixelCanvas:
    random = torch.Generator().manual_seed(0)
    return PixelCanvas(LearnedPalette(3, width=1.0), PAGE, resolution=20, random=random)


def optimizer(
    canvas: StrokeCanvas | PixelCanvas | None = None, plan: Plan = PLAN, term: Term | None = None, seed: int = 1
) -> Optimizer:
    objective = Sum(Sum.parts_of(term or RedInTheCorner()))
    return Optimizer(canvas or strokes_canvas(), objective, RandomViews(count=1), plan, seed=seed)


def snapshot(loop: Optimizer) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in loop.state()[0].items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


# --- choosing pens ---------------------------------------------------------------------------------------------------


def test_pens_close_until_as_many_are_left_as_are_wanted() -> None:
    canvas = choosing_canvas()
    loop = optimizer(canvas, replace(CHOOSING, steps=40))
    used = [sum(share > 0 for share in step.use) for step in loop.steps()]
    assert used[0] == 8
    assert used == sorted(used, reverse=True)
    assert used[-1] <= 3
    assert len(canvas.palette.pens()) == 3
    assert set(canvas.palette.pens().names) <= set(MANY.names)
    assert canvas.strokes.logits.shape == (12, 3)


def test_the_pens_that_help_are_those_that_are_left() -> None:
    canvas = choosing_canvas()
    plan = replace(
        CHOOSING, steps=60, rates={"points": 1.0, "logits": 0.3}, usage=0.0, open=until(0.6, geometric(8, 1))
    )
    list(optimizer(canvas, plan).steps())
    assert "red" in canvas.palette.pens().names


def test_choosing_goes_on_where_it_was() -> None:
    plan = replace(CHOOSING, steps=30)
    whole = optimizer(choosing_canvas(), plan)
    list(whole.steps())
    for stop in (6, 20, 29):
        begun = optimizer(choosing_canvas(), plan)
        for _ in islice(begun.steps(), stop):
            pass
        again = optimizer(choosing_canvas(), plan)
        again.restore(*begun.state())
        list(again.steps())
        assert same(snapshot(whole), snapshot(again))
        assert again.canvas.hard().shares.equal(whole.canvas.hard().shares)


# --- it goes down ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("canvas", [strokes_canvas, learned_canvas, pixel_canvas])
def test_loss_falls(canvas: Callable[[], StrokeCanvas | PixelCanvas]) -> None:
    plan = replace(PLAN, steps=60, polish=0.2, rates={"points": 1.0, "logits": 0.3, "colors": 0.1})
    steps = list(optimizer(canvas(), plan).steps())
    first, last = steps[0].losses["red corner"], steps[-1].losses["red corner"]
    assert last < first - 0.1


def test_strokes_choose_the_pen_that_helps() -> None:
    canvas = strokes_canvas()
    list(optimizer(canvas, replace(PLAN, steps=60, rates={"points": 1.0, "logits": 0.3}, usage=0.0)).steps())
    left_top = canvas.strokes.points.reshape(12, 7, 2).mean(dim=1) < torch.tensor([PAGE.width / 2, PAGE.height / 2])
    inside = left_top.all(dim=1)
    assert int(inside.sum()) >= 3
    assert set(canvas.strokes.pen[inside].tolist()) == {0}


def test_rows_become_decided() -> None:
    plan = replace(PLAN, steps=40, polish=0.0, rates={"points": 1.0, "logits": 0.3})
    steps = list(optimizer(plan=plan).steps())
    assert steps[0].decided == 0
    assert steps[-1].decided > 0.9
    assert steps[-1].top > 0.95 > steps[0].top


def test_usage_keeps_pens_in_use() -> None:
    def least_used(usage: float) -> float:
        plan = replace(PLAN, steps=40, polish=0.0, usage=usage, rates={"points": 0.0, "logits": 0.5})
        return min(list(optimizer(plan=plan).steps())[-1].use)

    assert least_used(usage=20.0) > max(0.2, least_used(usage=0.0))


# --- it follows the plan ---------------------------------------------------------------------------------------------


def test_temperature_falls_over_the_soft_phase_and_stays() -> None:
    plan = replace(PLAN, temperature=geometric(2.0, 0.02))
    steps = list(optimizer(plan=plan).steps())
    soft = [2.0 * 0.01 ** (k / 5) for k in range(6)]
    assert [step.temperature for step in steps] == pytest.approx([*soft, *4 * [0.02]])


def test_rates_decay_to_the_last_step(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, step = list[list[float]](), Adam.step

    def watched(adam: Adam, rates: Mapping[str, float], idle: Mapping[str, torch.Tensor]) -> None:
        seen.append([rates[name] for name, _ in adam.gradients])
        step(adam, rates, idle)

    monkeypatch.setattr(Adam, "step", watched)
    list(optimizer(plan=replace(PLAN, decay=cosine(1.0, 0.1))).steps())
    factors = [0.1 + 0.45 * (1 + math.cos(math.pi * k / 9)) for k in range(10)]
    assert [rates[0] for rates in seen] == pytest.approx([PLAN.rates["points"] * f for f in factors])
    assert [rates[1] for rates in seen[:6]] == pytest.approx([PLAN.rates["logits"] * f for f in factors[:6]])


def test_rate_zero_keeps_a_part_as_it_is() -> None:
    canvas = learned_canvas()
    before = {name: value.detach().clone() for name, value in canvas.tensors().items()}
    plan = replace(PLAN, rates={"points": 0.0, "logits": 0.1, "colors": 0.0}, project=False)
    list(optimizer(canvas, plan).steps())
    moved = {name for name, value in canvas.tensors().items() if not torch.equal(value.detach(), before[name])}
    assert moved == {"logits"}


@pytest.mark.parametrize(
    ("steps", "polish", "soft"), [(10, 0.4, 6), (10, 0.0, 10), (1, 0.0, 1), (1, 0.9, 1), (4, 0.99, 1), (400, 0.15, 340)]
)
def test_there_is_always_a_soft_step(steps: int, polish: float, soft: int) -> None:
    assert Plan(steps=steps, polish=polish).soft_steps == soft


def test_polish_moves_points_alone() -> None:
    canvas = learned_canvas()
    loop = optimizer(canvas)
    list(islice(loop.steps(), 6))
    assert {name for name in loop.state()[0] if name.startswith("adam.points")}
    loop.harden()
    assert not {name for name in loop.state()[0] if name.startswith("adam.")}  # which starts anew
    before = {name: value.detach().clone() for name, value in canvas.tensors().items()}
    polished = list(loop.steps())
    assert [step.phase for step in polished] == ["polish"] * 4
    assert all(step.losses.keys() == {"red corner"} and step.decided == step.top == 1 for step in polished)
    after = canvas.tensors()
    assert not torch.equal(after["points"], before["points"])
    assert torch.equal(after["logits"], before["logits"])
    assert torch.equal(after["colors"], before["colors"])


def test_a_step_tells_what_it_saw_before_it_moved() -> None:
    canvas = strokes_canvas()
    with torch.no_grad():
        image = canvas.soft(1.0).image
    step = next(iter(optimizer(canvas).steps()))
    assert (step.number, step.total, step.phase) == (1, 10, "soft")
    assert step.losses.keys() == {"red corner", "sharpness", "usage"}
    assert step.losses["red corner"] == pytest.approx(RedInTheCorner()(Look.plain(image, PAGE)).item(), abs=1e-6)
    assert step.loss == pytest.approx(sum(step.losses.values()))
    assert sum(step.use) == pytest.approx(1)


def test_one_pen_needs_no_penalties() -> None:
    canvas = strokes_canvas(LearnedPalette(1, width=1.0))
    strokes = grid_strokes(3, 1, 5.0, PAGE, 1, torch.Generator().manual_seed(0))
    canvas = StrokeCanvas(strokes, FixedPalette(PenSet([PENS[0]])), PAGE, Renderer(resolution=40))
    step = next(iter(optimizer(canvas).steps()))
    assert step.losses.keys() == {"red corner"}
    assert step.decided == 1


@pytest.mark.parametrize("project", [True, False])
def test_projection_keeps_nibs_inside_the_margins(project: bool) -> None:
    canvas = strokes_canvas()
    plan = replace(PLAN, rates={"points": 8.0, "logits": 0.1}, decay=constant(1.0), project=project)
    left, top, right, bottom = PAGE.inner
    nib, inside = 1.5 / 2, list[bool]()
    for _ in optimizer(canvas, plan).steps():
        x, y = canvas.strokes.points.T
        inside.append(bool(((x >= left + nib) & (x <= right - nib) & (y >= top + nib) & (y <= bottom - nib)).all()))
    assert all(inside) == project


def test_projection_has_a_place_for_nibs_broader_than_the_page_allows() -> None:
    page = Page(20, 20, margin=9.9)
    strokes = random_strokes(2, 1, 5.0, page, 1, torch.Generator().manual_seed(0))
    canvas = StrokeCanvas(strokes, FixedPalette(PenSet([PENS[0]])), page, Renderer(resolution=20))
    canvas.project()
    assert torch.allclose(canvas.strokes.points, torch.tensor(10.0))


def test_terms_that_look_at_strokes_count() -> None:
    def travel(term: Term) -> float:
        canvas = strokes_canvas()
        list(optimizer(canvas, replace(PLAN, steps=20), term).steps())
        return float(canvas.strokes.points.reshape(12, 7, 2).diff(dim=1).norm(dim=2).sum())

    assert travel(RedInTheCorner() + 50.0 * Length()) < 0.8 * travel(RedInTheCorner() + 1.0 * Inside())


# --- it feels what is near -------------------------------------------------------------------------------------------

BEND = torch.tensor([[10.0, 8.0], [16.0, 11.0], [8.0, 18.0], [13.0, 23.0]])


def black_stroke(points: Tensor) -> StrokeCanvas:
    """One stroke of 1.5 px on a page that is drawn with 1 px to the mm."""
    strokes, pens = Strokes(points, torch.tensor([4]), torch.zeros(1, 1)), PenSet([Pen("Black", "black", 1.5)])
    return StrokeCanvas(strokes, FixedPalette(pens), PAGE, Renderer(resolution=40))


def distance(one: Tensor, other: Tensor) -> float:
    """Largest distance in mm from a point of either curve to the other curve."""
    lines = [torch.tensor(bezier_points(points.double().numpy(), 1e-3)) for points in (one, other)]
    apart = torch.cdist(*lines)
    return float(torch.maximum(apart.amin(dim=0).max(), apart.amin(dim=1).max()))


@pytest.mark.parametrize("softness", [0.0, 6.0])
def test_only_a_soft_stroke_feels_what_is_six_pixels_away(softness: float) -> None:
    canvas = black_stroke(BEND)
    wanted = black_stroke(BEND + torch.tensor([6.0, 0.0])).hard().image < 0.999
    assert not (wanted & (canvas.hard().image < 0.999)).any()
    # The ink where it is wanted: its slope is towards there alone, and not towards less ink.
    ink = (1 - canvas.soft(1.0, softness=softness).image)[wanted].sum()
    (slope,) = torch.autograd.grad(ink, canvas.parameters()["points"])
    if softness:
        assert float(slope[:, 0].sum()) > 0.1
    else:
        assert not slope.any()


@pytest.mark.parametrize("softness", [0.0, 6.0, 8.0])
def test_only_a_soft_stroke_finds_where_it_is_wanted(softness: float) -> None:
    wanted = BEND + torch.tensor([6.0, 0.0])
    term, canvas = Picture(black_stroke(wanted).hard().image.detach()), black_stroke(BEND)
    plan = Plan(steps=100, polish=0.2, rates={"points": 0.3, "logits": 0.1}, softness=until(0.6, cosine(softness, 0.0)))
    list(optimizer(canvas, plan, term).steps())
    found = distance(canvas.strokes.points, wanted)
    assert (found < 0.5) if softness else (found > 5)


def test_softness_falls_to_nothing_and_what_is_judged_is_exact() -> None:
    canvas, plan = strokes_canvas(), replace(PLAN, softness=until(0.6, cosine(4.0, 0.0)))
    loop, seen = optimizer(canvas, plan), list[float]()
    for step in loop.steps():
        seen.append(step.softness)
        with torch.no_grad():
            exact = canvas.soft(plan.at(loop.done).temperature).image
        assert torch.equal(loop.soft_frame().image.detach(), exact)
    falling = [2 * (1 + math.cos(math.pi * k / 3)) for k in range(3)]
    assert seen == pytest.approx([*falling, *7 * [0]])
    assert seen[3:] == 7 * [0.0]


def test_soft_steps_look_at_soft_strokes_and_polish_never_does() -> None:
    canvas = strokes_canvas()
    with torch.no_grad():
        image = canvas.soft(1.0, softness=3.0).image
    steps = list(optimizer(canvas, replace(PLAN, softness=constant(3.0))).steps())
    assert steps[0].losses["red corner"] == pytest.approx(RedInTheCorner()(Look.plain(image, PAGE)).item(), abs=1e-6)
    assert [step.softness for step in steps] == [*6 * [3.0], *4 * [0.0]]


# --- what can't be seen begins again ---------------------------------------------------------------------------------

RECYCLING = replace(PLAN, steps=20, recycle=2, recycle_until=0.8, rates={"points": 0.1, "logits": 0.1}, project=False)


class Watched(Term):
    """Sees which sizes are looked at, and through which relus."""

    name = "watched"

    def __init__(self) -> None:
        self.network = VGG("toy", ((2,), (2,)), (0.5,) * 3, (0.25,) * 3)
        self.sizes: list[int] = []

    @property
    def taps(self) -> tuple[Tap, ...]:
        return (Tap(self.network, "conv2_1"),)

    def __call__(self, look: Look) -> Tensor:
        self.sizes.append(look.image.shape[-1])
        return look.features(self.network, "conv2_1").mean()


def test_coarse_to_fine_and_what_is_judged_is_fine() -> None:
    term = Watched()
    loop = optimizer(strokes_canvas(), replace(PLAN, steps=12, polish=0.25, detail=steps(0.5, 1.0)), term)
    full = loop.canvas.blank().shape[-1]
    assert loop.soft_frame().image.shape[-1] == full
    list(loop.steps())
    assert term.sizes == [full // 2] * 4 + [full] * 8


def test_leaky_relus_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    leaks: list[float] = []
    run = VGG.forward

    def counted(self: VGG, image: Tensor, layers: set[str], *, leak: float = 0.0) -> dict[str, Tensor]:
        leaks.append(leak)
        return run(self, image, layers, leak=leak)

    monkeypatch.setattr(VGG, "forward", counted)
    plan = replace(PLAN, steps=5, polish=0.4, leak=steps(0.1, 0.0))
    list(optimizer(strokes_canvas(), plan, Watched()).steps())
    assert leaks == [0.1, 0.0, 0.0, 0.0, 0.0]


def test_dead_strokes_begin_again_and_are_forgotten_by_adam() -> None:
    canvas = buried_canvas()
    loop = optimizer(canvas, RECYCLING)
    steps = loop.steps()
    assert next(steps).recycled == 0
    before = {name: value.detach().clone() for name, value in canvas.tensors().items()}
    assert next(steps).recycled == 2
    tensors = snapshot(loop)
    rows = {"points": [*range(4, 8), *range(12, 16)], "logits": [1, 3]}
    for name, new in rows.items():
        old = [row for row in range(len(before[name])) if row not in new]
        for average in ("exp_avg", "exp_avg_sq"):
            values = tensors[f"adam.{name}.{average}"]
            assert not values[new].any()
            assert values[old].any(dim=1).any()
        assert (tensors[f"canvas.{name}"] - before[name])[new].abs().amax(dim=1).min() > 1e-3
        assert (tensors[f"canvas.{name}"] - before[name])[old].abs().max() < 0.3
    assert next(steps).recycled == 0


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({}, [2]),
        ({"recycle": 5}, [5]),
        ({"recycle": 1}, [1]),
        ({"recycle": 10, "recycle_until": 1.0}, [10]),
        ({"recycle": 10}, []),
        ({"recycle": 12, "recycle_until": 1.0}, []),
        ({"recycle_until": 0.0}, []),
        ({"recycle": 0}, []),
        ({"rates": {"points": 0.0, "logits": 0.1}}, []),
        ({"rates": {"points": 0.1, "logits": 0.0}}, []),
    ],
    ids=str,
)
def test_strokes_begin_again_in_time_to_settle(changes: dict[str, Any], at: list[int]) -> None:
    """Of twelve soft steps and eight of polish; strokes that are to stay where they are do."""
    steps = list(optimizer(buried_canvas(), replace(RECYCLING, **changes)).steps())
    assert [step.number for step in steps if step.recycled] == at


def test_the_seed_decides_where_strokes_begin_again() -> None:
    def placed(seed: int) -> Tensor:
        canvas = buried_canvas()
        list(islice(optimizer(canvas, RECYCLING, seed=seed).steps(), 2))
        return canvas.strokes.points[4:8]

    assert torch.equal(placed(1), placed(1))
    assert (placed(1) - placed(2)).abs().max() > 1


def test_what_can_be_seen_is_left_alone() -> None:
    runs = []
    for recycle in (0, 1):
        loop = optimizer(strokes_canvas(), replace(RECYCLING, recycle=recycle, rates=PLAN.rates))
        runs.append((list(loop.steps()), snapshot(loop)))
    assert runs[0][0] == runs[1][0]
    assert same(runs[0][1], runs[1][1])


# --- saved and restored ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("canvas", [strokes_canvas, learned_canvas, buried_canvas, pixel_canvas])
@pytest.mark.parametrize("at", [1, 4, 5, 6, 8, 10], ids=lambda at: f"after {at} of 10")
def test_goes_on_to_the_bit(canvas: Callable[[], StrokeCanvas | PixelCanvas], at: int) -> None:
    # Six soft steps, four of polish.
    plan = replace(PLAN, noise=0.3, softness=until(0.6, cosine(3.0, 0.0)), recycle=4, recycle_until=1.0, project=False)
    whole = optimizer(canvas(), plan)
    steps = list(whole.steps())
    assert [step.number for step in steps if step.recycled] == ([4] if canvas is buried_canvas else [])

    begun = optimizer(canvas(), plan)
    list(islice(begun.steps(), at))
    tensors, text = snapshot(begun), begun.state()[1]
    resumed = optimizer(canvas(), plan, seed=99)
    resumed.restore(tensors, text)
    assert resumed.done == at

    assert list(resumed.steps()) == steps[at:]
    whole.harden()
    resumed.harden()
    assert same(snapshot(resumed), snapshot(whole))


def test_steps_depend_on_the_seed() -> None:
    def rows(seed: int) -> list[Step]:
        return list(optimizer(plan=replace(PLAN, noise=0.5), seed=seed).steps())

    assert rows(1) == rows(1) != rows(2)


def test_states_of_another_canvas_are_refused() -> None:
    tensors, text = optimizer(strokes_canvas()).state()
    with pytest.raises(ValueError, match="no colors of the shape"):
        optimizer(learned_canvas()).restore(tensors, text)
    with pytest.raises(ValueError, match="no points of the shape"):
        optimizer().restore({**tensors, "canvas.points": torch.zeros(7, 2)}, text)


# --- it stops --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("where", "message"), [("loss", "the loss is not a number"), ("gradient", "the gradient of")])
def test_what_is_not_a_number_moves_nothing(where: str, message: str) -> None:
    canvas = strokes_canvas()
    loop = optimizer(canvas, term=Broken(where))
    steps = loop.steps()
    list(islice(steps, 2))
    before = snapshot(loop)
    with pytest.raises(Diverged, match=message) as caught:
        next(steps)
    assert "at step 3" in str(caught.value)
    after = snapshot(loop)
    assert loop.done == 2
    assert same({**after, "random": before["random"]}, before)
    assert canvas.strokes.points.isfinite().all()

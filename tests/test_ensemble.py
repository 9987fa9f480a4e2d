"""Drawings side by side: each comes to what it comes to alone, and networks run once for all of them."""

from __future__ import annotations

import gc
import math
import weakref
from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from small_runs import small
from test_optimize import PLAN, Broken, buried_canvas, optimizer, same, snapshot
from torch import Tensor

from plotart.errors import Diverged, NetworkError
from plotart.job.build import build
from plotart.job.objective import Shared
from plotart.networks import VGG
from plotart.networks.precision import NAMED
from plotart.objectives import Direction, Excitation, Features, Tap, Term
from plotart.optimize import Course, Ensemble, Optimizer, Plan, Step, together
from plotart.optimize.clearing import Clearing


def network() -> VGG:
    torch.manual_seed(0)
    return VGG("tiny", ((8, 8), (16, 16)), (0.5,) * 3, (0.25,) * 3)


NETWORK = network()
LAST = Tap(NETWORK, "conv2_2")


def excited(channel: int) -> Term:
    return Excitation(NETWORK, LAST.layer, Direction.channels(NETWORK, LAST.layer, (channel,)))


def close(one: Tensor, other: Tensor, tolerance: float = 1e-5) -> bool:
    """Up to rounding, as a share of the larger of the two."""
    one, other = one.detach(), other.detach()
    return float((one - other).norm()) <= tolerance * max(float(one.norm()), float(other.norm()))


def rest(loop: Optimizer) -> Course[list[Step]]:
    """The steps that are left."""
    steps = []
    while not loop.finished:
        steps.append((yield from loop.step()))
    return steps


def in_step(loops: Sequence[Optimizer]) -> list[list[Step]]:
    """The same of several loops, side by side; all of them end well."""
    ends = together([rest(loop) for loop in loops])
    return [end for end in ends if not isinstance(end, Exception)]


# --- features --------------------------------------------------------------------------------------------------------


def images(count: int, size: int = 20, seed: int = 0) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.rand(count, 3, size, size, generator=random).requires_grad_()


@pytest.mark.parametrize("leak", [0.0, 0.1])
def test_what_is_seen_together_is_what_is_seen_alone(leak: float, passes: list[int]) -> None:
    leaves = [images(count, seed=count) for count in (2, 1, 3)]
    some = [Features(leaf, [LAST], leak=leak) for leaf in leaves]
    Features.together(some)
    found = [features(*LAST) for features in some]
    assert passes == [6]
    torch.autograd.backward([value.square().mean() for value in found])
    for leaf, value in zip(leaves, found, strict=True):
        again = leaf.detach().clone().requires_grad_()
        alone = Features(again, [LAST], leak=leak)(*LAST)
        alone.square().mean().backward()
        assert value.shape == alone.shape
        assert close(value, alone)
        assert leaf.grad is not None
        assert again.grad is not None
        assert close(leaf.grad, again.grad)


def test_a_loss_has_no_slope_by_the_images_of_others() -> None:
    mine, other = images(2), images(2, seed=1)
    some = [Features(leaf, [LAST]) for leaf in (mine, other)]
    Features.together(some)
    some[0](*LAST).mean().backward()
    assert mine.grad is not None
    assert mine.grad.abs().max() > 0
    assert other.grad is None or not other.grad.any()


def test_the_layers_of_all_come_of_one_pass(passes: list[int]) -> None:
    first, second = Tap(NETWORK, "conv1_1"), LAST
    some = [Features(images(1), [first]), Features(images(1, seed=1), [second])]
    Features.together(some)
    assert some[1](*second).shape[1] == 16
    assert some[0](*first).shape[1] == 8
    assert passes == [2]


def test_what_is_not_alike_is_looked_at_apart(passes: list[int]) -> None:
    planar = {NETWORK: NAMED["float32-planar"]}
    some = [
        Features(images(1), [LAST]),
        Features(images(1, size=24), [LAST]),
        Features(images(1), [LAST], leak=0.1),
        Features(images(1), [LAST], precision=planar),
        Features(images(1).detach(), [LAST]),
        Features(images(1), [Tap(network(), LAST.layer)]),
        Features(images(2), [LAST]),
    ]
    Features.together(some)
    for features in some[:5]:
        features(*LAST)
    assert passes == [3, 1, 1, 1, 1]


def test_a_network_that_nobody_looks_through_does_not_run(passes: list[int]) -> None:
    some = [Features(images(1), [LAST]) for _ in range(2)]
    Features.together(some)
    assert some[0].of(images(3))(*LAST).shape[0] == 3
    assert passes == [3]


def test_a_batch_is_not_kept_longer_than_its_features() -> None:
    """No cycle holds it until Python next looks for such."""
    gc.disable()
    try:
        some = [Features(images(1, seed=seed), [LAST]) for seed in range(2)]
        Features.together(some)
        kept = weakref.ref(some[0](*LAST))
        assert kept() is not None
        some.clear()
        assert kept() is None
    finally:
        gc.enable()


# --- drawings --------------------------------------------------------------------------------------------------------


def drawings(count: int = 3) -> list[Optimizer]:
    """Of quickstart's hand and motif, with what happens to strokes on the way: some leave, ends are joined, pens are
    fixed."""
    shared: Shared = {}
    found = []
    for seed, motif in zip(range(count), ("star", "leaf", "spiral"), strict=False):
        config = small(
            "quickstart",
            f"seed={seed}",
            f"objective.0.class={motif}",
            "strokes.count=24",
            "optimize.steps=14",
            "augment.views=2",
            "strokes.economy={keep: 0.6, price: 0.3}",
        )
        found.append(build(config, shared=shared).optimizer)
    return found


@pytest.fixture(scope="module")
def alone() -> tuple[list[Optimizer], list[list[Step]]]:
    """Each by itself; not to be changed."""
    loops = drawings()
    return loops, [list(loop.steps()) for loop in loops]


def test_drawings_come_to_what_they_come_to_alone(alone: tuple[list[Optimizer], list[list[Step]]]) -> None:
    loops = drawings()
    for loop, other, steps, expected in zip(loops, alone[0], in_step(loops), alone[1], strict=True):
        assert len(steps) == len(expected) == 14
        assert [step.number for step in steps] == list(range(1, 15))
        assert [step.phase for step in steps] == [step.phase for step in expected]
        assert steps[0].loss == pytest.approx(expected[0].loss, rel=1e-5)
        assert [step.loss for step in steps] == pytest.approx([step.loss for step in expected], rel=1e-2)
        found, wanted = loop.state()[0], other.state()[0]
        assert torch.equal(found["random"], wanted["random"])
        assert torch.equal(found["canvas.there"], wanted["canvas.there"])
        assert torch.equal(found["canvas.links"], wanted["canvas.links"])
        assert close(found["canvas.points"], wanted["canvas.points"], 1e-2)
        assert torch.equal(loop.canvas.soft(0.1).shares.argmax(dim=1), other.canvas.soft(0.1).shares.argmax(dim=1))
    assert all(not loop.state()[0]["canvas.there"].all() for loop in loops), "nothing to compare: no stroke has left"


def test_one_pass_serves_a_step_of_all(passes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    loops = drawings()
    for loop in loops:
        loop.plan = replace(loop.plan, clearing=Clearing(), recycle=0)
    backward, calls = torch.autograd.backward, list[int]()
    monkeypatch.setattr(
        torch.autograd, "backward", lambda losses, **options: (calls.append(len(losses)), backward(losses, **options))
    )
    for number in range(1, 4):
        together([loop.step() for loop in loops])
        assert passes == [6] * number
        assert calls == [3] * number


def test_strokes_are_tried_together_too(passes: list[int]) -> None:
    loops = drawings()
    for loop in loops:
        loop.plan = replace(loop.plan, clearing=Clearing(price=0.3))
    together([loop.hardening() for loop in loops])
    assert all(loop.hardened for loop in loops)
    assert passes.count(3) > 20


def test_strokes_are_appraised_together_too(passes: list[int]) -> None:
    loops = drawings()
    for loop in loops:
        loop.plan = replace(loop.plan, clearing=Clearing(keep=0.6), recycle=0, steps=20)
    in_step(loops)
    assert set(passes) == {6}
    assert len(passes) > 25


def looks(*plans: Plan) -> list[Optimizer]:
    """A drawing for each of the plans, which look through one network for a channel each."""
    return [optimizer(plan=plan, term=excited(k), seed=k) for k, plan in enumerate(plans)]


def test_lengths_and_phases_may_differ() -> None:
    plans = [replace(PLAN, steps=steps, polish=polish) for steps, polish in ((4, 0.5), (10, 0.0), (7, 0.3))]
    side, by_themselves = looks(*plans), looks(*plans)
    for loop, expected, steps in zip(side, by_themselves, in_step(side), strict=True):
        assert [step.phase for step in steps] == [step.phase for step in expected.steps()]
        assert loop.finished
        assert close(loop.state()[0]["canvas.points"], expected.state()[0]["canvas.points"], 1e-2)
        assert torch.equal(loop.state()[0]["random"], expected.state()[0]["random"])


def test_strokes_that_cannot_be_seen_are_placed_anew() -> None:
    plan = replace(PLAN, steps=6, polish=0.0, recycle=3, recycle_until=1.0)
    side, by_themselves = ([optimizer(buried_canvas(), plan, seed=k) for k in range(2)] for _ in range(2))
    for loop, expected, steps in zip(side, by_themselves, in_step(side), strict=True):
        assert sum(step.recycled for step in steps) > 0
        assert steps == list(expected.steps())
        assert same(snapshot(loop), snapshot(expected))


@pytest.mark.parametrize("where", ["loss", "gradient"])
def test_one_that_diverges_leaves_the_others_as_they_are(where: str) -> None:
    side, by_themselves = looks(PLAN, PLAN), looks(PLAN, PLAN)
    broken = optimizer(term=excited(0) + Broken(where), seed=5)
    first, error, second = together([rest(loop) for loop in (side[0], broken, side[1])])
    assert isinstance(error, Diverged)
    assert f"the {where if where == 'loss' else 'gradient of the'}" in str(error)
    assert "at step 3" in str(error)
    assert broken.done == 2
    for loop, expected, steps in zip(side, by_themselves, (first, second), strict=True):
        assert not isinstance(steps, Exception)
        assert all(math.isfinite(step.loss) for step in steps)
        list(expected.steps())
        assert loop.finished
        assert close(loop.state()[0]["canvas.points"], expected.state()[0]["canvas.points"], 1e-2)


def test_an_ensemble_goes_on_to_the_bit() -> None:
    whole, first, second = (looks(PLAN, PLAN, replace(PLAN, steps=12)) for _ in range(3))
    in_step(whole)
    for _ in range(4):
        together([loop.step() for loop in first])
    for loop, other in zip(first, second, strict=True):
        other.restore(*loop.state())
    in_step(second)
    assert all(same(snapshot(one), snapshot(other)) for one, other in zip(whole, second, strict=True))


def test_drawings_join_and_leave() -> None:
    ensemble = Ensemble[str, list[Step]]()
    early, late = looks(replace(PLAN, steps=3), PLAN)
    ensemble.join("early", rest(early))
    assert ensemble.turn() == {}
    ensemble.join("late", rest(late))
    assert len(ensemble) == 2
    ended = []
    while len(ensemble):
        ended += ensemble.turn()
    assert ended == ["early", "late"]
    assert (early.done, late.done) == (3, 10)


# --- courses ---------------------------------------------------------------------------------------------------------


def fails(error: Exception) -> Course[None]:
    yield Features(images(1), [LAST])
    raise error


def test_an_error_of_one_is_its_end() -> None:
    error, loops = NetworkError("too small"), looks(PLAN)
    ends = together([fails(error), rest(loops[0])])
    assert ends[0] is error
    assert loops[0].finished


def test_an_interrupt_ends_all_of_them() -> None:
    closed: list[str] = []

    def waits() -> Course[None]:
        try:
            while True:
                yield Features(images(1), [LAST])
        finally:
            closed.append("waits")

    def interrupted() -> Course[None]:
        yield Features(images(1), [LAST])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        together([waits(), interrupted()])
    assert closed == ["waits"]


def test_a_single_run_is_an_ensemble_of_one() -> None:
    one, other = looks(PLAN)[0], looks(PLAN)[0]
    (steps,) = in_step([one])
    assert steps == list(other.steps())
    assert same(snapshot(one), snapshot(other))

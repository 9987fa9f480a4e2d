"""Adam whose rows can rest: torch's own, bit for bit, but for the rows that rest or begin anew."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from plotart.optimize.adam import BETAS, Adam

SHAPES = {"points": (6, 2), "logits": (3, 4), "colors": (3,)}
RATES = {"points": 1.0, "logits": 0.1, "colors": 0.05}


def values(seed: int = 0) -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(seed)
    return {name: torch.randn(*shape, generator=random).requires_grad_() for name, shape in SHAPES.items()}


def gradients(step: int) -> dict[str, Tensor]:
    """Of another size and direction in each step; colours have none in the first two."""
    random = torch.Generator().manual_seed(100 + step)
    found = {name: 10.0 ** (step - 3) * torch.randn(*shape, generator=random) for name, shape in SHAPES.items()}
    return found if step > 1 else {name: value for name, value in found.items() if name != "colors"}


def push(parameters: dict[str, Tensor], step: int) -> None:
    for name, gradient in gradients(step).items():
        parameters[name].grad = gradient


@pytest.mark.parametrize("betas", [BETAS, (0.9, 0.999)])
def test_values_are_torchs_bit_for_bit(betas: tuple[float, float]) -> None:
    ours, theirs = values(), values()
    adam = Adam(ours, betas)
    groups = [{"params": [value], "name": name, "lr": 0.0} for name, value in theirs.items()]
    reference = torch.optim.Adam(groups, betas=betas, foreach=False)
    for step in range(7):
        rates = {name: rate / (step + 1) for name, rate in RATES.items()}
        push(ours, step)
        push(theirs, step)
        for group in reference.param_groups:
            group["lr"] = rates[group["name"]]
        adam.step(rates)
        reference.step()
        for name in SHAPES:
            assert torch.equal(ours[name], theirs[name]), (name, step)
        adam.zero_grad()
        reference.zero_grad()


def test_idle_rows_rest_and_others_move_as_if_all_did() -> None:
    some, every = values(), values()
    resting, moving = Adam(some), Adam(every)
    idle = {"points": torch.tensor([True, False] * 3), "logits": torch.tensor([False, False, True])}
    for step in range(3):
        push(some, step)
        push(every, step)
        resting.step(RATES, idle)
        moving.step(RATES)
    for name, rows in idle.items():
        assert torch.equal(some[name][rows], values()[name][rows])
        assert torch.equal(some[name][~rows], every[name][~rows])
        assert not resting.state()[f"{name}.exp_avg"][rows].any()
    assert torch.equal(some["colors"], every["colors"])


def test_a_parameter_that_has_had_no_gradient_stays_and_has_no_state() -> None:
    parameters = values()
    adam = Adam(parameters)
    push(parameters, 0)
    adam.step(RATES)
    assert torch.equal(parameters["colors"], values()["colors"])
    assert {name.split(".")[0] for name in adam.state()} == {"points", "logits"}


def test_forgotten_rows_alone_begin_anew() -> None:
    parameters = values()
    adam = Adam(parameters)
    push(parameters, 0)
    adam.step(RATES)
    adam.forget({"points": torch.tensor([1, 4]), "colors": torch.tensor([0])})
    for key in ("exp_avg", "exp_avg_sq"):
        blank = (adam.state()[f"points.{key}"] == 0).all(dim=1)
        assert blank.tolist() == [False, True, False, False, True, False]


def test_it_goes_on_from_a_state_as_if_it_had_not_stopped() -> None:
    through, before = values(), values()
    whole, half = Adam(through), Adam(before)
    for step in range(4):
        push(through, step)
        whole.step(RATES)
    for step in range(2):
        push(before, step)
        half.step(RATES)
    after = {name: value.detach().clone().requires_grad_() for name, value in before.items()}
    again = Adam(after)
    again.restore({name: value.clone() for name, value in half.state().items()})
    for step in range(2, 4):
        push(after, step)
        again.step(RATES)
    assert all(torch.equal(through[name], after[name]) for name in SHAPES)

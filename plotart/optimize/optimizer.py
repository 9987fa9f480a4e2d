"""The one loop: strokes are drawn, looked at in random views, and moved. It yields a record per step, prints nothing.

First the soft phase, in which every stroke is a mix of pens that the falling temperature narrows to one; then
`canvas.harden()` and the polish phase, in which the pens are fixed and the geometry settles in plotting order.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import torch
from torch import Tensor

from plotart.canvas import Canvas, Frame
from plotart.errors import Diverged
from plotart.networks import Network
from plotart.networks.precision import Precision
from plotart.objectives import Features, Look, RandomViews, RandomWindows, Sum, Windows
from plotart.optimize.schedules import Schedule, constant, cosine, geometric
from plotart.palette.class_matrix import sharpness_penalty, sparsity_penalty, usage_penalty

Phase = Literal["soft", "polish"]

#: Adam's memory, in place of (0.9, 0.999): temperature and views change the slopes from step to step, and 80 steps with
#: the short one reach what takes 200 with the long one (docs/benchmarks.md).
BETAS = (0.5, 0.9)

#: Where pens are to be chosen: the share of those that are left which the sparsity penalty spares.
NEXT = 0.7

#: A stroke counts as decided when its likeliest pen has this share.
DECIDED = 0.9


@dataclass(frozen=True)
class Plan:
    """How to run: `steps` in all, the last `polish` share of them with the pens fixed.

    rates        Adam's learning rate by parameter: points (mm), logits, colors; all fall along `decay`
    temperature  of the class matrix's softmax, over the soft phase
    softness     mm by which edges are blurred for the loss, over the soft phase; evaluations are exact
    detail       share of the full resolution that the networks look at, over the soft phase
    leak         slope of the networks' relus below zero, over the soft phase: with some, channels that see nothing yet
                 are moved all the same
    open         where pens are to be chosen, how many are left, over the soft phase; None elsewhere
    sparsity     weight of the penalty on strokes of the pens that are to go next
    sharpness, usage: weights of the penalties on mixed strokes and on unused pens; noise: scale of the Gumbel noise
    project      put control points back inside the margins after each step
    recycle      soft steps from one search for strokes that can't be seen to the next, which are placed anew; 0 = never
    recycle_until  share of the soft phase after which none is, as it could not settle any more
    """

    steps: int = 400
    polish: float = 0.15
    rates: dict[str, float] = field(default_factory=lambda: {"points": 1.0, "logits": 0.1, "colors": 0.05})
    decay: Schedule = field(default_factory=lambda: cosine(1.0, 0.1))
    temperature: Schedule = field(default_factory=lambda: geometric(1.0, 0.05))
    softness: Schedule = field(default_factory=lambda: constant(0.0))
    detail: Schedule = field(default_factory=lambda: constant(1.0))
    leak: Schedule = field(default_factory=lambda: constant(0.0))
    open: Schedule | None = None
    sparsity: float = 0.0
    sharpness: float = 0.05
    usage: float = 0.05
    noise: float = 0.0
    project: bool = True
    recycle: int = 25
    recycle_until: float = 0.6

    @property
    def soft_steps(self) -> int:
        """Steps before the pens are fixed; at least one."""
        return max(1, self.steps - round(self.steps * self.polish))

    def recycles(self, done: int) -> bool:
        """Whether strokes that can't be seen are placed anew after `done` steps; never where strokes are to stay."""
        if self.recycle == 0 or min(self.rates["points"], self.rates["logits"]) == 0:
            return False
        return done % self.recycle == 0 and done < self.soft_steps and done <= self.recycle_until * self.soft_steps


@dataclass(frozen=True)
class Step:
    """What one step saw, before it moved anything.

    number counts from 1; losses are the weighted terms by name; `decided` is the share of strokes whose likeliest pen
    has at least 90 %, `top` the mean share of the likeliest pen, `use` the share of strokes by pen; softness is in mm.
    `recycled` strokes could not be seen after it, and were placed anew.

    `picture(detail)` draws the canvas as it is when that is called: [1, 3, H, W] sRGB, at `detail` times the full
    resolution. It is the only part that costs time.
    """

    number: int
    total: int
    phase: Phase
    loss: float
    losses: dict[str, float]
    temperature: float
    softness: float
    sharpness: float
    decided: float
    top: float
    use: tuple[float, ...]
    recycled: int
    picture: Callable[[float], Tensor] = field(repr=False, compare=False)


class Optimizer:
    """The loop's state: a canvas, Adam, and a random generator; can be saved and restored to the last bit."""

    def __init__(
        self,
        canvas: Canvas,
        objective: Sum,
        views: RandomViews | RandomWindows,
        plan: Plan,
        *,
        seed: int,
        device: str = "cpu",
        precision: Mapping[Network, Precision] | None = None,
    ) -> None:
        """`precision` of the networks while optimising; float32 for those that it does not name."""
        self.canvas, self.objective, self.views, self.plan = canvas, objective, views, plan
        self.precision = precision or {}
        self.done = 0
        self._hardened = False
        self._device = torch.device(device)
        self._random = torch.Generator().manual_seed(seed)
        self._adam = self._new_adam()

    @property
    def finished(self) -> bool:
        return self.done >= self.plan.steps

    @property
    def soft_finished(self) -> bool:
        """The pens are fixed next, or already."""
        return self.done >= self.plan.soft_steps

    def steps(self) -> Iterator[Step]:
        """The steps that are left. Raises Diverged when the loss is not a number; nothing has moved by then."""
        while not self.finished:
            if self.soft_finished:
                self.harden()
            yield self._step()

    def harden(self) -> None:
        """Fix the pens, and start Adam anew on what is left to move."""
        if self._hardened:
            return
        self._hardened = True
        self.canvas.harden()
        self._adam = self._new_adam()

    def soft_frame(self) -> Frame:
        """The canvas at the present temperature, without noise, its edges exact."""
        return self.canvas.soft(self.plan.temperature(self._soft_progress()))

    @torch.no_grad()
    def picture(self, detail: float) -> Tensor:
        """[1, 3, H, W] sRGB: the canvas as it is now, at `detail` times the full resolution."""
        if self._hardened:
            return self.canvas.hard(detail=detail).image
        return self.canvas.soft(self.plan.temperature(self._soft_progress()), detail=detail).image

    def _step(self) -> Step:
        plan, soft = self.plan, not self.soft_finished
        temperature = plan.temperature(self._soft_progress())
        softness = plan.softness(self._soft_progress()) if soft else 0.0
        detail = plan.detail(self._soft_progress()) if soft else 1.0
        windows = self._windows(detail)
        if soft:
            frame = self.canvas.soft(
                temperature,
                softness=softness,
                noise=plan.noise,
                random=self._random,
                detail=detail,
                windows=windows,
            )
        else:
            frame = self.canvas.hard(windows)
        losses = self.objective.losses(self._look(frame, windows, plan.leak(self._soft_progress()) if soft else 0.0))
        if soft and frame.shares.shape[-1] > 1:
            losses["sharpness"] = plan.sharpness * sharpness_penalty(frame.shares)
            losses["usage"] = plan.usage * usage_penalty(frame.shares)
            if plan.open is not None:
                losses["sparsity"] = plan.sparsity * sparsity_penalty(frame.shares, self._spared())
        loss = sum((value.to("cpu") for value in losses.values()), torch.zeros(()))
        if not math.isfinite(loss.item()):
            terms = ", ".join(f"{name} {value.item():g}" for name, value in losses.items())
            raise Diverged(f"the loss is not a number at step {self.done + 1} ({terms}): lower optimize.rate")
        if loss.requires_grad:
            self._move(loss, self.canvas.unshown(frame.shown) if frame.shown is not None else {})
        if soft and plan.open is not None:
            self.canvas.narrow(self._left())
        self.done += 1
        recycled = self._recycle() if plan.recycles(self.done) else 0
        top = frame.shares.detach().amax(dim=-1)
        return Step(
            number=self.done,
            total=plan.steps,
            phase="soft" if soft else "polish",
            loss=loss.item(),
            losses={name: value.item() for name, value in losses.items()},
            temperature=temperature,
            softness=softness,
            sharpness=plan.sharpness if soft else 0.0,
            decided=(top >= DECIDED).float().mean().item(),
            top=top.mean().item(),
            use=tuple(frame.shares.detach().mean(dim=0).tolist()),
            recycled=recycled,
            picture=self.picture,
        )

    def _windows(self, detail: float) -> Windows | None:
        """The windows of the next step, where the sheet is too large to be looked at as a whole."""
        if isinstance(self.views, RandomWindows):
            return self.views.choose(self.canvas.page, detail, self._random)
        return None

    def _look(self, frame: Frame, windows: Windows | None, leak: float) -> Look:
        image = frame.image.to(self._device)
        if isinstance(self.views, RandomViews):
            views = self.views.choose(image.shape[2:], self._random)
            seen = views(image, self.canvas.paper)
        else:
            assert windows is not None
            views, seen = windows, image
        features = Features(seen, self.objective.taps, precision=self.precision, leak=leak)
        return replace(frame, image=image).look(views, features, self.canvas.page)

    def _recycle(self) -> int:
        """Place strokes that can't be seen anew; Adam forgets how they moved. Returns how many they were."""
        renewed = self.canvas.recycle(self.plan.temperature(self._soft_progress()), self._random)
        for group in self._adam.param_groups:
            state = self._adam.state.get(group["params"][0], {})
            if state and group["name"] in renewed:
                for average in (state["exp_avg"], state["exp_avg_sq"]):
                    average[renewed[group["name"]]] = 0
        return len(renewed.get("logits", ()))

    def _move(self, loss: Tensor, idle: dict[str, Tensor]) -> None:
        """One step of Adam; `idle` rows of parameters stay where they are, and Adam's averages of them with them.

        Adam takes steps of one size, however small a slope is: penalties alone would drag strokes off that no window
        shows just now.
        """
        factor = self.plan.decay(self.done / max(1, self.plan.steps - 1))
        for group in self._adam.param_groups:
            group["lr"] = self.plan.rates[group["name"]] * factor
        self._adam.zero_grad()
        loss.backward()
        for group in self._adam.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None and not bool(torch.isfinite(parameter.grad).all()):
                    raise Diverged(f"the gradient of the {group['name']} is not a number at step {self.done + 1}")
        before = {key: value[idle[key[0]]].clone() for key, value in self._moving() if key[0] in idle}
        self._adam.step()
        with torch.no_grad():
            for key, value in self._moving():
                if key[0] in idle:
                    value[idle[key[0]]] = before.get(key, torch.zeros(()))
        if self.plan.project:
            self.canvas.project()

    def _moving(self) -> Iterator[tuple[tuple[str, str], Tensor]]:
        """Parameters and, once there are any, Adam's averages of their slopes and of the slopes' squares."""
        for group in self._adam.param_groups:
            (value,), name = group["params"], group["name"]
            yield (name, "value"), value
            yield from (((name, key), average) for key, average in self._adam.state[value].items() if key != "step")

    def _left(self) -> int:
        """How many pens are to be left."""
        assert self.plan.open is not None
        return round(self.plan.open(self._soft_progress()))

    def _spared(self) -> Tensor:
        """[K] bool: the pens that are not to go next; all until the first goes."""
        left = self._left()
        return self.canvas.kept(left if left == len(self.canvas.palette) else round(left * NEXT))

    def _soft_progress(self) -> float:
        return min(1.0, self.done / max(1, self.plan.soft_steps - 1))

    def _new_adam(self) -> torch.optim.Adam:
        parameters = self.canvas.parameters()
        if not parameters:
            return torch.optim.Adam([torch.zeros((), requires_grad=True)])
        return torch.optim.Adam(
            [{"params": [value], "name": name, "lr": self.plan.rates[name]} for name, value in parameters.items()],
            betas=BETAS,
        )

    def state(self) -> tuple[dict[str, Tensor], str]:
        """Tensors by name and a JSON text: everything that the steps to come depend on."""
        tensors = {f"canvas.{name}": value.detach() for name, value in self.canvas.tensors().items()}
        tensors["random"] = self._random.get_state()
        for group in self._adam.param_groups:
            if "name" not in group:
                continue
            state: dict[str, Any] = self._adam.state.get(group["params"][0], {})
            tensors |= {f"adam.{group['name']}.{key}": value for key, value in state.items()}
        return tensors, json.dumps({"done": self.done, "hardened": self._hardened})

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor], text: str) -> None:
        """Back to a saved `state`. Raises ValueError if it belongs to another run."""
        saved = json.loads(text)
        for name, value in self.canvas.tensors().items():
            stored = tensors.get(f"canvas.{name}")
            if stored is None or stored.shape != value.shape:
                raise ValueError(f"the checkpoint has no {name} of the shape {tuple(value.shape)}")
            value.copy_(stored)
        self.done = int(saved["done"])
        if saved["hardened"]:
            self.harden()
        self._random.set_state(tensors["random"])
        for group in self._adam.param_groups:
            if "name" not in group:
                continue
            prefix = f"adam.{group['name']}."
            state = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
            if state:
                self._adam.state[group["params"][0]] = state


def decay_of(kind: Literal["cosine", "none"]) -> Schedule:
    return cosine(1.0, 0.1) if kind == "cosine" else constant(1.0)

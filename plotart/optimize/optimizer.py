"""The one loop: strokes are drawn, looked at in random views, and moved. It yields a record per step, prints nothing.

First the soft phase, in which every stroke is a mix of pens that the falling temperature narrows to one; then
`canvas.harden()` and the polish phase, in which the pens are fixed and the geometry settles in plotting order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial

import torch
from torch import Tensor

from plotart.canvas import Canvas, Frame
from plotart.canvas.canvas import STILL, put_back
from plotart.canvas.drawn import Drawn, Laid
from plotart.canvas.hands import Hands
from plotart.networks import Network
from plotart.networks.precision import Precision
from plotart.objectives import Chooser, Features, Look, Sum, Views, Windows
from plotart.objectives.views import batches
from plotart.optimize.adam import Adam
from plotart.optimize.economy import ON_THE_WAY, Economy, prune
from plotart.optimize.ensemble import Course, Descent, alone
from plotart.optimize.plan import Moment, Plan
from plotart.optimize.soundness import Soundness
from plotart.optimize.step import Figures, Step
from plotart.palette.class_matrix import sharpness_penalty, sparsity_penalty, usage_penalty

#: What the names of a canvas's and of Adam's tensors begin with in a state.
CANVAS, ADAM = "canvas.", "adam."

#: Where pens are to be chosen: the share of those that are left which the sparsity penalty spares.
NEXT = 0.7


class Optimizer:
    """The loop's state: a canvas, Adam, and a random generator; can be saved and restored to the last bit.

    The networks look where the canvas is drawn, on its device. No step waits for a GPU.
    """

    def __init__(
        self,
        canvas: Canvas,
        objective: Sum,
        views: Chooser,
        plan: Plan,
        *,
        seed: int,
        stills: tuple[Views, ...] = (STILL,),
        precision: Mapping[Network, Precision] | None = None,
    ) -> None:
        """`stills` are in what the sheet is looked at for figures; `precision` is that of the networks while
        optimising, float32 for those that it does not name."""
        self.canvas, self.objective, self.views, self.plan = canvas, objective, views, plan
        self.stills = stills
        self.precision = precision or {}
        self.done = 0
        self.hardened = False
        self._random = torch.Generator().manual_seed(seed)
        self._soundness = Soundness(canvas.device)
        self._economy = Economy(len(canvas.held), canvas.device)
        self._adam = Adam(self.canvas.parameters())

    @property
    def finished(self) -> bool:
        return self.done >= self.plan.steps

    @property
    def soft_finished(self) -> bool:
        """The pens are fixed next, or already."""
        return self.done >= self.plan.soft_steps

    def activation(self, image: Tensor) -> float:
        """How well the un-augmented image [1, 3, H, W] of the page reaches the objective's goals, in float32."""
        return self.objective.activation(image, self.canvas.page, self.stills)

    def steps(self) -> Iterator[Step]:
        """The steps that are left. Raises Diverged when the loss is not a number; on the host nothing has moved by
        then, on a GPU it shows a few steps later."""
        while not self.finished:
            yield alone(self.step())

    def harden(self) -> None:
        """Fix the pens, and start Adam anew on what is left to move: lines that are worth it."""
        alone(self.hardening())

    def hardening(self) -> Course[None]:
        """`harden` as a course."""
        clearing = self.plan.clearing
        if self.hardened:
            return
        if clearing.join > 0 and clearing.lines is None and not self.plan.fixed:
            self.canvas.join(clearing.join)
        if clearing.lines is not None:
            self.canvas.chain(clearing.lines)
        self._fix_pens()
        if clearing.lines is None:
            yield from self._prune()

    def _fix_pens(self) -> None:
        self.hardened = True
        self.canvas.harden()
        self._adam = Adam(self.canvas.parameters())

    def touch(self, hands: Hands) -> bool:
        """Bring the strokes to this state; whether it is another one. Raises InputError as `Canvas.touch`."""
        if hands == self.canvas.hands:
            return False
        self.canvas.touch(hands)
        return True

    def soft_frame(self) -> Frame:
        """The canvas at the present temperature, without noise, its edges exact."""
        return self.canvas.soft(self.plan.at(self.done).temperature)

    @torch.no_grad()
    def picture(self, detail: float) -> Tensor:
        """[1, 3, H, W] sRGB: the canvas as it is now, at `detail` times the full resolution."""
        if self.hardened:
            return self.canvas.hard(detail=detail).image
        return self.canvas.soft(self.plan.at(self.done).temperature, detail=detail).image

    @property
    def laid(self) -> Laid | None:
        """The lines as they are now; None on a canvas of pixels."""
        return self.canvas.laid(self.plan.at(self.done).temperature)

    def _lines(self) -> Drawn | None:
        laid = self.laid
        return None if laid is None else laid.drawn()

    def step(self) -> Course[Step]:
        """The next of the steps, as a course that can be gone together with others. Raises as `steps`."""
        if self.soft_finished:
            yield from self.hardening()
        now = self.plan.at(self.done)
        views = self._views(now)
        frame = self._draw(now, views)
        losses = yield from self._losses(now, views, frame)
        loss = self._sum(losses)
        yield from self._move(now, loss, losses, frame)
        self.done += 1
        yield from self._clear()
        if self.finished:
            self._soundness.settle()
        figures = Figures(
            loss.detach(), {name: value.detach() for name, value in losses.items()}, frame.shares.detach()
        )
        return Step(
            self.done,
            self.plan.steps,
            now.phase,
            now.temperature,
            now.softness,
            now.sharpness,
            self._recycle() if self.plan.recycles(self.done) else 0,
            figures,
            self.picture,
            frame.laid,
            self._lines,
            self.objective.goal_names,
        )

    def _views(self, now: Moment) -> Views:
        return self.views.choose(self.canvas.page, self.canvas.resolution(now.detail), self._random)

    def _sum(self, losses: Mapping[str, Tensor]) -> Tensor:
        return sum(
            (value.to(self.canvas.device) for value in losses.values()), torch.zeros((), device=self.canvas.device)
        )

    def _draw(self, now: Moment, views: Views, gates: Tensor | None = None) -> Frame:
        if not now.soft:
            return self.canvas.hard(views)
        soft = {"softness": now.softness, "noise": now.noise, "detail": now.detail}
        return self.canvas.soft(now.temperature, views, random=self._random, gates=gates, **soft)

    def _losses(self, now: Moment, views: Views, frame: Frame) -> Course[dict[str, Tensor]]:
        """The weighted losses by name: the objective's, and in the soft phase the class matrix's."""
        seen = views.seen(frame.image, self.canvas.paper)
        features = Features(seen, self.objective.taps, precision=self.precision, leak=now.leak)
        yield features
        look = Look(frame.image, views, features, self.canvas.page, frame.strokes, self._random)
        losses = self.objective.losses(look)
        if now.soft and frame.shares.shape[-1] > 1:
            losses["sharpness"] = now.sharpness * sharpness_penalty(frame.shares)
            losses["usage"] = self.plan.usage * usage_penalty(frame.shares)
            if now.open is not None:
                losses["sparsity"] = self.plan.sparsity * sparsity_penalty(frame.shares, self._spared(now.open))
        return losses

    def _move(self, now: Moment, loss: Tensor, losses: Mapping[str, Tensor], frame: Frame) -> Course[None]:
        """One step of Adam; what is idle rests."""
        number = self.done + 1
        self._soundness.watch(loss, partial(_no_loss, losses, number))
        if loss.requires_grad:
            self._adam.zero_grad()
            yield Descent(loss, self._adam.parameters)
            for name, gradient in self._adam.gradients:
                self._soundness.watch(gradient, partial(_no_gradient, name, number))
            self._adam.step(now.rates, frame.idle)
            if self.plan.project:
                self.canvas.project()
        if now.open is not None:
            self.canvas.narrow(now.open)

    def _spared(self, left: int) -> Tensor:
        """[K] bool: the pens that are not to go next; all until the first goes."""
        return self.canvas.kept(left if left == len(self.canvas.palette) else round(left * NEXT))

    def _clear(self) -> Course[None]:
        """Strokes that don't earn their ink leave, and ends that have met are joined."""
        clearing, (done, of) = self.plan.clearing, (self.done, self.plan.soft_steps)
        if self.plan.fixed or self.soft_finished or not len(self.canvas.units):
            return
        left = clearing.left(done, of)
        if left is not None:
            yield from self._appraise(self.plan.at(done))
            yield from self._appraise_unseen(self.plan.at(done))
            self._economy.thin(self.canvas, max(clearing.lines or 1, round(left * len(self._economy.worth))))
        if clearing.joins(done, of):
            self.canvas.join(clearing.join)
        if clearing.lines is not None and clearing.chains(done, of) and self.canvas.can_chain(clearing.lines):
            yield from self._prune()
            self.canvas.chain(clearing.lines)

    def _prune(self) -> Course[None]:
        """Lines leave that the drawing does not miss."""
        canvas, price, now = self.canvas, self.plan.clearing.price, self.plan.at(self.done)
        if price == 0 or self.plan.fixed:
            return

        def gated(gates: Tensor) -> Course[float]:
            frame = canvas.hard(gates=gates) if self.hardened else canvas.soft(now.temperature, gates=gates)
            return self._reached(frame.image)

        blank = yield from self._reached(canvas.blank())
        yield from prune(canvas, gated, blank, price, self._economy.worth)

    @torch.no_grad()
    def _reached(self, image: Tensor) -> Course[float]:
        """`activation` in the number types of the steps."""
        found, goals = 0.0, Sum(self.objective.goals)
        for still in self.stills:
            part = still(image, self.canvas.paper)
            features = Features(part, goals.taps, precision=self.precision)
            yield features
            found += goals.reached(Look(part, still, features, self.canvas.page))
        return found / len(self.stills)

    def _appraise_unseen(self, now: Moment) -> Course[None]:
        """Where windows have not shown all strokes yet, the sheet is looked at tile by tile, as many as in a step: if
        strokes left only where it happens to have been looked at, it would be bare there, and full elsewhere."""
        tiles = [still for still in self.stills if isinstance(still, Windows)]
        for batch in batches(tiles, self.views.count) if tiles and self._unseen() else ():
            yield from self._appraise(now, batch)

    def _unseen(self) -> bool:
        units = self.canvas.units
        return bool((self._economy.worth[units].isinf() & ~self.canvas.held[units]).any())

    def _appraise(self, now: Moment, views: Views | None = None) -> Course[None]:
        """What each stroke is worth to the loss, in random views where none are given."""
        views = views if views is not None else self._views(now)
        worth, frame = torch.zeros_like(self._economy.worth), None
        for share in ON_THE_WAY:
            gates = torch.full_like(worth, share, requires_grad=True)
            frame = self._draw(now, views, gates)
            losses = yield from self._losses(now, views, frame)
            yield Descent(self._sum(losses), (gates,))
            assert gates.grad is not None
            worth -= gates.grad / len(ON_THE_WAY)
        self._economy.note(worth, frame.idle.get("logits") if frame else None)

    def _recycle(self) -> int:
        """Place strokes that can't be seen anew; Adam forgets how they moved. Returns how many they were."""
        renewed = self.canvas.recycle(self.plan.at(self.done).temperature, self._random)
        self._adam.forget(renewed)
        if "logits" in renewed:
            self._economy.forget(renewed["logits"])
        return len(renewed.get("logits", ()))

    def state(self) -> tuple[dict[str, Tensor], str]:
        """Tensors by name and a JSON text: everything that the steps to come depend on. Raises Diverged."""
        self._soundness.settle()
        tensors = {CANVAS + name: value.detach() for name, value in self.canvas.tensors().items()}
        tensors["economy.worth"] = self._economy.worth
        tensors["random"] = self._random.get_state()
        tensors |= {ADAM + name: value for name, value in self._adam.state().items()}
        return tensors, json.dumps({"done": self.done, "hardened": self.hardened})

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor], text: str) -> None:
        """Back to a saved `state`. Raises ValueError if it belongs to another run."""
        saved = json.loads(text)
        put_back(self.canvas, canvas_tensors(tensors))
        self.done = int(saved["done"])
        if saved["hardened"]:
            self._fix_pens()
        self._economy.worth.copy_(tensors["economy.worth"])
        self._random.set_state(tensors["random"])
        self._adam.restore({name[len(ADAM) :]: value for name, value in tensors.items() if name.startswith(ADAM)})


def canvas_tensors(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What the tensors of an optimiser's `state` have of its canvas, by its own names."""
    return {name.removeprefix(CANVAS): value for name, value in tensors.items() if name.startswith(CANVAS)}


def _no_gradient(name: str, number: int) -> str:
    return f"the gradient of the {name} is not a number at step {number}"


def _no_loss(losses: Mapping[str, Tensor], number: int) -> str:
    terms = ", ".join(f"{name} {value.item():g}" for name, value in losses.items())
    return f"the loss is not a number at step {number} ({terms}): lower optimize.rate"

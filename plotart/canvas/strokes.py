"""Strokes on paper, drawn by the differentiable renderer in the order in which they will be plotted."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from plotart.canvas.backdrop import Backdrop
from plotart.canvas.canvas import STILL, Frame
from plotart.canvas.chains import FREE, Joints, Units, chained, joints_of, lines_of, strokes_alone
from plotart.canvas.drawn import Laid
from plotart.canvas.hands import NM_PER_MM, Grip, Hands, with_lines
from plotart.canvas.kept import Kept, Layout, ways_of
from plotart.canvas.layout import random_strokes
from plotart.canvas.pen_choice import PenChoice
from plotart.canvas.renderer import Renderer
from plotart.canvas.sheet import Sheet
from plotart.canvas.symmetry import Symmetry
from plotart.canvas.ways import Ways
from plotart.color.light import linear_to_srgb
from plotart.errors import InputError
from plotart.geometry.cubics import within_strokes
from plotart.geometry.ends import ends
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes, point_rows
from plotart.objectives import InkedStrokes, Views
from plotart.objectives.hand.joining import meeting_ends
from plotart.palette import ClassMatrix, Palette
from plotart.palette.palettes import Inks
from plotart.pens import PenSet

CPU = torch.device("cpu")

#: mm of ink that take as long as to lift the pen, go on to the next line and lower it.
LIFT = 20.0

#: Use of a pen that hands hold strokes of: no other is used as much, so that it is the last to be closed.
HELD_USE = 1e3

#: mm by which points may lie beyond the sheet's reach before they count as strayed: they are rounded.
STRAYED = 1e-3

#: A stroke is dead when less of its ink than this share can be seen.
DEAD = 0.02


class StrokeCanvas(PenChoice):
    """Strokes whose points, pens and (with a learned palette) colours are optimised.

    smooth: the joint of two cubics is not free but the midpoint of its neighbours, so that a stroke has no kinks
    (its parametrisation is once continuously differentiable).
    length: mm of strokes that are placed anew.
    symmetry: each of `strokes` is drawn together with its copies, which take its pen; everything that is drawn or
    counted has them all, the copies after the strokes themselves.
    ways: along which alone points move; what is optimised is how far along each, and no stroke is placed anew.

    Strokes can leave (`thin`), and be joined (`join`) to lines of one pen, smooth where they meet. While pens are soft
    each is drawn by itself, so that it can still leave; then lines are drawn as they are plotted, in one go.

    Hands (`touch`) hold, take away and move lines. Those that are held or gone are idle: nothing changes them. Moves
    lie on top of the points that are optimised, and are cut short where they would lead off the sheet.

    apart: checkpoints keep how strokes are laid, as the config alone would lay others; they do where there are ways.
    """

    def __init__(
        self,
        strokes: Strokes,
        palette: Palette,
        page: Page,
        renderer: Renderer,
        *,
        smooth: bool = True,
        length: float = 20.0,
        symmetry: Symmetry | None = None,
        ways: Ways | None = None,
        apart: bool = False,
    ) -> None:
        device = palette.device
        super().__init__(ClassMatrix(strokes.logits.to(device, copy=True).requires_grad_(), palette.open), palette)
        self.page, self._renderer, self._length, self._smooth = page, renderer, length, smooth
        self._symmetry = (symmetry if symmetry is not None else Symmetry.none(page)).to(device)
        self._paper = linear_to_srgb(torch.tensor(page.paper)).to(device)
        self._backdrop = Backdrop(page) if page.fixed else None
        self._own_points, self._num_points = strokes.num_points.to(device), strokes.num_points.cpu()
        self._there = torch.ones(len(strokes), dtype=torch.bool)
        self._grip = Grip(len(strokes))
        self._links = torch.full((2 * len(strokes),), FREE)
        self._points = strokes.points.to(device, copy=True)
        self._ways = ways.to(device) if ways is not None else None
        self._apart = apart or ways is not None
        self._moving = (self._points if ways is None else torch.zeros(len(ways), device=device)).requires_grad_()
        self._parameters = {"points": self._moving, "logits": self._matrix.logits, **palette.parameters()}
        self._arrange()
        if len(self._symmetry) > 1:
            self.project()  # a copy of what fits on the sheet need not

    @property
    def device(self) -> torch.device:
        return self._moving.device

    def resolution(self, detail: float = 1.0) -> int:
        return self._renderer.coarser(detail).resolution

    @property
    def paper(self) -> Tensor:
        return self._paper

    @property
    def strokes(self) -> Strokes:
        """The lines that are plotted."""
        scores = self._matrix.scores().detach()[self._lines.stroke]
        return Strokes(self._drawn_points(self._lines).detach(), self._counts(self._lines), self._copied(scores))

    def parameters(self) -> dict[str, Tensor]:
        return {"points": self._moving} if self._fixed else self._parameters

    def tensors(self) -> dict[str, Tensor]:
        own = {"there": self._there, "links": self._links}
        return {**self._parameters, **self._kept, **own, **self._grip.tensors(), **self._layout()}

    @property
    def optional(self) -> frozenset[str]:
        return frozenset([*self._grip.tensors(), *self._layout()])

    def _layout(self) -> dict[str, Tensor]:
        if not self._apart:
            return {}
        return Layout(Strokes(self._points.detach(), self._num_points, self._matrix.logits), self._ways).tensors()

    def restored(self) -> None:
        self._arrange()

    def soft(
        self,
        temperature: float,
        views: Views = STILL,
        *,
        softness: float = 0.0,
        noise: float = 0.0,
        random: torch.Generator | None = None,
        detail: float = 1.0,
        gates: Tensor | None = None,
    ) -> Frame:
        inked = self._mixed(temperature, noise=noise, random=random)
        return self._drawn(self._alone, inked, views, detail, softness, gates)

    def hard(self, views: Views = STILL, *, detail: float = 1.0, gates: Tensor | None = None) -> Frame:
        return self._drawn(self._lines, self._decided(), views, detail, gates=gates)

    @torch.no_grad()
    def laid(self, temperature: float) -> Laid:
        units, inked = self._units, self._decided() if self._fixed else self._mixed(temperature)
        counts = self._counts(units)
        order, rows, _ = self._plotting_order(units, counts)
        return self._as_laid(units, inked, self._drawn_points(units)[rows], counts[order], order)

    def blank(self) -> Tensor:
        if self._backdrop is not None:
            return self._backdrop.bare(self._renderer, self._palette).to(self.device)
        rows, columns, _ = self.page.pixels(self._renderer.resolution)
        return self.paper[:, None, None].expand(1, 3, rows, columns)

    @torch.no_grad()
    def project(self) -> None:
        """Control points, and their copies, back inside the margins, by half the broadest nib: a curve stays in their
        hull. Those that move along ways, back to how far they may."""
        if self._ways is not None:
            self._moving.copy_(self._ways.bounded(self._moving))
            return
        if self._moves is None and self._still is None:
            self._points.copy_(self._symmetry.inside(self._points, self._palette.broadest))
        else:
            self._project(self._still)

    @torch.no_grad()
    def refit(self) -> None:
        if self._ways is None:
            self._project(None)

    def _project(self, still: Tensor | None) -> None:
        """Control points to where they lie inside once hands have moved them; strokes that are `still` [N] stay."""
        offset = self._moves[0] if self._moves is not None else torch.zeros_like(self._points)
        points = self._points + offset
        inside = self._symmetry.inside(points, self._palette.broadest)
        strayed = (inside - points).abs().amax(dim=1) > STRAYED
        if still is not None:
            strayed &= ~self._of_points(still)
        self._points.copy_(torch.where(strayed[:, None], inside - offset, self._points))

    @torch.no_grad()
    def dead(self, temperature: float) -> Tensor:
        """[N] bool: strokes of which, with all copies, next to nothing can be seen, being off the page or covered by
        opaque ink.

        Nothing that is seen changes when they move a little, so that no gradient ever brings them back. Transparent ink
        hides nothing here, however dark it is. Strokes that have left are not dead.
        """
        units = self._alone
        shares = self._copied(self._matrix.soft(temperature)[units.stroke])
        counts = self._counts(units)
        order, rows, _ = self._plotting_order(units, counts)
        points, num_points = self._drawn_points(units)[rows], counts[order]
        widths = (shares @ self._palette.inks().widths)[order]
        passes = (shares @ _passes(self._palette.pens()).to(shares))[order]

        def seen(passes: Tensor) -> Tensor:
            return self._renderer.visible_ink(points, num_points, widths, passes, self.page)

        # What is on the page counts as the stroke's own ink, unless that is less than a dot.
        own = torch.maximum(seen(torch.ones_like(passes)), math.pi / 4 * widths**2)
        hidden = torch.zeros(len(order), dtype=torch.bool, device=order.device)
        hidden[order] = seen(passes) < DEAD * own
        if self._backdrop is not None:
            hidden[order] |= self._backdrop.hides(points, num_points) > 1 - DEAD
        dead = torch.zeros_like(self._there, device=order.device)
        dead[units.stroke] = hidden.reshape(len(self._symmetry), -1).all(dim=0)
        return dead

    @torch.no_grad()
    def recycle(self, temperature: float, random: torch.Generator) -> dict[str, Tensor]:
        """Dead strokes begin again, as strokes of a random layout do."""
        if self._ways is not None:
            return {}
        dead = (self.dead(temperature) & ~self._held).nonzero().flatten()
        self._release(dead.cpu())
        for stroke in dead:
            segments = (int(self._num_points[stroke]) - 1) // 3
            new = random_strokes(1, segments, self._length, self.page, len(self._palette), random).to(self.device)
            self._points[point_rows(self._own_points, stroke[None])] = new.points
            self._matrix.logits[stroke] = new.logits[0]
        if len(self._symmetry) > 1:
            self.project()
        return {"points": point_rows(self._own_points, dead), "logits": dead}

    @property
    def hands(self) -> Hands:
        return self._grip.hands

    @property
    def held(self) -> Tensor:
        return self._held

    @torch.no_grad()
    def touch(self, hands: Hands) -> None:
        hands.check(len(self._there))
        line = lines_of(self._num_points, self._there, self._links).member
        gone = torch.zeros_like(self._there)
        gone[sorted(hands.gone)] = True
        if not bool((self._there & ~with_lines(gone, line)).any()):
            raise InputError("hands.gone: found all strokes that are left; allowed are some of them")
        self._grip.bring(hands, line)
        self._arrange()

    @torch.no_grad()
    def keep(self, hands: Hands, decided: float) -> Kept:
        """The lines that `hands` hold, on the host; they are brought to this state for that. `decided` is the logit of
        each one's pen, those of all others being 0. Raises InputError for strokes that don't exist."""
        Hands(hands.held).check(len(self._there))
        line = lines_of(self._num_points, self._there, self._links).member
        held = torch.zeros_like(self._there)
        held[sorted(hands.held)] = True
        numbers = (with_lines(held, line) & self._there).nonzero().flatten()
        own = hands.of(frozenset(numbers.tolist()))
        self._grip.bring(own, line)
        points, ways = self._points, None
        if self._ways is not None:
            points = self._ways.moved(points, self._moving)
            ways = ways_of(self._ways.to(CPU), self._num_points, numbers, self._moving.cpu())
        pens = torch.nn.functional.one_hot(self._matrix.column().cpu(), self._matrix.logits.shape[1])
        strokes = Strokes(self._joined(points).cpu(), self._num_points, decided * pens).select(numbers)
        links = self._links.reshape(-1, 2)[numbers].flatten()
        return Kept(numbers, strokes, ways, links, self._grip.offset[numbers], own)

    @torch.no_grad()
    def adopt(self, kept: Kept, others: int) -> None:
        """The strokes of `kept` are what they were, having been laid amid so many others."""
        self._there[others:] = False
        self._there[kept.numbers] = True
        rows = point_rows(self._own_points, kept.numbers.to(self.device))
        self._points[rows] = kept.strokes.points.to(self.device)
        self._links.view(-1, 2)[kept.numbers] = kept.links.reshape(-1, 2)
        self._grip.bring(kept.hands, torch.full_like(self._num_points, -1))
        self._grip.offset.zero_()[kept.numbers] = kept.offset
        self._grip.touched.fill_(False)[kept.numbers] = True
        self._arrange()

    @property
    def units(self) -> Tensor:
        """[n] a stroke of each line; while pens are soft, every stroke by itself."""
        return self._units.stroke

    @property
    def most_lines(self) -> int:
        return len(self._there) * len(self._symmetry)

    @property
    def lines(self) -> int:
        return len(self._lines.stroke) * len(self._symmetry)

    @torch.no_grad()
    def costs(self) -> Tensor:
        """[n] mm of each unit's control polygon, and of what a lift stands for."""
        units = self._units
        points = self._shape()[units.rows]
        steps = points.diff(dim=0).square().sum(dim=1).sqrt() * within_strokes(points[1:, 0], units.num_points)
        unit = torch.repeat_interleave(torch.arange(len(units.stroke), device=points.device), units.num_points)
        return torch.full_like(units.stroke, LIFT, dtype=steps.dtype).index_add(0, unit[1:], steps)

    @torch.no_grad()
    def leave(self, strokes: Tensor) -> None:
        """The units of these strokes are drawn no more."""
        units = self._units
        gone = torch.isin(units.member, units.member[strokes]).cpu() & self._there
        self._there[gone] = False
        self._release(gone.nonzero().flatten())

    @torch.no_grad()
    def join(self, reach: float) -> None:
        """Strokes of one pen whose free ends are each other's first choice within `reach` mm become one line."""
        points, tangents = (each.cpu() for each in ends(self._shape(), self._own_points))
        pen = self._matrix.hard().cpu()
        free = ((self._links == FREE) & self._loose.repeat_interleave(2)).nonzero().flatten()
        met = meeting_ends(points[free], tangents[free], reach)
        end, other = free[met >= 0], free[met[met >= 0]]
        alike = pen[end // 2] == pen[other // 2]
        self._links[end[alike]] = other[alike]
        self._arrange()

    def can_chain(self, lines: int) -> bool:
        loose = len(self._lines.stroke) - self._held_lines
        return self.lines > lines and loose > self._loose_lines(lines)

    @torch.no_grad()
    def chain(self, lines: int) -> None:
        """Strokes are joined, whatever the ways between them, until there are as many `lines`, with all copies, and
        with those that hands hold; if these are as many, all others make one."""
        points, _ = ends(self._shape(), self._own_points)
        self._links.copy_(chained(points.cpu(), self._loose, self._links, self._loose_lines(lines)))
        self._arrange()

    def _loose_lines(self, lines: int) -> int:
        """How many lines hands leave to chain to, without copies, where there are to be so many in all."""
        return max(1, lines // len(self._symmetry) - self._held_lines)

    @property
    def _units(self) -> Units:
        return self._lines if self._fixed else self._alone

    def _release(self, strokes: Tensor) -> None:
        """The ends of these strokes are joined to nothing any more."""
        own = torch.cat([2 * strokes, 2 * strokes + 1])
        others = self._links[own]
        self._links[own] = FREE
        self._links[others[others != FREE]] = FREE
        self._arrange()

    def _arrange(self) -> None:
        """What follows from the strokes that are there, from their links, and from what hands do to them."""
        held, gone = self._grip.held, self._grip.gone
        if bool((held | gone).any()):
            line = lines_of(self._num_points, self._there, self._links).member
            held, gone = with_lines(held, line), with_lines(gone, line)
        drawn = self._there & ~gone
        self._loose, still = drawn & ~held, held | gone
        self._held = held.to(self.device)
        self._still = still.to(self.device) if bool(still.any()) else None
        moved = (self._grip.offset.double() / NM_PER_MM).float().repeat_interleave(self._num_points, dim=0)
        touched = self._grip.touched.repeat_interleave(self._num_points)
        self._moves = (moved.to(self.device), touched.to(self.device)) if bool(touched.any()) else None
        alone = strokes_alone(self._num_points, drawn)
        lines = lines_of(self._num_points, drawn, self._links)
        self._held_lines = int(held[lines.stroke].sum())
        number = torch.where(lines.member < 0, torch.arange(len(drawn)), lines.stroke[lines.member])
        self._line = number.to(self.device)
        joints = joints_of(self._num_points, self._links, smooth=self._smooth)
        self._alone, self._lines = (Units(*(each.to(self.device) for each in units)) for units in (alone, lines))
        self._joints = Joints(*(rows.to(self.device) for rows in joints))
        self._matrix.pool(self._lines.member if bool((self._links != FREE).any()) else None)

    def _use(self) -> Tensor:
        pens = self._matrix.hard()[self._alone.stroke]
        ones = self._moving.new_ones(len(pens))
        use = ones.new_zeros(len(self._palette)).index_add(0, pens, ones) / max(1, len(pens))
        return use.index_add(0, pens, HELD_USE * self._held[self._alone.stroke].to(use))

    def _mixed(self, temperature: float, *, noise: float = 0.0, random: torch.Generator | None = None) -> _Inked:
        """The strokes, each a mix of pens."""
        shares = self._matrix.soft(temperature, noise=noise, random=random)
        shares, pens = self._copied(shares[self._alone.stroke]), self._palette.inks()
        return _Inked(pens.mix(shares), shares, pens)

    def _decided(self) -> _Inked:
        """The lines, each with its pen."""
        pen = self._copied(self._matrix.hard()[self._lines.stroke])
        shares = torch.nn.functional.one_hot(pen, len(self._palette)).to(self._points)
        pens = self._palette.inks()
        return _Inked(pens[pen], shares, pens)

    def _plotting_order(self, units: Units, counts: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Units [n] in the order in which their likeliest pens are plotted, the rows [P] of their points, and those
        pens [n] in that order."""
        pen = self._copied(self._matrix.hard()[units.stroke])
        order = torch.argsort(pen, stable=True)
        return order, point_rows(counts, order, len(units.rows) * len(self._symmetry)), pen[order]

    def _drawn(
        self,
        units: Units,
        inked: _Inked,
        views: Views,
        detail: float,
        softness: float = 0.0,
        gates: Tensor | None = None,
    ) -> Frame:
        """Units with an ink each, laid in plotting order."""
        there = None if gates is None else self._copied(gates[units.stroke])
        counts = self._counts(units)
        order, rows, pen = self._plotting_order(units, counts)
        points = self._drawn_points(units)
        inks = inked.inks if there is None else inked.inks.gated(there)
        strokes = points[rows], counts[order], inks[order]
        renderer = self._renderer.coarser(detail)
        sheet = Sheet(renderer, strokes, pen, self.page, softness, self._palette, self._backdrop)
        image, shown = views.render(sheet)
        idle = self._idle(units, None if shown is None else torch.empty_like(shown).index_copy(0, order, shown))
        inked_strokes = InkedStrokes(points, counts, inks.widths, inked.shares, there)
        return Frame(image, inked.shares, inked_strokes, idle, self._as_laid(units, inked, *strokes[:2], order))

    def _as_laid(self, units: Units, inked: _Inked, points: Tensor, num_points: Tensor, order: Tensor) -> Laid:
        """`points` and `num_points` are in plotting order, into which `order` brings the rest."""
        return Laid(
            points.detach(),
            num_points,
            inked.inks.detached(),
            order,
            inked.shares.detach(),
            units.stroke,
            len(self._symmetry),
            self._line,
            self._held,
            inked.pens.detached(),
            self._palette,
        )

    def _idle(self, units: Units, shown: Tensor | None) -> dict[str, Tensor]:
        """The rows of points and of logits, bool, of strokes whose unit is not among `shown` [n] (None: all are), nor
        is any copy, and of those that hands hold or have taken away."""
        own = self._still
        if shown is not None:
            seen = shown.reshape(len(self._symmetry), -1).any(dim=0)
            hidden = ~(seen[units.member] & (units.member >= 0))
            own = hidden if own is None else hidden | own
        if own is None:
            return {}
        return {"points": self._of_points(own) if self._ways is None else own[self._ways.stroke], "logits": own}

    def _of_points(self, own: Tensor) -> Tensor:
        """What strokes have, [N], for each of their points: [P]."""
        return own.repeat_interleave(self._own_points, output_size=len(self._points))

    def _shape(self) -> Tensor:
        """[P, 2] mm: the control points of all strokes, where hands have put them, joints put where they belong."""
        points = self._points if self._ways is None else self._ways.moved(self._points, self._moving)
        return self._joined(points if self._moves is None else self._moved(points, *self._moves))

    def _moved(self, points: Tensor, offset: Tensor, touched: Tensor) -> Tensor:
        """points [P, 2] mm moved by hands, as far as they come without leaving the sheet."""
        points = points + offset
        if self.page.cut:  # what lies beyond the margins is not plotted
            return points
        strayed = (self._symmetry.inside(points, 0.0) - points).abs().amax(dim=1) > STRAYED
        inside = self._symmetry.inside(points, self._palette.broadest)
        return torch.where((strayed & touched)[:, None], inside, points)

    def _joined(self, points: Tensor) -> Tensor:
        """points [P, 2] of all strokes, those where cubics meet put where they belong."""
        rows, before, after = self._joints
        return points.index_copy(0, rows, (points[before] + points[after]) / 2)

    def _drawn_points(self, units: Units) -> Tensor:
        """[P, 2] mm: the control points that are drawn, copies and all."""
        return self._symmetry.copies(self._shape()[units.rows])

    def _counts(self, units: Units) -> Tensor:
        return units.num_points.repeat(len(self._symmetry))

    def _copied(self, rows: Tensor) -> Tensor:
        """What units have, [n, ...] -> [N, ...]: their copies have the same."""
        return rows.repeat(len(self._symmetry), *[1] * (rows.ndim - 1)) if len(self._symmetry) > 1 else rows


class _Inked(NamedTuple):
    """`inks` of n units, their `shares` [n, K] of the K `pens`; copies and all."""

    inks: Inks
    shares: Tensor
    pens: Inks


def _passes(pens: PenSet) -> Tensor:
    """[pens] share of the light that a layer of each pen's ink lets through; transparent ones hide nothing."""
    return torch.tensor([1 - pen.opacity if pen.ink == "opaque" else 1.0 for pen in pens])

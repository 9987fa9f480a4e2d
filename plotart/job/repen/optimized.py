"""Lines that move, and change pens, so that a plot looks more like its picture."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from plotart.canvas import Renderer, StrokeCanvas
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.objectives import RandomViews, Sum
from plotart.objectives.hand import Fairness
from plotart.objectives.losses.curvature import Curvature
from plotart.objectives.losses.image import Likeness
from plotart.optimize import Optimizer, Plan, Step
from plotart.optimize.clearing import Clearing
from plotart.optimize.schedules import geometric
from plotart.palette import FixedPalette
from plotart.pens import PenSet

#: How much a stroke's own pen leads at first, and the softmax's temperature from the first step to the last.
LEAD, TEMPERATURE = 3.0, (1.0, 0.2)

#: px per mm of the image that is compared, and the most px of its long side.
FINENESS, MOST_PX = 2.5, 1000

#: Adam's steps: mm of points, and of logits; the share of the steps in which pens are fixed.
RATES, POLISH = {"points": 0.06, "logits": 0.1, "colors": 0.0}, 0.4

#: How much the picture's edges count beside its colours, and what keeps lines steady: fairness, and bends that are
#: tighter than so many nibs.
EDGES = 0.1
FAIRNESS, CURVATURE, NIBS = 0.3, 0.3, 4.0


def optimized(
    strokes: Strokes,
    pens: PenSet,
    page: Page,
    wanted: Tensor,
    *,
    steps: int,
    on_step: Callable[[Step], None] | None = None,
) -> Strokes:
    """The strokes after so many steps towards the picture `wanted` [1, 3, H, W] (sRGB): first each may change its pen,
    by a class matrix that leans to the one it has; then pens are fixed and points settle."""
    resolution = min(MOST_PX, round(FINENESS * max(page.width, page.height)))
    leaning = Strokes(strokes.points, strokes.num_points, LEAD * strokes.logits)
    canvas = StrokeCanvas(leaning, FixedPalette(pens), page, Renderer(resolution))
    radius = NIBS * float(pens.widths.max())
    likeness = Likeness(wanted, features=0.0, edges=EDGES)
    wishes = Sum(((1.0, likeness), (FAIRNESS, Fairness()), (CURVATURE, Curvature(radius))))
    plan = Plan(
        steps=steps,
        polish=POLISH,
        rates=RATES,
        temperature=geometric(*TEMPERATURE),
        sharpness=0.05,
        usage=0.0,
        clearing=Clearing(),
        recycle=0,
    )
    still = RandomViews(1, shift=0.0, scale=(1.0, 1.0), rotate=0.0)
    optimizer = Optimizer(canvas, wishes, still, plan, seed=0)
    for step in optimizer.steps():
        if on_step is not None:
            on_step(step)
    optimizer.harden()
    with torch.no_grad():
        return canvas.strokes.detached()

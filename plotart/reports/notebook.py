"""A drawing watched in a notebook while it is made. IPython is no dependency: notebooks bring it along."""

from __future__ import annotations

import base64
import html
from typing import Any

from plotart.errors import InputError, MissingError
from plotart.files.images import png_bytes
from plotart.optimize import Step
from plotart.plotter.simulate import to_picture


class LivePreview:
    """For `generate(config, on_step=LivePreview())`: the drawing as it is, in one output that is updated in place.

    every   steps from one picture to the next; the first and the last step are always shown
    detail  px of the picture for each px of `render.resolution`; a picture costs about detail² times what drawing one
            step does
    width   CSS px that the picture takes in the notebook

    Below it stand the step, the loss and, until the pens are fixed, the temperature and the share of strokes that have
    decided for a pen. Raises MissingError without IPython, InputError outside of a notebook.
    """

    def __init__(self, *, every: int = 20, detail: float = 2.0, width: int = 480) -> None:
        if every < 1 or detail <= 0 or width < 1:
            raise InputError(f"LivePreview: found every={every}, detail={detail:g}, width={width}; all must be above 0")
        _check_notebook()
        self._every, self._detail, self._width = every, detail, width
        self._shown: Any = None

    def __call__(self, step: Step) -> None:
        if step.number % self._every and self._shown is not None and step.number < step.total:
            return
        from IPython.display import HTML, display  # type: ignore[import-not-found,unused-ignore]

        page = HTML(self._page(step))
        if self._shown is None:
            self._shown = display(page, display_id=True)
        else:
            self._shown.update(page)

    def _page(self, step: Step) -> str:
        source = base64.b64encode(png_bytes(to_picture(step.picture(self._detail)))).decode("ascii")
        caption = html.escape(_caption(step))
        picture = f'<img src="data:image/png;base64,{source}" width="{self._width}" alt="{caption}">'
        return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"


def _caption(step: Step) -> str:
    figures = [f"step {step.number} of {step.total}", f"loss {step.loss:.3f}"]
    if step.phase == "soft":
        figures += [f"temperature {step.temperature:.2f}", f"{step.decided:.0%} decided"]
    else:
        figures += ["pens fixed"]
    return ", ".join(figures)


def _check_notebook() -> None:
    try:
        from IPython import get_ipython  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise MissingError("a live preview needs IPython, which notebooks bring along: pip install ipython") from None
    if get_ipython() is None:
        raise InputError("LivePreview: found a plain Python program; allowed is a notebook, or any other on_step")

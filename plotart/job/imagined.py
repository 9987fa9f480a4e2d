"""The picture that a run's strokes can begin with."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from plotart.canvas.backdrop import Backdrop, may_draw
from plotart.canvas.renderer import Renderer
from plotart.canvas.symmetry import Symmetry
from plotart.color.light import linear_to_srgb
from plotart.config import Config
from plotart.geometry.imagined import Imagined
from plotart.geometry.page import Page
from plotart.job.events import Note, OnEvent
from plotart.job.views import build_views
from plotart.networks import Network
from plotart.networks.precision import Precision
from plotart.objectives import Sum
from plotart.optimize.imagine import STEPS, imagine
from plotart.palette import Palette
from plotart.runs.generators import generator_of
from plotart.runs.heap import keeping_memory


@dataclass(frozen=True)
class Imagining:
    """What a config wants to be seen, ready to be imagined as a picture of ink at the resolution of the run."""

    config: Config
    page: Page
    renderer: Renderer
    goals: Sum
    precision: Mapping[Network, Precision]
    on_event: OnEvent | None

    def tell(self, sentence: str) -> None:
        if self.on_event is not None:
            self.on_event(Note(sentence))

    def picture(self, palette: Palette, symmetry: Symmetry) -> Imagined:
        """The picture; of a symmetric drawing, as much of it as its copies leave open.

        It takes half as many steps as the run, STEPS at most, and one view is looked at in each; of a sheet that is
        seen through windows, as many times more as it has windows.
        """
        began = time.perf_counter()
        config, page = self.config, self.page
        crop, sheet = config.render.crop, page.pixels(config.render.resolution)[:2]
        windows = 1 if crop is None else math.ceil(math.prod(sheet) / crop**2)
        one = config.model_copy(update={"augment": config.augment.model_copy(update={"views": 1})})
        # Kept for its steps alone: what is traced next takes large arrays once, each of another size.
        with keeping_memory():
            imagined = imagine(
                self.goals,
                page,
                palette,
                _bare(page, self.renderer, palette),
                may_draw(page, config.render.resolution),
                build_views(one, page)[0],
                random=generator_of(config.seed, "imagined"),
                precision=self.precision,
                steps=windows * max(1, min(STEPS, config.optimize.steps // 2)),
            )
        self.tell(f"A picture to begin with was imagined in {time.perf_counter() - began:.1f} s.")
        if len(symmetry) == 1:
            return imagined
        return replace(imagined, ink=imagined.ink * _original(page, symmetry, imagined.ink))


def _original(page: Page, symmetry: Symmetry, ink: Tensor) -> Tensor:
    """[H, W] like the ink: 1 for pixels of which all others are copies, 0 for those."""
    rows, columns = ink.shape
    y, x = torch.meshgrid(torch.arange(rows) + 0.5, torch.arange(columns) + 0.5, indexing="ij")
    places = torch.stack([x * (page.width / columns), y * (page.height / rows)], dim=-1).reshape(-1, 2)
    return symmetry.original(places.to(ink)).reshape(rows, columns).to(ink)


def _bare(page: Page, renderer: Renderer, palette: Palette) -> Tensor:
    """[1, 3, H, W] sRGB: the sheet without the drawing."""
    if page.fixed:
        return Backdrop(page).bare(renderer, palette)
    rows, columns, _ = page.pixels(renderer.resolution)
    return linear_to_srgb(torch.tensor(page.paper))[None, :, None, None].expand(1, 3, rows, columns)

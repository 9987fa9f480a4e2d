"""The sheet with strokes on it, to be rendered as far as views need it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from plotart.canvas.backdrop import Backdrop
from plotart.canvas.canvas import STILL
from plotart.canvas.renderer import Renderer
from plotart.geometry.page import Page
from plotart.objectives import Views, Windows
from plotart.palette import Palette
from plotart.palette.palettes import Inks


@dataclass(frozen=True, eq=False)
class Sheet:
    """`strokes` in plotting order: points [P, 2] in mm, num_points [N], inks; `pen` [N] draws them.

    backdrop: words and guests on the page, if it has any.
    """

    renderer: Renderer
    strokes: tuple[Tensor, Tensor, Inks]
    pen: Tensor
    page: Page
    softness: float
    palette: Palette
    backdrop: Backdrop | None = None

    def whole(self) -> tuple[Tensor, None]:
        strokes, _ = self._with_fixed()
        return self._behind(self.renderer.image(*strokes, self.page, softness=self.softness), STILL), None

    def windows(self, windows: Windows) -> tuple[Tensor, Tensor]:
        strokes, places = self._with_fixed()
        images, shown = self.renderer.windows(*strokes, self.page, windows, softness=self.softness)
        return self._behind(images, windows), shown if places is None else shown[places]

    def _with_fixed(self) -> tuple[tuple[Tensor, Tensor, Inks], Tensor | None]:
        if self.backdrop is None:
            return self.strokes, None
        return self.backdrop.amid(self.strokes, self.pen, self.palette)

    def _behind(self, drawn: Tensor, views: Views) -> Tensor:
        if self.backdrop is None:
            return drawn
        return self.backdrop.behind(drawn, self.renderer, self.palette, views)

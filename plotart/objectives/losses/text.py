"""Words: what a drawing is to show, in a sentence."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.color.light import linear_to_srgb
from plotart.geometry.page import Page
from plotart.networks.clip import LAYER, Clip
from plotart.objectives.features import Tap
from plotart.objectives.perspective import askew, in_squares, straight
from plotart.objectives.region import Region
from plotart.objectives.term import Goal, Look
from plotart.objectives.views import Windows
from plotart.render.upload import upload

#: What CLIP has learned to multiply cosines by before it chooses among words. A gain of 0.1 in the cosine then weighs
#: as much as one of 10 in a class, which is what the weights of the hand and of other terms are made for.
LOGIT = 100.0

Box = tuple[float, float, float, float]


class Words(Goal):
    """Minus the cosine between what CLIP sees in the drawing and what it reads in `prompts`, times 100; `activation` is
    the cosine itself: trained weights have about 0.2 for what has nothing to do with each other. Of several prompts it
    is the mean, and `avoid_weight` times the mean cosine with `avoid` is subtracted.

    While optimising it looks at the drawing as it is, in `views` of its own, askew and cut out, and not through those
    of the networks; in windows, at the windows. Figures are of the whole sheet amid a square of paper.

    box  [left, top, right, bottom] mm of what it looks at, with bare paper around; None is the sheet. In windows, each
         counts by its share in it

    Raises NetworkError for prompts that are empty or too long.
    """

    unit = LOGIT

    def __init__(
        self,
        clip: Clip,
        prompts: tuple[str, ...],
        avoid: tuple[str, ...] = (),
        *,
        avoid_weight: float = 0.3,
        views: int = 4,
        box: Box | None = None,
    ) -> None:
        # The half that reads is not kept: it has done its work.
        self._tower, self.views, self.box = clip.image, views, box
        self._direction = clip.words(prompts).mean(dim=0)
        if avoid:
            self._direction = self._direction - avoid_weight * clip.words(avoid).mean(dim=0)
        self._name = f"cosine with {_quoted(prompts)}" + (f", not {_quoted(avoid)}" if avoid else "")

    @property
    def name(self) -> str:
        return self._name if self.box is None else f"{self._name} in [{', '.join(f'{side:g}' for side in self.box)}]"

    @property
    def taps(self) -> tuple[Tap, ...]:
        return (Tap(self._tower, LAYER),)

    def __call__(self, look: Look) -> Tensor:
        paper = linear_to_srgb(torch.tensor(look.page.paper))
        windows = look.views if isinstance(look.views, Windows) else None
        images = look.image if windows is not None or self.box is None else _cut(look.image, self.box, look.page)
        count = max(self.views, len(images))
        places = straight().repeat(len(images), 1, 1) if look.random is None else askew(count, look.random)
        seen = in_squares(images, paper, places, self._tower.side)
        found = F.normalize(look.features.of(seen)(*self.taps[0])[:, :, 0, 0], dim=1)
        cosines = found @ upload(self._direction, found)
        if windows is None or self.box is None:
            return -LOGIT * cosines.mean()
        shares = Region.box(self.box, look.page).seen(windows, look.sheet, (1, 1)).flatten()
        where = upload(shares[torch.arange(len(places)) % len(images)], cosines)
        return -LOGIT * (cosines * where).sum() / where.sum().clamp_min(1e-6)

    def reached(self, look: Look) -> float:
        """The cosine, from -1 to 1: trained weights have about 0.2 for what has nothing to do with each other."""
        return super().reached(look) / LOGIT


def _quoted(prompts: tuple[str, ...]) -> str:
    return ", ".join(f'"{prompt}"' for prompt in prompts)


def _cut(image: Tensor, box: Box, page: Page) -> Tensor:
    """The part of image [1, 3, H, W] of the page in the box, of one pixel at least."""
    height, width = image.shape[2:]
    left, top, right, bottom = box
    columns = _pixels(left / page.width, right / page.width, width)
    rows = _pixels(top / page.height, bottom / page.height, height)
    return image[:, :, rows, columns]


def _pixels(low: float, high: float, count: int) -> slice:
    """From one share of `count` pixels to another."""
    first = min(max(0, round(low * count)), count - 1)
    return slice(first, max(first + 1, round(high * count)))

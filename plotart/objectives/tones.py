"""Tones of a picture, brought to those that pens can reach on the paper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from plotart.color.light import srgb_to_linear
from plotart.color.spaces import from_space, linear_to_oklab2
from plotart.objectives.picture import Picture
from plotart.objectives.term_config import Share
from plotart.schema.model import Model

#: Side of the tiles of the local contrast, as a share of the picture's short side, and its limit of contrast.
TILE, LIMIT = 1 / 6, 0.012

#: px of a side, and a range of lightness, below which a picture has no contrasts of its own.
SMALLEST, FLAT = 16, 0.05

#: The px that are looked at for the darkest and the lightest.
SAMPLE = 200_000


class Tones(Model):
    """How a picture's tones are brought to those that the pens reach on the paper."""

    black: Share = Field(
        default=0.01, lt=0.5, description="Share of the picture, its darkest, that is as dark as the pens get."
    )
    white: Share = Field(default=0.01, lt=0.5, description="Share of the picture, its lightest, that is left bare.")
    contrast: float = Field(
        default=1.0,
        gt=0,
        le=5,
        description="Steepness of the middle tones; 1 is the picture's.",
        json_schema_extra={"unit": "factor"},
    )
    lift: float = Field(
        default=1.0,
        gt=0,
        le=5,
        description="Below 1 the middle tones are darker, above 1 lighter.",
        json_schema_extra={"unit": "factor"},
    )
    local: Share = Field(
        default=0.25, description="How much each part of the picture gets a contrast of its own: detail in shades."
    )

    def of(self, picture: Picture, reach: tuple[float, float]) -> Picture:
        """The picture with its lightness between the least and the greatest of `reach` (OKLab, 0 to 1), for white paper
        or black; hue and chroma stay."""
        lab = linear_to_oklab2(picture.light[0].movedim(0, -1))
        lightness = self._local(lab[..., 0].clamp(0, 1))
        low, high = self._ends(lightness, picture.opacity[0, 0])
        share = ((lightness - low) / max(high - low, 1e-3)).clamp(0, 1) ** (1 / self.lift)
        share = _steeper(share, self.contrast)
        toned = torch.cat([(reach[0] + share * (reach[1] - reach[0]))[..., None], lab[..., 1:]], dim=-1)
        return replace(picture, light=srgb_to_linear(from_space(toned, "oklab2")).movedim(-1, 0)[None])

    def _ends(self, lightness: Tensor, opacity: Tensor) -> tuple[float, float]:
        """The picture's own black and white; all of a picture in one tone is as light as it was."""
        seen = lightness[opacity > 0.5]
        seen = seen[:: max(1, len(seen) // SAMPLE)]
        if not len(seen):
            return 0.0, 1.0
        low, high = (float(seen.quantile(share)) for share in (self.black, 1 - self.white))
        return (low, high) if high - low > FLAT else (0.0, 1.0)

    def _local(self, lightness: Tensor) -> Tensor:
        """Contrast-limited adaptive histogram equalisation (Zuiderveld, 1994), as much of it as is wanted."""
        if not self.local or min(lightness.shape) < SMALLEST or float(lightness.max() - lightness.min()) < FLAT:
            return lightness
        from skimage.exposure import equalize_adapthist

        side = max(4, round(TILE * min(lightness.shape)))
        equal = equalize_adapthist(lightness.double().numpy(), kernel_size=side, clip_limit=LIMIT)
        return lightness + self.local * (torch.from_numpy(np.asarray(equal)).to(lightness) - lightness)


def _steeper(share: Tensor, contrast: float) -> Tensor:
    """An S through 0, 1/2 and 1, as steep as `contrast` in the middle (Schlick's gain)."""
    low = 0.5 * (2 * share.clamp_max(0.5)) ** contrast
    return torch.where(share < 0.5, low, 1 - 0.5 * (2 * (1 - share).clamp_max(0.5)) ** contrast)

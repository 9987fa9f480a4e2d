"""Likeness: draw this picture."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Generic, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.color.spaces import linear_to_oklab2
from plotart.networks import Network
from plotart.objectives.features import Tap
from plotart.objectives.sight import seen_from_afar
from plotart.objectives.term import Goal, Look
from plotart.render.upload import upload

#: Cells along a view's long side in which colours, and edges, are compared: the tone of a cell is how dense its lines
#: are. On an A5 sheet they are 2, 4 and 8 mm, and 1 and 2 mm. Where it is said how finely the sheet is seen, as many
#: blurs take their place.
_COLOR_CELLS = (112, 56, 28)
_EDGE_CELLS = (224, 112)


Value = TypeVar("Value")


class _Latest(Generic[Value]):
    """What takes long on a large sheet and is the same in most steps: the last one is kept."""

    def __init__(self) -> None:
        self._kept: tuple[Hashable, Value] | None = None

    def of(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What `make` gives where the key is another than the last time."""
        if self._kept is None or self._kept[0] != key:
            self._kept = key, make()
        return self._kept[1]


class Likeness(Goal):
    """How unlike the views of the drawing are to the same views of a picture, in three ways, each by its weight.

    features  mean over `layers` of the mean squared difference, place by place, over the picture's mean square
    color     mean squared distance in OKLab of what the eye sees from afar, light averaged over cells of three sizes;
              in units of bare paper's
    edges     1 - the correlation of how steep lightness is, at two scales: lines lie where the picture has edges

    Bare paper has about 1 in colour and in edges, the picture itself 0 in all. Tone counts most to the eye; with more
    weight on the others, lines gather at contours and shades are lost.

    image     [1, 3, H, W] sRGB in 0..1: the whole sheet as it should look, which is paper where nothing is to be drawn
    sight     mm: standard deviation of the blur of where the sheet is looked at from; None compares cells
    network   what looks; None leaves `features` out

    Raises NetworkError for a layer that the network lacks.
    """

    def __init__(
        self,
        image: Tensor,
        network: Network | None = None,
        layers: tuple[str, ...] = (),
        *,
        features: float = 0.3,
        color: float = 3.0,
        edges: float = 0.3,
        sight: float | None = None,
    ) -> None:
        self._taps = tuple(Tap(network, layer) for layer in layers) if network is not None and features else ()
        for tap in self._taps:
            tap.network.channels(tap.layer)
        self._image, self._sight = image, sight
        self._sheets, self._units = _Latest[Tensor](), _Latest[list[Tensor]]()
        self.features, self.color, self.edges = features, color, edges

    @property
    def name(self) -> str:
        return "likeness"

    @property
    def taps(self) -> tuple[Tap, ...]:
        return self._taps

    def __call__(self, look: Look) -> Tensor:
        paper = linear_to_srgb(torch.tensor(look.page.paper))
        size = look.sheet
        with torch.no_grad():
            wanted = look.views(
                self._sheets.of((size, look.image.device), partial(self._sheet, size, look.image)), paper
            )
        seen = look.seen
        sigma = None if self._sight is None else self._sight * max(size) / max(look.page.width, look.page.height)
        loss = self.color * self._colors(seen, wanted, paper, sigma) + self.edges * _edges(seen, wanted, sigma)
        return loss + self.features * self._features(look, wanted) if self._taps else loss

    def _features(self, look: Look, wanted: Tensor) -> Tensor:
        model = look.features.of(wanted)
        losses = []
        for tap in self._taps:
            with torch.no_grad():
                there = model(*tap)
            here = look.features(*tap)
            losses.append((here - there).square().mean() / there.square().mean().clamp_min(1e-12))
        return torch.stack(losses).mean().to(wanted.device)

    def _colors(self, seen: Tensor, wanted: Tensor, paper: Tensor, sigma: float | None) -> Tensor:
        bare = _oklab(srgb_to_linear(upload(paper, seen))[None, :, None, None])
        both = (_scales(srgb_to_linear(image), _COLOR_CELLS, sigma) for image in (seen, wanted))
        units = self._units.of((sigma, *paper.tolist(), seen.device), partial(self._inked, bare, sigma))
        losses = []
        for light, unit in zip(zip(*both, strict=True), units, strict=True):
            here, there = map(_oklab, light)
            losses.append((here - there).square().mean() / unit)
        return torch.stack(losses).mean()

    @torch.no_grad()
    def _sheet(self, size: tuple[int, int], like: Tensor) -> Tensor:
        """[1, 3, *size]: the picture of the whole sheet."""
        return F.interpolate(upload(self._image, like), size=size, mode="area")

    @torch.no_grad()
    def _inked(self, bare: Tensor, sigma: float | None) -> list[Tensor]:
        """At each scale, the mean squared distance of the whole picture from bare paper."""
        scales = _scales(srgb_to_linear(upload(self._image, bare)), _COLOR_CELLS, sigma)
        return [(_oklab(light) - bare).square().mean().clamp_min(1e-6) for light in scales]


def _edges(seen: Tensor, wanted: Tensor, sigma: float | None) -> Tensor:
    losses = []
    both = (_scales(srgb_to_linear(image), _EDGE_CELLS, sigma) for image in (seen, wanted))
    for light in zip(*both, strict=True):
        here, there = map(_steepness, light)
        here, there = here - here.mean(), there - there.mean()
        spread = (here.square().mean() * there.square().mean() + 1e-12).sqrt()
        losses.append(1 - (here * there).mean() / spread)
    return torch.stack(losses).mean()


def _steepness(light: Tensor) -> Tensor:
    """light [B, 3, h, w], linear -> [B, h, w]: the length of lightness's gradient between pixels."""
    lightness = F.pad(_oklab(light)[:, 0], (0, 1, 0, 1), mode="replicate")
    down = lightness.diff(dim=1).unfold(2, 2, 1).mean(dim=3)
    across = lightness.diff(dim=2).unfold(1, 2, 1).mean(dim=3)
    return (down.square() + across.square() + 1e-8).sqrt()


def _scales(light: Tensor, cells: tuple[int, ...], sigma: float | None) -> list[Tensor]:
    """light [B, 3, h, w], ever coarser: averaged over each of these numbers of cells, or as blurred as it is seen."""
    return [_in_cells(light, each) for each in cells] if sigma is None else seen_from_afar(light, sigma, len(cells))


def _in_cells(light: Tensor, cells: int) -> Tensor:
    """[B, 3, h, w] averaged over square cells, `cells` of them along the long side; as it is if that is shorter."""
    height, width = light.shape[2:]
    scale = min(1.0, cells / max(height, width))
    return F.adaptive_avg_pool2d(light, (max(1, round(height * scale)), max(1, round(width * scale))))


def _oklab(light: Tensor) -> Tensor:
    """[B, 3, h, w] linear sRGB -> OKLab, a and b doubled: distances are about as large as they look."""
    return linear_to_oklab2(light.movedim(1, -1)).movedim(-1, 1)

"""The colours of a picture and how many pixels have each: all that a palette needs to know of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

#: Floats that are as near to whole numbers of 0..255 as this came from bytes.
_BYTE = 1e-3


@dataclass(frozen=True)
class Histogram:
    """B colours [B, 3], sRGB in 0..1 in float32, all different at 8 bits, and the pixels [B] of each in float64."""

    colors: Tensor
    counts: Tensor

    def __len__(self) -> int:
        return len(self.colors)


def histogram(image: Tensor) -> Histogram:
    """The histogram of a picture [3, H, W]: uint8, or floats in 0..1, sRGB.

    Colours that are the same at 8 bits are one, the mean of its pixels. Raises ValueError for other shapes, types and
    values, for a picture without pixels too.
    """
    if image.ndim != 3 or image.shape[0] != 3 or image.numel() == 0:
        raise ValueError(f"a picture is [3, H, W] with at least one pixel, not {list(image.shape)}")
    if image.dtype != torch.uint8 and not image.is_floating_point():
        raise ValueError(f"a picture is uint8 or floats in 0..1, not {image.dtype}")
    pixels = image.detach().cpu().reshape(3, -1).T
    if pixels.dtype == torch.uint8:
        return _of_bytes(pixels.int())
    low, high = (float(value) for value in pixels.aminmax())
    # Sums of light reach 1 + 1e-7, say; not-a-number fails both comparisons.
    if not (low >= -1e-3 and high <= 1 + 1e-3):
        raise ValueError(f"a picture of floats has values in 0..1, not {low:g} to {high:g}")
    values = pixels.float().clamp(0, 1) * 255
    eights = values.round()
    if float((values - eights).abs().amax()) < _BYTE:
        return _of_bytes(eights.int())
    means, counts = _means(values / 255, torch.ones(len(values), dtype=torch.float64), eights.int(), 8)
    return Histogram(means, counts)


def _of_bytes(pixels: Tensor) -> Histogram:
    """Of pixels [N, 3] as whole numbers in 0..255; much faster than means of them."""
    found, counts = _keys(pixels, 8).unique(return_counts=True)
    colors = torch.stack([found >> 16, (found >> 8) & 255, found & 255], dim=1)
    return Histogram(colors.float() / 255, counts.double())


def cells(points: Tensor, weights: Tensor, least: int) -> tuple[Tensor, Tensor]:
    """Points [B, 3] with weights [B] in float64 as the means [C, 3] of cubic cells, and the weight [C] of each: at
    least that many cells, and rarely twice as many; the points themselves if they are not more than that.

    Cells are as wide everywhere in the space of the points, as those of sRGB are not: its dark ones are far apart.
    """
    low = points.amin(dim=0)
    extent = float((points.amax(dim=0) - low).amax())
    levels = 16.0
    while len(points) > 2 * least and levels < 2**10:
        places = ((points - low) * (levels / extent)).int()
        count = len(_keys(places, 11).unique())
        if count >= least:
            return _means(points, weights, places, 11)
        # Colours of pictures fill a surface rather than a volume.
        levels *= max(1.2, (1.4 * least / count) ** 0.5)
    return points, weights


def _means(values: Tensor, weights: Tensor, places: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """The weighted mean of the values [N, 3] at each of the places [N, 3] that occur, and the weight there."""
    found, place = torch.unique(_keys(places, bits), return_inverse=True)
    # bincount adds in one thread, in the order of the values: threads change no bit of the sums.
    sums = [torch.bincount(place, weights * channel, len(found)) for channel in values.double().unbind(1)]
    total = torch.bincount(place, weights, len(found))
    return (torch.stack(sums, dim=1) / total[:, None]).to(values), total


def _keys(places: Tensor, bits: int) -> Tensor:
    """[N]: a number for each place [N, 3], whose coordinates have so many bits."""
    return ((places[:, 0] << bits | places[:, 1]) << bits) | places[:, 2]

"""The layers of networks of VGG's kind: their names, and torchvision's, and how many channels each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from plotart.networks.description import Description

#: Channels of every convolution, block by block.
Widths = tuple[tuple[int, ...], ...]
#: Layers beside each other on top of the last convolution, and what each of their channels is called.
Heads = Mapping[str, tuple[str, ...]]

NO_HEADS: Heads = MappingProxyType({})

VGG16_WIDTHS = ((64,) * 2, (128,) * 2, (256,) * 3, (512,) * 3, (512,) * 3)
VGG19_WIDTHS = ((64,) * 2, (128,) * 2, (256,) * 4, (512,) * 4, (512,) * 4)


def convolution_names(widths: Sequence[Sequence[int]]) -> list[str]:
    """VGG's names in order: conv1_1, conv1_2, conv2_1, ..."""
    return [f"conv{b}_{k}" for b, block in enumerate(widths, 1) for k in range(1, len(block) + 1)]


def vgg_description(name: str, widths: Widths, heads: Heads = NO_HEADS, natures: Heads = NO_HEADS) -> Description:
    layers = (*convolution_names(widths), *heads)
    channels = (*(width for block in widths for width in block), *map(len, heads.values()))
    return Description(name, layers, channels, heads, natures)


def torchvision_names(widths: Widths, *, normalised: bool = False) -> dict[str, str]:
    """torchvision's name of each convolution: features.N, N counting convolutions, relus, poolings and, where each
    convolution is `normalised`, its batch normalisation alike."""
    numbers, number = [], 0
    for block in widths:
        for _ in block:
            numbers.append(number)
            number += 3 if normalised else 2
        number += 1
    return {name: f"features.{n}" for name, n in zip(convolution_names(widths), numbers, strict=True)}

"""VGG: one shape of network for VGG16, VGG19 and plotart's own `motif`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plotart.errors import NetworkError
from plotart.networks.description import Pooling
from plotart.networks.network import Network
from plotart.networks.vgg_layers import NO_HEADS, Heads, Widths, vgg_description

#: One value each for red, green and blue.
Triple = tuple[float, float, float]
IMAGENET_MEAN: Triple = (0.485, 0.456, 0.406)
IMAGENET_STD: Triple = (0.229, 0.224, 0.225)

_POOLINGS = get_args(Pooling)


class VGG(Network):
    """Blocks of 3x3 convolutions and relus, 2x2 pooling between blocks, and a 1x1 convolution for each head. The head
    "color" may stand apart, on convolutions of its own that look at the image.

    Frozen: no parameter asks for a gradient. Each layer is a submodule of its own name, so that the state
    dict's keys are conv1_1.weight, conv1_1.bias, ..., class.weight, class.bias. The parameters are torch's
    random start until a state dict is loaded; `load_network` gives trained ones.

    widths   channels of the convolutions, block by block
    mean     what is subtracted from red, green and blue (sRGB in 0..1), before
    std      what they are divided by
    heads    layers that all look at the last convolution, as "class" does, with names of their channels
    natures  the colours of classes by nature
    colors   channels of the convolutions below "color", the first of which halves the image; if there are none it looks
             at the last convolution as well
    pooling  "max" as the networks were trained, or "average"
    up_to    the last layer to build; all of them if None

    Raises NetworkError if `up_to` is no layer or `pooling` is not allowed.
    """

    def __init__(
        self,
        name: str,
        widths: Widths,
        mean: Triple,
        std: Triple,
        heads: Heads = NO_HEADS,
        *,
        natures: Heads = NO_HEADS,
        colors: Sequence[int] = (),
        pooling: Pooling = "max",
        up_to: str | None = None,
    ) -> None:
        super().__init__()
        if pooling not in _POOLINGS:
            raise NetworkError(f"{pooling!r} is not a kind of pooling: allowed are {', '.join(_POOLINGS)}")
        whole = vgg_description(name, widths, heads, natures)
        self.description = whole if up_to is None else whole.up_to(up_to)
        self.mean, self.std, self.pooling = mean, std, pooling
        self._after_pooling = frozenset(f"conv{block}_1" for block in range(2, len(widths) + 1))
        # The same modules once more: torch.compile can't reach one that is called "class" by its name.
        self._convolutions: dict[str, nn.Conv2d] = {}
        incoming = 3
        for layer, width in zip(self.description.layers, self.description.widths, strict=True):
            size = 1 if layer in heads else 3
            below = colors[-1] if layer == "color" and colors else incoming
            self._convolutions[layer] = nn.Conv2d(below, width, size, padding=size // 2)
            self.add_module(layer, self._convolutions[layer])
            incoming = incoming if layer in heads else width
        self._below_color: list[nn.Conv2d] = []
        if "color" in self.description.layers:
            for number, (before, after) in enumerate(zip((3, *colors), colors, strict=False), 1):
                self._below_color.append(nn.Conv2d(before, after, 3, padding=1, stride=2 if number == 1 else 1))
                self.add_module(f"color{number}", self._below_color[-1])
        self.requires_grad_(False)
        self.eval()

    def features(self, image: Tensor, layers: Collection[str], *, leak: float = 0.0) -> dict[str, Tensor]:
        """What the convolutions `layers` give; h and w are H and W halved (rounded down) for each pooling on the way.

        Raises NetworkError.
        """
        end = max(map(self.description.position, layers))
        heads = [layer for layer in layers if layer in self.description.heads]
        apart = "color" in heads and bool(self._below_color)
        path = [layer for layer in self.layers[: end + 1] if layer not in self.description.heads]
        if apart and set(layers) == {"color"}:
            path = []
        if image.ndim != 4 or image.shape[1] != 3:
            raise ValueError(f"an image is [B, 3, H, W], not {list(image.shape)}")
        height, width = image.shape[2:]
        smallest = 2 ** len(self._after_pooling.intersection(path))
        if min(height, width) < smallest:
            raise NetworkError(
                f"{self.layers[end]} of {self.name} needs an image of at least {smallest} x {smallest} px, "
                f"not {width} x {height}"
            )
        found = {}
        x = self._normalised(image)
        if apart:
            heads.remove("color")
            found["color"] = self._colors(x)
        for step, following in zip(path, (*path[1:], ""), strict=False):
            x = _convolved(self._convolutions[step], x)
            if step in layers:
                found[step] = x
            if not following and not heads:
                break
            x = self._on(x, leak, pooled=following in self._after_pooling, kept=step in layers)
        return found | {head: _convolved(self._convolutions[head], x) for head in heads}

    def _on(self, x: Tensor, leak: float, *, pooled: bool, kept: bool) -> Tensor:
        """What goes on to the next convolution from what one gives, which stays as it is if it is to be `kept`."""
        if pooled and self.pooling == "max":
            # The greatest of four is the same before a relu as after it, and then a quarter is left to be cut off.
            return _relu(F.max_pool2d(x, 2), leak, inplace=True)
        x = _relu(x, leak, inplace=not kept)  # much of a step's time goes into new memory
        return F.avg_pool2d(x, 2) if pooled else x

    def _colors(self, x: Tensor) -> Tensor:
        """The head "color" of a normalised image, by convolutions of its own."""
        for convolution in self._below_color:
            x = F.relu(_convolved(convolution, x))
        return _convolved(self._convolutions["color"], x)

    def _normalised(self, image: Tensor) -> Tensor:
        # By numbers, not buffers: nothing to keep on the image's device, and a state dict of weights alone.
        return torch.stack([(image[:, c] - self.mean[c]) / self.std[c] for c in range(3)], dim=1)


def _relu(x: Tensor, leak: float, *, inplace: bool) -> Tensor:
    return F.leaky_relu(x, leak, inplace=inplace) if leak else F.relu(x, inplace=inplace)


def _convolved(convolution: nn.Conv2d, x: Tensor) -> Tensor:
    """The convolution of x. Of a single pixel the kernel's middle alone is needed; with the rest of it, several threads
    would add up the gradient in no fixed order."""
    if tuple(x.shape[2:]) != (1, 1):
        found: Tensor = convolution(x)
        return found
    middle = convolution.kernel_size[0] // 2
    return F.conv2d(x, convolution.weight[:, :, middle : middle + 1, middle : middle + 1], convolution.bias)

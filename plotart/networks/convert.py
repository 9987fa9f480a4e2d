"""Weights of VGG16 and VGG19 as others publish them, made into files that configs take: the convolutions alone, with
batch normalisation folded into them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from plotart.errors import WeightsError
from plotart.networks.checkpoints import open_checkpoint
from plotart.networks.digests import check_name, sha256_of
from plotart.networks.pickles import Foreign
from plotart.networks.published import PUBLISHED
from plotart.networks.vgg import IMAGENET_MEAN, IMAGENET_STD, Triple
from plotart.networks.vgg_layers import torchvision_names
from plotart.networks.weights import checked_tensor
from plotart.networks.weights_files import cache_folder, damaged, given_file

_ALLOWED = "allowed are state dicts of torchvision's vgg16, vgg16_bn, vgg19 and vgg19_bn, and checkpoints with one"

#: torch.nn.BatchNorm2d's own, which torchvision leaves as it is.
_EPSILON = 1e-5
_FIRST = "features.0.weight"
#: How many names a message has.
_SHOWN = 5
#: Characters of what a message cites from the file.
_LONGEST = 200
#: Where trainings have the weights that they mean to be used, before all other places.
_PLACES = ("", "model", "state_dict")
#: What the robustness library calls the mean and the deviation that its networks normalise by.
_NORMALISER: Mapping[str, Triple] = {"normalizer.new_mean": IMAGENET_MEAN, "normalizer.new_std": IMAGENET_STD}
#: How far they may be off: people write 0.485 and 0.4850, CIFAR's are off by 0.006 and more.
_NORMALISER_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Converted:
    """A network's convolutions, as `load_network` takes them.

    source    the file that they are from, and its SHA-256 in hexadecimal
    place     what the names of the tensors begin with there, as in "model: module.model."; may be empty
    network   vgg16 or vgg19
    folded    whether there was batch normalisation, which is folded in
    tensors   float32 or float16, by torchvision's names of the network without batch normalisation
    """

    source: Path
    sha256: str
    place: str
    network: str
    folded: bool
    tensors: Mapping[str, Tensor]

    @property
    def layers(self) -> int:
        """How many convolutions there are."""
        return len(self.tensors) // 2

    @property
    def variant(self) -> str:
        """torchvision's name of the network as it was, as in vgg16_bn."""
        return f"{self.network}_bn" if self.folded else self.network

    def content(self) -> bytes:
        """Of a safetensors file. Where it is from is in the metadata, in one key: several are written in any order."""
        origin = {"file": self.source.name, "sha256": self.sha256, "network": self.variant, "folded": self.folded}
        return save(dict(self.tensors), {"converted": json.dumps(origin)})


@dataclass(frozen=True)
class _State:
    """A state dict in a file, and the `prefix` that names of a network's tensors have there."""

    path: Path
    place: str
    prefix: str
    held: Mapping[object, object]
    read: Callable[[object], object]

    def has(self, name: str) -> bool:
        return f"{self.prefix}{name}" in self.held

    def tensor(self, name: str, shape: tuple[int, ...]) -> Tensor:
        """As float32. Raises WeightsError if it is missing, of another shape or not finite."""
        whole = f"{self.prefix}{name}"
        return checked_tensor(self.path, whole, self.read(self.held.get(whole)), shape)


def convert(file: Path | str, *, half: bool = False) -> Converted:
    """The convolutions of VGG16 or VGG19 in a file that torch.save or safetensors wrote; nothing in it is run.

    half   float16 instead of float32: half the bytes

    Raises WeightsError for a file that is missing, damaged or of another network, for a tensor that is missing, of
    another shape or not finite, and for a network that normalises images otherwise than plotart's VGG16 and VGG19.
    """
    path = given_file(file)
    try:
        check_name(path, cache_folder())
        sha256 = sha256_of(path, cache_folder())
        with _opened(path) as (content, read):
            state = _chosen(path, content, read)
            _check_normaliser(state)
            folded = state.has("features.1.running_mean")
            network = _network(state, folded)
            tensors = dict(_convolutions(state, network, folded, torch.float16 if half else torch.float32))
    except OSError as error:
        raise WeightsError(f"{path}: can't be read ({error.strerror or error})") from error
    place = ": ".join(filter(None, (state.place, state.prefix)))
    return Converted(path, sha256, _shown(place), network, folded, tensors)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[object, Callable[[object], object]]]:
    """What a file holds, and what reads a tensor of it, while the context lasts. Raises WeightsError."""
    if path.suffix != ".safetensors":
        with open_checkpoint(path) as checkpoint:
            yield checkpoint.content, checkpoint.read
        return
    try:
        with safe_open(path, framework="pt") as file:
            names = file.keys()
            # The classifier is most of the file, and not needed.
            content = {name: file.get_tensor(name) for name in names if "classifier" not in name}
    except Exception as error:
        raise damaged(path, "safetensors file", error) from error
    yield content, lambda tensor: tensor


def _chosen(path: Path, content: object, read: Callable[[object], object]) -> _State:
    """The state dict whose weights are meant to be used. Raises WeightsError if there is none."""
    if not isinstance(content, dict):
        kind = content.name if isinstance(content, Foreign) else type(content).__name__
        raise WeightsError(f"{path} holds a {_shown(kind)}: {_ALLOWED}")
    places = {"": content} | {str(key): value for key, value in content.items() if isinstance(value, dict)}
    found = [_State(path, place, prefix, held, read) for place, held in places.items() for prefix in _prefixes(held)]
    if not found:
        names = ", ".join(islice(chain.from_iterable(map(_names, places.values())), _SHOWN)) or "nothing"
        raise WeightsError(f"{path}: found no tensor {_FIRST}, but {_shown(names)}: {_ALLOWED}")
    # The robustness library keeps the same network once more within its attacker; others keep averages beside.
    return min(found, key=lambda state: ("attacker" in state.prefix, state.place not in _PLACES))


def _shown(text: str) -> str:
    """A name of the file, which may be anything, as a terminal can show it."""
    printable = text if text.isprintable() else ascii(text)
    return printable if len(printable) <= _LONGEST else f"{printable[:_LONGEST]}…"


def _names(held: Mapping[object, object]) -> list[str]:
    return list(map(str, held))


def _prefixes(held: Mapping[object, object]) -> list[str]:
    """What comes before the name of a first convolution, for each that there is."""
    firsts = (name.removesuffix(_FIRST) for name in _names(held) if name.endswith(_FIRST))
    return [prefix for prefix in firsts if prefix[-1:] in ("", ".")]


def _check_normaliser(state: _State) -> None:
    """Raises WeightsError if the file has a mean and deviation of images, and others than the network's in plotart."""
    for name in _names(state.held):
        for ending, expected in _NORMALISER.items():
            if name.endswith(ending):
                value = state.read(state.held[name])
                found = value.flatten()[: len(expected) + 1].tolist() if isinstance(value, Tensor) else []
                near = [abs(a - b) < _NORMALISER_TOLERANCE for a, b in zip(found, expected, strict=False)]
                if len(found) != len(expected) or not all(near):
                    raise WeightsError(
                        f"{state.path}: {name} is {found}; allowed is {list(expected)}, by which plotart normalises"
                    )


def _network(state: _State, folded: bool) -> str:
    """vgg19 if there is a convolution where only VGG19 has one."""
    last = list(torchvision_names(PUBLISHED["vgg19"].widths, normalised=folded).values())[-1]
    return "vgg19" if state.has(f"{last}.weight") else "vgg16"


def _convolutions(state: _State, network: str, folded: bool, dtype: torch.dtype) -> Iterator[tuple[str, Tensor]]:
    """Names and tensors of what is written. Raises WeightsError."""
    widths = PUBLISHED[network].widths
    theirs, ours = torchvision_names(widths, normalised=folded), torchvision_names(widths)
    incoming = 3
    for layer, width in zip(ours, chain(*widths), strict=True):
        weight = state.tensor(f"{theirs[layer]}.weight", (width, incoming, 3, 3))
        bias = state.tensor(f"{theirs[layer]}.bias", (width,))
        if folded:
            number = int(theirs[layer].rpartition(".")[2]) + 1
            weight, bias = _folded(state, f"features.{number}", weight, bias)
        for kind, tensor in (("weight", weight), ("bias", bias)):
            # Numbers can have become too large by folding, or for the type.
            checked_tensor(state.path, f"{layer}.{kind} as {dtype}", tensor.to(dtype), tuple(tensor.shape))
            yield f"{ours[layer]}.{kind}", tensor.to(dtype)
        incoming = width


def _folded(state: _State, norm: str, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """The convolution that gives what the batch normalisation `norm` makes of the given one's. Raises WeightsError."""
    scale, shift, mean, variance = (
        state.tensor(f"{norm}.{kind}", tuple(bias.shape)).double()
        for kind in ("weight", "bias", "running_mean", "running_var")
    )
    if bool((variance < 0).any()):
        raise WeightsError(f"{state.path}: {state.prefix}{norm}.running_var has values below 0; allowed are 0 and more")
    factor = scale / (variance + _EPSILON).sqrt()
    return (weight * factor[:, None, None, None]).float(), ((bias - mean) * factor + shift).float()

"""The motif network as it is trained: a plain VGG with a head each for classes and neatness."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from plotart.networks.motif_header import read_motif_header
from plotart.networks.vgg_layers import Widths, convolution_names
from plotart.training.motifs import MOTIFS

#: Channels of every convolution, block by block: of the network that is shipped, and of its judge.
MOTIF_WIDTHS: Widths = ((24, 24), (48, 48), (96, 96), (192, 192), (288, 288), (320, 320))
JUDGE_WIDTHS: Widths = ((20, 20), (40, 40), (80, 80), (144, 144), (208, 208), (240, 240))

#: Mean and standard deviation that pictures are normalised with, for every channel.
MEAN, DEVIATION = 0.5, 0.25


class Seen(NamedTuple):
    """What the network makes of pictures.

    motifs  [B, len(MOTIFS) + 1] logits, the last of nothing
    neat    [B] logits
    """

    motifs: Tensor
    neat: Tensor


class TrainableMotif(nn.Module):
    """[B, 3, H, W] in 0..1 -> Seen.

    There is no normalisation between the layers: it would take as long as the convolutions, and it mixes what an
    attack does with what is there. A start that is scaled to keep the variance, and a bound on the gradient, do.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.widths = widths
        self.convolutions = nn.ModuleList()
        incoming = 3
        for width in (width for block in widths for width in block):
            self.convolutions.append(nn.Conv2d(incoming, width, 3, padding=1))
            incoming = width
        for convolution in self.convolutions:
            assert isinstance(convolution, nn.Conv2d)
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
            assert convolution.bias is not None
            nn.init.zeros_(convolution.bias)
        self.motifs = nn.Linear(incoming, len(MOTIFS) + 1)
        self.neat = nn.Linear(incoming, 1)

    def forward(self, image: Tensor) -> Seen:
        x = (image - MEAN) / DEVIATION
        layers = iter(self.convolutions)
        for number, block in enumerate(self.widths):
            if number:
                x = F.max_pool2d(x, 2)
            for _ in block:
                x = F.relu(next(layers)(x), inplace=True)
        x = x.mean(dim=(2, 3))
        return Seen(self.motifs(x).float(), self.neat(x).float()[:, 0])

    @torch.no_grad()
    def start_from(self, path: Path) -> None:
        """Takes over what an earlier network has in common with this one, classes by their names.

        Channels that it lacks begin at random, and small where they lead on, so that they disturb nothing.
        """
        header, tensors = read_motif_header(path), load_file(path)
        assert (header.mean, header.std) == (MEAN, DEVIATION), f"{path} is normalised otherwise"
        for name, convolution in zip(convolution_names(self.widths), self.convolutions, strict=True):
            assert isinstance(convolution, nn.Conv2d)
            assert convolution.bias is not None
            weight, bias = tensors[f"{name}.weight"].float(), tensors[f"{name}.bias"].float()
            outgoing, incoming = weight.shape[:2]
            convolution.weight[:outgoing, incoming:] *= 0.1
            convolution.weight[:outgoing, :incoming] = weight
            convolution.bias[:outgoing] = bias
        known = {motif: k for k, motif in enumerate(header.heads["class"])}
        rows = [k for k, motif in enumerate(MOTIFS) if motif in known]
        theirs = [known[MOTIFS[k]] for k in rows]
        width = tensors["class.weight"].shape[1]
        self.motifs.weight[rows, :width] = tensors["class.weight"].float()[theirs, :, 0, 0]
        self.motifs.bias[rows] = tensors["class.bias"].float()[theirs]
        for head, ours in {"nothing": self.motifs, "neat": self.neat}.items():
            if f"{head}.weight" in tensors:
                weight = tensors[f"{head}.weight"].float()[:, :, 0, 0]
                ours.weight[-len(weight) :, :width] = weight
                ours.bias[-len(weight) :] = tensors[f"{head}.bias"].float()

    @torch.no_grad()
    def save(self, path: Path) -> None:
        """Writes float16 tensors by VGG's layer names.

        A class, and nothing, are what they have over the mean of all classes: a shift that a softmax doesn't feel. Thus
        a drawing is rewarded for being that and nothing else.
        """
        state: dict[str, Tensor] = {}
        for name, convolution in zip(convolution_names(self.widths), self.convolutions, strict=True):
            assert isinstance(convolution, nn.Conv2d)
            assert convolution.bias is not None
            state[f"{name}.weight"], state[f"{name}.bias"] = convolution.weight, convolution.bias
        weight = self.motifs.weight - self.motifs.weight[:-1].mean(dim=0)
        bias = self.motifs.bias - self.motifs.bias[:-1].mean()
        heads = {
            "class": (weight[:-1], bias[:-1]),
            "nothing": (weight[-1:], bias[-1:]),
            "neat": (self.neat.weight, self.neat.bias),
        }
        for head, (weight, bias) in heads.items():
            state[f"{head}.weight"], state[f"{head}.bias"] = weight[:, :, None, None], bias
        tensors = {name: value.detach().half().contiguous() for name, value in state.items()}
        metadata = {
            "classes": json.dumps(MOTIFS),
            "mean": str(MEAN),
            "deviation": str(DEVIATION),
        }
        save_file(tensors, path, metadata=metadata)

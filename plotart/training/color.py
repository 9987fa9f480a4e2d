"""Trains the eye for colours of a motif.safetensors and puts it into the file.

    python -m plotart.training.color --weights motif.safetensors

It stands apart from the network that sees motifs: that one learns early that a leaf is a leaf in any ink, and its deep
layers no longer know which. A few convolutions of their own tell the ink of every place.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from plotart.training.data import PICTURE_PX
from plotart.training.motifs import MOTIFS
from plotart.training.motifs.catalogue import NATURE
from plotart.training.motifs.hues import HUES
from plotart.training.motifs.picture import BARE, UNKNOWN, School, specimen
from plotart.training.network import DEVIATION, MEAN

#: Channels of its convolutions, the first of which halves the image.
COLOR_WIDTHS = (24, 32, 32)

#: Factor on what is saved: ink covers a tenth or a fifth of a drawing, and a colour is to weigh as much as a class.
_LOUD = 3.0

#: Weight of what bare paper has to be: of no hue.
_PAPER = 0.1


class TrainableColors(nn.Module):
    """[B, 3, H, W] in 0..1 -> [B, len(HUES) + 1, H / 2, W / 2] logits, the last of bare paper."""

    def __init__(self, widths: tuple[int, ...] = COLOR_WIDTHS) -> None:
        super().__init__()
        pairs = zip((3, *widths), widths, (2, *[1] * (len(widths) - 1)), strict=False)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(before, after, 3, padding=1, stride=stride) for before, after, stride in pairs
        )
        self.inks = nn.Conv2d(widths[-1], len(HUES) + 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        x = (image - MEAN) / DEVIATION
        for convolution in self.convolutions:
            x = F.relu(convolution(x))
        found: Tensor = self.inks(x)
        return found

    @torch.no_grad()
    def put_into(self, path: Path) -> None:
        """Into a motif.safetensors: each hue as what it has over the mean of all, which a softmax doesn't feel."""
        with safe_open(path, framework="pt") as file:
            metadata = dict(file.metadata())
        tensors = load_file(path)
        for number, convolution in enumerate(self.convolutions, 1):
            assert isinstance(convolution, nn.Conv2d)
            assert convolution.bias is not None
            tensors[f"color{number}.weight"] = convolution.weight.half()
            tensors[f"color{number}.bias"] = convolution.bias.half()
        weight, bias = self.inks.weight[: len(HUES)], self.inks.bias[: len(HUES)]  # type: ignore[index]
        tensors["color.weight"] = (_LOUD * (weight - weight.mean(dim=0))).half()
        tensors["color.bias"] = (_LOUD * (bias - bias.mean())).half()
        natures = {name: sorted({hue for part in NATURE[name] for hue in part}) for name in MOTIFS}
        metadata |= {"colors": json.dumps(list(HUES)), "natures": json.dumps(natures)}
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata=metadata)


def loss_of(found: Tensor, inks: Tensor) -> Tensor:
    """Cross entropy of the ink in each place, rare ones counting as much as paper; there, hues are to be even.

    found [B, len(HUES) + 1, h, w], inks [B, h, w] as specimens have them
    """
    wanted = inks.long().masked_fill(inks == UNKNOWN, -100)
    weight = torch.ones(len(HUES) + 1)
    weight[BARE] = 0.15
    even = -F.log_softmax(found[:, :BARE], dim=1).mean(dim=1)
    bare = (inks == BARE).float()
    return F.cross_entropy(found, wanted, weight) + _PAPER * (even * bare).sum() / bare.sum().clamp_min(1)


def inked(seed: int, count: int, processes: int) -> tuple[Tensor, Tensor]:
    """`count` pictures [N, 3, S, S] uint8 of all motifs in turn, and their inks [N, S / 2, S / 2] uint8."""
    step = 250
    jobs = [(seed, start, min(step, count - start)) for start in range(0, count, step)]
    with get_context("spawn").Pool(processes) as pool:
        shards = pool.map(_shard, jobs, chunksize=1)
    pictures, inks = (torch.from_numpy(np.concatenate(parts)) for parts in zip(*shards, strict=True))
    return pictures.permute(0, 3, 1, 2).contiguous(), inks


def _shard(job: tuple[int, int, int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    seed, start, count = job
    drawn = [
        specimen(MOTIFS[k % len(MOTIFS)], np.random.default_rng([seed, k]), PICTURE_PX, School())
        for k in range(start, start + count)
    ]
    return np.stack([one.pixels for one in drawn]), np.stack([one.inks for one in drawn])


def train(model: TrainableColors, pictures: Tensor, inks: Tensor, *, steps: int, rate: float, seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    started = time.perf_counter()
    for step in range(1, steps + 1):
        rows = torch.randint(len(pictures), (24,), generator=random)
        x = pictures[rows].float() / 255
        contrast = torch.rand(len(x), 1, 1, 1, generator=random) * 0.3 + 0.75
        x = (x - 0.5) * contrast + 0.5 + 0.03 * torch.randn(x.shape, generator=random)
        x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            found = model(x)
        loss = loss_of(found.float(), inks[rows])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if step % 100 == 0 or step == steps:
            print(f"{step}/{steps} loss {loss.item():.3f} {time.perf_counter() - started:.0f} s", flush=True)


@torch.no_grad()
def accuracy(model: TrainableColors, pictures: Tensor, inks: Tensor) -> float:
    """The share of inked places whose hue is named."""
    right = total = 0
    for part, of in zip(pictures.split(64), inks.split(64), strict=True):
        found = model(part.float() / 255)[:, :BARE].argmax(dim=1)
        there = of < BARE
        right, total = right + int((found == of)[there].sum()), total + int(there.sum())
    return right / total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True, help="the motif.safetensors that gets it")
    parser.add_argument("--pictures", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=4e-3, help="AdamW's highest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    processes = os.cpu_count() or 1
    torch.manual_seed(options.seed)
    model = TrainableColors()
    pictures, inks = inked(options.seed, options.pictures, processes)
    train(model, pictures, inks, steps=options.steps, rate=options.rate, seed=options.seed)
    share = accuracy(model, *inked(options.seed + 1_000_003, 1000, processes))
    print(f"of new pictures it names {share:.1%} of the inked places")
    model.put_into(options.weights)


if __name__ == "__main__":
    main()

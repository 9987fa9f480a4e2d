"""Pictures for training: drawn by formula on all cores, and changed at random whenever they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from multiprocessing import get_context

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from plotart.training.motifs import MOTIFS
from plotart.training.motifs.inks import Manner
from plotart.training.motifs.picture import School, picture, specimen

#: Side of the pictures, and the sides at which they are shown.
PICTURE_PX = 112
SHOWN_PX = (80, 96, 112)


@dataclass(frozen=True)
class Lesson:
    """Pictures and what there is to see in them, one row each.

    pictures  [N, 3, S, S] uint8
    motifs    [N] int64
    worth     [N] 0..1: how much of the motif there is; the rest is nothing
    neat      [N] 0 or 1
    known     [N] 0 or 1: whether anything but `neat` is known
    """

    pictures: Tensor
    motifs: Tensor
    worth: Tensor
    neat: Tensor
    known: Tensor

    def __len__(self) -> int:
        return len(self.pictures)

    def rows(self, rows: Tensor) -> Lesson:
        return Lesson(*(getattr(self, part.name)[rows] for part in fields(self)))

    def with_drawings(self, drawings: Tensor) -> Lesson:
        """And drawings [N, 3, S, S] uint8 of plotart's own: none is neat yet, and what they are isn't known."""
        n = len(drawings)
        zeros = torch.zeros(n)
        theirs = Lesson(drawings, zeros.long(), zeros, zeros, zeros)
        return Lesson(*(torch.cat([getattr(self, part.name), getattr(theirs, part.name)]) for part in fields(self)))


def make_lesson(seed: int, count: int, school: School, processes: int) -> Lesson:
    """`count` pictures of all motifs in turn; picture k depends on (seed, k) and the school alone."""
    step = 250
    jobs = [(seed, start, min(step, count - start), school) for start in range(0, count, step)]
    with get_context("spawn").Pool(processes) as pool:
        shards = pool.map(_shard, jobs, chunksize=1)
    pictures, worth, neat = (torch.from_numpy(np.concatenate(parts)) for parts in zip(*shards, strict=True))
    motifs = torch.arange(count) % len(MOTIFS)
    return Lesson(pictures.permute(0, 3, 1, 2).contiguous(), motifs, worth, neat, torch.ones(count))


def make_pictures(seed: int, each: int, manner: Manner | None, processes: int) -> tuple[Tensor, Tensor]:
    """`each` tidy pictures of every motif [N, 3, S, S] uint8, and their motifs [N]."""
    count = each * len(MOTIFS)
    step = 250
    jobs = [(seed, start, min(step, count - start), manner) for start in range(0, count, step)]
    with get_context("spawn").Pool(processes) as pool:
        pictures = np.concatenate(pool.map(_pictures, jobs, chunksize=1))
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous(), torch.arange(count) % len(MOTIFS)


def _shard(
    job: tuple[int, int, int, School],
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    seed, start, count, school = job
    drawn = [
        specimen(MOTIFS[k % len(MOTIFS)], np.random.default_rng([seed, k]), PICTURE_PX, school)
        for k in range(start, start + count)
    ]
    return (
        np.stack([one.pixels for one in drawn]),
        np.array([one.worth for one in drawn], np.float32),
        np.array([one.neat for one in drawn], np.float32),
    )


def _pictures(job: tuple[int, int, int, Manner | None]) -> NDArray[np.uint8]:
    seed, start, count, manner = job
    return np.stack(
        [
            picture(MOTIFS[k % len(MOTIFS)], np.random.default_rng([seed, k]), PICTURE_PX, manner)
            for k in range(start, start + count)
        ]
    )


def shown(batch: Tensor, random: torch.Generator) -> Tensor:
    """Random flips, turns, sizes, contrast, blur and noise; uint8 [B, 3, S, S] -> float [B, 3, s, s].

    Colours stay what they are: they mean something.
    """

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(len(batch), 1, 1, 1, generator=random) * (high - low) + low

    def one_of(n: int) -> int:
        return int(torch.randint(n, (), generator=random))

    x = batch.float() / 255
    x = torch.rot90(x, one_of(4), (2, 3))
    x = x.flip(3) if one_of(2) else x
    size = SHOWN_PX[one_of(len(SHOWN_PX))]
    if size != x.shape[-1]:
        x = F.interpolate(x, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
    x = (x - 0.5) * uniform(0.7, 1.05) + 0.5 + uniform(-0.08, 0.08)
    if one_of(4) == 0:
        x = F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
    x = x + torch.randn(x.shape, generator=random) * uniform(0, 0.06)
    return x.clamp(0, 1).contiguous(memory_format=torch.channels_last)


def batches(count: int, size: int, random: torch.Generator) -> Iterator[Tensor]:
    """Rows 0 .. count in random order, `size` at a time; a last few are left out."""
    order = torch.randperm(count, generator=random)
    yield from (order[start : start + size] for start in range(0, count - size + 1, size))

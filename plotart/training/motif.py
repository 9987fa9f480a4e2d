"""Trains the embedded `motif` network on pictures drawn by formula, and writes its weights and model card.

    python -m plotart.training.motif --work /tmp/motif --epochs 5
    python -m plotart.training.motif --work /tmp/motif --epochs 2 --start older.safetensors

Batch normalisation is used in training only: it is folded into the convolutions, so that what is shipped is
a plain VGG (convolution, relu, max pooling) with a linear class head on the mean of its last layer.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from plotart.networks.vgg import convolution_names
from plotart.networks.weights import read_motif_header
from plotart.training.motifs import MOTIFS, picture

#: Channels of every convolution, block by block.
MOTIF_WIDTHS = ((24, 24), (48, 48), (96, 96), (160, 160), (224, 224), (224, 224))

#: Mean and standard deviation that pictures are normalised with, for every channel.
MEAN, DEVIATION = 0.5, 0.25

#: Side of the pictures.
PICTURE_PX = 112

#: Held-out pictures of each class by manner; "any" mixes the manners as the pictures for training do.
HELD_OUT: dict[str, int] = {"any": 60, "white": 30, "black": 30, "pen": 30, "paint": 30}


class TrainableMotif(nn.Module):
    """The motif network with batch normalisation after each convolution; [B, 3, H, W] in 0..1 -> [B, classes]."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions, self.norms = nn.ModuleList(), nn.ModuleList()
        incoming = 3
        for block in MOTIF_WIDTHS:
            for width in block:
                self.convolutions.append(nn.Conv2d(incoming, width, 3, padding=1, bias=False))
                self.norms.append(nn.BatchNorm2d(width))
                incoming = width
        self.head = nn.Linear(incoming, len(MOTIFS))

    def forward(self, image: Tensor) -> Tensor:
        x = (image - MEAN) / DEVIATION
        layer = 0
        for number, block in enumerate(MOTIF_WIDTHS):
            if number:
                x = F.max_pool2d(x, 2)
            for _ in block:
                x = F.relu(self.norms[layer](self.convolutions[layer](x)), inplace=True)
                layer += 1
        return self.head(x.mean(dim=(2, 3)))

    @torch.no_grad()
    def start_from(self, path: Path, images: Tensor) -> None:
        """Takes the convolutions of an earlier network; normalisation starts as what changes nothing for `images`.

        The classes begin anew, as the motifs may be others.
        """
        header, tensors = read_motif_header(path), load_file(path)
        assert (header.mean, header.std) == (MEAN, DEVIATION), f"{path} is normalised otherwise"
        x = (images - MEAN) / DEVIATION
        after_pooling = {f"conv{block}_1" for block in range(2, len(MOTIF_WIDTHS) + 1)}
        for name, conv, norm in zip(convolution_names(MOTIF_WIDTHS), self.convolutions, self.norms, strict=True):
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            if f"{name}.weight" not in tensors:
                break
            conv.weight.copy_(tensors[f"{name}.weight"])
            x = conv(F.max_pool2d(x, 2) if name in after_pooling else x)
            bias = tensors[f"{name}.bias"].float()
            variance, mean = torch.var_mean(x, dim=(0, 2, 3))
            norm.running_mean, norm.running_var = mean, variance
            norm.weight.copy_((variance + norm.eps).sqrt())
            norm.bias.copy_(mean + bias)
            x = F.relu(x + bias[:, None, None])

    @torch.no_grad()
    def folded(self) -> dict[str, Tensor]:
        """The same function in evaluation mode without normalisation layers: weights by VGG layer name, float16."""
        state: dict[str, Tensor] = {}
        for name, conv, norm in zip(convolution_names(MOTIF_WIDTHS), self.convolutions, self.norms, strict=True):
            assert isinstance(conv, nn.Conv2d)
            assert isinstance(norm, nn.BatchNorm2d)
            assert norm.running_mean is not None
            assert norm.running_var is not None
            scale = norm.weight / (norm.running_var + norm.eps).sqrt()
            state[f"{name}.weight"] = conv.weight * scale[:, None, None, None]
            state[f"{name}.bias"] = norm.bias - norm.running_mean * scale
        state["class.weight"] = self.head.weight[:, :, None, None]
        state["class.bias"] = self.head.bias
        return {name: value.contiguous().half() for name, value in state.items()}


def _shard(job: tuple[int, int, int, int, str | None]) -> tuple[np.ndarray, np.ndarray]:
    seed, start, count, size, manner = job
    pictures = np.empty((count, size, size, 3), np.uint8)
    labels = np.empty(count, np.int64)
    for k in range(count):
        labels[k] = (start + k) % len(MOTIFS)
        rng = np.random.default_rng([seed, start + k])
        pictures[k] = picture(MOTIFS[labels[k]], rng, size, manner)  # type: ignore[arg-type]
    return pictures, labels


def make_pictures(seed: int, count: int, size: int, manner: str | None, processes: int) -> tuple[Tensor, Tensor]:
    """`count` pictures [count, 3, size, size] uint8 and labels [count]; picture k depends on (seed, k) alone."""
    step = 500
    jobs = [(seed, start, min(step, count - start), size, manner) for start in range(0, count, step)]
    with get_context("spawn").Pool(processes) as pool:
        shards = pool.map(_shard, jobs, chunksize=1)
    pictures = torch.from_numpy(np.concatenate([s[0] for s in shards])).permute(0, 3, 1, 2).contiguous()
    return pictures, torch.from_numpy(np.concatenate([s[1] for s in shards]))


def augmented(batch: Tensor, random: torch.Generator) -> Tensor:
    """Random flips, turns, size, colours, contrast, blur and noise; uint8 [B, 3, S, S] -> float [B, 3, s, s]."""

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(len(batch), 1, 1, 1, generator=random) * (high - low) + low

    def one_of(n: int) -> int:
        return int(torch.randint(n, (), generator=random))

    x = batch.float() / 255
    x = torch.rot90(x, one_of(4), (2, 3))
    x = x.flip(3) if one_of(2) else x
    size = (96, 112, 128)[one_of(3)]
    if size != x.shape[-1]:
        x = F.interpolate(x, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
    x = x[:, torch.randperm(3, generator=random)]
    x = torch.where(uniform(0, 1) < 0.12, 1 - x, x)
    x = (x - 0.5) * uniform(0.6, 1.1) + 0.5 + uniform(-0.12, 0.12)
    if one_of(4) == 0:
        x = F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
    return (x + torch.randn(x.shape, generator=random) * uniform(0, 0.08)).clamp(0, 1)


def batches(count: int, size: int, random: torch.Generator) -> Iterator[Tensor]:
    order = torch.randperm(count, generator=random)
    yield from (order[start : start + size] for start in range(0, count - size + 1, size))


@torch.no_grad()
def accuracy(model: nn.Module, pictures: Tensor, labels: Tensor) -> tuple[float, Tensor]:
    """The share recognised, and the confusion counts [class, recognised as]."""
    model.eval()
    confusion = torch.zeros(len(MOTIFS), len(MOTIFS), dtype=torch.long)
    for start in range(0, len(pictures), 128):
        guess = model(pictures[start : start + 128].float() / 255).argmax(1)
        confusion.index_put_((labels[start : start + 128], guess), torch.ones(len(guess), dtype=torch.long), True)
    model.train()
    return confusion.diagonal().sum().item() / confusion.sum().item(), confusion


def train(
    work: Path, *, pictures: int, epochs: int, seed: int, rate: float, start: Path | None = None, batch: int = 64
) -> None:
    """Generates data, trains, and writes motif.safetensors and motif.json into `work` after every epoch."""
    started = time.perf_counter()
    processes = os.cpu_count() or 1
    data, labels = make_pictures(seed, pictures, PICTURE_PX, None, processes)
    held_out = {}
    for manner, each in HELD_OUT.items():
        drawn_as = None if manner == "any" else manner
        held_out[manner] = make_pictures(seed + 1_000_003, each * len(MOTIFS), PICTURE_PX, drawn_as, processes)
    drawn = time.perf_counter() - started
    print(f"{pictures} pictures in {drawn:.0f} s", flush=True)

    random = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    model = TrainableMotif()
    if start is not None:
        model.start_from(start, data[:512].float() / 255)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998), use_buffers=True
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.02)
    total = epochs * (pictures // batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda k: min(1.0, (k + 1) / 300) * (0.5 + 0.5 * math.cos(math.pi * k / total))
    )
    step = 0
    for epoch in range(epochs):
        for rows in batches(pictures, batch, random):
            x = augmented(data[rows], random).contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model(x)
            loss = F.cross_entropy(logits.float(), labels[rows], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            mean.update_parameters(model)
            step += 1
            if step % 100 == 0:
                print(f"{step}/{total} loss {loss.item():.3f} {time.perf_counter() - started:.0f} s", flush=True)
        trained = cast(TrainableMotif, mean.module)
        found = {manner: accuracy(trained, *pictures_) for manner, pictures_ in held_out.items()}
        scores = {manner: round(share, 4) for manner, (share, _) in found.items()}
        card = {
            "classes": list(MOTIFS),
            "pictures": pictures,
            "picture_px": PICTURE_PX,
            "epochs": epoch + 1,
            "seed": seed,
            "started_from": start.name if start is not None else None,
            "held_out_per_class": HELD_OUT,
            "accuracy": scores,
            "minutes": round((time.perf_counter() - started) / 60, 1),
            "confusions": _confusions(torch.stack([counts for _, counts in found.values()]).sum(dim=0)),
        }
        _save(trained, card, work)
        print(f"epoch {epoch + 1}: {scores} after {card['minutes']} min", flush=True)


def _save(trained: TrainableMotif, card: dict[str, object], work: Path) -> None:
    metadata = {"classes": json.dumps(MOTIFS), "mean": str(MEAN), "deviation": str(DEVIATION)}
    save_file(trained.folded(), work / "motif.safetensors", metadata=metadata)
    (work / "motif.json").write_text(json.dumps(card, indent=1))


def _confusions(counts: Tensor) -> list[str]:
    off = counts.clone()
    off.fill_diagonal_(0)
    worst = off.flatten().topk(12)
    pairs = [(divmod(int(i), len(MOTIFS)), int(n)) for n, i in zip(worst.values, worst.indices, strict=True)]
    return [f"{MOTIFS[a]} seen as {MOTIFS[b]}: {n}" for (a, b), n in pairs]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for motif.safetensors and motif.json")
    parser.add_argument("--pictures", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=3e-3, help="AdamW's highest learning rate")
    parser.add_argument("--start", type=Path, help="an earlier motif.safetensors whose convolutions to begin with")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    train(
        options.work,
        pictures=options.pictures,
        epochs=options.epochs,
        seed=options.seed,
        rate=options.rate,
        start=options.start,
    )


if __name__ == "__main__":
    main()

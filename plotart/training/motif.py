"""Trains the embedded `motif` network on pictures drawn by formula, and writes its weights and model card.

    python -m plotart.training.motif --work /tmp/motif --steps 3000 --start older.safetensors
    python -m plotart.training.motif --work /tmp/judge --steps 2500 --judge --seed 7 --strength 0
    python -m plotart.training.color --weights /tmp/motif/motif.safetensors

The second command trains the judge; the third gives a motif.safetensors its eye for colours, which stands apart. A
stage ends after `--steps`; the next one goes on from its weights with `--start`. Pictures, their order and all that is
random depend on the seed alone.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plotart.training.attack import attacked, noisy
from plotart.training.data import Lesson, batches, make_lesson, make_pictures, shown
from plotart.training.motifs import MOTIFS
from plotart.training.motifs.inks import Manner
from plotart.training.motifs.picture import School
from plotart.training.network import JUDGE_WIDTHS, MOTIF_WIDTHS, Seen, TrainableMotif

#: Held-out pictures of each class by manner; None mixes the manners as the pictures for training do.
HELD_OUT: dict[Manner | None, int] = {None: 8, "white": 4, "black": 4, "pen": 4, "paint": 4}

#: What the head for neatness weighs beside the classes.
_NEAT = 0.3

#: The judge went to another school, with other lines and another share of mess, in which a motif is seen for longer: as
#: long as a person does.
_JUDGES_SCHOOL = School(
    manners={"pen": 0.5, "white": 0.25, "black": 0.1, "paint": 0.15},
    nothing=0.12,
    tidy=0.7,
    motley=0.4,
    broad=0.15,
    nib_px=(1.5, 6.5),
    there=(0.5, 1.25),
)


@dataclass(frozen=True)
class Stage:
    """What a stage of training consists of.

    strength  L2 norm of attacks on pictures of 112 px
    noise     whether Gaussian noise of that norm takes the attack's place
    """

    pictures: int
    steps: int
    rate: float
    strength: float
    noise: bool
    seed: int
    batch: int = 64


def loss_of(seen: Seen, lesson: Lesson) -> Tensor:
    """Cross entropy of the motif that there is as far as its worth, and of nothing for the rest; of neatness."""
    rows = torch.arange(len(lesson))
    wanted = torch.zeros_like(seen.motifs)
    wanted[rows, lesson.motifs] = lesson.worth
    wanted[:, -1] = 1 - lesson.worth
    wanted = wanted * 0.95 + 0.05 / wanted.shape[1]
    motifs = -(wanted * F.log_softmax(seen.motifs, dim=1)).sum(dim=1)
    neat = F.binary_cross_entropy_with_logits(seen.neat, lesson.neat * 0.94 + 0.03, reduction="none")
    return (motifs * lesson.known + _NEAT * neat).mean()


def train(
    model: TrainableMotif, lesson: Lesson, stage: Stage, keep: Callable[[TrainableMotif], None]
) -> TrainableMotif:
    """The running mean of the weights after the stage; it is given to `keep` on the way too. Prints how it goes."""
    random = torch.Generator().manual_seed(stage.seed)
    mean = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998))
    optimizer = torch.optim.AdamW(model.parameters(), lr=stage.rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda k: min(1.0, (k + 1) / 200) * (0.5 + 0.5 * math.cos(math.pi * k / stage.steps))
    )
    started, step = time.perf_counter(), 0
    while step < stage.steps:
        for rows in batches(len(lesson), stage.batch, random):
            part = lesson.rows(rows)
            images = shown(part.pictures, random)

            def deceived(x: Tensor, part: Lesson = part) -> Tensor:
                with torch.autocast("cpu", torch.bfloat16):
                    return loss_of(model(x), part)

            if stage.strength:
                strength = stage.strength * min(1.0, step / 100)
                change = noisy(images, strength, random) if stage.noise else None
                images = attacked(images, deceived, strength, random) if change is None else change
            with torch.autocast("cpu", torch.bfloat16):
                found = loss_of(model(images), part)
            optimizer.zero_grad()
            found.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            mean.update_parameters(model)
            step += 1
            if step % 100 == 0 or step == stage.steps:
                took = time.perf_counter() - started
                print(f"{step}/{stage.steps} loss {found.item():.3f} {took:.0f} s", flush=True)
            if step % 500 == 0:
                robust = robust_accuracy(model, lesson.rows(rows[:64]), stage.strength or 1.5, random)
                print(f"  of a batch {robust:.0%} withstand ten steps", flush=True)  # near 0: overfitted to one
                keep(cast(TrainableMotif, mean.module))
            if step == stage.steps:
                break
    return cast(TrainableMotif, mean.module)


@torch.no_grad()
def guesses(model: nn.Module, images: Tensor) -> Tensor:
    """[N] motifs that are seen in images [N, 3, S, S], 0..1; len(MOTIFS) is nothing."""
    return torch.cat([cast(Seen, model(part)).motifs.argmax(dim=1) for part in images.split(128)])


def accuracy(model: nn.Module, pictures: Tensor, motifs: Tensor) -> tuple[float, Tensor]:
    """The share recognised, and the confusion counts [motif, seen as], nothing last."""
    confusion = torch.zeros(len(MOTIFS) + 1, len(MOTIFS) + 1, dtype=torch.long)
    for rows in torch.arange(len(motifs)).split(512):
        guess = guesses(model, pictures[rows].float() / 255)
        confusion.index_put_((motifs[rows], guess), torch.ones(len(guess), dtype=torch.long), True)
    return confusion.diagonal().sum().item() / confusion.sum().item(), confusion


def robust_accuracy(model: nn.Module, lesson: Lesson, strength: float, random: torch.Generator) -> float:
    """The share of pictures still recognised after ten steps of an attack."""
    images = lesson.pictures.float() / 255

    def loss(x: Tensor) -> Tensor:
        return loss_of(model(x), lesson)

    found = guesses(model, attacked(images, loss, strength, random, steps=10))
    wanted = torch.where(lesson.worth > 0.5, lesson.motifs, len(MOTIFS))
    return float((found == wanted)[lesson.known > 0].float().mean())


def card_of(model: TrainableMotif, stage: Stage, held_out: dict[str, tuple[Tensor, Tensor]]) -> dict[str, object]:
    """What is known of the trained network, for its card."""
    found = {manner: accuracy(model, *pictures) for manner, pictures in held_out.items()}
    random = torch.Generator().manual_seed(stage.seed + 1)
    pictures, motifs = (part[:: max(1, len(held_out["any"][0]) // 512)] for part in held_out["any"])
    ones = torch.ones(len(motifs))
    tidy = Lesson(pictures, motifs, ones, ones, ones)
    return {
        "classes": list(MOTIFS),
        "held_out_per_class": {manner or "any": each for manner, each in HELD_OUT.items()},
        "accuracy": {manner: round(share, 4) for manner, (share, _) in found.items()},
        "robust_accuracy": {
            str(strength): round(robust_accuracy(model, tidy, strength, random), 4) for strength in (0.75, 1.5)
        },
        "confusions": _confusions(torch.stack([counts for _, counts in found.values()]).sum(dim=0)),
    }


def _confusions(counts: Tensor) -> list[str]:
    off = counts.clone()
    off.fill_diagonal_(0)
    worst = off.flatten().topk(24)
    names = [*MOTIFS, "nothing"]
    pairs = [(divmod(int(i), len(names)), int(n)) for n, i in zip(worst.values, worst.indices, strict=True)]
    return [f"{names[a]} seen as {names[b]}: {n}" for (a, b), n in pairs]


def _kept_lesson(path: Path | None, seed: int, count: int, school: School, processes: int) -> Lesson:
    if path is not None and path.is_file():
        return Lesson(**torch.load(path, weights_only=True))
    lesson = make_lesson(seed, count, school, processes)
    if path is not None:
        torch.save(vars(lesson), path)
    return lesson


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for motif.safetensors and motif.json")
    parser.add_argument("--pictures", type=int, default=60_000)
    parser.add_argument("--lesson", type=Path, help="where the pictures are kept, and taken from if they are there")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=1e-3, help="AdamW's highest learning rate")
    parser.add_argument("--strength", type=float, default=1.5, help="of attacks, L2 at 112 px; 0 for none")
    parser.add_argument("--noise", action="store_true", help="Gaussian noise in place of attacks")
    parser.add_argument("--judge", action="store_true", help="the judge's widths and school")
    parser.add_argument("--start", type=Path, help="an earlier motif.safetensors to begin with")
    parser.add_argument("--drawings", type=Path, help="plotart's own drawings, as `plotart.training.drawings` saves")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    started, processes = time.perf_counter(), os.cpu_count() or 1

    school = _JUDGES_SCHOOL if options.judge else School()
    lesson = _kept_lesson(options.lesson, options.seed, options.pictures, school, processes)
    held_out: dict[str, tuple[Tensor, Tensor]] = {
        manner or "any": make_pictures(options.seed + 1_000_003, each, manner, processes)
        for manner, each in HELD_OUT.items()
    }
    print(f"{len(lesson)} pictures in {time.perf_counter() - started:.0f} s", flush=True)
    if options.drawings is not None:
        lesson = lesson.with_drawings(torch.load(options.drawings, weights_only=True))
    stage = Stage(options.pictures, options.steps, options.rate, options.strength, options.noise, options.seed)
    torch.manual_seed(options.seed)
    model = TrainableMotif(JUDGE_WIDTHS if options.judge else MOTIF_WIDTHS)
    if options.start is not None:
        model.start_from(options.start)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def keep(mean: TrainableMotif) -> None:
        mean.save(options.work / "motif.safetensors")

    trained = train(model, lesson, stage, keep)
    keep(trained)
    card = {"started_from": options.start.name if options.start else None, **stage.__dict__}
    card |= card_of(trained, stage, held_out)
    card["minutes"] = round((time.perf_counter() - started) / 60, 1)
    (options.work / "motif.json").write_text(json.dumps(card, indent=1))
    print(json.dumps({k: card[k] for k in ("accuracy", "robust_accuracy", "confusions", "minutes")}, indent=1))


if __name__ == "__main__":
    main()

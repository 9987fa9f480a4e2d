"""What the shipped network knows, and whether a second one, which is never optimised against, agrees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from plotart import Config
from plotart.job.build import build
from plotart.networks import Network, load_network
from plotart.networks.weights_files import shipped_motif
from plotart.training.motifs import MOTIFS, picture
from plotart.training.motifs.catalogue import FIGURES
from plotart.training.motifs.inks import Manner
from plotart.training.motifs.picture import BARE, School, Specimen, specimen
from plotart.training.offer import OFFERED

JUDGE = Path(__file__).parent / "data" / "judge.safetensors"
#: A seed that neither network was trained with.
SEED = 20_261


def pictures(manner: Manner | None, each: int) -> tuple[Tensor, list[str]]:
    drawn = [
        picture(name, np.random.default_rng([SEED, k, number]), 112, manner)
        for k, name in enumerate(OFFERED)
        for number in range(each)
    ]
    images = torch.from_numpy(np.stack(drawn)).permute(0, 3, 1, 2).float() / 255
    return images, [name for name in OFFERED for _ in range(each)]


def specimens(school: School) -> tuple[Tensor, list[Specimen]]:
    """One of every other motif, as images [N, 3, 112, 112], and what there is to see in each."""
    drawn = [specimen(name, np.random.default_rng([SEED, k]), 112, school) for k, name in enumerate(MOTIFS[::2])]
    return torch.from_numpy(np.stack([one.pixels for one in drawn])).permute(0, 3, 1, 2).float() / 255, drawn


def share_recognised(network: Network, manner: Manner | None, each: int = 1) -> float:
    images, names = pictures(manner, each)
    with torch.no_grad():
        found = [name for part in images.split(32) for name in network.recognised(part)]
    return float(np.mean([one == name for one, name in zip(found, names, strict=True)]))


def drawing_of(name: str) -> Tensor:
    """[1, 3, H, W]: strokes of four pens that were optimised for a class, as benchmarks/quality.py does."""
    pens = [{"name": c, "color": c, "width": 0.6} for c in ("#1b1b1b", "#c8102e", "#1f4fa3", "#c98a1b")]
    config = Config.from_dict(
        {
            "seed": 3,
            "page": {"size": [100, 100], "margin": 5},
            "pens": pens,
            "strokes": {"count": 160, "segments": 3, "length": 20},
            "render": {"resolution": 160},
            "objective": [
                {"type": "excitation", "class": name},
                {"type": "smoothness", "weight": 0.5},
                {"type": "length", "weight": 0.1},
            ],
            "optimize": {"steps": 120},
        }
    )
    parts = build(config)
    for _ in parts.optimizer.steps():
        pass
    return parts.canvas.hard().image.detach()


def judged(name: str) -> str:
    judge, image = load_network("motif", weights=JUDGE), drawing_of(name)
    with torch.no_grad():
        return judge.recognised(image)[0]


def test_it_is_small_and_knows_all_motifs_that_are_offered() -> None:
    assert len(OFFERED) >= 160
    assert len(set(OFFERED) - FIGURES) >= 70
    with shipped_motif() as path:
        assert path.stat().st_size <= 12_000_000
    assert load_network("motif").classes == OFFERED
    assert load_network("motif", weights=JUDGE).classes == MOTIFS


def test_the_judge_is_another_network() -> None:
    ours, judge = load_network("motif"), load_network("motif", weights=JUDGE)
    assert ours.description.widths != judge.description.widths


@pytest.mark.parametrize(("manner", "least"), [(None, 0.91), ("white", 0.93), ("black", 0.93)])
def test_it_recognises_pictures_that_it_has_not_seen(manner: Manner | None, least: float) -> None:
    """A small sample; docs/motif-card.md has the figures of a large one."""
    assert share_recognised(load_network("motif"), manner) >= least


def test_scribble_is_nothing_to_it() -> None:
    images, _ = specimens(School(nothing=1.0))
    with torch.no_grad():
        assert load_network("motif").recognised(images).count("nothing") >= 0.85 * len(images)


def test_it_tells_the_colour_of_ink() -> None:
    images, drawn = specimens(School(manners={"white": 1.0}, nothing=0.0, tidy=1.0))
    inks = torch.from_numpy(np.stack([one.inks for one in drawn]))
    with torch.no_grad():
        found = load_network("motif").activations(images, "color")
    inked = inks < BARE
    assert float((found.argmax(dim=1) == inks)[inked].float().mean()) >= 0.7
    # The whole picture's, where there is but one.
    one_ink = [k for k, ink in enumerate(inks) if len(ink[ink < BARE].unique()) == 1]
    wanted = torch.tensor([int(inks[k][inked[k]][0]) for k in one_ink])
    assert len(one_ink) >= 10
    assert float((found[one_ink].mean(dim=(2, 3)).argmax(dim=1) == wanted).float().mean()) >= 0.8


def test_it_tells_neat_drawings_from_messy_ones() -> None:
    images, drawn = specimens(School(manners={"white": 1.0}, nothing=0.0, tidy=0.5))
    with torch.no_grad():
        logits = load_network("motif").activations(images, "neat").mean(dim=(1, 2, 3))
    neat = torch.tensor([one.neat for one in drawn])
    assert float(((logits > 0) == neat).float().mean()) >= 0.8


# Two classes that the judge is sure of whatever the seed: processors round differently, so that each draws its own.
@pytest.mark.parametrize("name", ["star", pytest.param("waves", marks=pytest.mark.slow)])
def test_drawings_are_what_they_were_drawn_for(name: str) -> None:
    assert judged(name) == name


@pytest.mark.slow
def test_three_of_five_classes_draw_what_another_network_recognises() -> None:
    """Nine of ten are the aim; docs/motif-card.md says which share it is, and what is amiss."""
    missed = [name for name in OFFERED if judged(name) != name]
    assert len(missed) <= 0.4 * len(OFFERED), missed

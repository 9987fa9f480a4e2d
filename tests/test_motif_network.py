"""What the shipped network knows, and whether a second one, which is never optimised against, agrees."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import plotart
from plotart import Config
from plotart.job.build import build
from plotart.networks import Network, describe, load_network
from plotart.networks.weights import shipped_motif
from plotart.training.motifs import MOTIFS, picture
from plotart.training.motifs.inks import Manner
from plotart.training.motifs.picture import School, specimen

JUDGE = Path(__file__).parent / "data" / "judge.safetensors"
#: From which the training of the next one goes on.
NEXT = Path(plotart.__file__).parent / "training" / "data" / "next_motif.safetensors"
#: The motifs that it was shown; more can be drawn.
KNOWN = describe("motif").classes
#: A seed that neither network was trained with.
SEED = 20_261


def pictures(manner: Manner | None, each: int) -> tuple[Tensor, list[str]]:
    drawn = [
        picture(name, np.random.default_rng([SEED, k, number]), 112, manner)
        for k, name in enumerate(KNOWN)
        for number in range(each)
    ]
    images = torch.from_numpy(np.stack(drawn)).permute(0, 3, 1, 2).float() / 255
    return images, [name for name in KNOWN for _ in range(each)]


def share_recognised(network: Network, manner: Manner | None, each: int = 3) -> float:
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


def test_it_is_small_and_knows_all_motifs() -> None:
    assert len(KNOWN) >= 64
    assert set(KNOWN) <= set(MOTIFS)
    with shipped_motif() as path:
        assert path.stat().st_size <= 6_000_000
    assert load_network("motif").classes == load_network("motif", weights=JUDGE).classes == KNOWN


def test_the_judge_is_another_network() -> None:
    ours, judge = load_network("motif"), load_network("motif", weights=JUDGE)
    assert ours.description.widths != judge.description.widths


@pytest.mark.parametrize(("manner", "least"), [(None, 0.93), ("white", 0.9), ("black", 0.9)])
def test_it_recognises_pictures_that_it_has_not_seen(manner: Manner | None, least: float) -> None:
    """A small sample; docs/motif-card.md has the figures of a large one."""
    assert share_recognised(load_network("motif"), manner) >= least


def test_the_next_one_recognises_all_motifs_and_says_what_is_nothing() -> None:
    network, school = load_network("motif", weights=NEXT), School(nothing=1.0)
    assert network.classes == MOTIFS
    names = MOTIFS[::3]
    drawn = [picture(name, np.random.default_rng([SEED, k]), 112, "white") for k, name in enumerate(names)]
    drawn += [specimen(name, np.random.default_rng([SEED, k]), 112, school).pixels for k, name in enumerate(names)]
    images = torch.from_numpy(np.stack(drawn)).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        found = network.recognised(images)
    assert np.mean([one == name for one, name in zip(found, names, strict=False)]) >= 0.85
    assert found[len(names) :].count("nothing") >= 0.85 * len(names)


# Two classes that the judge is sure of whatever the seed: processors round differently, so that each draws its own.
@pytest.mark.parametrize("name", ["star", pytest.param("waves", marks=pytest.mark.slow)])
def test_drawings_are_what_they_were_drawn_for(name: str) -> None:
    assert judged(name) == name


@pytest.mark.slow
def test_nine_of_ten_classes_draw_what_another_network_recognises() -> None:
    missed = [name for name in KNOWN if judged(name) != name]
    assert len(missed) <= len(KNOWN) / 10, missed

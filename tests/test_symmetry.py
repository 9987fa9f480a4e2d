"""Drawings that are symmetric by construction."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from small_runs import ALL_STAY, run_small, small
from torch import Tensor

from plotart.canvas import StrokeCanvas, Symmetry, random_strokes
from plotart.canvas.renderer import Renderer
from plotart.geometry.page import Page
from plotart.palette import FixedPalette
from plotart.pens import Pen, PenSet

PAGE = Page(60, 60, margin=5)
TALL = Page(50, 80, margin=4)
PENS = PenSet([Pen("Red", "#c02020", 0.8, "opaque", 1.0), Pen("Black", "#101010", 0.5, "opaque", 1.0)])

#: Every kind, with how many copies there are.
KINDS = (
    pytest.param(lambda page: Symmetry.mirror(page), 2, id="mirror"),
    pytest.param(lambda page: Symmetry.mirror(page, across=(False, True)), 2, id="mirror-down"),
    pytest.param(lambda page: Symmetry.mirror(page, across=(True, True)), 4, id="mirror-both"),
    pytest.param(lambda page: Symmetry.turns(page, 5), 5, id="turns"),
    pytest.param(lambda page: Symmetry.turns(page, 3, mirrored=True), 6, id="snowflake"),
)


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def canvas(symmetry: Symmetry, page: Page = PAGE, count: int = 6) -> StrokeCanvas:
    strokes = random_strokes(count, 2, 20.0, page, 2, random())
    return StrokeCanvas(strokes, FixedPalette(PENS), page, Renderer(64), symmetry=symmetry)


@pytest.mark.parametrize(("make", "copies"), KINDS)
class TestEveryKind:
    def test_the_moves_are_a_group(self, make, copies: int) -> None:  # type: ignore[no-untyped-def]
        moves = make(PAGE).moves
        assert len(moves) == copies
        torch.testing.assert_close(moves[0], torch.eye(2))
        for a in moves:
            for b in moves:
                assert (moves - a @ b).abs().amax(dim=(1, 2)).min() < 1e-6

    def test_the_drawing_is_its_own_image(self, make, copies: int) -> None:  # type: ignore[no-untyped-def]
        """The strokes as a set are moved onto themselves, pens and all."""
        symmetry = make(PAGE)
        strokes = canvas(symmetry).strokes
        assert len(strokes) == 6 * copies

        def as_set(points: Tensor) -> list[tuple[float, ...]]:
            rows = torch.cat([points.reshape(len(strokes), -1), strokes.pen[:, None]], dim=1)
            return sorted(tuple(row) for row in rows.mul(100).round().div(100).add(0.0).tolist())

        middle = torch.tensor([30.0, 30.0])
        for move in symmetry.moves:
            moved = (strokes.points - middle) @ move.T + middle
            ours, theirs = torch.tensor(as_set(strokes.points)), torch.tensor(as_set(moved))
            assert (ours[:, None] - theirs[None]).abs().amax(dim=2).amin(dim=1).max() < 0.03

    def test_every_copy_stays_inside_the_margins(self, make, copies: int) -> None:  # type: ignore[no-untyped-def]
        page_canvas = canvas(make(TALL), TALL)
        with torch.no_grad():
            page_canvas.parameters()["points"].add_(30 * torch.randn(42, 2, generator=random(1)))
        page_canvas.project()
        left, top, right, bottom = TALL.inner
        points = page_canvas.strokes.points
        assert points[:, 0].min() >= left + 0.399
        assert points[:, 0].max() <= right - 0.399
        assert points[:, 1].min() >= top + 0.399
        assert points[:, 1].max() <= bottom - 0.399

    def test_slopes_of_all_copies_meet_in_one_stroke(self, make, copies: int) -> None:  # type: ignore[no-untyped-def]
        symmetric = canvas(make(PAGE))
        points = symmetric.parameters()["points"]
        symmetric.soft(1.0).image.mean().backward()
        whole = points.grad
        assert whole is not None
        assert torch.isfinite(whole).all()
        assert whole.abs().sum() > 0


def test_the_image_of_a_mirror_is_its_own_mirror_image() -> None:
    image = canvas(Symmetry.mirror(PAGE)).hard().image
    torch.testing.assert_close(image, image.flip(3), atol=2e-3, rtol=0)


def test_without_symmetry_nothing_is_copied() -> None:
    assert len(Symmetry.none(PAGE)) == 1
    assert len(canvas(Symmetry.none(PAGE)).strokes) == 6


def test_turns_about_the_middle() -> None:
    copies = Symmetry.turns(PAGE, 4).copies(torch.tensor([[40.0, 30.0]]))
    expected = torch.tensor([[40.0, 30.0], [30.0, 40.0], [20.0, 30.0], [30.0, 20.0]])
    torch.testing.assert_close(copies, expected, atol=1e-4, rtol=0)


def test_strokes_that_cannot_be_seen_begin_anew_with_their_copies() -> None:
    symmetric = canvas(Symmetry.turns(PAGE, 3), count=4)
    with torch.no_grad():
        symmetric.parameters()["points"][:7] = torch.tensor([1000.0, 1000.0])
    assert symmetric.dead(1.0).tolist() == [True, False, False, False]
    renewed = symmetric.recycle(1.0, random())
    assert renewed["logits"].tolist() == [0]
    assert renewed["points"].tolist() == list(range(7))
    assert not symmetric.dead(1.0).any()


@pytest.mark.parametrize(("kind", "copies"), [("mirror", 2), ("snowflake", 12)])
def test_a_symmetric_run(kind: str, copies: int, tmp_path: Path) -> None:
    config = small(
        "quickstart",
        f"strokes.symmetry={kind}",
        "strokes.count=24",
        "page.size=square",
        ALL_STAY,
        "strokes.joining.weight=0",
    )
    run = run_small(config, tmp_path / "run")
    assert run.summary["activation"]["plotted"] == pytest.approx(run.summary["activation"]["hard"], abs=0.05)
    strokes = run.strokes
    assert len(strokes) == math.ceil(24 / copies) * copies

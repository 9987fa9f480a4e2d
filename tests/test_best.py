"""The best of an atlas: what fills its page in clean lines leads, none is there twice, and seeds pick from the list."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from conftest import Cli
from PIL import Image, ImageDraw
from small_runs import run_small, small

from plotart import Config
from plotart.errors import NetworkError, WeightsError
from plotart.export.drawing import Drawing, Layer
from plotart.export.line_figures import LineFigures, line_figures
from plotart.job.events import Event, Note
from plotart.networks import describe
from plotart.networks.best import best_json, digest_of, read_best, surprise
from plotart.pens import Pen
from plotart.reports.atlas_page import Cell
from plotart.sweep.best import Scored, choose, draw_all, score, usual_layers, write_best
from plotart.sweep.worth import POWERS, cleanliness, coverage, ink_in_cells, relative_gains, relative_rhythms

SIDE_MM, SHOWN_PX = 100, 320

Lines = list[np.ndarray[Any, np.dtype[np.float64]]]


def rhythm() -> Lines:
    """Waves all over the page."""
    along = np.linspace(6, 94, 120)
    return [np.stack([along, y + 3 * np.sin(along / 4)], axis=1) for y in range(10, 95, 8)]


def blob() -> Lines:
    """Rings in a corner."""
    turn = np.linspace(0, 2 * np.pi, 60)
    return [np.stack([25 + r * np.cos(turn), 25 + r * np.sin(turn)], axis=1) for r in range(2, 18, 2)]


def tangle() -> Lines:
    """Short lines across each other in the middle."""
    ends = np.random.default_rng(0).uniform(30, 70, (150, 2, 2))
    return list(ends)


def cell(folder: Path, lines: Lines, channel: int, **changes: Any) -> Cell:
    """What an atlas would have of these lines, whose gain is 1."""
    picture = Image.new("RGB", (SHOWN_PX, SHOWN_PX), "white")
    draw = ImageDraw.Draw(picture)
    for line in lines:
        draw.line([tuple(point) for point in line * SHOWN_PX / SIDE_MM], "black", 3)
    path = folder / f"{channel}.png"
    picture.save(path)
    drawing = Drawing(SIDE_MM, SIDE_MM, (Layer(Pen("Black", "black", 0.8), lines),))
    fields = {"blank": 0.0, "initial": 0.0, "final": 1.0, "line": line_figures(drawing), "cached": False, **changes}
    return Cell("motif", "conv5_1", channel, str(channel), picture=path, **fields)


@pytest.fixture
def four(tmp_path: Path) -> list[Cell]:
    """A tangle, a blob, and the same full page twice."""
    return [cell(tmp_path, lines(), channel) for channel, lines in enumerate((tangle, blob, rhythm, rhythm))]


# --- what a drawing is worth -----------------------------------------------------------------------------------------


def test_a_full_page_is_worth_more_than_a_blob_and_that_more_than_a_tangle(four: list[Cell]) -> None:
    by_channel = {one.cell.channel: one.worth for one in score(four, 4)}
    assert by_channel[2].score > 1.2 * by_channel[1].score
    assert by_channel[1].score > 1.2 * by_channel[0].score
    assert by_channel[2].coverage > 0.9
    assert by_channel[2].cleanliness > by_channel[1].cleanliness > by_channel[0].cleanliness


def test_the_same_picture_is_not_chosen_twice(four: list[Cell]) -> None:
    chosen = [one.cell.channel for one in score(four, 4) if one.rank is not None]
    assert chosen == [2, 1, 0]


def test_what_does_not_excite_is_not_chosen(tmp_path: Path) -> None:
    cells = [cell(tmp_path, rhythm(), 0, final=-1.0), cell(tmp_path, blob(), 1)]
    first, second = score(cells, 2)
    assert (first.cell.channel, first.rank, second.rank, second.worth.score) == (1, 0, None, 0.0)


def test_nothing_is_the_best_of_nothing() -> None:
    assert score([], 3) == []


def test_powers_sum_to_one() -> None:
    assert sum(POWERS.values()) == pytest.approx(1)


def test_gains_are_shares_of_the_best_of_their_layer() -> None:
    assert relative_gains([-1, 0, 1, 2]) == pytest.approx([0, 0, 1 / 1.9, 1])
    assert relative_gains([100 * gain for gain in (1, 2)]) == pytest.approx(relative_gains([1, 2]))
    assert relative_gains([-1, 0]) == [0, 0]


def test_rhythms_are_compared_with_each_other() -> None:
    low, middle, high = relative_rhythms([0.7, 0.8, 0.9])
    assert (low, middle, high) == pytest.approx((0.2, 0.6, 1.0))
    assert relative_rhythms([0.8, 0.8]) == [1, 1]
    assert relative_rhythms([]) == []


def test_coverage_wants_some_ink_everywhere_and_no_blots() -> None:
    assert coverage(np.full((6, 6), 0.2)) == 1
    assert coverage(np.zeros((6, 6))) == 0
    assert coverage(np.ones((6, 6))) == 0
    half = np.zeros((6, 6))
    half[:3] = 0.2
    assert coverage(half) == 0.5


def test_ink_is_counted_inside_the_margins_on_any_paper() -> None:
    for paper, pen in (("white", "black"), ("black", "white")):
        picture = Image.new("RGB", (320, 320), paper)
        ImageDraw.Draw(picture).rectangle((160, 0, 319, 319), fill=pen)
        ink = ink_in_cells(picture, 0.05)
        assert ink.shape == (6, 6)
        assert np.array_equal(ink, np.tile([0, 0, 0, 1, 1, 1], (6, 1)))


def test_clean_lines_neither_cross_nor_lift() -> None:
    best = LineFigures(1, 1.0, 0.0, 1000.0, 0.0, 0.0, 0.0)
    assert cleanliness(best) == 1
    assert cleanliness(LineFigures(1, 1.0, 0.0, 1000.0, 0.0, 0.25, 6.0)) == pytest.approx(0.25)
    assert cleanliness(LineFigures(0, 0.0, None, None, None, None, None)) == 0


# --- which are chosen ------------------------------------------------------------------------------------------------


def test_the_next_is_good_and_unlike_the_last() -> None:
    alike = np.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.1], [0.1, 0.1, 1.0]])
    assert choose(np.array([0.9, 0.8, 0.5]), alike, 3) == [0, 2, 1]
    assert choose(np.array([0.9, 0.8, 0.5]), alike, 2) == [0, 2]
    assert choose(np.array([0.9, 0.8, 0.5]), np.ones((3, 3)), 3) == [0]
    assert choose(np.array([0.0, 0.8, 0.0]), np.eye(3), 3) == [1]


def test_usual_layers_are_the_classes_and_the_middle() -> None:
    assert usual_layers("motif") == ("class", "conv4_1", "conv4_2", "conv5_1", "conv5_2")
    assert usual_layers("vgg16") == ("conv4_1", "conv4_2", "conv4_3", "conv5_1", "conv5_2")


@pytest.mark.parametrize(
    ("layers", "channels", "part"),
    [
        (("class", "conv4_1"), [9999], "conv4_1 of motif has no channel 9999"),
        (("conv4_1",), ["spiral"], "conv4_1 of motif has no channel spiral"),
        (("class", "conv9_9"), None, "motif has no layer 'conv9_9'"),
    ],
)
def test_what_is_not_there_is_said_before_anything_is_drawn(
    tmp_path: Path, layers: tuple[str, ...], channels: list[int | str] | None, part: str
) -> None:
    with pytest.raises(NetworkError, match=part):
        draw_all("motif", layers, channels=channels, folder=tmp_path / "atlas")
    assert not list(tmp_path.iterdir())


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_is_read_as_it_was_written(four: list[Cell], tmp_path: Path) -> None:
    found: list[Scored] = score(four, 2)
    sheet, listed, scores = write_best(tmp_path / "best", found, network="motif", note="by hand")
    with Image.open(sheet) as picture:
        assert picture.width > 2 * 240
    targets = read_best(listed)
    assert [target.name for target in targets] == ["motif conv5_1 channel 2", "motif conv5_1 channel 1"]
    assert [target.score for target in targets] == [round(one.worth.score, 3) for one in found[:2]]
    rows = json.loads(scores.read_text(encoding="utf-8"))
    assert [row["rank"] for row in rows] == [0, 1, None, None]
    assert {*POWERS, "diversity", "score", "crossings_per_100mm"} <= rows[0].keys()


def test_lists_of_other_weights_and_damaged_ones_are_refused(tmp_path: Path) -> None:
    path, weights = tmp_path / "best.json", tmp_path / "other.safetensors"
    weights.write_bytes(b"others")
    path.write_text(best_json("motif", weights, [surprise(0)], ""), encoding="utf-8")
    assert read_best(path, weights) == (surprise(0),)
    with pytest.raises(WeightsError, match="made with other weights of motif"):
        read_best(path)
    for text in ("", "[]", "{}", json.dumps({"network": "motif", "weights_sha256": digest_of("motif", None)})):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(WeightsError, match="can't be read as a list"):
            read_best(path)
    path.write_text(best_json("motif", None, [], ""), encoding="utf-8")
    with pytest.raises(WeightsError, match="names no targets"):
        read_best(path)


def test_the_shipped_list_is_of_the_shipped_network() -> None:
    """Where this fails a network was trained anew: make the list anew, as CONTRIBUTING.md says."""
    first, motif = surprise(0), describe("motif")
    targets = [first]
    while (after := surprise(len(targets))) != first:
        targets.append(after)
    assert len(targets) == 24
    assert len(set(targets)) == len(targets)
    for target in targets:
        allowed = motif.classes if target.layer == "class" else range(motif.channels(target.layer))
        assert target.channel in allowed
        assert 0 < target.score <= 1


# --- surprise in a config --------------------------------------------------------------------------------------------


def test_seeds_pick_targets() -> None:
    config = small("surprise")
    assert config.objective == "surprise"
    picked = [config.override(f"seed={seed}").terms for seed in (0, 1, 24)]
    assert picked[0] == picked[2] != picked[1]
    plain = {"pens": config.pens, "objective": [surprise(1).term]}
    assert picked[1] == Config.from_dict(plain).objective
    assert Config.from_dict(yaml.safe_load(config.dump())) == config


@pytest.fixture
def notes() -> tuple[list[str], Callable[[Event], None]]:
    """The notes of a run, and what hears them."""
    found: list[str] = []
    return found, lambda event: found.append(event.text) if isinstance(event, Note) else None


def test_a_run_says_and_keeps_what_was_picked(tmp_path: Path, notes: tuple[list[str], Callable[[Event], None]]) -> None:
    config, (said, hear) = small("surprise", "seed=3"), notes
    run = run_small(config, tmp_path / "run", on_event=hear)
    assert f"surprise: {surprise(3).name}" in said
    kept = Config.load(run.path / "config.yaml")
    assert kept.objective == config.terms
    assert kept.plugins == ()
    run_small(config, tmp_path / "run", existing="resume")
    run_small(kept, tmp_path / "run", existing="resume")


def test_other_words_are_refused_with_what_is_allowed(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text('pens: [{name: A, color: black, width: 1}]\nobjective: "surprize"\n', encoding="utf-8")
    outcome = cli("generate", path, "--out", tmp_path / "run")
    assert outcome.status == 2
    assert 'objective: found "surprize"; allowed: a list of at least 1, each a mapping with a type: ' in outcome.err
    assert outcome.err.rstrip().endswith("or surprise")


# --- the command -----------------------------------------------------------------------------------------------------


def test_command_writes_the_best_and_goes_by_what_is_there(cli: Cli, tmp_path: Path) -> None:
    words = ("networks", "atlas", "motif", "--strokes", 6, "--steps", 3, "--out", tmp_path, "--channels", "0-2")
    assert cli(*words, "--layer", "conv4_1").status == 0
    outcome = cli(*words, "--layer", "conv4_1, conv4_2", "--best", 2)
    assert outcome.status == 0, outcome
    assert "6 drawings, 3 of them made now" in outcome.out
    listed = read_best(tmp_path / "best.json")
    assert 0 < len(listed) <= 2
    for target in listed:
        target_keys = f"layer: {target.layer}, channel: {target.channel}"
        assert f"  - {{type: excitation, network: motif, {target_keys}}}" in outcome.out.splitlines()
        assert target.name in outcome.out
    assert len(json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))) == 6
    assert (tmp_path / "best.png").is_file()

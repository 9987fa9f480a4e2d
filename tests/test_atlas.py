"""Atlases: each drawing is made once, whatever happens; the sheets show all of them; bad input is said."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from browsers import PHONE
from conftest import Cli, Outcome
from PIL import Image
from rich.console import Console
from test_optimize import Broken

from plotart import Config
from plotart.cli.networks_atlas import AtlasBar, parse_channels
from plotart.errors import Diverged, InputError
from plotart.job.build import build
from plotart.networks import describe
from plotart.pens import Pen, PenSet
from plotart.reports.atlas_page import CAPTION, GAP, HEADING, MARGIN, SIDE, Cell, atlas_html, gain_text, sheet_png
from plotart.sweep.atlas import Making, atlas

SMALL: dict[str, Any] = {"strokes": 6, "steps": 3}

MOTIF = describe("motif")
WIDTH = MOTIF.channels("conv2_1")


def make(folder: Path, **options: Any) -> list[Cell]:
    """A small atlas of three channels of conv2_1, unless `options` say otherwise."""
    return list(atlas("motif", **{"layer": "conv2_1", "channels": [0, 5, 7], "folder": folder, **SMALL, **options}))


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> list[Cell]:
    """Three classes; not to be changed."""
    return make(tmp_path_factory.mktemp("three"), layer="class", channels=["spiral", 0, "star"])


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often a config was built, by its target."""
    counts: Counter[str] = Counter()

    def counting(config: Config, **options: Any) -> Any:
        term = config.objective[0].model_dump(by_alias=True)
        counts[str(term["class"] or term["channel"])] += 1
        return build(config, **options)

    monkeypatch.setattr("plotart.sweep.atlas.build", counting)
    return counts


# --- cells -----------------------------------------------------------------------------------------------------------


def test_cells_say_what_they_are(three: list[Cell]) -> None:
    assert [cell.label for cell in three][::2] == ["spiral", "star"]
    assert three[1].channel == 0
    for cell in three:
        assert (cell.network, cell.layer, cell.cached) == ("motif", "class", False)
        assert np.isfinite([cell.blank, cell.initial, cell.final]).all()
        assert cell.gain == cell.final - cell.blank
        with Image.open(cell.picture) as picture:
            assert picture.size == (320, 320)
            assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 10
    assert three[0].final != three[0].initial
    assert three[0].term == "{type: excitation, network: motif, class: spiral}"


def test_terms_are_what_configs_take(tmp_path: Path) -> None:
    (cell,) = make(tmp_path, channels=[7])
    assert cell.term == "{type: excitation, network: motif, layer: conv2_1, channel: 7}"
    odd = replace(cell, layer="class", label="on: [yes, é]", weights=tmp_path / "a, b.safetensors")
    for each in (cell, odd):
        Config.from_dict(
            {"pens": [{"name": "a", "color": "red", "width": 1}], "objective": [yaml.safe_load(each.term)]}
        )
    assert yaml.safe_load(odd.term)["class"] == "on: [yes, é]"
    assert len(odd.term.splitlines()) == 1


def test_all_channels_are_drawn_by_default(tmp_path: Path) -> None:
    cells = make(tmp_path, layer="conv1_1", channels=None, strokes=1, steps=1)
    assert [cell.channel for cell in cells] == list(range(MOTIF.channels("conv1_1")))


def test_longer_runs_excite_more(tmp_path: Path) -> None:
    (cell,) = make(tmp_path, layer="class", channels=["spiral"], strokes=20, steps=25)
    assert cell.final > max(cell.initial, cell.blank)


def test_other_networks_have_atlases_of_their_layers(tmp_path: Path, vgg16_weights: Path) -> None:
    (cell,) = list(
        atlas("vgg16", layer="conv2_1", channels=[3], folder=tmp_path, weights=vgg16_weights, strokes=4, steps=2)
    )
    assert (cell.network, cell.label) == ("vgg16", "3")
    assert yaml.safe_load(cell.term)["weights"] == str(vgg16_weights)


# --- what is there is not made again ---------------------------------------------------------------------------------


def test_cells_are_made_once(tmp_path: Path, drawn: Counter[str]) -> None:
    before = make(tmp_path, channels=[0, 5, 5, 0])
    assert drawn == {"0": 1, "5": 1}
    after = make(tmp_path, channels=[5, 0, 7])
    assert drawn == {"0": 1, "5": 1, "7": 1}
    assert [cell.cached for cell in after] == [True, True, False]
    assert replace(after[1], cached=False) == before[0]


@pytest.mark.parametrize(
    "other",
    [{"seed": 1}, {"steps": 4}, {"strokes": 7}, {"layer": "conv2_2"}, {"pens": PenSet([Pen("Green", "green", 0.5)])}],
)
def test_other_settings_are_other_cells(tmp_path: Path, drawn: Counter[str], other: dict[str, Any]) -> None:
    first, second = make(tmp_path, channels=[5]), make(tmp_path, channels=[5], **other)
    assert drawn == {"5": 2}
    assert first[0].picture != second[0].picture
    assert first[0].picture.is_file()


def test_cells_depend_on_weights_and_not_on_where_they_lie(tmp_path: Path, drawn: Counter[str]) -> None:
    shipped = (files("plotart") / "networks" / "data" / "motif.safetensors").read_bytes()
    same, other = tmp_path / "same.safetensors", tmp_path / "other.safetensors"
    same.write_bytes(shipped)
    make(tmp_path / "atlas", channels=[5])
    (cell,) = make(tmp_path / "atlas", channels=[5], weights=same)
    assert cell.cached
    assert cell.weights == same
    # Some bits of some numbers of convolutions, which lie behind the heads in the file.
    other.write_bytes(shipped[:300_000] + bytes(byte ^ 1 for byte in shipped[300_000:350_000]) + shipped[350_000:])
    make(tmp_path / "atlas", layer="conv5_2", channels=[5])
    make(tmp_path / "atlas", layer="conv5_2", channels=[5], weights=other)
    assert drawn == {"5": 3}


def test_interrupted_atlas_goes_on(tmp_path: Path, drawn: Counter[str]) -> None:
    whole = make(tmp_path / "whole", together=1)

    def interrupt(at: Making) -> None:
        assert (at.total, at.label) == (3, ("0", "5", "7")[at.number - 1])
        if at.number == 2 and at.share > 0.5:
            raise KeyboardInterrupt

    drawn.clear()
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "cut", on_step=interrupt, together=1)
    assert len(list((tmp_path / "cut" / "cells").iterdir())) == 1
    cells = make(tmp_path / "cut", together=1)
    assert drawn == {"0": 1, "5": 2, "7": 1}
    assert [cell.cached for cell in cells] == [True, False, False]
    for cell, expected in zip(cells, whole, strict=True):
        assert cell.picture.name == expected.picture.name
        assert cell.picture.read_bytes() == expected.picture.read_bytes()


@pytest.mark.parametrize("damage", ["cut", "empty", "junk", "no figures"])
def test_damaged_cells_are_made_again(tmp_path: Path, drawn: Counter[str], damage: str) -> None:
    first = make(tmp_path, together=1)
    path = first[1].picture
    whole = path.read_bytes()
    if damage == "no figures":
        Image.new("RGB", (320, 320)).save(path)
    else:
        path.write_bytes({"cut": whole[:-200], "empty": b"", "junk": b"junk" * 99}[damage])
    again = make(tmp_path, together=1)
    assert drawn == {"0": 1, "5": 2, "7": 1}
    assert [cell.cached for cell in again] == [True, False, True]
    assert path.read_bytes() == whole


# --- side by side ----------------------------------------------------------------------------------------------------


def test_cells_are_the_same_side_by_side(tmp_path: Path, passes: list[int]) -> None:
    alone = make(tmp_path / "alone", together=1)
    assert set(passes) <= {1, 2}
    side = make(tmp_path / "side", together=3)
    assert 6 in passes, "two views of each of three"
    for one, other in zip(side, alone, strict=True):
        assert one.picture.name == other.picture.name
        assert (one.blank, one.initial) == (other.blank, other.initial)
        assert one.final == pytest.approx(other.final, rel=1e-2)
        assert one.line.metres == pytest.approx(other.line.metres, rel=1e-2)


def test_some_at_a_time_go_on_with_what_is_there(tmp_path: Path, drawn: Counter[str]) -> None:
    make(tmp_path, channels=[5])
    told: list[Making] = []
    cells = make(tmp_path, channels=[0, 5, 7, 9], together=2, on_step=told.append)
    assert drawn == {"0": 1, "5": 1, "7": 1, "9": 1}
    assert [(cell.label, cell.cached) for cell in cells] == [("0", False), ("5", True), ("7", False), ("9", False)]
    assert [(at.label, at.number, at.beside) for at in told] == [("0", 1, 1)] * 4 + [("9", 4, 0)] * 4
    assert [at.share for at in told] == pytest.approx([0, 1 / 3, 2 / 3, 1] * 2)
    assert [at.done for at in told] == pytest.approx([0, 2 / 3, 4 / 3, 2, 3, 10 / 3, 11 / 3, 4])


def test_an_interrupt_loses_those_at_hand(tmp_path: Path, drawn: Counter[str]) -> None:
    def interrupt(at: Making) -> None:
        if at.number == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path, channels=[0, 5, 7, 9], together=2, on_step=interrupt)
    assert [cell.cached for cell in make(tmp_path, channels=[0, 5, 7, 9], together=2)] == [True, True, False, False]
    assert drawn == {"0": 1, "5": 1, "7": 1, "9": 1}


def test_a_cell_that_diverges_is_told_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(config: Config, **options: Any) -> Any:
        parts = build(config, **options)
        if config.objective[0].model_dump()["channel"] == 5:
            parts.optimizer.objective = parts.optimizer.objective + Broken("loss")
        return parts

    with monkeypatch.context() as patch:
        patch.setattr("plotart.sweep.atlas.build", broken)
        cells = atlas("motif", layer="conv2_1", channels=[0, 5, 7], folder=tmp_path, together=3, **SMALL)
        assert next(cells).label == "0"
        with pytest.raises(Diverged, match="the loss is not a number"):
            next(cells)
    assert [cell.cached for cell in make(tmp_path)] == [True, False, True]


def test_fewer_than_one_at_a_time_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="together: found 0; allowed: at least 1"):
        make(tmp_path / "atlas", together=0)
    assert not list(tmp_path.iterdir())


# --- sheets ----------------------------------------------------------------------------------------------------------


def test_page_is_self_contained_and_names_all_cells(three: list[Cell]) -> None:
    page = atlas_html(three, note="6 strokes")
    assert page == atlas_html(three, note="6 strokes")
    assert "6 strokes" in page
    assert not re.search(r"https?:|//[a-z]|@import|url\(|<link", re.sub(r"base64,[A-Za-z0-9+/=]+", "", page))
    assert re.findall(r'<img [^>]*src="([^,]*),', page) == ["data:image/png;base64"] * 3
    assert re.findall(r'class="name">([^<]*)<', page) == [cell.label for cell in three]
    assert re.findall(r'class="gain">([^<]*)<', page) == [gain_text(cell.gain) for cell in three]
    assert [unescape(term) for term in re.findall(r'data-term="([^"]*)"', page)] == [cell.term for cell in three]


def test_page_shows_names_as_text(three: list[Cell]) -> None:
    bad = '"><script>alert(1)</script>'
    page = atlas_html([replace(three[0], label=bad)], note=bad)
    assert "<script>alert" not in page
    assert page.count("<script>") == 1


def test_page_marks_what_did_not_beat_blank_paper(three: list[Cell]) -> None:
    strong, weak = replace(three[0], final=three[0].blank + 1), replace(three[1], final=three[1].blank - 1)
    assert atlas_html([strong]).count('<li class="weak"') == 0
    assert atlas_html([strong, weak]).count('<li class="weak"') == 1
    assert "1 of 2 did not beat it" in atlas_html([strong, weak])
    assert "2 of 2 did not beat it" in atlas_html([weak, weak])
    sheet_png([weak, weak])


def test_page_is_sorted_searched_and_chosen_from_by_keyboard_on_a_phone(
    three: list[Cell], browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "atlas.html"
    gains = (1.0, 3.0, -1.0)
    cells = [replace(cell, final=cell.blank + gain) for cell, gain in zip(three, gains, strict=True)]
    path.write_text(atlas_html(cells), encoding="utf-8")
    complaints: list[str] = []
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())

    def shown() -> list[str]:
        return [name.text_content() for name in page.locator(".atlas li:not([hidden]) .name").all()]

    labels = [cell.label for cell in three]
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert shown() == labels
    page.get_by_label("Find").focus()
    for key in ("Tab", "ArrowRight"):
        page.keyboard.press(key)
    assert shown() == [labels[1], labels[0], labels[2]]
    for key in ("Tab", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert page.locator("#term").text_content() == three[0].term
    assert page.locator("[aria-pressed=true] .name").text_content() == labels[0]
    page.keyboard.press("Escape")
    assert page.locator(".chosen").is_hidden()
    page.get_by_label("Find").fill("STAR")
    assert shown() == ["star"]
    assert page.locator("#count").text_content() == "1 of 3 drawings"
    context.close()
    assert complaints == []


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (3, 3), (12, 4), (54, 8), (224, 12)])
def test_sheet_has_all_cells(three: list[Cell], count: int, columns: int) -> None:
    cells = (three * count)[:count]
    with Image.open(io.BytesIO(sheet_png(cells, note="6 strokes"))) as sheet:
        pixels = np.asarray(sheet.convert("RGB"))
    rows = -(-count // columns)
    assert pixels.shape[1] == 2 * MARGIN + columns * (SIDE + GAP) - GAP
    assert pixels.shape[0] == 2 * MARGIN + HEADING + rows * (SIDE + CAPTION + GAP) - GAP
    for index in range(rows * columns):
        top = MARGIN + HEADING + index // columns * (SIDE + CAPTION + GAP)
        left = MARGIN + index % columns * (SIDE + GAP)
        square = pixels[top : top + SIDE, left : left + SIDE]
        caption = pixels[top + SIDE + 1 : top + SIDE + CAPTION, left : left + SIDE]
        for part in (square, caption):
            assert (np.ptp(part) > 100) == (index < count)


def test_long_labels_leave_room_for_gains(three: list[Cell]) -> None:
    assert sheet_png([replace(three[0], label="a" * 40)]) == sheet_png([replace(three[0], label="a" * 400)])


def test_sheet_has_letters_of_other_languages(three: list[Cell]) -> None:
    assert sheet_png([replace(three[0], label="жжж")]) != sheet_png([replace(three[0], label="щщщ")])


@pytest.mark.parametrize(("gain", "text"), [(0.123, "+0.12"), (8.3, "+8.30"), (-14.25, "-14.2"), (250.4, "+250")])
def test_gains_have_three_figures(gain: float, text: str) -> None:
    assert gain_text(gain) == text


# --- what does not exist ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"layer": "conv9_9"}, ["motif has no layer 'conv9_9'", "allowed are conv1_1,"]),
        ({"channels": [5, WIDTH]}, [f"conv2_1 of motif has no channel {WIDTH}: allowed are 0 to {WIDTH - 1}"]),
        ({"channels": [-1]}, ["no channel -1"]),
        ({"channels": ["spiral"]}, ["conv2_1 of motif has no channel spiral: allowed are 0 to"]),
        ({"layer": "class", "channels": ["horse"]}, ["class of motif has no channel horse", ", ".join(MOTIF.classes)]),
        ({"channels": []}, ["no channels"]),
        ({"strokes": 0}, ["strokes.count: found 0"]),
        ({"steps": 0}, ["optimize.steps: found 0"]),
        ({"weights": "none.safetensors"}, ["none.safetensors does not exist"]),
        ({"network": "vgg16", "layer": "class"}, ["vgg16 is used without classes: name a layer with --layer"]),
        ({"network": "alexnet"}, ["'alexnet' is not a network: allowed are motif,"]),
    ],
)
def test_bad_input_is_said_before_anything_is_written(
    tmp_path: Path, options: dict[str, Any], parts: list[str]
) -> None:
    wanted = {"network": "motif", "layer": "conv2_1", "folder": tmp_path / "atlas", **SMALL, **options}
    with pytest.raises(InputError) as caught:
        atlas(**wanted)
    for part in parts:
        assert part in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "found"),
    [("3", [3]), ("0-3, 20", [0, 1, 2, 3, 20]), ("spiral,star-7", ["spiral", "star-7"]), ("9999999", ["9999999"])],
)
def test_channels_as_people_write_them(text: str, found: list[int | str]) -> None:
    assert parse_channels(text) == found


@pytest.mark.parametrize("text", ["", "1,,2", "3-1", ","])
def test_channels_that_cannot_be_read(text: str) -> None:
    with pytest.raises(InputError, match=f"--channels {re.escape(text)}: "):
        parse_channels(text)


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def command(cli: Cli) -> Cli:
    """Runs ``plotart networks atlas motif --layer conv2_1``, and more options."""

    def run(*words: object) -> Outcome:
        return cli("networks", "atlas", "motif", "--layer", "conv2_1", "--strokes", 6, "--steps", 3, *words)

    return run


def test_command_writes_the_sheets(tmp_path: Path, command: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = command("--channels", "0-2,7")
    assert outcome.status == 0, outcome
    folder = tmp_path / "outputs" / "atlas-motif-conv2_1"
    assert "4 drawings, 4 of them made now" in outcome.out
    assert "strongest: " in outcome.out
    assert "outputs/atlas-motif-conv2_1" in outcome.out
    assert (folder / "atlas.html").read_text(encoding="utf-8").count("<li") == 4
    with Image.open(folder / "atlas.png") as sheet:
        assert sheet.width > 4 * SIDE
    assert "4 drawings, 0 of them made now" in command("--channels", "0-2,7").out


def test_command_names_what_did_not_beat_blank_paper(
    tmp_path: Path, command: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = {2: -1.0, 7: 0.0}
    monkeypatch.setattr(Cell, "gain", property(lambda cell: weak.get(cell.channel, 1.0)))
    outcome = command("--channels", "0-2,7", "--out", tmp_path)
    assert "2 did not excite more than bare paper: 2, 7" in outcome.out


def test_interrupted_command_tells_how_to_go_on(
    tmp_path: Path, command: Cli, drawn: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = drawn

    def interrupted(config: Config, **options: Any) -> Any:
        counting["all"] += 1
        if counting["all"] == 3:
            raise KeyboardInterrupt
        return build(config, **options)

    monkeypatch.setattr("plotart.sweep.atlas.build", interrupted)
    folder = tmp_path / "an atlas"
    outcome = command("--channels", "0-3", "--together", 2, "--out", folder)
    assert outcome.status == 130
    assert f"Stopped; 2 drawings are in {folder}. Go on with:" in outcome.out
    line = "plotart networks atlas motif --layer conv2_1 --channels 0-3 --strokes 6 --steps 3 --together 2 --seed 0"
    assert f"{line} --out '{folder}'" in outcome.out
    assert (folder / "atlas.html").read_text(encoding="utf-8").count("<li") == 2
    assert "4 drawings, 2 of them made now" in command("--channels", "0-3", "--out", folder).out


def test_bar_names_the_cell_and_leaves_out_what_took_no_time(
    three: list[Cell], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter([100.0, 104.0, 108.0])
    monkeypatch.setattr("plotart.cli.networks_atlas.time.perf_counter", lambda: next(now))
    bar = AtlasBar(Console(), "conv4_2")
    for cell in three[:2]:
        bar.have(replace(cell, cached=True))
    told = []
    for at in (Making("11", 3, 4, 0.0), Making("11", 3, 4, 0.25, beside=1), Making("20", 4, 4, 0.0)):
        bar.update(at)
        (task,) = bar.progress.tasks
        told.append((task.description, task.completed, task.fields["figures"]))
    assert told == [
        ("drawing conv4_2:11", 2, "3/4"),
        ("drawing conv4_2:11 and 1 more", 2.5, "3/4 · 0:12 left"),
        ("drawing conv4_2:20", 3, "4/4 · 0:08 left"),
    ]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--channels", f"0-{WIDTH}"], f"conv2_1 of motif has no channel {WIDTH}: allowed are 0 to {WIDTH - 1}"),
        (["--channels", "9-1"], "9-1 runs backwards; allowed: as in 1-9"),
        (["--layer", "conv9_9"], "motif has no layer 'conv9_9'"),
        (["--weights", "none.safetensors"], "none.safetensors does not exist"),
    ],
)
def test_command_refuses_bad_input(tmp_path: Path, command: Cli, words: list[str], part: str) -> None:
    outcome = command(*words, "--out", tmp_path / "atlas")
    assert outcome.status == 2
    assert outcome.err.startswith("error: ")
    assert len(outcome.err.splitlines()) == 1
    assert part in outcome.err
    assert not list(tmp_path.iterdir())

"""Pens as people say them, and `plotart pens new`, which asks for them or takes them from options."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from conftest import Cli
from hypothesis import given
from hypothesis import strategies as st

from plotart.errors import PenError
from plotart.pens.catalogue import load_set, user_folder
from plotart.pens.spoken import INKS, Usual, pen_said, pens_said

USUAL = Usual()


@pytest.fixture(autouse=True)
def own_pens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLOTART_CONFIG", str(tmp_path / "own"))
    return tmp_path


@pytest.mark.parametrize(
    ("line", "name", "color", "width", "ink"),
    [
        ("red", "Red 0.5", INKS["red"], 0.5, "transparent"),
        ("red 0.3mm opaque", "Red 0.3", INKS["red"], 0.3, "opaque"),
        ("#c8102e", "#c8102e 0.5", "#c8102e", 0.5, "transparent"),
        ("light blue 0.4", "Light blue 0.4", "#add8e6", 0.4, "transparent"),
        ("Black, #1b1b1b, 0.5mm", "Black", "#1b1b1b", 0.5, "transparent"),
        ("0.7, Poppy, opaque, rgb(200, 16, 46)", "Poppy", "#c8102e", 0.7, "opaque"),
        ("My pen, dark green, 1mm", "My pen", "#006400", 1.0, "transparent"),
        ("Pigma Black 05", "Pigma Black 05", INKS["black"], 0.5, "transparent"),
        ("Sepia 03, 0.35", "Sepia 03", INKS["sepia"], 0.35, "transparent"),
    ],
)
def test_a_pen_is_taken_as_it_is_said(line: str, name: str, color: str, width: float, ink: str) -> None:
    pen = pen_said(line, USUAL)
    assert (pen.name, pen.color, pen.width, pen.ink) == (name, color, width, ink)


@given(
    st.permutations(["Poppy", "#c8102e", "0.7mm", "opaque"]).flatmap(
        lambda parts: st.sampled_from([",", " , ", ", "]).map(lambda between: between.join(parts))
    )
)
def test_the_order_of_what_is_said_does_not_matter(line: str) -> None:
    assert pen_said(line, USUAL) == pen_said("Poppy, #c8102e, 0.7mm, opaque", USUAL)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("stabilo-point-88: red, 46", ["Point 88 Red", "Point 88 Black"]),
        ("stabilo-point-88: point 88 azure, Azure, #069af3", ["Point 88 Azure"]),
        ("uni-pin: black 0.5", ["Uni Pin 0.5 Black"]),
        ("uni-posca-pc-3m: #ffdd00", ["Posca 3M Yellow"]),
    ],
)
def test_pens_of_a_set_are_found_by_name_code_and_colour(line: str, names: list[str]) -> None:
    said = pens_said(line, USUAL)
    assert [pen.name for pen, _ in said] == names
    assert {origin for _, origin in said} == {line.partition(":")[0]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0.5mm", "found no colour; allowed: a colour and a nib, as in red 0.5mm"),
        ("bllack", "found no colour"),
        ("red 80mm", "'red 80mm': width: found 80"),
        ("stabilo-point-88: dark", "found 'dark'; allowed is a colour, or the name of one pen: Point 88 Dark Grey,"),
        ("no-such-set: red", "no set of pens is called 'no-such-set'"),
    ],
)
def test_what_is_no_pen_is_refused(line: str, message: str) -> None:
    with pytest.raises(PenError) as refused:
        pens_said(line, USUAL)
    assert message in str(refused.value)


def test_a_set_of_options_reads_back(cli: Cli) -> None:
    done = cli(
        "pens", "new", "my-desk", "--from", "stabilo-point-88", "--only", "black,#df2a2c",
        "--pen", "Gold, #b19145, 0.7mm, opaque", "--pen", "grey", "--width", "0.3mm",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert "plotart draw photo.jpg --pens my-desk" in done.out
    found = load_set("my-desk")
    assert found.pens.names == ("Point 88 Black", "Point 88 Red", "Gold", "Grey 0.3")
    assert found.pens[0] == load_set("stabilo-point-88").pens[0]
    assert found.origins == {"Point 88 Black": "stabilo-point-88", "Point 88 Red": "stabilo-point-88"}


def test_it_asks(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("red 0.5\nwhatever\nred 0.5\nblue\n-\nuni-pin: black 0.5\n\n"))
    done = cli("pens", "new", "my-desk")
    assert done.status == 0, done.err
    assert "'whatever': found no colour" in done.out
    assert "two pens are called 'Red 0.5'" in done.out
    assert load_set("my-desk").pens.names == ("Red 0.5", "Uni Pin 0.5 Black")


def test_nobody_is_asked_for_what_can_not_be_written(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "no pens: say at least one" in cli("pens", "new", "my-desk").err
    taken = cli("pens", "new", "Uni-Pin", "--pen", "red")
    assert (taken.status, taken.err) == (
        2,
        "error: 'Uni-Pin' is the name of a set already; take another name, or --overwrite\n",
    )
    assert cli("pens", "new", "x", "--pen", "red", "--only", "red").err.startswith(
        "error: --only: names pens of one set"
    )
    assert not user_folder().exists()


def test_a_file_is_written_where_it_is_wanted_and_never_over_another(cli: Cli, own_pens: Path) -> None:
    assert cli("pens", "new", "desk", "--pen", "red", "--out", "desk.toml").status == 0
    before = Path("desk.toml").read_bytes()
    assert load_set("desk.toml").pens.names == ("Red 0.5",)
    refused = cli("pens", "new", "desk", "--pen", "blue", "--out", "desk.toml")
    assert refused.err == "error: desk.toml: is there already; give another name, or --overwrite\n"
    assert Path("desk.toml").read_bytes() == before
    assert cli("pens", "new", "desk", "--pen", "blue", "--out", "desk.toml", "--overwrite").status == 0
    assert load_set("desk.toml").pens.names == ("Blue 0.5",)

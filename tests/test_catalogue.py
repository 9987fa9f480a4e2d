"""Sets of pens: those that come with plotart, and reading, writing and finding a person's own."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Golden
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.colors import XKCD_COLORS
from platformdirs.macos import MacOS

from plotart.color import linear, luminance, to_hex
from plotart.errors import OutputError, PenError
from plotart.palette.match import too_close
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import (
    MOST_PENS,
    PenFile,
    dump_set,
    load_set,
    named_set,
    own_names,
    parse_set,
    read_set,
    save_set,
    set_names,
    user_folder,
)
from plotart.pens.well import Well

DOCS = Path(__file__).parent.parent / "docs" / "pens.md"
SHIPPED = sorted(path.stem for path in (Path(__file__).parent.parent / "plotart" / "pens" / "sets").glob("*.toml"))
ONE = '[[pens]]\nname = "A"\ncolor = "red"\nwidth = 0.3\n'


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a person's own sets; empty, not there yet."""
    monkeypatch.setenv("PLOTART_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config" / "pens"


def test_a_persons_folder_is_where_the_system_has_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert user_folder() == tmp_path / "config" / "pens"
    monkeypatch.delenv("PLOTART_CONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", "~/xdg")
    assert user_folder() == tmp_path / "xdg" / "plotart" / "pens"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert user_folder() == tmp_path / ".config" / "plotart" / "pens"
    monkeypatch.setattr("platformdirs.PlatformDirs", MacOS)
    assert user_folder() == tmp_path / "Library" / "Application Support" / "plotart" / "pens"


def test_there_are_many_sets_and_pens() -> None:
    assert set_names() == SHIPPED
    assert len(SHIPPED) >= 10
    assert sum(len(load_set(name).pens) for name in SHIPPED) >= 150


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_sets_say_what_they_are_and_where_their_colours_come_from(name: str) -> None:
    found = load_set(name)
    assert found.status == "nominal"
    assert all((found.title, found.maker, found.kind, found.source, found.licence))
    assert ("xkcd" in found.source) == ("CC0" in found.licence) == bool(found.origins)
    assert all(pen.measured is None and pen.maker == found.maker for pen in found.pens)
    assert all(0.1 <= pen.width <= 2 for pen in found.pens)
    assert all((pen.ink == "opaque") == (pen.opacity < 1) for pen in found.pens)


@pytest.mark.parametrize("name", SHIPPED)
def test_colours_from_the_survey_are_the_surveys(name: str) -> None:
    found = load_set(name)
    for pen in found.pens:
        if origin := found.origins.get(pen.name):
            assert pen.color == XKCD_COLORS[origin.replace("xkcd: ", "xkcd:")], pen.name


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_inks_look_like_ink_and_can_be_told_apart(name: str) -> None:
    pens = load_set(name).pens
    assert all(0.005 < luminance(linear(pen.rgb)) < 0.99 for pen in pens)
    # The same ink in several nibs is meant.
    assert [(one.name, other.name) for one, other, _ in too_close(pens) if one.color != other.color] == []
    assert len({(pen.color, pen.width) for pen in pens}) == len(pens)


def test_the_table_in_the_docs_is_what_the_catalogue_says(golden: Golden) -> None:
    lines = ["| set | pens | kind | line | inks |", "|---|---|---|---|---|"]
    for name in SHIPPED:
        found = load_set(name)
        nibs = sorted({pen.width for pen in found.pens})
        line = f"{nibs[0]:g} mm" if len(nibs) == 1 else f"{nibs[0]:g} to {nibs[-1]:g} mm"
        inks = " and ".join(sorted({pen.ink for pen in found.pens}))
        lines.append(f"| `{name}` | {len(found.pens)} | {found.kind} | {line} | {inks} |")
    pens = sum(len(load_set(name).pens) for name in SHIPPED)
    table = "\n".join([*lines, "", f"{len(SHIPPED)} sets, {pens} pens.", ""])
    text = DOCS.read_text(encoding="utf-8")
    begin, end = re.search(r"<!-- sets: .* -->\n", text), re.search(r"<!-- end of sets -->", text)
    assert begin is not None
    assert end is not None
    if golden.store:
        text = text[: begin.end()] + table + text[end.start() :]
        DOCS.write_text(text, encoding="utf-8")
        end = re.search(r"<!-- end of sets -->", text)
        assert end is not None
    assert text[begin.end() : end.start()] == table, "run pytest --store-golden tests/test_catalogue.py"


# Pens as random as files can hold them.

LETTERS = st.characters(exclude_categories=("C", "Z")) | st.just(" ")
LINE = st.text(LETTERS, min_size=1, max_size=12).filter(str.strip)
ANY = st.text(max_size=12)
SHARE = st.integers(0, 100_000).map(lambda n: n / 100_000)
RGBS = st.tuples(SHARE, SHARE, SHARE)
COLORS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: to_hex((rgb[0] / 255, rgb[1] / 255, rgb[2] / 255)))


def handling() -> st.SearchStrategy[dict[str, Any]]:
    """How far a pen draws until it is filled again, and where."""
    distance = st.floats(1, 1e6)
    wells = st.builds(
        Well,
        at=st.tuples(st.floats(0, 2000), st.floats(0, 2000)),
        height=st.none() | st.integers(0, 100),
        stir=st.floats(0, 200),
        wipe=st.none() | st.tuples(st.floats(-200, 200), st.floats(-200, 200)),
    )
    return st.fixed_dictionaries({"max_distance": st.none() | distance}) | st.fixed_dictionaries(
        {"max_distance": distance, "well": wells}
    )


@st.composite
def pen_files(draw: st.DrawFn) -> PenFile:
    pens = [
        Pen(
            name,
            draw(COLORS),
            draw(st.floats(0.001, 50)),
            draw(st.sampled_from(("transparent", "opaque"))),
            draw(st.floats(0, 1, exclude_min=True)),
            **draw(st.just({}) | st.fixed_dictionaries({"reflectance": RGBS, "transmittance": RGBS})),
            maker=draw(ANY),
            code=draw(ANY),
            speed=draw(st.none() | st.integers(1, 100)),
            height=draw(st.none() | st.integers(0, 100)),
            delay=draw(st.none() | st.integers(0, 600_000)),
            pause=draw(st.booleans()),
            **draw(handling()),
            offset=draw(st.none() | st.tuples(*[st.floats(-20, 20).map(lambda mm: round(mm, 4))] * 2)),
        )
        for name in draw(st.lists(LINE, min_size=1, max_size=4, unique=True))
    ]
    names = st.sampled_from([pen.name for pen in pens])
    return PenFile(
        PenSet(pens, draw(st.dictionaries(st.tuples(names, names), RGBS, max_size=3)), paper=draw(st.none() | COLORS)),
        *(draw(ANY) for _ in range(3)),
        status=draw(st.sampled_from(("nominal", "measured"))),
        source=draw(ANY),
        licence=draw(ANY),
        date=draw(ANY),
        origins=draw(st.dictionaries(names, ANY, max_size=3)),
    )


@given(pen_files())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_reads_back(found: PenFile) -> None:
    assert parse_set(dump_set(found), "set") == found


@given(pen_files())
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_what_is_saved_is_found_again(found: PenFile) -> None:
    save_set(found, "mine", overwrite=True)
    assert load_set("mine") == found


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_sets_survive_being_written(name: str) -> None:
    assert parse_set(dump_set(load_set(name)), name) == load_set(name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "set: not TOML: Invalid value"),
        ("n = " + "[" * 5000, "set: not TOML that can be read: nested too deep"),
        ("n = " + "9" * 5000, "set: not TOML: "),
        ("", "set: pens: found nothing; allowed: a list of at least 1, each a mapping with the keys name, color"),
        ("pens = []", "set: pens: found []; allowed: a list of at least 1, each a mapping"),
        ("pens = 3", "set: pens: found 3; allowed: a list of at least 1, each a mapping"),
        ('pens = ["Black"]', 'set: pens.1: found "Black"; allowed: a mapping with the keys name, color'),
        ("pens = {}", "set: pens: found {}; allowed: a list"),
        ('colour = "red"\n' + ONE, "set: colour: unknown key; allowed: pens, overprints, paper, title, maker"),
        ("title = 3\n" + ONE, "set: title: found 3; allowed: text"),
        ('status = "guessed"\n' + ONE, 'set: status: found "guessed"; allowed: nominal, measured'),
        ('paper = "papyrus"\n' + ONE, 'set: paper: found "papyrus"; allowed: a colour'),
        (ONE + ONE, 'set: pens.2: name: found "A"; allowed: a name that no other pen has'),
        (
            ONE + '[[pens]]\ncolor = "red"\nwidth = 1',
            "set: pens.2: name: found nothing; allowed: one line of text that isn't empty",
        ),
        ('[[pens]]\nname = "A"\nwidth = 1', "set: pens.1: color: found nothing; allowed: a colour"),
        (
            '[[pens]]\nname = "A"\ncolor = "red"',
            "set: pens.1: width: found nothing; allowed: a length above 0 and at most 50",
        ),
        (ONE + "nib = 3", "set: pens.1: nib: unknown key; allowed: name, color, width"),
        (ONE.replace('"A"', '" "'), 'set: pens.1: name: found " "; allowed: one line of text'),
        (ONE.replace('"A"', '"A\\nB"'), 'set: pens.1: name: found "A\\nB"; allowed: one line of text'),
        (ONE.replace('"A"', "7"), "set: pens.1: name: found 7; allowed: one line of text"),
        (ONE.replace('"red"', '"rouge"'), 'set: pens.1: color: found "rouge"; allowed: a colour'),
        (ONE.replace('"red"', '"rgb(300, 0, 0)"'), 'set: pens.1: color: found "rgb(300, 0, 0)"; allowed: a colour'),
        (ONE.replace('"red"', "[1, 0, 0]"), "set: pens.1: color: found [1, 0, 0]; allowed: a colour"),
        (
            ONE.replace("0.3", "0"),
            "set: pens.1: width: found 0; allowed: a length above 0 and at most 50, in mm or with",
        ),
        (ONE.replace("0.3", "-1"), "set: pens.1: width: found -1; allowed: a length"),
        (ONE.replace("0.3", '"6cm"'), 'set: pens.1: width: found "6cm"; allowed: a length above 0 and at most 50'),
        (ONE.replace("0.3", "nan"), "set: pens.1: width: found NaN; allowed: a length"),
        (ONE.replace("0.3", "inf"), "set: pens.1: width: found Infinity; allowed: a length"),
        (ONE.replace("0.3", "true"), "set: pens.1: width: found true; allowed: a length"),
        (
            ONE.replace("0.3", "0x" + "f" * 5000),
            "set: pens.1: width: found a value that can't be shown (int); allowed: a length",
        ),
        (ONE + "opacity = 0", "set: pens.1: opacity: found 0; allowed: a finite number above 0 and at most 1"),
        (ONE + "opacity = 1.01", "set: pens.1: opacity: found 1.01"),
        (ONE + "opacity = true", "set: pens.1: opacity: found true"),
        (ONE + "opacity = nan", "set: pens.1: opacity: found NaN"),
        (ONE + 'ink = "gel"', 'set: pens.1: ink: found "gel"; allowed: transparent, opaque'),
        (ONE + "ink = []", "set: pens.1: ink: found []"),
        (ONE + f'ink = "{"x" * 500}"', 'set: pens.1: ink: found "' + "x" * 78 + "…;"),
        (ONE + "speed = 0", "set: pens.1: speed: found 0; allowed: a whole number from 1 to 100"),
        (ONE + "height = 30.5", "set: pens.1: height: found 30.5; allowed: a whole number from 0 to 100"),
        (ONE + "delay = true", "set: pens.1: delay: found true; allowed: a whole number from 0 to 600000"),
        (ONE + 'pause = "no"', 'set: pens.1: pause: found "no"; allowed: true or false'),
        (ONE + 'max_distance = "0m"', 'set: pens.1: max_distance: found "0m"; allowed: a length above 0'),
        (ONE + 'max_distance = "far"', 'set: pens.1: max_distance: found "far"; allowed: a length'),
        (ONE + "from = 3", "set: pens.1: from: found 3; allowed: text"),
        (ONE + "reflectance = [0, 0, 0]", "set: pens.1: found one of reflectance and transmittance"),
        (
            ONE + "reflectance = [0, 0, 2]\ntransmittance = [1, 1, 1]",
            "set: pens.1: reflectance.3: found 2; allowed: a finite number from 0 to 1",
        ),
        (
            ONE + '[[overprints]]\nbelow = "A"\nabove = "B"\nlight = [0, 0, 0]',
            'set: overprints.1: above: found "B"; allowed: pens: A',
        ),
        (
            ONE + '[[overprints]]\nbelow = "A"\nabove = "A"',
            "set: overprints.1: light: found nothing; allowed: a list of 3, each a finite number from 0 to 1",
        ),
    ],
)
def test_what_is_wrong_in_a_set_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(PenError, match=re.escape(message)) as caught:
        parse_set(text, "set")
    assert len(str(caught.value)) < 400


def test_sets_of_thousands_of_pens_are_refused() -> None:
    text = "pens = [" + "".join(f'{{name="{n}",color="red",width=1}},' for n in range(MOST_PENS + 1)) + "]"
    with pytest.raises(PenError, match=re.escape(f"set: pens: found {MOST_PENS + 1}; allowed: up to {MOST_PENS}")):
        parse_set(text, "set")


def test_files_that_cant_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "pens.toml"
    with pytest.raises(PenError, match=r"pens\.toml: can't be read \(No such file"):
        read_set(path)
    with pytest.raises(PenError, match=r"can't be read \(Is a directory"):
        read_set(tmp_path)
    path.write_bytes(b'title = "\xff"')
    with pytest.raises(PenError, match=r"pens\.toml: can't be read \(not UTF-8 text"):
        read_set(path)
    path.write_text("# " + "ß" * 600_000, encoding="utf-8")
    with pytest.raises(PenError, match=r"pens\.toml: is too large for a set of pens; allowed: up to 1 MB"):
        read_set(path)
    path.write_bytes(b"\xef\xbb\xbf" + ONE.encode())
    assert read_set(path).pens.names == ("A",)


def test_own_sets_come_first_and_names_are_found_in_any_case(own: Path) -> None:
    assert load_set("Stabilo-Point-88") == load_set("stabilo-point-88")
    mine = PenFile(PenSet([Pen("A", "#ff0000", 0.3)]), title="mine")
    assert save_set(mine, "stabilo-point-88") == own / "stabilo-point-88.toml"
    assert load_set("STABILO-point-88") == mine
    assert set_names() == SHIPPED
    assert save_set(mine, "Schöne_Stifte.2") == own / "Schöne_Stifte.2.toml"
    assert load_set("schöne_stifte.2") == mine
    assert "Schöne_Stifte.2" in set_names()


def test_a_set_by_its_name_alone_is_no_file(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_set(PenFile(PenSet([Pen("A", "#101010", 0.3)])), "mine")
    assert own_names() == ["mine"]
    assert named_set("MINE").pens.names == ("A",)
    (tmp_path / "uni-pin").write_text("no set")
    monkeypatch.chdir(tmp_path)
    assert len(named_set("uni-pin").pens) > 3
    for path in (str(own / "mine.toml"), "../mine", "mine.toml", ""):
        with pytest.raises(PenError, match="no set of pens is called"):
            named_set(path)


def test_names_that_no_set_has_are_refused(tmp_path: Path, own: Path) -> None:
    save_set(PenFile(PenSet([Pen("A", "#ff0000", 0.3)])), "mine")
    (tmp_path / "config" / "secret.toml").write_text(ONE)
    for name in ("crayons", "", "..", ".", "*", "a\0b", "x" * 5000, "nobody's pens"):
        with pytest.raises(PenError, match=r"no set of pens is called .*: there are .*uni-pin"):
            load_set(name)
    for name in ("../secret", "sub/mine", f"{own}/mine"):
        with pytest.raises(PenError, match="can't be read"):
            load_set(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", "-x", ".x", "_x", "a b", "x\n", "x.toml", "x" * 101]
)
def test_names_that_are_none_are_not_saved(name: str, own: Path) -> None:
    with pytest.raises(PenError, match="is no name for a set"):
        save_set(PenFile(PenSet([Pen("A", "#ff0000", 0.3)])), name)
    assert not own.exists()


def test_sets_are_overwritten_only_when_asked(own: Path) -> None:
    first, second = (PenFile(PenSet([Pen(name, "#ff0000", 0.3)])) for name in "AB")
    save_set(first, "mine")
    for name in ("mine", "MINE"):
        with pytest.raises(PenError, match=r"mine\.toml: is there already"):
            save_set(second, name)
    assert load_set("mine") == first
    assert save_set(second, "MINE", overwrite=True) == own / "mine.toml"
    assert load_set("mine") == second
    assert os.listdir(own) == ["mine.toml"]


def test_what_would_not_read_back_is_not_saved(own: Path) -> None:
    with pytest.raises(PenError, match='mine: status: found "guessed"'):
        save_set(PenFile(PenSet([Pen("A", "#ff0000", 0.3)]), status="guessed"), "mine")
    assert not own.exists()


def test_a_folder_that_cant_be_written_is_named(tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = PenFile(PenSet([Pen("A", "#ff0000", 0.3)]))
    (tmp_path / "config").write_text("in the way")
    with pytest.raises(OutputError, match=r"mine\.toml: can't be written \(Not a directory"):
        save_set(mine, "mine")
    (tmp_path / "config").unlink()

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OutputError, match="No space left"):
        save_set(mine, "mine")
    assert os.listdir(own) == []

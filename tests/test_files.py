"""Files are read up to a size and written whole; their names are such as every system has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from needs import UNIX, is_unix, needs
from pathvalidate import is_valid_filename

from plotart.export.drawing import Drawing, Layer
from plotart.export.svg import layer_svgs
from plotart.files.atomic import TEMPORARY, write_whole
from plotart.files.bounded import TooLarge, read_bytes
from plotart.files.names import file_name, is_device, slug
from plotart.pens import Pen

ODD = ("con", "CON.txt", "nul .txt", "COM¹", "conin$", "..", ". .", "a. ", "a/b", "\\\\", "\0", "\ud800", "é" * 200)


def accepted(name: str) -> bool:
    """By Linux, macOS and Windows, in every folder."""
    return is_valid_filename(name, platform="universal") and not is_device(name) and name.strip(". ") != ""


@given(st.text())
@example("".join(ODD))
def test_any_text_gives_a_name_of_a_folder_that_every_system_accepts(text: str) -> None:
    name = file_name(text, "drawing")
    assert accepted(name)
    assert len(name.encode()) <= 255
    assert name[-1] not in ". "
    assert len(name.encode()) > 254 or file_name(name, "drawing") == name


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_give_names_that_every_system_accepts(text: str) -> None:
    assert accepted(file_name(text, "drawing"))
    assert accepted(f"plot_01_{slug(text, 'pen')}.svg")


@pytest.mark.parametrize("text", ["Night birds", "Nachtögel", "鳥", ".hidden", "v1.2 (last)", "a & b, 100 %"])
def test_a_name_that_every_system_accepts_stays(text: str) -> None:
    assert file_name(text, "drawing") == text


@given(st.text(st.characters(codec="ascii")))
def test_slugs_of_plain_names_are_letters_and_digits_between_hyphens(text: str) -> None:
    words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    assert slug(text, "pen") == ("-".join(words) or "pen")


@given(st.text(), st.sampled_from(["", "_.-", ".+-"]), st.booleans())
def test_slugs_hold_nothing_else(text: str, keep: str, lower: bool) -> None:
    found = slug(text, "pen", keep=keep, lower=lower)
    assert found.isascii()
    assert all(c.isalnum() or c == "-" or c in keep for c in found)
    assert not {found[0], found[-1]} & set("-._")
    assert not lower or found == found.lower()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Micron 01", "micron-01"),
        ("0.3 blue", "0-3-blue"),
        ("0,5 mm", "0-5-mm"),
        ('a/"b"', "a-b"),
        ("Škoda/Été", "skoda-ete"),
        ("Straße", "strasse"),
        ("Чёрный", "chiornyi"),
        ("…", "pen"),
        ("🎨", "pen"),
    ],
)
def test_slugs_are_fit_for_file_names(text: str, expected: str) -> None:
    assert slug(text, "pen") == expected


def test_pens_of_all_languages_have_files_that_tell_their_names() -> None:
    layers = tuple(Layer(Pen(name, "#000000", 0.3), []) for name in ("Škoda/Été", "Ochre"))
    assert list(layer_svgs(Drawing(10, 10, layers))) == ["plot_01_skoda-ete.svg", "plot_02_ochre.svg"]


def test_reading_stops_at_the_most_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1234")
    assert read_bytes(path, 4) == b"1234"
    with pytest.raises(TooLarge, match=r"^more than 3e-06 MB$"):
        read_bytes(path, 3)
    with pytest.raises(FileNotFoundError):
        read_bytes(tmp_path / "none", 3)
    with pytest.raises(ValueError, match="null"):
        read_bytes("\0", 3)


@needs(f"{UNIX}, for a file without end", is_unix())
def test_a_file_without_end_is_not_read_to_its_end() -> None:
    with pytest.raises(TooLarge):
        read_bytes("/dev/zero", 1000)


def test_a_file_is_written_under_another_name_until_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    replace = os.replace

    def look(source: Path, target: Path) -> None:
        seen.append((TEMPORARY.fullmatch(source.name) is not None, source.read_bytes(), target.read_bytes()))
        replace(source, target)

    (tmp_path / "a.txt").write_bytes(b"old")
    monkeypatch.setattr("os.replace", look)
    write_whole(tmp_path / "a.txt", "néw\n")
    assert seen == [(True, "néw\n".encode(), b"old")]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.txt": "néw\n".encode()}

"""stats, preview and report take SVGs that plotart did not write, and refuse what is no drawing in one clear line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import Cli
from PIL import Image

FOREIGN = Path(__file__).parent / "data" / "foreign"
HEAD = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
SIZE = 'width="100mm" height="80mm" viewBox="0 0 100 80"'
LINE = '<path d="M10 10 L50 50" stroke="black" fill="none"/>'


@pytest.mark.parametrize(
    ("name", "page", "pens", "strokes"),
    [
        ("admor.svg", [59.27, 59.27], ["#1c1c21", "#c60f2d", "#1e4f9e"], [80, 80, 80]),
        ("inkscape.svg", [148, 105], ["#c8102e", "#1f4e9e"], [3, 3]),
        ("vsketch.svg", [100, 100], ["#0000ff", "#ffa500"], [30, 1]),
    ],
)
def test_stats_of_what_others_wrote(
    name: str, page: list[float], pens: list[str], strokes: list[int], cli: Cli
) -> None:
    done = cli("stats", FOREIGN / name, "--json")
    assert done.status == 0
    figures = json.loads(done.out)
    assert figures["page_mm"] == pytest.approx(page, abs=0.01)
    assert [pen["color"] for pen in figures["pens"]] == pens
    assert [pen["strokes"] for pen in figures["pens"]] == strokes


@pytest.mark.parametrize("name", ["admor.svg", "inkscape.svg", "vsketch.svg"])
def test_previews_and_reports_of_what_others_wrote(name: str, tmp_path: Path, cli: Cli) -> None:
    source = Path(shutil.copy(FOREIGN / name, tmp_path))
    assert cli("preview", source, "--size", "300", "--out", tmp_path / "seen.png").status == 0
    with Image.open(tmp_path / "seen.png") as image:
        pixels = np.asarray(image.convert("L"), dtype=float)
    assert 0.002 < (pixels < 200).mean() < 0.5
    assert cli("report", source).status == 0
    page = source.with_suffix(".report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")


BOMB = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(9))

MALFORMED = {
    "broken": ("<svg><g>", "not well-formed XML"),
    "empty": ("", "not well-formed XML"),
    "not XML": ("G21\nG0 X10 Y10\n", "not well-formed XML"),
    "a web page": ("<html><body/></html>", "outermost element is <html>"),
    "an entity bomb": (
        f'<!DOCTYPE svg [<!ENTITY a0 "{"x" * 10}">{BOMB}]><svg {HEAD} {SIZE}><text>&a9;</text></svg>',
        "DOCTYPE",
    ),
    "a file through an entity": (
        f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg {HEAD} {SIZE}><desc>&x;</desc>{LINE}</svg>',
        "DOCTYPE",
    ),
    "coordinates beyond all paper": (
        f'<svg {HEAD} {SIZE}><path d="M0 0 L1e12 5" stroke="black"/></svg>',
        "further than",
    ),
    "not a number": (f'<svg {HEAD} {SIZE}><path d="M0 0 Lnan nan" stroke="black"/></svg>', "no lines to draw"),
    "no size": (f"<svg {HEAD}>{LINE}</svg>", "has no size"),
    "a size of nothing": (f'<svg {HEAD} width="0" height="10mm">{LINE}</svg>', "a page of 0 x 10 mm"),
    "no paths": (f"<svg {HEAD} {SIZE}><text>hello</text></svg>", "no lines to draw"),
    "use without end": (f'<svg {HEAD} {SIZE}><g id="a"><use xlink:href="#a"/></g></svg>', "refer to themselves"),
}


@pytest.mark.parametrize("kind", MALFORMED)
@pytest.mark.parametrize("command", ["stats", "preview", "report"])
def test_what_is_no_drawing_is_one_clear_error(command: str, kind: str, tmp_path: Path, cli: Cli) -> None:
    text, message = MALFORMED[kind]
    source = tmp_path / "bad.svg"
    source.write_text(text, encoding="utf-8")
    done = cli(command, source)
    assert done.status == 2
    assert "bad.svg" in done.err
    assert message in done.err
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["bad.svg"]


def test_a_document_type_without_entities_is_no_reason_to_refuse(tmp_path: Path, cli: Cli) -> None:
    """As older Inkscape, potrace and matplotlib write it; what it refers to is never fetched."""
    source = tmp_path / "old.svg"
    public = '"-//W3C//DTD SVG 1.1//EN" "http://127.0.0.1:9/svg11.dtd"'
    source.write_text(f"<!DOCTYPE svg PUBLIC {public}>\n<svg {HEAD} {SIZE}>{LINE}</svg>", encoding="utf-8")
    assert cli("stats", source).status == 0


def test_what_lies_elsewhere_is_never_fetched(tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was fetched")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    (tmp_path / "other.svg").write_text(f'<svg {HEAD} {SIZE}><g id="a">{LINE * 9}</g></svg>', encoding="utf-8")
    source = tmp_path / "links.svg"
    source.write_text(
        '<?xml-stylesheet href="http://127.0.0.1:9/a.css" type="text/css"?>'
        f'<svg {HEAD} {SIZE}><style>@import url("http://127.0.0.1:9/b.css");</style>'
        '<image xlink:href="http://127.0.0.1:9/c.png" width="50" height="50"/>'
        '<image href="other.png" width="50" height="50"/>'
        f'<use xlink:href="other.svg#a"/><use href="http://127.0.0.1:9/d.svg#a"/>{LINE}</svg>',
        encoding="utf-8",
    )
    done = cli("stats", source, "--json")
    assert done.status == 0
    assert [pen["strokes"] for pen in json.loads(done.out)["pens"]] == [1]
    assert cli("report", source).status == 0
    page = source.with_suffix(".report.html").read_text(encoding="utf-8")
    assert "127.0.0.1" not in page

"""Files of pens: sets in TOML, pen configurations of vpype's, tables."""

from __future__ import annotations

import sys
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

import tomli_w

from fuzz.case import Place, Seeds
from fuzz.mutate import NUMBERS, TEXTS, spoilt_bytes, spoilt_text, spoilt_tree

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_OWN = """title = "Mine"
maker = "Somebody"
status = "measured"
paper = "#fbfaf5"
[[pens]]
name = "Black"
code = "1"
color = "#1b1b1b"
width = "0.35mm"
ink = "opaque"
opacity = 0.8
reflectance = [0.1, 0.1, 0.1]
transmittance = [0.2, 0.2, 0.2]
speed = 30
height = 20
delay = 100
pause = false
max_distance = "12 m"
[[pens]]
name = "Red"
color = "red"
width = 0.5
from = "a guess"
[[overprints]]
below = "Black"
above = "Red"
light = [0.1, 0.05, 0.05]
"""

_VPYPE = """[pen_config.cmyk]
layers = [
    { layer_id = 1, name = "cyan", color = "#0ff", pen_width = "0.4mm" },
    { layer_id = 2, name = "black", color = "black", pen_width = 1.5 },
]
[pen_config.other]
layers = [{ layer_id = 1, name = "x", color = "blue", pen_width = "1px" }]
"""

_TABLES = (
    "[Pen Type],[Pen Name],[Red],[Green],[Blue],[Stroke]\nStabilo,Black,20,20,20,1\nStabilo,Red,200,10,20,0.5\n",
    "name;hex;stroke\nBlack;#101010;1\nRed;d01020;2\n",
    'Name\tColour\n"A ""b"""\tred\n',
)

_SNIPPETS = (
    *("[[pens]]\n", "[pens]\n", "[pens.x]\n", "[[overprints]]\n", "a.b.c = 1\n", "x = " + "[" * 500, "'''", '"""'),
    *("\\u0000", "\\ud800", "\\U00110000", "= nan", "= inf", "= 1979-05-27T07:32:00Z", "= 0xFF", "{a = 1, a = 2}"),
    *("x = " + "9" * 5000 + "\n", '"', ",", ";", ",,,,", "\r", "\0", "#", "\n\n", '"unclosed', "a" * 200_000),
    *('[[pens]]\nname = "x"\ncolor = "red"\nwidth = 1\n', "[pen_config]\n", "[pen_config.'../x']\nlayers = []\n"),
)


def show(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A set, shown, written for another program, or laid out as a chart."""
    path = place.file("bad.toml", _toml(random, random.choice((_OWN, _OWN, _shipped()))))
    command = random.choice(("show", "show", "show", "export", "palette", "chart"))
    if command == "export":
        form = random.choice(("vpype", "drawingbot", "toml"))
        return ["pens", "export", str(path), "--format", form, "--out", str(place.out / "x.txt")]
    if command == "palette":
        return ["palette", "show", str(path), "--out", str(place.out / "x.png")]
    if command == "chart":
        return ["palette", "chart", str(path), "--per-pen", "--out", str(place.out / "chart.svg")]
    return ["pens", "show", str(path)]


def import_pens(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A file of another program, added to a person's own sets."""
    if random.random() < 0.5:
        path = place.file("bad.toml", _toml(random, _VPYPE))
        words = random.choice(([], ["--set", "cmyk"], ["--set", random.choice(TEXTS).replace("\0", "")]))
    else:
        text = random.choice(_TABLES)
        data = spoilt_bytes(random, text.encode()) if random.random() < 0.3 else _table(random, text)
        path, words = place.file("bad.csv", data), []
    if random.random() < 0.3:
        words += ["--as", random.choice(TEXTS).replace("\0", "")]
    if random.random() < 0.1:
        words += ["--width", random.choice(NUMBERS)]
    return ["pens", "import", str(path), "--overwrite", *words]


def named(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A set by a name that is none."""
    return ["pens", "show", "--", random.choice((*TEXTS, *NUMBERS)).replace("\0", "")]


def _toml(random: Random, text: str) -> str | bytes:
    match random.randrange(5):
        case 0:
            return spoilt_bytes(random, text.encode())
        case 1:
            return spoilt_text(random, text, _SNIPPETS)
    try:
        return tomli_w.dumps(_writable(spoilt_tree(random, tomllib.loads(text))))
    except (TypeError, AttributeError, ValueError):  # no table, say, or a number of hundreds of digits
        return spoilt_text(random, text, _SNIPPETS)


def _writable(value: Any) -> Any:
    """Without what TOML has no words for."""
    if isinstance(value, dict):
        return {str(key): _writable(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_writable(part) for part in value if part is not None]
    return value


def _table(random: Random, text: str) -> str:
    return spoilt_text(random, text, (*_SNIPPETS, *NUMBERS, *TEXTS))


@cache
def _shipped() -> str:
    return (files("plotart") / "pens" / "sets" / "uni-pin.toml").read_text(encoding="utf-8")

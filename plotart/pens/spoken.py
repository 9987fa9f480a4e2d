"""Pens as people say them in a line: a colour and a nib, or some pens of a set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import get_args

from plotart.color import linear, parse_color, to_hex
from plotart.errors import ColorError, PenError, UnitError
from plotart.geometry.units import to_mm
from plotart.pens.catalogue import load_set
from plotart.pens.pen import Ink, Pen
from plotart.pens.pen_set import PenSet

#: What inks of pens look like that people call so; CSS's colours of these names are those of screens.
INKS = {
    "black": "#1b1b1b",
    "grey": "#7d7f83",
    "gray": "#7d7f83",
    "silver": "#a5a8ac",
    "white": "#fbfbf9",
    "red": "#c8102e",
    "orange": "#f0742a",
    "yellow": "#f5c518",
    "gold": "#b19145",
    "ochre": "#c98a1b",
    "brown": "#6a412e",
    "sepia": "#3b2417",
    "green": "#1c8050",
    "turquoise": "#1795a5",
    "blue": "#1f4fa3",
    "navy": "#232d5e",
    "violet": "#5b3a8c",
    "purple": "#7a2d80",
    "pink": "#e2598f",
}

#: Between what is said of a pen: commas, if there are any; both not within rgb(...).
_COMMA, _SPACE = re.compile(r",(?![^(]*\))"), re.compile(r"\s+(?![^(]*\))")
_NIB = re.compile(r"0\d+")

#: How a line may be written, for messages.
FORMS = (
    "a colour and a nib, as in red 0.5mm, or Poppy, #c8102e, 0.5mm, opaque; or pens of a set, as in uni-pin: black 0.5"
)


@dataclass(frozen=True)
class Usual:
    """What a pen is like of which nothing else is said: the width of its line in mm, and its ink."""

    width: float = 0.5
    ink: Ink = "transparent"


def pens_said(line: str, usual: Usual) -> list[tuple[Pen, str]]:
    """The pens of a line, each with where its colour comes from: the name of a set, or nothing. Raises PenError."""
    head, colon, rest = line.partition(":")
    if colon:
        return [
            (pen, head.strip()) for pen in _of_set(head.strip(), [part for part in rest.split(",") if part.strip()])
        ]
    return [(pen_said(line, usual), "")]


def pen_said(line: str, usual: Usual) -> Pen:
    """A pen of a name, a colour, the width of its line and its ink, in any order, with commas between them if the name
    has several words that are not its colour; all may be missing but one of name and colour. Raises PenError."""
    commas = _COMMA.search(line) is not None
    words, color, width, ink = list[str](), "", 0.0, ""
    for part in filter(None, map(str.strip, (_COMMA if commas else _SPACE).split(line))):
        if not ink and part.lower() in get_args(Ink):
            ink = part.lower()
        elif not width and (found := _width(part)):
            width = found
        elif not color and part.startswith(("#", "rgb(")):
            color = _color(part)
        else:
            words.append(part)
    if not color and commas and len(words) > 1:
        color = next(filter(None, map(_color, words)), "")
        words = [word for word in words if _color(word) != color]
    name = " ".join(words)
    color = color or _color_in(name)
    if not color:
        raise PenError(f"{line.strip()!r}: found no colour; allowed: {FORMS}")
    width = width or usual.width
    if not commas or not name:
        name = f"{name[:1].upper()}{name[1:]}" if name else color
        name += "" if re.search(r"\s0?[.\d]+$", name) else f" {width:g}"
    return _checked(line, name=name, color=color, width=width, ink=ink or usual.ink)


def _of_set(name: str, wanted: list[str]) -> PenSet:
    """The pens of a set that are called so, or come nearest to a colour; all of them if none is named."""
    pens = load_set(name).pens
    return pens.pick(list(dict.fromkeys(_place(pens, name, one.strip()) for one in wanted))) if wanted else pens


def _place(pens: PenSet, name: str, wanted: str) -> int:
    """Of the pen with that name or code, else of that which only begins as all do, else of the only one that has all
    of these words, else of the nearest to that colour."""
    low = wanted.lower()
    names = [pen.name.lower() for pen in pens]
    beyond = {found for found in _shared(names) if found}
    ways = (
        [place for place, pen in enumerate(pens) if low in (names[place], pen.code.lower())],
        [place for place, one in enumerate(names) if any(one.removeprefix(start) == low for start in beyond)],
        [place for place, one in enumerate(names) if all(word in one for word in low.split())],
    )
    for found in ways:
        if len(found) == 1:
            return found[0]
    if color := _color(wanted):
        return _nearest(pens, color)
    found = next(filter(None, ways), [])
    there = ", ".join(pens[place].name for place in found) if found else ", ".join(pens.names)
    raise PenError(f"{name}: found {wanted!r}; allowed is a colour, or the name of one pen: {there}")


def _shared(names: list[str]) -> list[str]:
    """What the names begin with alike, in whole words."""
    words = [one.split(" ") for one in names]
    alike = 0
    while all(len(one) > alike + 1 for one in words) and len({one[alike] for one in words}) == 1:
        alike += 1
    return [" ".join(words[0][:alike]) + " "] if alike else []


def _nearest(pens: PenSet, color: str) -> int:
    """The pen that looks most like a colour on white paper."""
    import torch

    from plotart.color.difference import differences
    from plotart.color.spaces import linear_to_lab

    looks = torch.tensor([pen.light.over((1.0, 1.0, 1.0)) for pen in pens], dtype=torch.float64)
    wanted = torch.tensor([linear(parse_color(color))], dtype=torch.float64)
    return int(differences(linear_to_lab(wanted), linear_to_lab(looks)).argmin())


def _width(text: str) -> float:
    """mm; 0 for what is no width, as 05 is none, which makers call a nib."""
    try:
        return 0.0 if _NIB.fullmatch(text) else to_mm(text)
    except UnitError:
        return 0.0


def _color(text: str) -> str:
    """#rrggbb, or nothing for what is no colour."""
    joined = "".join(text.split()).lower()  # CSS writes lightblue
    try:
        return INKS.get(joined) or to_hex(parse_color(joined))
    except ColorError:
        return ""


def _color_in(name: str) -> str:
    """The colour in a name: all of it, as in Light Blue, or its last word that is one, as in Pigma Black."""
    return next(filter(None, map(_color, [name, *reversed(name.split())])), "")


def _checked(line: str, **fields: object) -> Pen:
    try:
        return PenSet.read([fields])[0]
    except PenError as error:
        raise PenError(f"{line.strip()!r}: {str(error).removeprefix('pens.0.')}") from None

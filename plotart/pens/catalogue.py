"""Sets of pens as TOML files: those that come with plotart, and a person's own.

A file says whose pens they are, where their colours come from and under which licence, and whether those are nominal
(a maker's or somebody's idea of the colour) or measured (by `plotart palette measure`). A palette that was extracted
from a picture is such a file too, its colours being pens that nobody owns yet.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from plotart.color import RGB, linear, parse_color
from plotart.errors import ColorError, PenError, UnitError
from plotart.files.atomic import write_file
from plotart.files.bounded import TooLarge, read_bytes
from plotart.files.names import is_device
from plotart.geometry.units import to_mm
from plotart.pens import Handling, Light, Pen, PenSet

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: What a set's file may say of it besides its pens: all text.
FACTS = ("title", "maker", "kind", "status", "source", "licence", "date", "paper")
STATUS = ("nominal", "measured")
_PEN_KEYS = (
    *("name", "code", "color", "width", "ink", "opacity", "maker", "from", "reflectance", "transmittance"),
    *("speed", "height", "delay", "pause", "max_distance"),
)

#: How a plotter handles a pen, in whole numbers: least and greatest.
_HANDLING = {"speed": (1, 100), "height": (0, 100), "delay": (0, 600_000)}

#: Pens of a set and bytes of its file: far more than anybody owns, and few enough to be read at once.
MOST_PENS = 4096
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class PenFile:
    """A set of pens and what is known of it.

    kind: fineliner, gel pen, paint marker, fountain ink, brush pen, palette ...
    status: nominal or measured; source: where the colours come from; licence: of that source;
    date: when it was measured; paper: the colour of the paper that it was measured on;
    origins: by a pen's name, where its colour comes from if that is not what `source` says of all.
    """

    pens: PenSet
    title: str = ""
    maker: str = ""
    kind: str = ""
    status: str = "nominal"
    source: str = ""
    licence: str = ""
    date: str = ""
    paper: str = ""
    origins: Mapping[str, str] = field(default_factory=dict, hash=False)


def load_set(name: str | os.PathLike[str]) -> PenFile:
    """A set by its name (a person's own before those of plotart), or from a TOML file. Raises PenError.

    Names are found whether their letters are small or capital.
    """
    path = Path(name)
    if path.suffix.lower() == ".toml" or len(path.parts) > 1 or _is_file(path):
        return read_set(path)
    for folder in (user_folder(), _shipped()):
        if (found := _called(folder, str(name))) is not None:
            return read_set(found)
    raise PenError(f"no set of pens is called {str(name)!r}: there are {', '.join(set_names())}, or give a TOML file")


def save_set(found: PenFile, name: str, *, overwrite: bool = False) -> Path:
    """Writes the set among a person's own, where `load_set(name)` finds it; the path of its file.

    Raises PenError for a name that is none, is taken (unless `overwrite`), or a set that would not read back;
    OutputError where nothing can be written. The file is there as a whole or not at all.
    """
    if not re.fullmatch(r"[^\W_][\w.-]{0,99}", name) or name.lower().endswith(".toml") or is_device(name):
        raise PenError(
            f"{name!r} is no name for a set: allowed are letters, digits, '-', '_' and '.', as in my-fineliners, "
            "and no device's name, such as con"
        )
    text = dump_set(found)
    parse_set(text, name)
    folder = user_folder()
    target = _called(folder, name) or folder / f"{name}.toml"
    if target.exists() and not overwrite:
        raise PenError(f"{target}: is there already; take another name, or overwrite it (--overwrite)")
    return write_file(target, text)


def set_names() -> list[str]:
    """The sets that there are, a person's own and those of plotart, in alphabetical order."""
    return sorted({path.stem for folder in (_shipped(), user_folder()) for path in folder.glob("*.toml")})


def user_folder() -> Path:
    """Where a person's own sets lie: pens in $PLOTART_CONFIG, else in plotart in $XDG_CONFIG_HOME, else in the system's
    place for settings, as ~/.config/plotart on Linux."""
    if own := os.environ.get("PLOTART_CONFIG"):
        return Path(os.path.expanduser(own), "pens")
    if home := os.environ.get("XDG_CONFIG_HOME"):
        return Path(os.path.expanduser(home), "plotart", "pens")
    return user_config_path("plotart", appauthor=False) / "pens"


def read_set(path: Path) -> PenFile:
    """The set in a TOML file. Raises PenError, which names file, place, what was found and what is allowed."""
    return parse_set(read_text(path), str(path))


def read_text(path: Path) -> str:
    """The text of a file of pens: UTF-8, up to 1 MB. Raises PenError."""
    try:
        return read_bytes(path, _MOST_BYTES).decode("utf-8-sig")
    except TooLarge:
        raise PenError(f"{path}: is too large for a set of pens; allowed: up to {_MOST_BYTES / 1e6:g} MB") from None
    except (OSError, ValueError) as error:
        found = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise PenError(f"{path}: can't be read ({found})") from None


def parse_toml(text: str, label: str) -> dict[str, Any]:
    """The tables of a TOML text; `label` stands for it in messages. Raises PenError."""
    try:
        return tomllib.loads(text)
    except ValueError as error:  # tomllib's own, or Python's of a number of thousands of digits
        raise PenError(f"{label}: not TOML: {error}") from None
    except RecursionError:
        raise PenError(f"{label}: not TOML that can be read: nested too deep") from None


def parse_set(text: str, label: str) -> PenFile:
    """The set in a TOML text; `label` stands for it in messages. Raises PenError."""
    data = parse_toml(text, label)
    _known(data, (*FACTS, "pens", "overprints"), label)
    facts = {key: _text(data, key, label) for key in FACTS if key in data}
    if facts.get("status", "nominal") not in STATUS:
        raise PenError(f"{label}: status: found {facts['status']!r}; allowed: {' or '.join(STATUS)}")
    if facts.get("paper"):
        _color(data, "paper", label)
    tables = _tables(data, "pens", label)
    if len(tables) > MOST_PENS:
        raise PenError(f"{label}: pens: found {len(tables)}; allowed: up to {MOST_PENS}")
    pens = [_pen(table, f"{label}: pens.{n}", facts) for n, table in enumerate(tables, 1)]
    places: dict[str, int] = {}
    for n, pen in enumerate(pens, 1):
        if (first := places.setdefault(pen.name, n)) != n:
            raise PenError(
                f"{label}: pens.{n}: {pen.name!r} is the name of pens.{first} too; each needs one of its own"
            )
    origins = {
        table["name"]: _text(table, "from", f"{label}: pens.{n}")
        for n, table in enumerate(tables, 1)
        if "from" in table
    }
    overprints = {
        _overprint(table, f"{label}: overprints.{n}"): _light(table, "light", f"{label}: overprints.{n}")
        for n, table in enumerate(_tables(data, "overprints", label), 1)
    }
    for name in sorted({name for pair in overprints for name in pair} - places.keys()):
        raise PenError(f"{label}: overprints: no pen is called {name!r}")
    try:
        measured_on = linear(parse_color(facts["paper"])) if facts.get("paper") else (1.0, 1.0, 1.0)
        return PenFile(PenSet(pens, overprints, measured_on=measured_on), **facts, origins=origins)
    except PenError as error:
        raise PenError(f"{label}: {error}") from None


def dump_set(found: PenFile) -> str:
    """The set as a TOML text that reads back as an equal one; measured light is written to five decimals."""
    import tomli_w

    data: dict[str, Any] = {key: getattr(found, key) for key in FACTS if getattr(found, key)}
    data["pens"] = [_pen_table(pen, found) for pen in found.pens]
    if found.pens.overprints:
        data["overprints"] = [
            {"below": below, "above": above, "light": [round(c, 5) for c in light]}
            for (below, above), light in found.pens.overprints.items()
        ]
    return tomli_w.dumps(data)


def _shipped() -> Path:
    return Path(str(files("plotart"))) / "pens" / "sets"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name longer than names of files are, or with a null in it
        return False


def _called(folder: Path, name: str) -> Path | None:
    """The file of the set of that name in the folder: letter for letter, else whatever their case."""
    paths = sorted(folder.glob("*.toml"))
    exact = (path for path in paths if path.stem == name)
    return next(exact, None) or next((path for path in paths if path.stem.casefold() == name.casefold()), None)


def _pen(table: Mapping[str, Any], label: str, facts: Mapping[str, str]) -> Pen:
    _known(table, _PEN_KEYS, label)
    for key in ("name", "color", "width"):
        if key not in table:
            raise PenError(f"{label}: has no {key}; a pen needs a name, a color and a width")
    name = _text(table, "name", label)
    if not name.strip() or not name.isprintable():
        raise PenError(f"{label}: name: found {shown(name)}; allowed: a line of text")
    ink = table.get("ink", "transparent")
    if ink not in ("transparent", "opaque"):
        raise PenError(f"{label}: ink: found {shown(ink)}; allowed: transparent or opaque")
    measured = [_light(table, key, label) for key in ("reflectance", "transmittance") if key in table]
    if len(measured) == 1:
        raise PenError(f"{label}: found one of reflectance and transmittance; a measured ink has both")
    return Pen(
        name,
        _color(table, "color", label),
        _width(table["width"], label),
        ink,
        _share(table.get("opacity", 1.0), f"{label}: opacity"),
        Light(measured[0], measured[1]) if measured else None,
        _text(table, "maker", label) if "maker" in table else facts.get("maker", ""),
        _text(table, "code", label) if "code" in table else "",
        _handling(table, label),
    )


def _handling(table: Mapping[str, Any], label: str) -> Handling:
    for key, (least, most) in _HANDLING.items():
        value = table.get(key, least)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise PenError(f"{label}: {key}: found {shown(value)}; allowed: a whole number from {least} to {most:,}")
    pause = table.get("pause", True)
    if not isinstance(pause, bool):
        raise PenError(f"{label}: pause: found {shown(pause)}; allowed: true or false")
    distance = _distance(table["max_distance"], label) if "max_distance" in table else None
    return Handling(table.get("speed"), table.get("height"), table.get("delay"), pause, distance)


def _pen_table(pen: Pen, found: PenFile) -> dict[str, Any]:
    table: dict[str, Any] = {"name": pen.name}
    table |= {"code": pen.code} if pen.code else {}
    table |= {"color": pen.color, "width": pen.width, "ink": pen.ink}
    table |= {"opacity": pen.opacity} if pen.opacity != 1 else {}
    table |= {"maker": pen.maker} if pen.maker != found.maker else {}
    table |= {"from": found.origins[pen.name]} if pen.name in found.origins else {}
    table |= {key: value for key, value in vars(pen.handling).items() if value != getattr(Handling(), key)}
    if pen.measured is not None:
        table["reflectance"] = [round(c, 5) for c in pen.measured.reflectance]
        table["transmittance"] = [round(c, 5) for c in pen.measured.transmittance]
    return table


def _overprint(table: Mapping[str, Any], label: str) -> tuple[str, str]:
    _known(table, ("below", "above", "light"), label)
    return _text(table, "below", label), _text(table, "above", label)


def _known(table: Mapping[str, Any], allowed: tuple[str, ...], label: str) -> None:
    for key in table:
        if key not in allowed:
            raise PenError(f"{label}: found {shown(key)}; allowed: {', '.join(allowed)}")


def _tables(data: Mapping[str, Any], key: str, label: str) -> list[Mapping[str, Any]]:
    tables = data.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise PenError(f"{label}: {key}: allowed: tables, each beginning with [[{key}]]")
    return tables


def _text(table: Mapping[str, Any], key: str, label: str) -> str:
    value = table.get(key)
    if not isinstance(value, str):
        raise PenError(f"{label}: {key}: found {shown(value)}; allowed: text")
    return value


def _color(table: Mapping[str, Any], key: str, label: str) -> str:
    color = _text(table, key, label)
    try:
        parse_color(color)
    except ColorError as error:
        raise PenError(f"{label}: {key}: {error}") from None
    return color


def _width(value: object, label: str) -> float:
    try:
        width = to_mm(value)  # type: ignore[arg-type]
    except UnitError as error:
        raise PenError(f"{label}: width: {error}") from None
    except ValueError:  # a whole number of thousands of digits
        raise PenError(f"{label}: width: found {shown(value)}; allowed: above 0, up to 50 mm") from None
    if not 0 < width <= 50:
        raise PenError(f"{label}: width: found {width:g} mm; allowed: above 0, up to 50 mm")
    return width


def _distance(value: object, label: str) -> float:
    try:
        distance = to_mm(value)  # type: ignore[arg-type]
    except (UnitError, ValueError) as error:
        raise PenError(f"{label}: max_distance: {error}") from None
    if distance <= 0:
        raise PenError(f"{label}: max_distance: found {distance:g} mm; allowed: above 0")
    return distance


def _share(value: object, label: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise PenError(f"{label}: found {shown(value)}; allowed: above 0, up to 1")
    return float(value)


def _light(table: Mapping[str, Any], key: str, label: str) -> RGB:
    value = table.get(key)
    numbers = value if isinstance(value, list) and len(value) == 3 else ()
    good = [float(c) for c in numbers if isinstance(c, (int, float)) and not isinstance(c, bool) and 0 <= c <= 1]
    if len(good) != 3:
        allowed = "linear light [red, green, blue], each 0 to 1"
        raise PenError(f"{label}: {key}: found {shown(value)}; allowed: {allowed}")
    return good[0], good[1], good[2]


def shown(value: object) -> str:
    """What was found, short enough for a message."""
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."

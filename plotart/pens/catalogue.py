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
from typing import Any, Literal

from pydantic import Field, ValidationError

from plotart.errors import PenError
from plotart.files.atomic import write_file
from plotart.files.bounded import TooLarge, read_bytes
from plotart.files.names import is_device
from plotart.files.own_folders import own_folder
from plotart.pens import Pen, PenSet
from plotart.pens.pen_set import MeasuredPens
from plotart.schema.problems import Loc, dotted, explain

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: What a set's file may say of it besides its pens: all text.
FACTS = ("title", "maker", "kind", "status", "source", "licence", "date", "paper")

#: Pens of a set and bytes of its file: far more than anybody owns, and few enough to be read at once.
MOST_PENS = 4096
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class PenFile:
    """A set of pens and what is known of it.

    kind: fineliner, gel pen, paint marker, fountain ink, brush pen, palette ...
    status: nominal or measured; source: where the colours come from; licence: of that source;
    date: when it was measured;
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
    origins: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def paper(self) -> str | None:
        """The colour of the paper that it was measured on."""
        return self.pens.paper


class _Entry(Pen):
    """A pen in a set's file."""

    origin: str = Field(default="", alias="from")

    def pen(self, maker: str) -> Pen:
        """The pen, of the set's maker where it names none of its own."""
        given = {key: getattr(self, key) for key in Pen.model_fields if key in self.model_fields_set}
        return Pen(**{"maker": maker, **given})


class _Set(MeasuredPens):
    """A set's file."""

    title: str = ""
    maker: str = ""
    kind: str = ""
    status: Literal["nominal", "measured"] = "nominal"
    source: str = ""
    licence: str = ""
    date: str = ""
    pens: tuple[_Entry, ...] = Field(strict=False, min_length=1)


def load_set(name: str | os.PathLike[str]) -> PenFile:
    """A set by its name (a person's own before those of plotart), or from a TOML file. Raises PenError.

    Names are found whether their letters are small or capital.
    """
    path = Path(name)
    if path.suffix.lower() == ".toml" or len(path.parts) > 1 or _is_file(path):
        return read_set(path)
    if (found := _named(str(name))) is not None:
        return read_set(found)
    raise PenError(f"no set of pens is called {str(name)!r}: there are {', '.join(set_names())}, or give a TOML file")


def named_set(name: str) -> PenFile:
    """A set by its name alone, as `load_set` finds it, whatever files have that name. Raises PenError."""
    if (found := _named(name)) is not None:
        return read_set(found)
    raise PenError(f"no set of pens is called {shown(name)}: there are {', '.join(set_names())}")


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


def keep_set(found: PenFile, name: str) -> Path:
    """Writes the set in place of the one that `load_set(name)` gives; the path of its file.

    In place of a set of plotart's own it writes a person's, which comes before it from then on. Raises PenError and
    OutputError as `save_set` does.
    """
    path = Path(name)
    if path.suffix.lower() == ".toml" or len(path.parts) > 1 or _is_file(path):
        text = dump_set(found)
        parse_set(text, name)
        return write_file(path, text)
    return save_set(found, name, overwrite=True)


def set_names() -> list[str]:
    """The sets that there are, a person's own and those of plotart, in alphabetical order."""
    return sorted({path.stem for folder in (_shipped(), user_folder()) for path in folder.glob("*.toml")})


def own_names() -> list[str]:
    """A person's own sets, in alphabetical order; they come before those of plotart that are called the same."""
    return sorted(path.stem for path in user_folder().glob("*.toml"))


def user_folder() -> Path:
    """Where a person's own sets lie; it need not exist."""
    return own_folder("config") / "pens"


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
    pens = data.get("pens")
    if isinstance(pens, list) and len(pens) > MOST_PENS:
        raise PenError(f"{label}: pens: found {len(pens)}; allowed: up to {MOST_PENS}")
    try:
        read = _Set.model_validate(data)
    except ValidationError as error:
        loc, message = explain(error, data, _Set.model_json_schema())[0]
        raise PenError(": ".join((label, *_place(loc), message))) from None
    own = [entry.pen(read.maker) for entry in read.pens]
    overprints = {(pair.below, pair.above): pair.light for pair in read.overprints}
    origins = {entry.name: entry.origin for entry in read.pens if "origin" in entry.model_fields_set}
    facts = {key: getattr(read, key) for key in FACTS if key != "paper"}
    return PenFile(PenSet(own, overprints, paper=read.paper), **facts, origins=origins)


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


def _named(name: str) -> Path | None:
    found = (_called(folder, name) for folder in (user_folder(), _shipped()))
    return next((path for path in found if path is not None), None)


def _called(folder: Path, name: str) -> Path | None:
    """The file of the set of that name in the folder: letter for letter, else whatever their case."""
    paths = sorted(folder.glob("*.toml"))
    exact = (path for path in paths if path.stem == name)
    return next(exact, None) or next((path for path in paths if path.stem.casefold() == name.casefold()), None)


def _place(loc: Loc) -> list[str]:
    """``pens.1`` and ``width``, say: what stands in lists of these files counts from 1, as people count pens."""
    places = [str(part + 1) if isinstance(part, int) else dotted((part,)) for part in loc]
    return [".".join(part) for part in (places[:2], places[2:]) if part]


def _pen_table(pen: Pen, found: PenFile) -> dict[str, Any]:
    """What a pen needs, and what is not as it would be anyway."""
    usual = Pen(pen.name, pen.color, pen.width, maker=found.maker)
    table = {
        key: [round(c, 5) for c in value] if isinstance(value, list) else _given(value)
        for key, value in pen.model_dump(mode="json").items()
        if key in ("name", "color", "width", "ink") or value != getattr(usual, key)
    }
    return table | ({"from": found.origins[pen.name]} if pen.name in found.origins else {})


def _given(value: Any) -> Any:
    """A table without the keys that have no value, as TOML knows none."""
    return {key: one for key, one in value.items() if one is not None} if isinstance(value, dict) else value


def shown(value: object) -> str:
    """What was found, short enough for a message."""
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."

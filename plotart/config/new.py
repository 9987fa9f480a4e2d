"""A config of one's own to begin with: one that comes with plotart, as a file that needs no other config."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from plotart.config.blocks import Block, flatten, read_blocks, written
from plotart.config.config import Config, files_named
from plotart.config.layers import merge, parse_yaml, read_layers
from plotart.config.shipped import listed_pens
from plotart.errors import OutputError
from plotart.files.atomic import write_file
from plotart.files.shipped import shipped_file
from plotart.geometry.units import to_mm
from plotart.pens import PenSet
from plotart.pens.catalogue import load_set
from plotart.schema.values import PAPER_MM

#: Says in a shipped config how it is run where it lies.
_HOW = re.compile(r"\s*Run it with:.*")


@dataclass(frozen=True)
class Changes:
    """What is to be otherwise than in the shipped config.

    pens     a set of pens, or the TOML file of one
    page     the sheet: its name, or width and height in mm
    paper    its colour
    machine  the plotter
    """

    pens: str | None = None
    page: str | tuple[float, float] | None = None
    landscape: bool | None = None
    paper: str | None = None
    machine: str | None = None


@dataclass(frozen=True)
class NewConfig:
    """A config that is not written yet.

    beside  the files that it reads, by the names that they get beside it
    """

    path: Path
    text: str
    beside: Mapping[str, Path] = field(default_factory=dict)

    def write(self) -> list[Path]:
        """Writes it and what it reads, and gives their paths; nothing where one of them is there already and says
        something else. Raises OutputError."""
        files = {self.path.with_name(name): file.read_bytes() for name, file in self.beside.items()}
        for path, content in files.items():
            if path.exists() and (path.is_dir() or path.read_bytes() != content):
                raise OutputError(f"{path}: is there already, and {self.path.name} needs another file of that name")
        if self.path.exists():
            raise OutputError(f"{self.path}: is there already; give another name with --out, or remove it")
        return [write_file(self.path, self.text), *(write_file(path, content) for path, content in files.items())]


def new_config(name: str, changes: Changes, path: Path) -> NewConfig:
    """The shipped config of that name, with the changes, for the file `path`. Raises ConfigError, also where the
    changes don't fit the config; PenError."""
    source = shipped_file(name)
    layers = read_layers(source)
    heads, blocks = zip(*(read_blocks(layer.path.read_text(encoding="utf-8")) for layer in layers), strict=True)
    own = {block.key: block for block in flatten(blocks)}
    beside: dict[str, Path] = {}
    for layer in layers:
        for named in files_named(layer.data):
            beside[Path(named).name] = layer.path.parent / named
            own = {key: _renamed(block, named, Path(named).name) for key, block in own.items()}
    own["name"] = own["name"].with_value(path.stem)
    if changes.pens is not None:
        own = _with_pens(own, changes.pens, path.parent)
    own = _with_page(own, changes)
    if changes.machine is not None:
        own = _merged(own, "export", {"machine": changes.machine})
    about = _HOW.sub("", heads[-1].rstrip("\n"))
    origin = (
        f"# From {source.stem}, a config of plotart {version('plotart')}. Draw it with:  plotart generate {path.name}"
    )
    text = written(f"{about}\n{origin}\n", own.values())
    if changes != Changes():
        Config.from_dict(parse_yaml(text, path.name), name=path.name, folder=path.parent)
    return NewConfig(path, text, beside)


def _renamed(block: Block, named: str, name: str) -> Block:
    text = re.sub(rf"(?<![\w/.-]){re.escape(named)}(?![\w/.-])", name, block.text)
    return Block(block.key, block.comment, text)


def _merged(own: Mapping[str, Block], key: str, value: dict[str, Any]) -> dict[str, Block]:
    block = own.get(key)
    changed = Block(key, "", "").with_value(value) if block is None else block.with_value(merge(block.value, value))
    return {**own, key: changed}


def _with_page(own: dict[str, Block], changes: Changes) -> dict[str, Block]:
    """On another sheet, strokes that are counted are as much longer as the sheet is; those that cover a share of it are
    more."""
    page: dict[str, Any] = {}
    if changes.page is not None:
        page["size"] = changes.page if isinstance(changes.page, str) else [*changes.page]
    if changes.landscape is not None:
        page["orientation"] = "landscape" if changes.landscape else "portrait"
    if changes.paper is not None:
        page["color"] = changes.paper
    if not page:
        return own
    before = own["page"].value
    own = _merged(own, "page", page)
    strokes = own["strokes"].value if "strokes" in own else {}
    if changes.page is not None and isinstance(strokes.get("count"), int) and "length" in strokes:
        longer = (_area(changes.page) / _area(before.get("size", "a5"))) ** 0.5
        own = _merged(own, "strokes", {"length": f"{to_mm(strokes['length']) * longer:.3g}mm"})
    return own


def _area(size: str | Sequence[float | str]) -> float:
    width, height = PAPER_MM[size] if isinstance(size, str) else map(to_mm, size)
    return width * height


def _with_pens(own: dict[str, Block], name: str, folder: Path) -> dict[str, Block]:
    """With the pens of a set: all of them where the config chooses among pens or has no fewer, else those that look
    most like its own."""
    found = load_set(name).pens
    is_file = name.lower().endswith(".toml")
    called = Path(os.path.relpath(name, folder)).as_posix() if is_file else name
    before = listed_pens(own["pens"].value)
    mode = own["palette"].value.get("mode", "fixed") if "palette" in own else "fixed"
    if before is None or mode != "fixed" or len(found) <= len(before):
        only, comment = found, f"# All pens of {called}.\n"
        value: Any = called
    else:
        only = _alike(before, found)
        comment = f"# Those of {called} that look most like the pens it was made with; pens: {called} takes them all.\n"
        value = {"set": called, "only": [*only.names]}
    own = {**own, "pens": Block("pens", comment, "").with_value(value)}
    if before is not None:
        swapped = {pen.name: _alike(PenSet([pen]), only).names[0] for pen in before}
        for key in {"text", "guests"} & own.keys():
            own[key] = _with_names(own[key], swapped)
    return own


def _alike(wanted: PenSet, pens: PenSet) -> PenSet:
    """Of the pens those that look most like the wanted ones on white paper, in the order of the wanted ones."""
    import torch

    from plotart.palette.match import match

    return pens.pick([one.pen for one in match(torch.tensor([pen.rgb for pen in wanted]), pens)])


def _with_names(block: Block, names: Mapping[str, str]) -> Block:
    """With other pens for those of words and guests."""

    def swapped(found: re.Match[str]) -> str:
        return f"pen: {json.dumps(names[found[1]], ensure_ascii=False)}"

    any_name = "|".join(map(re.escape, names))
    return Block(block.key, block.comment, re.sub(rf"\bpen: ({any_name})(?=[,}}\n])", swapped, block.text))

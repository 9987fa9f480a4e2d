"""How a version begins: from a photograph, from what a network is to see, from a shipped config, or from plain data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plotart.config import Config, files_named
from plotart.config.layers import merge
from plotart.errors import ConfigError, InputError
from plotart.files.shipped import shipped_file
from plotart.pens import PenSet
from plotart.pens.catalogue import load_set, named_set
from plotart.plotter.machines import MACHINES, Machine
from plotart.studio.bold_lines import HAND, bold_lines, is_figure
from plotart.studio.few_pens import few_pens
from plotart.studio.folder import StudioFolder

#: Whose pens are taken if nobody chose.
USUAL_SET = "sakura-pigma-micron-05"

#: How many pens of a set are taken, if nobody chose: for a photograph, and for a target.
FEW, FEW_FOR_TARGETS = 4, 2


def begun_from(wanted: Mapping[str, Any], folder: StudioFolder) -> Config:
    """The config that a page asks for by one of `starter`, `picture`, `target` and `config`. Raises InputError."""
    if "starter" in wanted:
        return Config.load(shipped_file(str(wanted["starter"])))
    if "picture" in wanted:
        return _of_picture(wanted, folder)
    if "target" in wanted:
        return _of_target(wanted, folder)
    if isinstance(wanted.get("config"), Mapping):
        data = dict(wanted["config"])
        check_paths(data, folder, frozenset())
        return Config.from_dict(data, name=str(data.get("name") or "drawing"), folder=folder.path)
    raise InputError("A version begins from a starter, a picture, a target, a config or another version.")


def check_paths(data: Mapping[str, Any], folder: StudioFolder, known: frozenset[str]) -> None:
    """Raises ConfigError for files that lie outside the studio's folder, but for those that are `known`: those of the
    version as it was drawn elsewhere."""
    for path in files_named(data) - known:
        if not is_inside(Path(folder.path, os.path.expanduser(path)), folder.path):
            raise ConfigError(f"{path}: the studio reads only what lies in its folder; add the picture to the page")


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path, links followed, is below the folder."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        return False


def _of_picture(wanted: Mapping[str, Any], folder: StudioFolder) -> Config:
    from plotart.job.draw import DrawOptions, draw_config

    name = str(wanted["picture"])
    path = folder.pictures / name
    if Path(name).name != name or not is_inside(path, folder.pictures) or not path.is_file():
        raise InputError(f"There is no picture called {name!r}.")
    pens = _pens(wanted)
    options = DrawOptions(
        pens=pens,
        look=str(wanted.get("look", "engraving")),
        size=_size(wanted.get("size", "a4")),
        paper=str(wanted.get("paper", "#ffffff")),
        colors=len(pens) if wanted.get("only") else FEW,
        background=str(wanted.get("background", "keep")),
    )
    return _within_reach(draw_config(path, options))


def _of_target(wanted: Mapping[str, Any], folder: StudioFolder) -> Config:
    term = wanted["target"]
    if not isinstance(term, Mapping):
        raise InputError("A target is a term, as in {type: excitation, class: tiger}.")
    name = str(term.get("class") or f"{term.get('layer', 'target')}-{term.get('channel', 0)}")
    paper, size = str(wanted.get("paper", "#ffffff")), _size(wanted.get("size", "a5"))
    pens = _pens(wanted)
    few = pens if wanted.get("only") else few_pens(pens, FEW_FOR_TARGETS, paper)
    objective = [dict(term), *HAND]
    data = {"name": name, "page": {"size": size, "color": paper}, "pens": few, "objective": objective}
    check_paths({"objective": objective}, folder, frozenset())
    width, height = Config.from_dict(data, name=name, folder=folder.path).page.width_height
    bold = bold_lines(width, height, [pen.width for pen in few], figure=is_figure(term))
    return _within_reach(Config.from_dict(merge(data, bold), name=name, folder=folder.path))


def _within_reach(config: Config) -> Config:
    """The config with the smallest plotter that reaches all of its sheet inside the margins, if its own does not."""
    inner = sorted(side - 2 * config.page.margin for side in config.page.width_height)

    def reaches(machine: Machine) -> bool:
        return all(
            side <= reach for side, reach in zip(inner, sorted((machine.width_mm, machine.height_mm)), strict=True)
        )

    own = MACHINES.get(config.export.machine) if isinstance(config.export.machine, str) else None
    larger = sorted(filter(reaches, MACHINES.values()), key=lambda machine: machine.width_mm * machine.height_mm)
    if own is None or reaches(own) or not larger:
        return config
    return config.override(f"export.machine={larger[0].name}")


def few_of(name: str, paper: str) -> list[str]:
    """The names of the pens of a set that a target on paper of that colour is drawn with, if nobody chose. Raises
    PenError, ColorError."""
    return list(few_pens(named_set(name).pens, FEW_FOR_TARGETS, paper).names)


def _pens(wanted: Mapping[str, Any]) -> PenSet:
    """The pens of a set by its name, or those of them that are named. Raises PenError, InputError."""
    name = str(wanted.get("set", USUAL_SET))
    if Path(name).name != name or name.lower().endswith(".toml"):
        raise InputError("Sets of pens are chosen by their names.")
    pens, only = load_set(name).pens, wanted.get("only")
    if not only:
        return pens
    chosen = [pen for pen in pens if pen.name in only]
    if missing := sorted(set(map(str, only)) - {pen.name for pen in chosen}):
        raise InputError(f"The set {name} has no pen called {missing[0]!r}.")
    return PenSet(chosen)


def _size(size: Any) -> Any:
    return tuple(size) if isinstance(size, list) else size

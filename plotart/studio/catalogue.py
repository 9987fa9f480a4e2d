"""What there is to choose from: sets of pens, papers, looks, machines, formats, configs and targets to start from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from plotart.color import to_hex
from plotart.errors import PenError
from plotart.files.shipped import shipped_files
from plotart.pens import PenSet
from plotart.pens.catalogue import PenFile, named_set, own_names, save_set, set_names, user_folder
from plotart.plotter.machines import MACHINES
from plotart.plugins import EXPORTERS, LOOKS
from plotart.schema.values import PAPER_MM
from plotart.studio.kept import Kept
from plotart.studio.words import sentence

#: Where a comment's first part, which is its title, ends.
_TITLE = re.compile(r"(?P<title>.+?)(?P<mark>[:.?])(?:\s+(?P<rest>.*))?", re.DOTALL)

_sets: Kept[tuple[list[dict[str, Any]], list[str]]] = Kept(1)


def catalogue() -> dict[str, Any]:
    """All of it, as GET /api/catalogue gives it; what is wrong with sets that can't be read is in `problems`."""
    folder = user_folder()
    sets, problems = _sets.get("sets", [folder, *sorted(folder.glob("*.toml"))], _read_sets)
    return {
        "sets": sets,
        "problems": problems,
        "papers": [{"name": name, "width": size[0], "height": size[1]} for name, size in PAPER_MM.items()],
        "looks": [{"name": name, "about": LOOKS.about(name)} for name in LOOKS.names],
        "machines": [{"name": one.name, "width": one.width_mm, "height": one.height_mm} for one in MACHINES.values()],
        "formats": [{"name": name, "about": EXPORTERS.about(name)} for name in EXPORTERS.names],
        "starters": _starters(),
        "targets": _targets(),
    }


def told_set(name: str) -> dict[str, Any]:
    """A set by its name, as the catalogue has it. Raises PenError."""
    return _told(name, named_set(name))


def keep_set(name: object, pens: object, *, overwrite: bool = False) -> dict[str, Any]:
    """A set of one's own, of pens as a config lists them; as the catalogue has it. Raises PenError."""
    if not isinstance(name, str) or not isinstance(pens, Sequence) or isinstance(pens, str):
        raise PenError('A set has a name and pens, as in {"name": "mine", "pens": [{"name": "Black", …}]}.')
    save_set(PenFile(PenSet.read(list(pens)), title=name), name, overwrite=overwrite)
    return told_set(name)


def starter_words(comment: str) -> tuple[str, str]:
    """Title and the rest of what a config's first comment says."""
    found = _TITLE.fullmatch(comment.strip())
    if found is None:
        return comment.strip(), ""
    mark = found["mark"] if found["mark"] == "?" else ""
    return found["title"] + mark, sentence(found["rest"] or "")


def _read_sets() -> tuple[list[dict[str, Any]], list[str]]:
    sets, problems = [], []
    for name in set_names():
        try:
            sets.append(told_set(name))
        except PenError as error:
            problems.append(str(error))
    return sets, problems


def _told(name: str, found: PenFile) -> dict[str, Any]:
    pens = [
        {"name": pen.name, "color": to_hex(pen.rgb), "width": pen.width, "ink": pen.ink, "opacity": pen.opacity}
        for pen in found.pens
    ]
    return {
        "name": name,
        "title": found.title or name,
        "maker": found.maker,
        "kind": found.kind,
        "status": found.status,
        "mine": name in own_names(),
        "paper": found.paper,
        "pens": pens,
    }


@cache
def _starters() -> list[dict[str, Any]]:
    """The configs that come with plotart, but for those without lines, or with networks that do not come with it."""
    found = []
    for name, path in shipped_files().items():
        text = path.read_text(encoding="utf-8")
        config = yaml.safe_load(text)
        if config.get("canvas") == "pixels" or _foreign_network(config):
            continue
        comment = re.match(r"(?:#[^\n]*\n)*", text)
        lines = comment[0].splitlines() if comment else []
        title, about = starter_words(" ".join(line.lstrip("# ").strip() for line in lines))
        found.append({"name": name, "title": title or name, "about": re.sub(r"\s*Run it with:.*", "", about)})
    return found


def _foreign_network(config: Mapping[str, Any]) -> bool:
    objective = config.get("objective")
    terms = objective if isinstance(objective, list) else []
    return any(term.get("network", "motif") != "motif" for term in terms)


@cache
def _targets() -> list[dict[str, Any]]:
    """What docs/gallery/targets.py drew."""
    page = Path(str(files("plotart"))) / "studio" / "page"
    found = json.loads((page / "targets.json").read_text(encoding="utf-8"))
    place = {"picture": "/static/targets.webp", "size": found["size"]}
    return [{**target, **place} for target in found["targets"]]

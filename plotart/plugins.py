"""What other packages add to plotart, by entry points: terms, networks, renderers, starts, looks, exporters,
drivers.

A package is found once it is installed and its pyproject.toml says, for one of the groups below,

    [project.entry-points."plotart.objectives"]
    stippled = "its_package.stippled:StippledTerm"

What it adds is imported when it is first used, and stands beside plotart's own wherever a name is looked up.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from plotart.errors import PluginError


@dataclass(frozen=True)
class Plugin:
    """Something that a package adds: what kind of thing, its name, and the package with its version."""

    kind: str
    name: str
    package: str
    version: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} of {self.package} {self.version}"


class Door:
    """The names of one entry points' group: plotart's own, then those registered from Python, then other packages'.

    kind  what each of them is, in a word
    own   what plotart's own names stand for, as entry points write it ("module:attribute"), imported on first use
    """

    def __init__(self, group: str, kind: str, own: Mapping[str, str]) -> None:
        self.group, self.kind, self._own = group, kind, dict(own)
        self._registered: dict[str, Any] = {}

    @property
    def own(self) -> tuple[str, ...]:
        return tuple(self._own)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._own, *self._registered, *sorted(self._added))))

    def load(self, name: str) -> Any:
        """What stands behind the name. Raises PluginError for one that nobody has, or that can't be imported."""
        if name in self._own:
            return EntryPoint(name, self._own[name], self.group).load()
        if name in self._registered:
            return self._registered[name]
        if name not in self._added:
            raise PluginError(f"{name!r} is no {self.kind}: allowed are {', '.join(self.names)}")
        try:
            return self._added[name].load()
        except Exception as error:  # another's code, which may raise anything as it is imported
            raise self.unusable(name, f"{type(error).__name__}: {error}") from error

    def about(self, name: str) -> str:
        """The first paragraph of the docstring of what stands behind the name; empty without one. Those of plotart are
        read in their source, and nothing is imported; of others it raises PluginError as `load`."""
        text = _docstring(self._own[name]) if name in self._own else inspect.getdoc(self.load(name))
        return " ".join((text or "").partition("\n\n")[0].split())

    def unusable(self, name: str, reason: str) -> PluginError:
        """The error for another package's name behind which is not what should be there."""
        return PluginError(f"{self.plugin(name)} can't be used ({reason}); mend or uninstall that package")

    def register(self, name: str, value: Any) -> None:
        """From now on the name stands for this, until this process ends. Raises ValueError for plotart's own names."""
        if name in self._own:
            raise ValueError(f"name is {name!r}; allowed is any but {', '.join(sorted(self._own))}")
        self._registered[name] = value

    def plugin(self, name: str) -> Plugin | None:
        """Where another package's name comes from; None for plotart's own and for registered ones."""
        return None if name in self._own or name in self._registered else self._plugins.get(name)

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """All that other packages add, used or not, by name."""
        return tuple(self._plugins[name] for name in sorted(self._added))

    @cached_property
    def _plugins(self) -> dict[str, Plugin]:
        return {
            name: Plugin(self.kind, name, *((point.dist.name, point.dist.version) if point.dist else ("?", "?")))
            for name, point in self._added.items()
        }

    @cached_property
    def _added(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.group)}


@cache
def _docstring(place: str) -> str | None:
    """Of ``plotart.export.gcode:GcodeFormat`` the class's docstring."""
    module, _, name = place.partition(":")
    path = Path(__file__).parents[1].joinpath(*module.split(".")).with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = (node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name)
    return next(map(ast.get_docstring, found), None)


def _terms() -> dict[str, str]:
    """Every module of objectives/terms/ has the term of its name: total_variation has TotalVariationTerm."""
    folder = Path(__file__).parent / "objectives" / "terms"
    names = sorted(module.name for module in pkgutil.iter_modules([str(folder)]))
    return {name: f"plotart.objectives.terms.{name}:{name.title().replace('_', '')}Term" for name in names}


#: Models of terms: subclasses of `plotart.objectives.TermConfig`.
TERMS = Door("plotart.objectives", "term", _terms())

#: Sources of networks: `plotart.networks.Source`.
NETWORKS = Door("plotart.networks", "network", dict.fromkeys(("motif", "vgg16", "vgg19"), "plotart.networks.own"))

#: Renderers: `plotart.render.Backend`.
RENDERERS = Door(
    "plotart.renderers",
    "renderer",
    {name: f"plotart.render.{name}:rasterize_{name}" for name in ("cpu", "cuda", "diffvg", "reference")},
)

#: How strokes are laid out at first: functions from a `plotart.geometry.strokes.StartRequest` to Strokes.
STARTS = Door(
    "plotart.starts",
    "start",
    {
        "random": "plotart.canvas.layout:random_start",
        "imagined": "plotart.canvas.tracing:imagined_start",
        "grid": "plotart.canvas.layout:grid_start",
        "wander": "plotart.canvas.wandering:wander_start",
        "tour": "plotart.canvas.wandering:tour_start",
        "svg": "plotart.export.svg_start:svg_start",
    },
)

#: What a picture is drawn like: functions from a `plotart.canvas.looks.look.LookRequest` to a Look.
LOOKS = Door(
    "plotart.looks",
    "look",
    {
        "hatch": "plotart.canvas.looks.hatch:hatch",
        "crosshatch": "plotart.canvas.looks.hatch:crosshatch",
        "engraving": "plotart.canvas.looks.engraving:engraving",
        "flow": "plotart.canvas.looks.flow:flow",
        "contour": "plotart.canvas.looks.contour:contour",
        "stipple": "plotart.canvas.looks.dots:stipple_look",
        "scribble": "plotart.canvas.looks.dots:scribble",
        "tour": "plotart.canvas.looks.dots:tour",
        "squiggle": "plotart.canvas.looks.squiggle:squiggle",
        "edges": "plotart.canvas.looks.edges:edges",
    },
)

#: Models of files for other machines and programs: subclasses of `plotart.export.format.Format`.
EXPORTERS = Door(
    "plotart.exporters",
    "exporter",
    {
        "gcode": "plotart.export.gcode:GcodeFormat",
        "hpgl": "plotart.export.hpgl:HpglFormat",
        "vpype-pens": "plotart.export.vpype_pens:VpypePensFormat",
    },
)

#: Software that moves plotters: functions from a `plotart.plotter.machines.Machine` to a driver, as in
#: plotart/plotter/drivers.py.
DRIVERS = Door(
    "plotart.drivers",
    "driver",
    {
        "pyaxidraw": "plotart.plotter.find_driver:pyaxidraw",
        "axicli": "plotart.plotter.find_driver:axicli",
        "nextdraw": "plotart.plotter.find_driver:nextdraw",
        "nextdraw-cli": "plotart.plotter.find_driver:nextdraw_cli",
        "ebb": "plotart.plotter.boards.ebb:ebb",
        "grbl": "plotart.plotter.boards.grbl:grbl",
        "hpgl": "plotart.plotter.boards.hpgl:hpgl",
    },
)

DOORS = (TERMS, NETWORKS, RENDERERS, STARTS, LOOKS, EXPORTERS, DRIVERS)

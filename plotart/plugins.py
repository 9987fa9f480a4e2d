"""What other packages add to plotart, by entry points: terms, networks, renderers, starts, exporters, drivers.

A package is found once it is installed and its pyproject.toml says, for one of the groups below,

    [project.entry-points."plotart.objectives"]
    stippled = "its_package.stippled:Stippled"

What it adds is imported when it is first used, and stands beside plotart's own wherever a name is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from plotart.errors import PluginError

#: Entry points' groups, and what each of them adds.
GROUPS = {
    "plotart.objectives": "term",
    "plotart.networks": "network",
    "plotart.renderers": "renderer",
    "plotart.starts": "start",
    "plotart.exporters": "exporter",
    "plotart.drivers": "driver",
}


@dataclass(frozen=True)
class Plugin:
    """Something that a package adds: its group and name, and the package with its version."""

    group: str
    name: str
    package: str
    version: str

    def __str__(self) -> str:
        return f"{GROUPS[self.group]} {self.name} of {self.package} {self.version}"


class Door:
    """The names of one group: plotart's own, then those registered from Python, then other packages'.

    own  what plotart's own names stand for, as "module:attribute", imported on first use
    """

    def __init__(self, group: str, own: Mapping[str, str]) -> None:
        self.group, self._own = group, dict(own)
        self._registered: dict[str, Any] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._own, *self._registered, *sorted(self._added))))

    def load(self, name: str) -> Any:
        """What stands behind the name. Raises PluginError for one that nobody has, or that can't be imported."""
        if name in self._own:
            module, _, attribute = self._own[name].partition(":")
            return getattr(import_module(module), attribute)
        if name in self._registered:
            return self._registered[name]
        if name not in self._added:
            raise PluginError(f"{name!r} is no {GROUPS[self.group]}: allowed are {', '.join(self.names)}")
        try:
            return self._added[name].load()
        except Exception as error:  # another's code, which may raise anything as it is imported
            reason = f"{type(error).__name__}: {error}"
            raise PluginError(
                f"{self.plugin(name)} can't be used ({reason}); mend or uninstall that package"
            ) from error

    def register(self, name: str, value: Any) -> None:
        """From now on the name stands for this, until this process ends. Raises ValueError for plotart's own names."""
        if name in self._own:
            raise ValueError(f"name is {name!r}; allowed is any but {', '.join(sorted(self._own))}")
        self._registered[name] = value

    def plugin(self, name: str) -> Plugin | None:
        """Where another package's name comes from; None for plotart's own and for registered ones."""
        if name in self._own or name in self._registered or name not in self._added:
            return None
        package = self._added[name].dist
        return Plugin(self.group, name, package.name if package else "?", package.version if package else "?")

    @cached_property
    def _added(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.group)}


def installed() -> list[Plugin]:
    """All that other packages add, used or not, by group and name."""
    return [
        Plugin(group, point.name, point.dist.name if point.dist else "?", point.dist.version if point.dist else "?")
        for group in GROUPS
        for point in sorted(entry_points(group=group), key=lambda point: point.name)
    ]

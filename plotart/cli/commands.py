"""Commands by their names, imported one by one: who asks for a pen need not wait for what draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer

from plotart.cli.plugin_help import PluginHelp, PluginsHelp


@dataclass(frozen=True)
class Place:
    """Where a command is, as "module:attribute": a function, or a Typer for a group of commands.

    plugins  whether its help tells what other packages add
    """

    where: str
    plugins: bool = False

    def load(self, name: str) -> Any:
        """The command of that name as typer makes it."""
        module, _, attribute = self.where.partition(":")
        found = getattr(import_module(module), attribute)
        around = typer.Typer(rich_markup_mode="markdown", pretty_exceptions_enable=False)
        if isinstance(found, typer.Typer):
            around.add_typer(found, name=name, cls=PluginsHelp if self.plugins else None)
        else:
            around.command(name, cls=PluginHelp if self.plugins else None)(found)
        return typer.main.get_group(around).commands[name]


class Commands(Mapping[str, Any]):
    """What a group of commands has, in the order of its help; each is imported when it is asked for."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places, self._loaded = places, dict[str, Any]()

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = self._places[name].load(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

"""What other packages add to plotart, named at the end of the help of the commands that can use it."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

from plotart.plugins import DOORS, DRIVERS, EXPORTERS, NETWORKS

_DOORS = {"generate": DOORS, "draw": DOORS, "export": (EXPORTERS,), "plot": (DRIVERS,), "networks": (NETWORKS,)}


def _added(command: str | None) -> str | None:
    names = ", ".join(str(plugin) for door in _DOORS[command or ""] for plugin in door.plugins)
    return f"Added by other packages: {names}." if names else None


class PluginHelp(TyperCommand):
    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.epilog = _added(self.name)
        super().format_help(ctx, formatter)


class PluginsHelp(TyperGroup):
    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.epilog = _added(self.name)
        super().format_help(ctx, formatter)

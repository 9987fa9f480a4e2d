"""What other packages add to plotart, named at the end of the help of the commands that can use it."""

from __future__ import annotations

from typing import Any, ClassVar

from typer.core import TyperCommand, TyperGroup

from plotart.plugins import DOORS, DRIVERS, EXPORTERS, NETWORKS, Door


def _named(doors: tuple[Door, ...]) -> str | None:
    added = ", ".join(str(plugin) for door in doors for plugin in door.plugins)
    return f"Added by other packages: {added}." if added else None


class GenerateHelp(TyperCommand):
    doors: ClassVar[tuple[Door, ...]] = DOORS

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.epilog = _named(self.doors)
        super().format_help(ctx, formatter)


class ExportHelp(GenerateHelp):
    doors: ClassVar[tuple[Door, ...]] = (EXPORTERS,)


class PlotHelp(GenerateHelp):
    doors: ClassVar[tuple[Door, ...]] = (DRIVERS,)


class NetworksHelp(TyperGroup):
    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.epilog = _named((NETWORKS,))
        super().format_help(ctx, formatter)

"""The plotter that a config names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plotart.plotter.machines import MACHINES, Machine

if TYPE_CHECKING:
    from plotart.config import Config, ExportConfig


def build_machine(config: Config) -> Machine:
    return machine_for(config.export)


def machine_for(export: ExportConfig) -> Machine:
    custom = export.custom
    if export.machine != "custom" or custom is None:
        return MACHINES[export.machine]
    return Machine(
        "custom",
        max(custom.travel),
        min(custom.travel),
        custom.speed_down,
        custom.speed_up,
        custom.acceleration_down,
        custom.acceleration_up,
        custom.raise_time,
        custom.lower_time,
    )

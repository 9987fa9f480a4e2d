"""What a drawing can come from: a run or its folder, an SVG, a drawing."""

from __future__ import annotations

from pathlib import Path

from plotart.config import ExportConfig, load_export
from plotart.errors import OptionError
from plotart.export.drawing import Drawing
from plotart.export.read import read_drawing
from plotart.job.machine import machine_for
from plotart.plotter.machines import MACHINES, Machine
from plotart.runs.run import Run, load_run

#: A path is that of a run's folder or of an SVG.
Source = Run | Drawing | Path | str

#: The plotter of drawings that no config names one for.
USUAL = "axidraw-v3"


def folder_of(source: Source) -> Path | None:
    """The run's folder, or one that may be; None for a drawing and an SVG."""
    if isinstance(source, Run):
        return source.path
    return Path(source) if not isinstance(source, Drawing) and Path(source).is_dir() else None


def run_of(source: Source) -> Run | None:
    """The run; None for a drawing and an SVG. Raises DrawingError for a folder that is no finished run."""
    if isinstance(source, Run):
        return source
    folder = folder_of(source)
    return load_run(folder) if folder is not None else None


def drawing_of(source: Source) -> Drawing:
    """What is plotted. Raises DrawingError for what can't be read or has no lines."""
    if isinstance(source, Drawing):
        return source
    path = source.path if isinstance(source, Run) else Path(source)
    return read_drawing(path / "plot.svg" if path.is_dir() else path)


def machine_of(source: Source, machine: Machine | str | None) -> Machine:
    """The machine, or that of this name; "custom" is the one that a run's config describes, and None the one that it
    plots on, an AxiDraw where there is no config. Raises InputError."""
    if isinstance(machine, Machine):
        return machine
    if machine in MACHINES:
        return MACHINES[machine]
    allowed = ", ".join(MACHINES)
    if machine not in (None, "custom"):
        raise OptionError(f"machine {machine}: no such machine; allowed are {allowed} and custom")
    export = _export_of(source)
    if machine is None:
        return machine_for(export) if export else MACHINES[USUAL]
    if export is None or export.custom is None:
        found = "the drawing" if isinstance(source, Drawing) else source.path if isinstance(source, Run) else source
        raise OptionError(f"machine custom: {found} has no config with export.custom; allowed are {allowed}")
    return machine_for(export.model_copy(update={"machine": "custom"}))


def _export_of(source: Source) -> ExportConfig | None:
    """What the config of a run says of its export; None where there is none. Raises ConfigError."""
    folder = folder_of(source)
    file = folder / "config.yaml" if folder is not None else None
    return load_export(file) if file is not None and file.is_file() else None

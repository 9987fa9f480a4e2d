"""The files for the plotter, written again from a finished run, and those for other machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plotart.config import Config, ExportConfig
from plotart.errors import DrawingError, OptionError
from plotart.export.drawing import Drawing
from plotart.export.format import check_formats, notes
from plotart.export.register import check_offsets
from plotart.job.build import build_renderer
from plotart.job.finish import draw_plot
from plotart.job.machine import build_machine
from plotart.job.report import report
from plotart.job.summary import activation_per_metre
from plotart.pens import PenSet
from plotart.pens.catalogue import load_set
from plotart.runs.run import Run, RunFolder, load_run

#: Keys of `export` that a finished run can change: the order of its pens, and what was kept of its making, are past.
CHANGEABLE = tuple(key for key in ExportConfig.model_fields if key not in ("order", "timelapse"))


@dataclass(frozen=True)
class Exported:
    """What was written.

    path     the folder
    drawing  plot.svg, as read back
    summary  its share of summary.json: pens, seconds, figures of the line, sheets, what was left out
    notes    what the profile of G-code and the HPGL plotter want to be known, a text each
    """

    path: Path
    drawing: Drawing
    summary: dict[str, Any]
    notes: tuple[str, ...] = ()


def export_run(
    run: Run | Path | str,
    *,
    out: Path | str | None = None,
    overrides: Sequence[str] = (),
    formats: Sequence[Mapping[str, Any]] = (),
    offsets: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write the SVGs and the preview of a finished run, or of its folder, again; where it lies, its report too.

    out         the folder to write into, in place of the run's own
    overrides   other settings of the config's `export`, as in "export.merge=0.3mm"
    formats     also these of `export.formats`, as in {"type": "gcode", "profile": "gcodemm"}
    offsets     a set of pens, by its name or its TOML file: the run's pens take the offsets of those of their names
    progress    is called with how much is done, and of how much

    Raises InputError for a run without strokes, options that can't be used, a machine that does not reach all of the
    drawing, and a folder that can't be written.
    """
    _check_keys(overrides)
    finished = run if isinstance(run, Run) else load_run(run)
    strokes, pens, page = finished.strokes, finished.pens, finished.page
    if strokes is None or pens is None or page is None:
        raise DrawingError(f"{finished.path}: a run on a canvas of pixels has no strokes to export")
    config = Config.load(finished.path / "config.yaml", overrides)
    config = config.with_formats(formats) if formats else config
    check_formats(config.export.formats, page.width, page.height)
    if offsets is not None:
        pens = _with_offsets(pens, offsets)
        config = config.model_copy(update={"pens": _with_offsets(config.pens, offsets) if config.pens else ()})
    if config.export.in_register:
        check_offsets(page, pens)
    folder = RunFolder.create(finished.path if out is None else Path(out))
    machine, renderer = build_machine(config), build_renderer(config)
    plot = draw_plot(folder, strokes, pens, page, machine, renderer, config.export, progress=progress)
    if out is None:
        past = ("dropped", "hidden_mm", "sheets", "formats", "moved_mm")
        kept = {key: value for key, value in finished.summary.items() if key not in past}
        folder.write("config.yaml", config.dump())
        per_metre = activation_per_metre(finished.summary.get("activation"), plot.line)
        found = {**kept, **plot.summary, "activation_per_metre": per_metre}
        folder.write("summary.json", json.dumps(found, indent=2) + "\n")
        folder.write("report.html", report(load_run(finished.path)))
    return Exported(folder.path, plot.drawing, plot.summary, tuple(notes(config.export.formats, plot.drawing)))


def _with_offsets(pens: PenSet, name: str | Path) -> PenSet:
    """The pens with the offsets of those of the same names in a set. Raises OptionError where it has none of them."""
    known = {pen.name: pen.offset for pen in load_set(name).pens}
    if not any(pen.name in known for pen in pens):
        raise OptionError(f"offsets {name}: has none of the run's pens, {', '.join(pens.names)}; allowed is their set")
    return pens.with_pens([pen.but(offset=known.get(pen.name, pen.offset)) for pen in pens])


def _check_keys(overrides: Sequence[str]) -> None:
    """Raises OptionError for a key that a finished run can't change any more."""
    for text in overrides:
        head, _, key = text.partition("=")[0].strip().partition(".")
        if head != "export" or key.partition(".")[0] not in CHANGEABLE:
            raise OptionError(
                f"overrides {text}: a finished run can only change export, and not the order of its pens or its "
                f"time-lapse: allowed are {', '.join(CHANGEABLE)}, as in export.merge=0.3mm"
            )

"""The files for the plotter, written again from a finished run, and those for other machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plotart.config import Config, ExportConfig
from plotart.errors import DrawingError, OptionError
from plotart.export.drawing import Drawing
from plotart.export.gcode import check_profile, to_gcode
from plotart.export.hpgl import check_device, to_hpgl
from plotart.job.build import build_machine, build_renderer
from plotart.job.finish import draw_plot
from plotart.job.report import report
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import PenFile
from plotart.pens.formats import write_pens
from plotart.runs.run import Run, RunFolder, load_run

#: Keys of `export` that a finished run can change: the order of its pens, and what was kept of its making, are past.
CHANGEABLE = tuple(key for key in ExportConfig.model_fields if key not in ("order", "timelapse"))

#: Files for other machines, which are those of an earlier drawing once the run is exported anew.
OTHERS = ("plot.gcode", "plot_[0-9]*_*.gcode", "plot.hpgl")


@dataclass(frozen=True)
class Exported:
    """What was written.

    path     the folder
    drawing  plot.svg, as read back
    summary  its share of summary.json: pens, seconds, sheets, what was left out
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
    gcode: str | None = None,
    hpgl: str | None = None,
    vpype_pens: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write the SVGs and the preview of a finished run, or of its folder, again; where it lies, its report too.

    out         the folder to write into, in place of the run's own
    overrides   other settings of the config's `export`, as in "export.merge=0.3mm"
    gcode       also plot.gcode, and a file per pen, in a dialect of vpype-gcode
    hpgl        also plot.hpgl, for a plotter that vpype knows
    vpype_pens  also pens.toml, the pens for vpype's command `pens`
    progress    hears how much is done, of how much

    Raises InputError for a run without strokes, options that can't be used, a machine that does not reach all of the
    drawing, and a folder that can't be written.
    """
    _check_keys(overrides)
    finished = run if isinstance(run, Run) else load_run(run)
    strokes, pens, page = finished.strokes, finished.pens, finished.page
    if strokes is None or pens is None or page is None:
        raise DrawingError(f"{finished.path}: a run on a canvas of pixels has no strokes to export")
    config = Config.load(finished.path / "config.yaml", overrides)
    if gcode is not None:
        check_profile(gcode)
    if hpgl is not None:
        check_device(hpgl, page.width, page.height)
    folder = RunFolder.create(finished.path if out is None else Path(out))
    machine, renderer = build_machine(config), build_renderer(config)
    plot = draw_plot(folder, strokes, pens, page, machine, renderer, config.export, progress=progress)
    for stale in (path for pattern in OTHERS for path in folder.path.glob(pattern)):
        stale.unlink()
    notes = _write_others(folder, plot.drawing, gcode, hpgl)
    if vpype_pens:
        folder.write("pens.toml", _vpype_pens(plot.drawing))
    if out is None:
        past = ("dropped", "hidden_mm", "sheets")
        kept = {key: value for key, value in finished.summary.items() if key not in past}
        folder.write("config.yaml", config.dump())
        folder.write("summary.json", json.dumps({**kept, **plot.summary}, indent=2) + "\n")
        folder.write("report.html", report(load_run(finished.path)))
    return Exported(folder.path, plot.drawing, plot.summary, notes)


def _check_keys(overrides: Sequence[str]) -> None:
    """Raises OptionError for a key that a finished run can't change any more."""
    for text in overrides:
        head, _, key = text.partition("=")[0].strip().partition(".")
        if head != "export" or key.partition(".")[0] not in CHANGEABLE:
            raise OptionError(
                f"overrides {text}: a finished run can only change export, and not the order of its pens or its "
                f"time-lapse: allowed are {', '.join(CHANGEABLE)}, as in export.merge=0.3mm"
            )


def _write_others(folder: RunFolder, drawing: Drawing, gcode: str | None, hpgl: str | None) -> tuple[str, ...]:
    """Writes what is wanted for other machines; what is to be said of it."""
    notes = []
    if gcode is not None:
        code = to_gcode(drawing, gcode)
        for name, text in code.files.items():
            folder.write(name, text)
        notes.append((gcode, code.note))
    if hpgl is not None:
        graphics = to_hpgl(drawing, hpgl)
        folder.write("plot.hpgl", graphics.text)
        notes.append((hpgl, graphics.note))
    return tuple(f"{machine}: {note}" for machine, note in notes if note)


def _vpype_pens(drawing: Drawing) -> str:
    """The pen configuration `plotart`, which numbers pens as plot.svg numbers its layers."""
    pens = []
    for layer in drawing.layers:
        name = f"{layer.name} (refill {layer.refill})" if layer.refill else layer.name
        pens.append(Pen(name, layer.color, layer.width))
    return write_pens(PenFile(PenSet(pens)), "vpype", "plotart")

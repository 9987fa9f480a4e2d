"""The files for the plotter from an SVG of any origin: in order, pen by pen, in one's own pens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from plotart.config import ExportConfig
from plotart.config.layers import parse_override, put
from plotart.errors import ConfigError, OptionError, OutputError
from plotart.export.drawing import Drawing
from plotart.export.format import check_formats, notes
from plotart.export.read import read_plot
from plotart.export.toolpath import tidy_drawing
from plotart.files.names import file_name
from plotart.geometry.page import Page
from plotart.job.export import Exported
from plotart.job.finish import write_plot
from plotart.job.layer_pens import in_pens
from plotart.job.machine import machine_for
from plotart.pens import PenSet
from plotart.pens.catalogue import load_set
from plotart.plotter.travel import check_travel
from plotart.runs.run import RunFolder
from plotart.schema.problems import dotted, explain


def export_drawing(
    source: Drawing | Path | str,
    *,
    out: Path | str | None = None,
    pens: PenSet | Path | str | None = None,
    paper: str = "white",
    overrides: Sequence[str] = (),
    formats: Sequence[Mapping[str, Any]] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write plot.svg and a file for each pen: an SVG's lines joined, simplified and sorted as a run's are.

    out         the folder to write into, outputs/<name of the SVG> if None
    pens        a set, its name or its file: each layer is drawn with the pen that looks most like it on the `paper`; if
                None, layers are pens, or each colour and width where they differ within a layer
    overrides   settings of `export` as in a config, such as "export.merge=0.3mm"
    formats     also these of `export.formats`
    progress    is called with how much is done, and of how much

    Raises InputError for what can't be read, drawn by the machine, or written.
    """
    options = _options(overrides, formats)
    machine = machine_for(options)
    drawing = source if isinstance(source, Drawing) else read_plot(source)
    check_formats(options.formats, drawing.width, drawing.height)
    if not options.sheets:
        check_travel(drawing, machine)
    if pens is not None:
        drawing = in_pens(drawing, pens if isinstance(pens, PenSet) else load_set(pens).pens, paper=paper)
    folder = _folder(source, out)
    toolpath = tidy_drawing(drawing, options, progress=progress)
    page = Page(drawing.width, drawing.height, 0.0)
    folder.clear_drawing()
    written = write_plot(folder, toolpath, page, machine, options)
    left_out = {"left_out": list(drawing.left_out)} if drawing.left_out else {}
    remarks = tuple(notes(options.formats, written.drawing))
    return Exported(folder.path, written.drawing, {**written.summary, **left_out}, remarks)


def _options(overrides: Sequence[str], formats: Sequence[Mapping[str, Any]]) -> ExportConfig:
    """Raises ConfigError, and OptionError for what is no key of `export`."""
    schema = ExportConfig.model_json_schema()
    data: dict[str, Any] = {}
    for text in overrides:
        keys, value = parse_override(text, "export")
        if keys[0] != "export" or len(keys) < 2:
            raise OptionError(f"overrides {text}: an SVG has only keys of export, as in export.merge=0.3mm")
        data = put(data, keys[1:], value, schema, "export")
    if formats:
        data["formats"] = [*data.get("formats", []), *formats]
    try:
        return ExportConfig.model_validate(data)
    except ValidationError as error:
        problems = explain(error, data, schema)
    raise ConfigError("\n".join(f"export.{dotted(loc)}: {message}" for loc, message in problems))


def _folder(source: Drawing | Path | str, out: Path | str | None) -> RunFolder:
    """Where it is written to. Raises OutputError for a run, and for where the SVG itself would be lost."""
    name = "drawing" if isinstance(source, Drawing) else file_name(Path(source).stem, "drawing")
    path = Path("outputs", name) if out is None else Path(out)
    if (path / "config.yaml").exists():
        raise OutputError(f"{path}: holds a run; give another folder with --out")
    if not isinstance(source, Drawing) and Path(source).resolve().parent == path.resolve():
        raise OutputError(f"{path}: is where {Path(source).name} lies; give another folder with --out")
    return RunFolder.create(path)

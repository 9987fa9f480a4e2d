"""Finished strokes to the files that a plotter draws, read back and looked at as they will be plotted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from torch import Tensor

from plotart.canvas.renderer import Renderer
from plotart.errors import InputError
from plotart.export.curves import curves_svg
from plotart.export.drawing import Drawing
from plotart.export.format import Format
from plotart.export.line_figures import LineFigures, line_figures
from plotart.export.read import read_drawing
from plotart.export.register import registered
from plotart.export.sheets import overview_svg, split_sheets
from plotart.export.svg import layer_svgs, plot_svg
from plotart.export.toolpath import Toolpath, ToolpathOptions, build_toolpath
from plotart.files.images import png_bytes
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.pens import PenSet
from plotart.plotter.machines import Machine
from plotart.plotter.motion import PlotStats, added_up, plot_stats
from plotart.plotter.simulate import as_viewers_show, simulate, to_picture
from plotart.plotter.travel import check_travel, travel_problem
from plotart.runs.run import RunFolder, is_foreign
from plotart.runs.strokes_file import save_strokes


class ExportOptions(ToolpathOptions, Protocol):
    """`in_register`: lines are moved against their pens' offsets; `registration_marks` in the file of each pen;
    `sheets` for a page that the machine does not reach, which have `overlap` mm in common; `formats` are for other
    machines; `preview` is the long side of preview.png in px."""

    @property
    def in_register(self) -> bool: ...
    @property
    def registration_marks(self) -> bool: ...
    @property
    def sheets(self) -> bool: ...
    @property
    def overlap(self) -> float: ...
    @property
    def formats(self) -> Sequence[Format]: ...
    @property
    def preview(self) -> int: ...


@dataclass(frozen=True)
class Plot:
    """What will be plotted: the drawing as re-read, its image [1, 3, H, W] as `renderer` sees it, and its figures:
    those of its `line`, and all of them as a share of summary.json."""

    drawing: Drawing
    image: Tensor
    line: LineFigures
    summary: dict[str, Any]


def draw_plot(
    folder: RunFolder,
    strokes: Strokes,
    pens: PenSet,
    page: Page,
    machine: Machine,
    renderer: Renderer,
    options: ExportOptions,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Plot:
    """Writes strokes, SVGs and the preview into the folder; `progress` is called with the share done: how
    much, and of how much.

    Raises DrawingError if the machine can't reach it all, and it is not to be split into sheets.
    """
    if not options.sheets:
        check_travel(page, machine)
    toolpath = build_toolpath(strokes, pens, page, options, progress=progress)
    folder.clear_drawing()
    folder.write("strokes.safetensors", save_strokes(strokes, pens, page))
    folder.write("curves.svg", curves_svg(strokes, pens, page, register=options.in_register))
    written = write_plot(folder, toolpath, page, machine, options)
    fine = as_viewers_show(replace(renderer, resolution=options.preview), pens)
    folder.write("preview.png", png_bytes(to_picture(simulate(written.drawing, page, fine, pens))))
    image = simulate(written.drawing, page, renderer, pens)
    return Plot(written.drawing, image, written.line, written.summary)


@dataclass(frozen=True)
class Written:
    """What was written for the plotter: the drawing as re-read, what its lines are like, and its figures as a share of
    summary.json."""

    drawing: Drawing
    line: LineFigures
    summary: dict[str, Any]


def write_plot(folder: RunFolder, toolpath: Toolpath, page: Page, machine: Machine, options: ExportOptions) -> Written:
    """Writes plot.svg, the files of each pen, those of sheets, and other formats. Raises InputError for a format that
    writes what another file is called."""
    drawn = registered(toolpath.drawing) if options.in_register else toolpath.drawing
    for name, text in layer_svgs(drawn, marks=options.registration_marks).items():
        folder.write(name, text)
    path = folder.write("plot.svg", plot_svg(drawn))
    # Where all strokes have left the paper there is nothing to read.
    drawing = _moved_as(drawn, read_drawing(path)) if drawn.layers else drawn
    line, stats, sheets = line_figures(drawing), plot_stats(drawing, machine), list[dict[str, Any]]()
    if options.sheets and travel_problem(page, machine) is not None:
        stats, sheets = _write_sheets(folder, drawing, page, machine, options)
    summary = {
        "pens": [{key: _rounded(value) for key, value in asdict(pen).items()} for pen in stats.pens],
        "plot_seconds": round(stats.seconds, 1),
        "pen_swaps": stats.swaps,
        "machine": machine.name,
        "line": line.as_dict(),
        **({"sheets": sheets} if sheets else {}),
        **({"formats": _write_formats(folder, drawing, options.formats)} if options.formats else {}),
        **_left_out(toolpath),
        **({"moved_mm": moved} if (moved := _moved(drawn)) else {}),
    }
    return Written(drawing, line, summary)


def _write_sheets(
    folder: RunFolder, drawing: Drawing, page: Page, machine: Machine, options: ExportOptions
) -> tuple[PlotStats, list[dict[str, Any]]]:
    """Writes sheets/: the sheets whole and pen by pen, and how they lie. What plotting takes, in all and of each."""
    reach = machine.width_mm, machine.height_mm
    sheets = split_sheets(drawing, reach, overlap=options.overlap, margin=page.margin)
    found, rows = [], []
    for sheet in sheets:
        folder.write(f"sheets/{sheet.name}.svg", plot_svg(sheet.drawing))
        for name, text in layer_svgs(sheet.drawing, marks=options.registration_marks).items():
            folder.write(f"sheets/{sheet.name}_{name.removeprefix('plot_')}", text)
        found.append(plot_stats(sheet.drawing, machine))
        size = {"width_mm": round(sheet.drawing.width, 2), "height_mm": round(sheet.drawing.height, 2)}
        rows.append({"file": f"sheets/{sheet.name}.svg", **size, "seconds": round(found[-1].seconds, 1)})
    folder.write("sheets/overview.svg", overview_svg(drawing, sheets))
    return added_up(found), rows


def _write_formats(folder: RunFolder, drawing: Drawing, formats: Sequence[Format]) -> dict[str, list[str]]:
    """The names of the files that are written, by type. Raises InputError for a name that is a file's of the run."""
    written: dict[str, list[str]] = {}
    for one in formats:
        written[one.type] = []
        for name, content in one.write(drawing).items():
            if not is_foreign(name) or any(name in names for names in written.values()):
                raise InputError(f"export.formats: {one.type} writes {name!r}; allowed: a name that no other file has")
            folder.write(name, content)
            written[one.type].append(name)
    return written


def _moved_as(drawn: Drawing, read: Drawing) -> Drawing:
    """The drawing that was read back, its layers as far aside as those that were written."""
    layers = (replace(layer, moved=own.moved) for layer, own in zip(read.layers, drawn.layers, strict=True))
    return replace(read, layers=tuple(layers))


def _moved(drawing: Drawing) -> dict[str, list[float]]:
    """mm to the right and down, by pen, for those whose lines were moved."""
    return {layer.name: [round(way, 3) for way in layer.moved] for layer in drawing.layers if any(layer.moved)}


def _left_out(toolpath: Toolpath) -> dict[str, Any]:
    """How many lines were too short, and how many mm hidden, where any were."""
    found = {"dropped": toolpath.dropped, "hidden_mm": round(toolpath.hidden_mm, 1)}
    return {key: value for key, value in found.items() if value}


def _rounded(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value

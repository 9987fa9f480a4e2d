"""What is to be plotted of a finished version, pen by pen: figures, pictures, warnings, and files to take away."""

from __future__ import annotations

import io
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotart.errors import DrawingError, InputError, MissingError
from plotart.plugins import EXPORTERS
from plotart.studio.kept import Kept
from plotart.studio.words import sentence

if TYPE_CHECKING:
    from plotart.export.drawing import Drawing
    from plotart.plotter.machines import Machine
    from plotart.plotter.motion import PlotStats
    from plotart.runs.run import Run

#: px of the long side of a pen's picture, and the sizes that pictures are kept in.
PEN_PX = 900
SIZES = (64, 128, 256, 400, 640, 1024, 1600)

#: Shares from which on something is worth a warning: of the time, for lifts; of the line, for what is overlaid, which
#: halves an atlas's score for cleanliness.
MANY_LIFTS, MUCH_OVERLAID = 1 / 3, 0.25

#: The share of the line up to which a pen draws next to nothing.
LITTLE = 0.01

#: Formats and overrides of one export.
MOST_ASKED = 50

#: Endings of files that no packing makes smaller.
PACKED = (".png", ".webp")

#: Bytes that are read at once.
CHUNK = 1 << 16

#: What the figures and pictures of a version are made of.
_MADE_OF = ("summary.json", "config.yaml", "plot.svg", "strokes.safetensors")

_drawings: Kept[Drawing] = Kept(2)
_papers: Kept[dict[str, Any]] = Kept(64)
_pens: Kept[bytes] = Kept(128)
_replays: Kept[str] = Kept(4)
_plotted: Kept[bytes] = Kept(4)
_thumbnails: Kept[bytes] = Kept(512)

#: One picture is drawn at a time, by all cores.
_drawing = threading.Lock()


@dataclass(frozen=True)
class Taken:
    """What an export wrote: the folder, its files by name, and what is to be known of them, a text each."""

    folder: Path
    files: Mapping[str, Path]
    notes: tuple[str, ...]


def paper(run: Path) -> dict[str, Any]:
    """Of a finished run's folder: `pens` in plotting order, each with number (from 1), name, color, width (mm),
    strokes, metres, lifts, refills and seconds; `seconds` of all, without those for changing pens; `swaps`; `machine`;
    and `warnings`, a text each.

    Raises DrawingError for a run that isn't finished, or has no lines.
    """
    return _papers.get(run, _made_of(run), lambda: _paper(run))


def pen_picture(run: Path, number: int) -> bytes:
    """A PNG of what the pen of that number in `paper` draws, alone on its paper. Raises DrawingError."""
    return _pens.get((run, number), _made_of(run), lambda: _pen_picture(run, number))


def plotted(run: Path, name: str) -> bytes:
    """The lines of plot.svg as the page draws them (wire.py), of a version called `name`; nothing for a run that has
    none, as those of pixels. Raises DrawingError where they can't be read."""
    return _plotted.get((run, name), _made_of(run), lambda: _plotted_of(run, name))


def replay(run: Path) -> str:
    """The report's replay of the plot, as a fragment of HTML. Raises DrawingError."""
    from plotart.job.report import replay
    from plotart.runs.run import load_run

    return _replays.get(run, _made_of(run), lambda: replay(load_run(run), _drawing_of(run)))


def thumbnail(picture: Path, size: int) -> bytes:
    """The picture as WebP, its long side the least of SIZES that is not below `size` px, or the picture's own. Raises
    ImageError."""
    px = next((px for px in SIZES if px >= size), SIZES[-1])
    return _thumbnails.get((picture, px), [picture], lambda: _thumbnail(picture, px))


def files(run: Path) -> dict[str, Path]:
    """The files of a run that can be taken away, by name, as far as they are there."""
    from plotart.runs.run import RunFolder

    return RunFolder(run).files()


@cache
def formats() -> list[dict[str, Any]]:
    """What an export can write: `name`, `about`, `choices` by key where a key takes one of a list, and what is
    `missing` to write them, None if nothing is."""
    from plotart.schema.doors import models_behind

    found = []
    for name, model in models_behind(EXPORTERS).items():
        missing, choices = None, {}
        try:
            choices = {key: list(values) for key, values in getattr(model, "choices", dict)().items()}
        except MissingError as error:
            missing = str(error)
        found.append({"name": name, "about": EXPORTERS.about(name), "choices": choices, "missing": missing})
    return found


def export(run: Path, formats: Sequence[Any], overrides: Sequence[Any], *, elsewhere: Path) -> Taken:
    """Files for other machines and programs, beside those of the run; with other settings of `export`, all files
    anew into the folder `elsewhere`, as what was drawn and may be half plotted stays as it is.

    formats    their types, or what `export.formats` takes, as in {"type": "gcode", "profile": "gcodemm"}
    overrides  as in "export.merge=0.3mm"

    Raises InputError for what can't be exported.
    """
    from plotart.job.export import export_run

    if len(formats) + len(overrides) > MOST_ASKED or not (formats or overrides):
        raise InputError(f"An export takes 1 to {MOST_ASKED} formats and overrides.")
    if not all(isinstance(one, str) for one in overrides):
        raise InputError('Overrides are texts, as in "export.merge=0.3mm".')
    wanted = [{"type": one} if isinstance(one, str) else one for one in formats]
    if not all(isinstance(one, Mapping) for one in wanted):
        raise InputError('Formats are names, or mappings as in {"type": "gcode", "profile": "gcodemm"}.')
    if overrides:
        shutil.rmtree(elsewhere, ignore_errors=True)
    try:
        done = export_run(run, out=elsewhere if overrides else None, overrides=overrides, formats=wanted)
    except InputError as error:
        raise type(error)(str(error).replace(f"{run}{os.sep}", "")) from None
    if overrides:
        return Taken(done.path, exported_files(done.path), done.notes)
    by_type: dict[str, list[str]] = done.summary.get("formats", {})
    names = {name for one in wanted for name in by_type.get(str(one.get("type")), ())}
    found = {name: path for name, path in files(run).items() if name in names}
    return Taken(done.path, found, done.notes)


def exported_files(elsewhere: Path) -> dict[str, Path]:
    """What the last export with other settings wrote, by name."""
    paths = (path for path in sorted(elsewhere.rglob("*")) if path.is_file() and not path.is_symlink())
    return {path.relative_to(elsewhere).as_posix(): path for path in paths}


def archive(run: Path) -> Iterator[bytes]:
    """drawing.zip, part by part: what is plotted, whole and pen by pen, as curves, for other machines, its picture and
    its config. No more than a part of a file is in memory at a time."""
    left_out = ("summary.json", "metrics.csv", "report.html", "strokes.safetensors", "timelapse.webp")
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as pack:
        for name, path in files(run).items():
            if name in left_out:
                continue
            head = zipfile.ZipInfo.from_file(path, name)
            head.compress_type = zipfile.ZIP_STORED if path.suffix in PACKED else zipfile.ZIP_DEFLATED
            with path.open("rb") as file, pack.open(head, "w") as entry:
                while chunk := file.read(CHUNK):
                    entry.write(chunk)
                    yield from sink.taken()
    yield from sink.taken()


class _Sink(io.RawIOBase):
    """What is written into it is taken out again, from the first byte to the last."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def taken(self) -> Iterator[bytes]:
        parts, self._parts = self._parts, []
        if content := b"".join(parts):
            yield content


def _made_of(run: Path) -> list[Path]:
    return [run / name for name in _MADE_OF]


def _paper(run: Path) -> dict[str, Any]:
    from plotart.job.source import machine_of
    from plotart.plotter.motion import plot_stats
    from plotart.plotter.travel import travel_problem
    from plotart.runs.run import load_run

    finished = load_run(run)
    if finished.strokes is None or finished.pens is None or finished.page is None:
        raise DrawingError(f"{run.name}: a picture of pixels has no lines to plot")
    if not finished.summary.get("pens"):
        raise DrawingError(f"{run.name}: nothing of it is on the paper: there is nothing to plot")
    drawing, machine = _drawing_of(run), machine_of(finished, None)
    found = plot_stats(drawing, machine)
    nibs = dict.fromkeys(layer.nib for layer in drawing.layers)
    pens = [
        {
            "number": number,
            "name": pen.name,
            "color": pen.color,
            "width": width,
            "strokes": pen.strokes,
            "metres": round(pen.pen_down_mm / 1000, 3),
            "lifts": pen.lifts,
            "refills": pen.refills,
            "seconds": round(pen.seconds, 1),
        }
        for number, (pen, (_, _, width)) in enumerate(zip(found.pens, nibs, strict=True), 1)
    ]
    return {
        "pens": pens,
        "seconds": round(found.seconds, 1),
        "swaps": found.swaps,
        "machine": machine.name,
        "warnings": list(_warnings(finished, found, machine, travel_problem(drawing, machine))),
    }


def _plotted_of(run: Path, name: str) -> bytes:
    from plotart.runs.run import load_run
    from plotart.studio.plotted import plotted_frame

    finished = load_run(run)
    if finished.page is None or not finished.summary.get("pens"):
        return b""
    return plotted_frame(name, _drawing_of(run), finished.page, finished.pens)


def _warnings(run: Run, found: PlotStats, machine: Machine, problem: str | None) -> Iterator[str]:
    """What to know before anything is plotted; `problem`: why the machine does not reach all of it, if it doesn't."""
    from plotart.color import linear, luminance, parse_color
    from plotart.palette.match import ALIKE, too_close
    from plotart.reports.numbers import number, plural
    from plotart.reports.plot_words import left_out_lines, sheet_lines

    assert run.pens is not None
    assert run.page is not None
    if problem is not None:
        sheets = sheet_lines(run.summary)
        yield f"It is too large for {machine.name}: {sheets[0]}." if sheets else f"{sentence(problem)}."
    used = [pen.name for pen in found.pens]
    for name in run.pens.names:
        if name not in used:
            yield f"{name} draws nothing."
    little = [pen.name for pen in found.pens if pen.pen_down_mm < LITTLE * found.pen_down_mm]
    if little:
        *others, last = little
        named = f"{', '.join(others)} and {last} draw" if others else f"{last} draws"
        yield f"{named} less than {LITTLE:.0%} of the line{' each' if others else ''}."
    for pen in found.pens:
        if pen.refills:
            yield f"{pen.name} is filled anew {plural(pen.refills, 'time')}: the plotter stops for it."
    lifting = found.lifts * (machine.raise_s + machine.lower_s)
    if found.seconds and lifting > MANY_LIFTS * found.seconds:
        yield (
            f"{plural(found.lifts, 'lift')} take {lifting / found.seconds:.0%} of the time; a larger export.merge "
            "joins lines whose ends are near each other."
        )
    line = run.summary.get("line")
    overlaid = number(line.get("overlaid") if isinstance(line, Mapping) else None, 0.0)
    if overlaid > MUCH_OVERLAID:
        yield f"{overlaid:.0%} of the line lies on other lines, where ink is drawn through ink."
    drawn = run.pens.called([name for name in used if name in run.pens.names])
    for earlier, later in combinations(drawn, 2):
        if luminance(linear(later.rgb)) > luminance(linear(earlier.rgb)):
            yield (
                f"{later.name} is plotted after {earlier.name}, which is darker: dark ink soils the nib of a light pen "
                "that is drawn across it. The order light-to-dark spares that."
            )
            break
    for one, other, difference in too_close(drawn, paper=linear(parse_color(run.page.color))):
        yield (
            f"{one.name} and {other.name} look alike on this paper: they differ by {difference:.1f}, and less than "
            f"{ALIKE:g} is hard to see in lines."
        )
    yield from (f"{sentence(line)}." for line in left_out_lines(run.summary))


def _pen_picture(run: Path, number: int) -> bytes:
    from plotart.config import Config
    from plotart.files.images import png_bytes
    from plotart.job.build import build_renderer
    from plotart.plotter.simulate import as_viewers_show, simulate, to_picture
    from plotart.runs.run import load_run

    pens = paper(run)["pens"]
    if not 1 <= number <= len(pens):
        raise DrawingError(f"{run.name}: has no pen {number}; allowed are 1 to {len(pens)}")
    finished = load_run(run)
    assert finished.pens is not None
    assert finished.page is not None
    drawing = _drawing_of(run)
    nib = list(dict.fromkeys(layer.nib for layer in drawing.layers))[number - 1]
    layers = tuple(layer for layer in drawing.layers if layer.nib == nib)
    renderer = build_renderer(Config.load(run / "config.yaml"))
    fine = as_viewers_show(replace(renderer, resolution=PEN_PX), finished.pens)
    with _drawing:
        image = simulate(replace(drawing, layers=layers), finished.page, fine, finished.pens)
    return png_bytes(to_picture(image))


def _drawing_of(run: Path) -> Drawing:
    """plot.svg, which takes seconds to read where it is large. Raises DrawingError."""
    from plotart.export.read import read_drawing

    path = run / "plot.svg"
    return _drawings.get(run, [path], lambda: read_drawing(path))


def _thumbnail(picture: Path, px: int) -> bytes:
    from plotart.files.images import open_rgba

    file = io.BytesIO()
    open_rgba(picture, longest=px).convert("RGB").save(file, "WEBP", quality=85, method=4)
    return file.getvalue()

"""Any SVG, drawn with one's own pens: the files of a run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import Tensor

from plotart.config import Config
from plotart.errors import DrawingError, OutputError
from plotart.export.read import read_painting
from plotart.files.images import png_bytes
from plotart.files.names import file_name
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.job.build import build_page, build_renderer
from plotart.job.finish import draw_plot
from plotart.job.machine import build_machine
from plotart.job.repen.draft import draft
from plotart.job.repen.likeness import color_error, picture_of
from plotart.job.repen.optimized import optimized
from plotart.job.repen.strokes import CLOSE, ROUGHLY, in_plotting_order, strokes_of
from plotart.optimize import Step
from plotart.pens import PenSet
from plotart.pens.catalogue import load_set
from plotart.plotter import machines
from plotart.plotter.simulate import to_picture
from plotart.plotter.travel import check_travel
from plotart.reports.run_report import run_report
from plotart.runs.record import machine_record
from plotart.runs.run import Run, RunFolder, load_run

#: px per mm in which a plot is compared with its picture, and the most px of the long side.
FINENESS, MOST_PX = 4.0, 1600


def repen(
    source: Path | str,
    pens: PenSet | Path | str,
    *,
    page: Page | None = None,
    out: Path | str | None = None,
    optimize: int = 0,
    machine: str = "axidraw-v3",
    overwrite: bool = False,
    on_step: Callable[[Step], None] | None = None,
) -> Run:
    """An SVG of any origin, each path drawn with the pen, or the mix of two, that comes closest to it on the paper.

    pens       a set, its name or its file
    page       the sheet, into whose margins the picture is fitted where it does not lie within them; None is the
               picture's own size, white and without margins
    out        the run folder, outputs/NAME if None, which `preview`, `stats`, `report` and `export_run` read
    optimize   steps in which lines then move, and change pens, to look more like the picture from afar
    overwrite  whether a finished run that is there may be lost
    on_step    is called after each of them

    Raises InputError for what can't be read, drawn or written.
    """
    started = time.perf_counter()
    folder = RunFolder(Path(out) if out is not None else Path("outputs", file_name(Path(source).stem, "drawing")))
    plotter = machines.machine(machine)
    owned = pens if isinstance(pens, PenSet) else load_set(pens).pens
    painting = read_painting(source)
    sheet = page or Page(painting.width, painting.height, 0.0)
    check_travel(sheet, plotter)
    painting = painting.fitted(sheet)
    lines, used = in_plotting_order(draft(painting, owned, sheet), owned)
    if not lines:
        raise DrawingError(f"{source}: nothing of it would show on this paper in these pens")
    strokes = strokes_of(lines, len(used), ROUGHLY if optimize else CLOSE)
    with folder.claimed():
        if folder.finished and not overwrite:
            raise OutputError(
                f"{folder.path}: holds a finished run; allowed: --overwrite, or another folder with --out"
            )
        folder.clear()
        resolution = min(MOST_PX, max(64, round(FINENESS * max(sheet.width, sheet.height))))
        wanted = picture_of(painting, sheet, resolution)
        config = _write_config(folder, Path(source), sheet, used, machine, wanted, optimize)
        if optimize:
            strokes = optimized(strokes, used, sheet, wanted, steps=optimize, on_step=on_step)
        facts = {"steps": optimize, **({"left_out": list(painting.left_out)} if painting.left_out else {})}
        _finish(folder, config, strokes, used, wanted, facts, started)
        return load_run(folder.path)


def _write_config(
    folder: RunFolder, source: Path, page: Page, pens: PenSet, machine: str, wanted: Tensor, steps: int
) -> Config:
    """Writes the picture, and a config by which another run would begin with the same lines and strive for it."""
    written = folder.write("original.png", png_bytes(to_picture(wanted)))
    config = Config.from_dict(
        {
            "name": source.stem,
            "page": {"size": [page.width, page.height], "margin": page.margin, "color": page.color},
            "pens": pens.plain(),
            "strokes": {"init": "svg", "svg": str(source.absolute())},
            "render": {"resolution": max(wanted.shape[2:])},
            "objective": [{"type": "image", "file": str(written.absolute()), "features": 0}],
            "optimize": {"steps": max(1, steps)},
            "export": {"machine": machine, "order": "given"},
        },
        name=source.stem,
    )
    folder.write("config.yaml", config.dump())
    return config


def _finish(
    folder: RunFolder,
    config: Config,
    strokes: Strokes,
    pens: PenSet,
    wanted: Tensor,
    facts: dict[str, Any],
    started: float,
) -> None:
    """Writes all that is left of a run; `facts` are for its summary."""
    page, machine, renderer = build_page(config), build_machine(config), build_renderer(config)
    plot = draw_plot(folder, strokes, pens, page, machine, renderer, config.export)
    _, _, scale = page.pixels(renderer.resolution)
    found = {
        "name": config.name,
        "difference": round(color_error(plot.image, wanted, scale), 2),
        **plot.summary,
        **facts,
        "wall_seconds": round(time.perf_counter() - started, 2),
        "seed": config.seed,
        **machine_record(),
    }
    report = run_report(
        folder.path,
        name=config.name,
        summary=found,
        metrics=[],
        config_yaml=config.dump(),
        machine=machine,
        page=page,
        pens=pens,
    )
    folder.write("report.html", report)
    folder.write("summary.json", json.dumps(found, indent=2) + "\n")

"""The programs that turn photographs into plots, each run as it is, with one knob for how much ink it lays down."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from look_pictures import MARGIN, PX_PER_MM
from PIL import Image

import plotart as package
from plotart.geometry.page import Page

#: vpype's unit, of which an inch has 96, per mm.
CSS = 96 / 25.4
#: What was best of what was tried, for tone and structure together: see docs/benchmarks.md.
HATCHED: dict[str, Any] = {"levels": [40, 90, 150], "blur": 4}
FLOW: dict[str, Any] = {"ratio": 12.5, "length": 10}
TOUR: dict[str, Any] = {"power": 3, "iterations": 30}
SQUIGGLE: dict[str, Any] = {"wave": 2.0, "Modulation": "both"}
WORKER = Path(__file__).with_name("web_worker.js")


@dataclass(frozen=True)
class Program:
    """A way of drawing: `draw(picture file, page, density, folder, settings)` gives an SVG of the page,
    if it draws anything.

    What is drawn grows with `density`, as its power `growth` about; `first` is where the search for a length begins.
    """

    name: str
    draw: Callable[[Path, Page, float, Path, dict[str, Any]], Path]
    first: float
    growth: float = 1.0
    settings: dict[str, Any] = field(default_factory=dict)
    #: What differs from channel to channel of a picture that is drawn in cyan, magenta, yellow and black.
    channels: tuple[dict[str, Any], ...] = ({}, {}, {}, {})
    all_pens: bool = False


def usual(tools: Path, plotterfun: Path | None) -> dict[str, Program]:
    """The usual tools by name. `tools` is the folder with vpype in it, of an environment with its plugins `hatched` and
    `flow_img`; `plotterfun` the folder with its scripts, for which node must be there."""
    found = [
        Program("hatched", partial(_hatched, tools), 1.8, settings=HATCHED, channels=_channels("angle")),
        Program("flow imager", partial(_flow, tools), 2.6, settings=FLOW, channels=_channels("rotate")),
        Program("stipple tour", _stipple_tour, 2.0, 0.5, settings=TOUR),
    ]
    if plotterfun:
        found.append(Program("squiggle", partial(_squiggle, plotterfun), 38.0, settings=SQUIGGLE))
    return {program.name: program for program in found}


def plotart(look: str, pens: Path, first: float, knob: str | None, **settings: Any) -> Program:
    """plotart's own way; its knob is the config's key of that name, without which it draws what it draws.

    settings: `steps` or None; `whole`: whether the knob's values are whole; `changes`: other keys, as key=value.
    """
    name = " ".join([f"plotart {look}", *([f"{settings['steps']} steps"] if settings["steps"] is not None else [])])
    settings = {"look": look, "knob": knob, "source": _source(), **settings}
    return Program(name, partial(_plotart, pens), first, 1.0 if knob else 0.0, settings=settings, all_pens=True)


def _source() -> str:
    """What tells this plotart from another: drawings of an older one are not taken for its own."""
    found = hashlib.sha256()
    for path in sorted(Path(package.__file__).parent.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]


def _channels(option: str) -> tuple[dict[str, Any], ...]:
    """The angles of printers' screens."""
    return tuple({option: degrees} for degrees in (15, 75, 0, 45))


def _plotart(pens: Path, file: Path, page: Page, density: float, folder: Path, settings: dict[str, Any]) -> Path:
    size, out = f"{page.width:g}x{page.height:g}mm", folder / "run"
    command = ["draw", str(file), "--look", settings["look"], "--pens", str(pens), "--size", size, "--seed", "1"]
    command += ["--steps", str(settings["steps"])] if settings["steps"] is not None else []
    changes = [f"page.margin={page.margin:g}", *settings["changes"]]
    if settings["knob"]:
        changes.append(f"{settings['knob']}={round(density) if settings['whole'] else f'{density:.6g}'}")
    for change in changes:
        command += ["-o", change]
    shutil.rmtree(out, ignore_errors=True)
    _run([sys.executable, "-c", "from plotart.cli import main; main()", *command, "--out", str(out)])
    return out / "plot.svg"


def _hatched(tools: Path, file: Path, page: Page, density: float, folder: Path, settings: dict[str, Any]) -> Path:
    """`density`: hatches in a mm where they are densest."""
    for aside in (
        0,
        1,
        -1,
        2,
        -2,
    ):  # it draws nothing where an outline lies on its frame's edge: another level's doesn't
        levels = [str(level + aside) for level in settings["levels"]]
        command = ["hatched", "--levels", *levels, "-b", str(settings["blur"]), "-a", str(settings.get("angle", 45))]
        found = _vpype(tools, [*command, "-p", f"{PX_PER_MM / density:.5f}", str(file)], page, folder)
        if found.exists():
            break
    return found


def _flow(tools: Path, file: Path, page: Page, density: float, folder: Path, settings: dict[str, Any]) -> Path:
    """`density`: lines in a mm of black; `ratio`: how much further they lie apart in white."""
    least, side = PX_PER_MM / density, max(Image.open(file).size)
    command = ["flow_img", "-s", "1", "-ms", f"{least:.5f}", "-Ms", f"{least * settings['ratio']:.5f}"]
    command += ["--max_size", str(side), "-Ml", str(settings["length"] * PX_PER_MM)]
    for option in ("edge_field_multiplier", "dark_field_multiplier", "rotate"):
        command += [f"--{option}", str(settings[option])] if option in settings else []
    return _vpype(tools, [*command, str(file)], page, folder)


def _vpype(tools: Path, command: list[str], page: Page, folder: Path) -> Path:
    """What a plugin makes of a picture, with lines joined and sorted, on the page; no file if it made nothing."""
    scale, out = CSS / PX_PER_MM, folder / "plot.svg"
    place = ["scale", "-o", "0", "0", f"{scale:.8f}", f"{scale:.8f}", "translate", f"{MARGIN}mm", f"{MARGIN}mm"]
    size = ["pagesize", *(["--landscape"] if page.width > page.height else []), f"{page.width}mmx{page.height}mm"]
    out.unlink(missing_ok=True)
    _run([str(tools / "vpype"), *command, "linemerge", "linesort", *place, *size, "write", str(out)])
    return out


def _squiggle(plotterfun: Path, file: Path, page: Page, density: float, folder: Path, settings: dict[str, Any]) -> Path:
    """`density`: lines in 100 mm. The wave is as high as their distance, and in black, times `wave`, as long for it
    as with the script's defaults, which are 50 lines and a frequency of 150 on 600 px."""
    grow = 2  # px are whole in the script: with more of them, distances between lines can be finer
    image = Image.open(file).convert("RGBA")
    image = image.resize((image.width * grow, image.height * grow), Image.Resampling.LANCZOS)
    distance = 100 / density * PX_PER_MM * grow
    sliders = {
        "width": image.width,
        "height": image.height,
        "Line Count": image.height / (round(distance) + 1e-6),
        "Amplitude": image.height / 510,
        "Sampling": 0.5,
        "Frequency": 150 * settings["wave"] * distance / (600 / 50) / 0.5,
        "Modulation": settings["Modulation"],
    }
    raw, path = folder / "picture.rgba", folder / "path.txt"
    raw.write_bytes(np.asarray(image).tobytes())
    _run(["node", str(WORKER), str(plotterfun), "squiggle.js", str(raw), json.dumps(sliders), str(path)])
    raw.unlink()
    return _svg(path.read_text(), page, PX_PER_MM * grow, folder)


def _stipple_tour(file: Path, page: Page, density: float, folder: Path, settings: dict[str, Any]) -> Path:
    """`density`: points per mm² where the picture is black."""
    import stipple_tour

    dark = (1 - np.asarray(Image.open(file).convert("L"), dtype=np.float64) / 255) ** settings["power"]
    count = max(20, round(density * dark.sum() / PX_PER_MM**2))
    line = stipple_tour.tour(stipple_tour.stipple(dark, count, settings["iterations"], seed=1))
    return _svg("M" + "L".join(f"{x:.3f},{y:.3f}" for x, y in line), page, PX_PER_MM, folder)


def _svg(path: str, page: Page, px_per_mm: float, folder: Path) -> Path:
    """An SVG path in px of the picture, on the page."""
    out = folder / "plot.svg"
    out.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{page.width}mm" height="{page.height}mm" '
        f'viewBox="0 0 {page.width} {page.height}"><g transform="translate({MARGIN} {MARGIN}) scale({1 / px_per_mm})" '
        f'fill="none" stroke="black" stroke-width="{px_per_mm * 0.4}"><path d="{path}"/></g></svg>'
    )
    return out


def _run(command: list[str]) -> None:
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} ...: status {done.returncode}\n{done.stderr[-2000:]}")

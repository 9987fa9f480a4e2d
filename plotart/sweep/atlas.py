"""An atlas of a network: one small drawing after another, each of what excites one channel or class."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from plotart import __version__
from plotart.canvas import StrokeCanvas
from plotart.config import Config
from plotart.errors import InputError, NetworkError
from plotart.export.line_figures import LineFigures, line_figures
from plotart.export.toolpath import build_toolpath
from plotart.job.build import Parts, build, pick_device
from plotart.networks import Description, Network, describe, load_network
from plotart.networks.description import Progress
from plotart.pens import Pen, PenSet
from plotart.plotter.simulate import to_picture
from plotart.reports.atlas_page import Cell, atlas_html, excitation, sheet_png
from plotart.runs.run import RunFolder

#: Broad nibs, so that lines can be seen in a small picture.
PENS = PenSet([Pen("Black", "#1b1b1b", 0.8), Pen("Red", "#c8102e", 0.8), Pen("Blue", "#1f4fa3", 0.8)])

#: A sheet of this many mm, with such margins, seen by the network at this many px, shown at that many.
SHEET_MM, MARGIN_MM, SEEN_PX, SHOWN_PX = 100, 5, 96, 320

#: Cells from one writing of the sheets to the next.
SHEETS_EVERY = 8

#: What a cell's PNG tells of itself, beside the figures of its line, and under which keys.
FIGURES = ("blank", "initial", "final")
LINE = "line"
TEXT = "plotart"


@dataclass(frozen=True)
class Making:
    """The cell at hand, the `number`th of `total`; `share` of its steps are done."""

    label: str
    number: int
    total: int
    share: float


OnMaking = Callable[[Making], None]


def atlas(
    network: str,
    *,
    layer: str = "class",
    channels: Sequence[int | str] | None = None,
    folder: Path | str,
    strokes: int = 60,
    steps: int = 100,
    seed: int = 0,
    pens: PenSet = PENS,
    weights: Path | str | None = None,
    device: str = "auto",
    on_step: OnMaking | None = None,
    on_download: Progress | None = None,
) -> Iterator[Cell]:
    """Small drawings that excite channels of a layer (all if None), or classes by number or name, one after another.

    Each is kept in `folder`/cells under a name that tells everything it depends on: what is there is not made again.
    `on_step` is called for the steps of those that are made; `on_download` with bytes done and bytes in all.

    Raises InputError for what does not exist, before anything is written, and OutputError.
    """
    if layer == "class" and "class" not in describe(network, weights=weights).layers:
        layers = ", ".join(describe(network, weights=weights).layers)
        raise NetworkError(f"{network} is used without classes: name a layer with --layer; allowed are {layers}")
    loaded = load_network(network, weights=weights, up_to=layer, progress=on_download)
    file = None if weights is None else Path(weights).expanduser().absolute()
    digest = _digest(loaded)
    plans = []
    for channel in channel_numbers(loaded.description, layer, channels):
        label = loaded.classes[channel] if layer == "class" else str(channel)
        term = excitation(network, layer, channel, label, file)
        config = _config(term, strokes=strokes, steps=steps, seed=seed, pens=pens)
        name = f"cells/{layer}-{channel:04d}-{_key(config, digest)}.png"
        plans.append(_Plan(network, layer, channel, label, file, config, name))
    return _cells(loaded, plans, RunFolder.create(Path(folder)), device, on_step)


def channel_numbers(network: Description, layer: str, channels: Sequence[int | str] | None) -> list[int]:
    """Channels of a layer, all if None, by number, each once; `network` ends with that layer. Raises NetworkError for
    one that does not exist, InputError for none."""
    available = network.channels(layer)
    if channels is None:
        return list(range(available))
    numbers = [network.classes.index(c) if c in network.classes else c for c in channels]
    for number in numbers:
        if not isinstance(number, int) or not 0 <= number < available:
            names = f", or {', '.join(network.classes)}" if layer == "class" else ""
            raise NetworkError(
                f"{layer} of {network.name} has no channel {number}: allowed are 0 to {available - 1}{names}"
            )
    if not numbers:
        raise InputError("no channels: give at least one, or None for all")
    return [number for number in dict.fromkeys(numbers) if isinstance(number, int)]


def write_sheets(folder: Path | str, cells: Sequence[Cell], *, note: str = "") -> tuple[Path, Path]:
    """Write atlas.html and atlas.png, of at least one cell, into the folder of the atlas. Raises OutputError."""
    target = RunFolder.create(Path(folder))
    page = target.write("atlas.html", atlas_html(cells, note=note))
    return page, target.write("atlas.png", sheet_png(cells, note=note))


def write_atlas(
    cells: Iterable[Cell], folder: Path | str, *, note: str = "", on_cell: Callable[[Cell], None] | None = None
) -> None:
    """Draw the cells of an `atlas`, and write its sheets now and then and at the end, however it ends; `on_cell` is
    called with each. Raises OutputError."""
    drawn: list[Cell] = []
    try:
        for cell in cells:
            drawn.append(cell)
            if on_cell is not None:
                on_cell(cell)
            if len(drawn) % SHEETS_EVERY == 0:
                write_sheets(folder, drawn, note=note)
    finally:
        if drawn:
            write_sheets(folder, drawn, note=note)


@dataclass(frozen=True)
class _Plan:
    """A cell to come; `picture` is the name of its file in the atlas's folder."""

    network: str
    layer: str
    channel: int
    label: str
    weights: Path | None
    config: Config
    picture: str


def _config(term: dict[str, str | int], *, strokes: int, steps: int, seed: int, pens: PenSet) -> Config:
    """Raises ConfigError for strokes, steps or a seed that can't be."""
    return Config.from_dict(
        {
            "seed": seed,
            "page": {"size": [SHEET_MM, SHEET_MM], "margin": MARGIN_MM},
            "pens": pens,
            # From a grid, so that all of the sheet is tried.
            "strokes": {"count": strokes, "segments": 3, "length": 25, "init": "grid"},
            "render": {"resolution": SEEN_PX},
            "objective": [
                term,
                {"type": "smoothness", "weight": 0.5},
                {"type": "length", "weight": 0.1},
            ],
            "augment": {"views": 2},
            "optimize": {"steps": steps},
        },
        name="atlas",
    )


def _digest(network: Network) -> str:
    """Of everything that the network's activations depend on."""
    digest = hashlib.sha256(repr((network.description, network.mean, network.std)).encode())
    for tensor in network.state_dict().values():
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()


def _key(config: Config, network: str) -> str:
    """Of everything that a cell depends on; where the weights lie does not count."""
    settings = config.model_dump(mode="json", by_alias=True)
    settings["objective"][0]["weights"] = network
    text = json.dumps([__version__, SHOWN_PX, settings], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _cells(
    network: Network, plans: Sequence[_Plan], folder: RunFolder, device: str, on_step: OnMaking | None
) -> Iterator[Cell]:
    for number, plan in enumerate(plans, 1):
        path = folder.path / plan.picture
        figures = _stored(path)
        cached = figures is not None
        if figures is None:

            def report_share(share: float, label: str = plan.label, number: int = number) -> None:
                if on_step:
                    on_step(Making(label, number, len(plans), share))

            images, line = _drawn(plan.config, device, report_share)
            figures = {**{name: _activation(network, plan, images[name]) for name in FIGURES}, LINE: line}
            folder.write(plan.picture, _png(to_picture(images["shown"]), figures))
        yield Cell(
            plan.network,
            plan.layer,
            plan.channel,
            plan.label,
            **figures,
            picture=path,
            cached=cached,
            weights=plan.weights,
        )


def _drawn(config: Config, device: str, report_share: Callable[[float], None]) -> tuple[dict[str, Tensor], LineFigures]:
    """Images of bare paper, of the strokes to begin with, of the drawing, and of the drawing as it is shown; the
    figures of the lines that a plotter would draw."""
    report_share(0.0)
    parts = build(config, device=pick_device(device))
    canvas, optimizer = parts.canvas, parts.optimizer
    images = {"blank": canvas.blank(), "initial": optimizer.soft_frame().image}
    for step in optimizer.steps():
        report_share(step.number / step.total)
    optimizer.harden()
    images |= {"final": canvas.hard().image, "shown": optimizer.picture(SHOWN_PX / SEEN_PX)}
    return images, _line(config, parts)


def _line(config: Config, parts: Parts) -> LineFigures:
    """Rounded as a cell's file has them, so that those of a new cell are those that are read back."""
    canvas = parts.canvas
    assert isinstance(canvas, StrokeCanvas)
    strokes = canvas.strokes.detached().to("cpu")
    drawing = build_toolpath(strokes, canvas.palette.pens(), parts.page, config.export).drawing
    rounded: dict[str, Any] = line_figures(drawing).as_dict()
    return LineFigures(**rounded)


@torch.no_grad()
def _activation(network: Network, plan: _Plan, image: Tensor) -> float:
    return float(network.activations(image, plan.layer)[:, plan.channel].mean())


def _png(picture: Image.Image, figures: dict[str, Any]) -> bytes:
    """The picture with few colours, which are enough for few pens, and its figures as text."""
    text = PngInfo()
    text.add_text(TEXT, json.dumps({**figures, LINE: asdict(figures[LINE])}))
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG", pnginfo=text, optimize=True)
    return out.getvalue()


def _stored(path: Path) -> dict[str, Any] | None:
    """The figures of a picture that is there; None if it isn't, or is damaged."""
    try:
        with Image.open(path) as picture:
            picture.load()
            figures = json.loads(picture.info[TEXT])
        return {**{name: float(figures[name]) for name in FIGURES}, LINE: LineFigures(**figures[LINE])}
    except Exception:  # damaged bytes raise errors of many kinds, and all are cured by drawing it again
        return None

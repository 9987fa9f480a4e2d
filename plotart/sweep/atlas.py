"""An atlas of a network: small drawings, a few at a time, each of what excites one channel or class."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from itertools import islice
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
from plotart.job.objective import Shared
from plotart.networks import Description, Network, describe, load_network
from plotart.networks.description import Progress
from plotart.optimize import Course, Ensemble
from plotart.pens import Pen, PenSet
from plotart.plotter.simulate import to_picture
from plotart.reports.atlas_page import Cell, atlas_html, excitation, sheet_png
from plotart.runs.heap import keeping_memory
from plotart.runs.run import RunFolder

#: Broad nibs, so that lines can be seen in a small picture.
PENS = PenSet([Pen("Black", "#1b1b1b", 0.8), Pen("Red", "#c8102e", 0.8), Pen("Blue", "#1f4fa3", 0.8)])

#: A sheet of this many mm, with such margins, seen by the network at this many px, shown at that many.
SHEET_MM, MARGIN_MM, SEEN_PX, SHOWN_PX = 100, 5, 96, 320

#: Drawings that the network looks at in one pass. More gain little on the CPU, and an interrupt loses those at hand
#: (docs/benchmarks.md).
TOGETHER = {"cpu": 4, "cuda": 16}

#: Cells from one writing of the sheets to the next.
SHEETS_EVERY = 8

#: What a cell's PNG tells of itself, beside the figures of its line, and under which keys.
FIGURES = ("blank", "initial", "final")
LINE = "line"
TEXT = "plotart"


@dataclass(frozen=True)
class Making:
    """The cell at hand, the `number`th of `total`, with as many others `beside` it; `share` of their steps are done."""

    label: str
    number: int
    total: int
    share: float
    beside: int = 0

    @property
    def done(self) -> float:
        """Cells of the total that are done, with the share of those at hand."""
        return self.number - 1 + self.share * (1 + self.beside)


OnMaking = Callable[[Making], None]

#: A cell's figures, by the names of `Cell`.
_Figures = dict[str, Any]


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
    together: int | None = None,
    on_step: OnMaking | None = None,
    on_download: Progress | None = None,
) -> Iterator[Cell]:
    """Small drawings that excite channels of a layer (all if None), or classes by number or name, in their order.

    Each is kept in `folder`/cells under a name that tells everything it depends on: what is there is not made again.
    The others are drawn as many `together` as that says, 4 at a time on the CPU and 16 on a GPU if None; which ones are
    beside a drawing may change its last bits. `on_step` is called for the steps of those that are made; `on_download`
    with bytes done and bytes in all.

    Raises InputError for what does not exist, before anything is written, OutputError, and Diverged in place of a cell
    that can't be drawn, once those beside it are kept.
    """
    if layer == "class" and "class" not in describe(network, weights=weights).layers:
        layers = ", ".join(describe(network, weights=weights).layers)
        raise NetworkError(f"{network} is used without classes: name a layer with --layer; allowed are {layers}")
    where = pick_device(device)
    together = TOGETHER[where.type] if together is None else together
    if together < 1:
        raise InputError(f"together: found {together}; allowed: at least 1")
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
    drawer = _Drawer(loaded, RunFolder.create(Path(folder)), where, len(plans), on_step)
    return _cells(plans, drawer, together)


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


def _cells(plans: Sequence[_Plan], drawer: _Drawer, together: int) -> Iterator[Cell]:
    made: dict[int, _Figures | Exception] = {}
    for number, plan in enumerate(plans, 1):
        path = drawer.path(plan)
        figures = made.get(number) or _stored(path)
        if figures is None:
            left = enumerate(plans[number - 1 :], number)
            missing = ((n, later) for n, later in left if _stored(drawer.path(later)) is None)
            made |= drawer.make(dict(islice(missing, together)))
            figures = made[number]
        if isinstance(figures, Exception):
            raise figures
        yield Cell(
            plan.network,
            plan.layer,
            plan.channel,
            plan.label,
            **figures,
            picture=path,
            cached=number not in made,
            weights=plan.weights,
        )


@dataclass(frozen=True)
class _Drawer:
    """Draws some of the `total` cells into the folder of an atlas; `shared` is what their objectives have in common."""

    network: Network
    folder: RunFolder
    device: torch.device
    total: int
    on_step: OnMaking | None
    shared: Shared = field(default_factory=dict)

    def path(self, plan: _Plan) -> Path:
        return self.folder.path / plan.picture

    def make(self, plans: Mapping[int, _Plan]) -> dict[int, _Figures | Exception]:
        """The figures of these cells, by number, once all are drawn, side by side, and kept; or why one has none."""
        self._report(plans, 0.0)
        parts = {n: build(plan.config, device=self.device, shared=self.shared) for n, plan in plans.items()}
        ensemble, ends = Ensemble[int, _Figures](), dict[int, _Figures | Exception]()
        for number, plan in plans.items():
            ensemble.join(number, self._drawn(plan, parts[number]))
        total, told = sum(one.optimizer.plan.steps for one in parts.values()), 0
        with keeping_memory(), closing(ensemble):
            while len(ensemble):
                ends |= ensemble.turn()
                done = sum(one.optimizer.done for one in parts.values())
                if done > told:
                    self._report(plans, done / total)
                told = done
        return ends

    def _report(self, plans: Mapping[int, _Plan], share: float) -> None:
        if self.on_step is not None:
            first = min(plans)
            self.on_step(Making(plans[first].label, first, self.total, share, len(plans) - 1))

    def _drawn(self, plan: _Plan, parts: Parts) -> Course[_Figures]:
        """Its picture is kept; the activations are those of bare paper, of the strokes to begin with, and of the
        drawing, and its lines are those that a plotter would draw."""
        canvas, optimizer = parts.canvas, parts.optimizer
        images = {"blank": canvas.blank(), "initial": optimizer.soft_frame().image.detach()}
        while not optimizer.finished:
            yield from optimizer.step()
        yield from optimizer.hardening()
        images["final"] = canvas.hard().image
        figures: _Figures = {name: _activation(self.network, plan, images[name]) for name in FIGURES}
        figures[LINE] = _line(plan.config, parts)
        self.folder.write(plan.picture, _png(to_picture(optimizer.picture(SHOWN_PX / SEEN_PX)), figures))
        return figures


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


def _png(picture: Image.Image, figures: _Figures) -> bytes:
    """The picture with few colours, which are enough for few pens, and its figures as text."""
    text = PngInfo()
    text.add_text(TEXT, json.dumps({**figures, LINE: asdict(figures[LINE])}))
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG", pnginfo=text, optimize=True)
    return out.getvalue()


def _stored(path: Path) -> _Figures | None:
    """The figures of a picture that is there; None if it isn't, or is damaged."""
    try:
        with Image.open(path) as picture:
            picture.load()
            figures = json.loads(picture.info[TEXT])
        return {**{name: float(figures[name]) for name in FIGURES}, LINE: LineFigures(**figures[LINE])}
    except Exception:  # damaged bytes raise errors of many kinds, and all are cured by drawing it again
        return None

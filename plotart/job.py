"""The main job: a config in, a run folder with a plottable artwork out."""

from __future__ import annotations

import io
import json
import platform
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors.torch import save

from plotart.build import Parts, build, build_pens
from plotart.canvas import PixelCanvas, StrokeCanvas
from plotart.color import to_hex
from plotart.config import Config
from plotart.config_errors import show
from plotart.errors import ConfigError, NetworkError
from plotart.networks.weights import Progress
from plotart.objectives import RandomViews
from plotart.optimize import Step
from plotart.plot import draw_plot
from plotart.report.run_report import run_report
from plotart.run import Metrics, Run, RunFolder, load_run
from plotart.simulate import to_picture
from plotart.stop import asked_to_stop
from plotart.timelapse import Timelapse

OnStep = Callable[[Step], None]


def generate(
    config: Config,
    *,
    out: Path | str | None = None,
    resume: bool = False,
    device: str = "auto",
    on_step: OnStep | None = None,
    on_download: Progress | None = None,
) -> Run:
    """Optimise a drawing, export it, and write all of it into the folder `out` (outputs/<name> if None).

    `on_step` hears of every step; `on_download` of weights (bytes done, bytes in all). An interrupt (Ctrl-C) ends
    after the step at hand with a checkpoint and a KeyboardInterrupt; `resume` goes on from there.

    Raises InputError for what is wrong with the config, before anything is written, OutputError for a folder that
    can't be written, and Diverged when the loss is not a number; the last good checkpoint stays then.
    """
    started = time.perf_counter()
    path = Path(out) if out is not None else run_folder(config)
    if resume:
        _check_config(config, path)
    parts = build(config, device=device, progress=on_download)
    activation = _first_look(parts)
    folder = RunFolder.create(path)
    metrics, earlier = _begin(config, parts, folder, activation, resume)
    _optimize(config, parts, folder, activation, metrics, started - earlier, on_step)
    activation["hard"] = parts.activation(parts.canvas.hard().image.detach())
    finish = _finish_strokes if isinstance(parts.canvas, StrokeCanvas) else _finish_pixels
    details = finish(config, parts, folder, activation)
    wall = time.perf_counter() - started + earlier
    summary = _summary(config, parts, activation, metrics, details, wall)
    folder.write("metrics.csv", metrics.text())
    folder.write("report.html", _report(config, parts, folder, summary, metrics))
    folder.write("summary.json", json.dumps(summary, indent=2) + "\n")
    return load_run(folder.path)


def run_folder(config: Config) -> Path:
    """Where a run goes if nothing else is said: outputs/<name>."""
    name = config.name.replace("/", "-").replace("\\", "-")
    return Path("outputs") / (name if name.strip(".") else "drawing")


def _check_config(config: Config, folder: Path) -> None:
    """Raises ConfigError if the run in the folder was begun with another config."""
    path = folder / "config.yaml"
    if not path.is_file():
        return
    before, now = (c.model_dump(mode="json", by_alias=True) for c in (Config.load(path), config))
    if different := list(_differences(before, now)):
        raise ConfigError(
            f"{path}: can't go on with another config: {'; '.join(different)}; "
            "allowed: the config that the run was begun with, or a fresh start without --resume"
        )


def _differences(before: Any, now: Any, key: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict) and before.keys() == now.keys():
        for name in before:
            yield from _differences(before[name], now[name], f"{key}.{name}" if key else name)
    elif before != now:
        yield f"{key} was {show(before)} and is {show(now)}"


def _first_look(parts: Parts) -> dict[str, float]:
    """Activations of the bare paper and of the start. Raises NetworkError where the image or a view is too small."""
    blank, initial = parts.canvas.blank(), parts.optimizer.soft_frame().image.detach()
    plan, views = parts.optimizer.plan, parts.optimizer.views
    try:
        if isinstance(views, RandomViews):
            smallest = parts.canvas.soft(1.0, detail=plan.detail(0.0)).image.detach()
            view = views(smallest, parts.canvas.paper, torch.Generator())[:1]
            for _, term in parts.goals:
                term.activation(view, parts.page)
        return {"blank": parts.activation(blank), "initial": parts.activation(initial)}
    except NetworkError as error:
        keys = "page.size, render.resolution, render.crop, render.coarse or augment.size"
        raise NetworkError(f"{keys}: {error}") from None


def _begin(
    config: Config, parts: Parts, folder: RunFolder, activation: dict[str, float], resume: bool
) -> tuple[Metrics, float]:
    """Metrics and seconds so far, from the newest checkpoint, whose activations are put in; or a fresh start."""
    saved = folder.newest_checkpoint() if resume else None
    if saved is None:
        folder.clear()
        folder.write("config.yaml", config.dump())
        return Metrics(), 0.0
    tensors, metadata = saved
    try:
        parts.optimizer.restore(tensors, metadata["optimizer"])
        seconds = float(metadata["seconds"])
        activation |= json.loads(metadata["activation"])
    except (KeyError, ValueError, RuntimeError) as error:
        raise ConfigError(f"{folder.path}: can't go on, the checkpoint is of another config ({error})") from None
    return Metrics.read(folder.path / "metrics.csv", parts.optimizer.done), seconds


def _optimize(
    config: Config,
    parts: Parts,
    folder: RunFolder,
    activation: dict[str, float],
    metrics: Metrics,
    started: float,
    on_step: OnStep | None,
) -> None:
    optimizer = parts.optimizer

    def checkpoint() -> None:
        tensors, state = optimizer.state()
        seconds = time.perf_counter() - started
        metadata = {"optimizer": state, "activation": json.dumps(activation), "seconds": repr(seconds)}
        folder.write("metrics.csv", metrics.text())
        folder.save_checkpoint(optimizer.done, tensors, metadata)

    timelapse = Timelapse(folder, optimizer, pictures=config.export.timelapse, resolution=config.render.resolution)
    with asked_to_stop() as stop:
        timelapse.take()
        for step in optimizer.steps():
            metrics.rows.append(_row(step))
            if optimizer.soft_finished and "soft" not in activation:
                activation["soft"] = parts.activation(optimizer.soft_frame().image.detach())
                if isinstance(parts.canvas, PixelCanvas):
                    folder.write("relaxed.png", _png(to_picture(optimizer.soft_frame().image)))
                optimizer.harden()
                if parts.canvas.matches:
                    activation["matched"] = parts.activation(parts.canvas.hard().image.detach())
            timelapse.take()
            if on_step:
                on_step(step)
            if optimizer.done % config.optimize.checkpoint == 0 or optimizer.finished or stop.asked:
                checkpoint()
            if stop.asked:
                raise KeyboardInterrupt
    optimizer.harden()
    timelapse.finish()


def _finish_strokes(config: Config, parts: Parts, folder: RunFolder, activation: dict[str, float]) -> dict[str, Any]:
    """The drawing exported; its share of summary.json."""
    canvas = parts.canvas
    assert isinstance(canvas, StrokeCanvas)
    strokes, pens = canvas.strokes.detached(), canvas.palette.pens()
    plot = draw_plot(folder, strokes, pens, parts.page, parts.machine, parts.renderer, config.export)
    activation["plotted"] = parts.activation(plot.image)
    return plot.summary


def _finish_pixels(config: Config, parts: Parts, folder: RunFolder, activation: dict[str, float]) -> dict[str, Any]:
    """The true image, one colour a pixel, beside the relaxed one, and the index of each pixel."""
    canvas = parts.canvas
    assert isinstance(canvas, PixelCanvas)
    true = to_picture(canvas.hard().image)
    with Image.open(folder.path / "relaxed.png") as relaxed:
        both = Image.new("RGB", (true.width * 2 + 16, true.height), "white")
        both.paste(relaxed, (0, 0))
    both.paste(true, (true.width + 16, 0))
    folder.write("true.png", _png(true))
    folder.write("preview.png", _png(both))
    colors = [pen.color for pen in canvas.palette.pens()]
    index = canvas.index
    folder.write("pixels.safetensors", save({"index": index.to(torch.uint8)}, {"colors": json.dumps(colors)}))
    share = torch.bincount(index.reshape(-1), minlength=len(colors)) / index.numel()
    return {"colors": [{"color": c, "share": round(s, 4)} for c, s in zip(colors, share.tolist(), strict=True)]}


def _row(step: Step) -> dict[str, float]:
    row: dict[str, float] = {"step": step.number, "loss": step.loss}
    row |= step.losses
    row |= {"temperature": step.temperature, "softness": step.softness, "sharpness weight": step.sharpness}
    return {**row, "decided": step.decided, "top probability": step.top, "recycled": step.recycled}


def _summary(
    config: Config,
    parts: Parts,
    activation: dict[str, float],
    metrics: Metrics,
    details: dict[str, Any],
    wall: float,
) -> dict[str, Any]:
    final = activation.get("plotted", activation["hard"])
    gained = activation["soft"] - activation["blank"]
    return {
        "name": config.name,
        "activation": {name: round(value, 6) for name, value in activation.items()},
        "retained": round((final - activation["blank"]) / gained, 4) if gained else None,
        **details,
        **_matching(config, parts, activation),
        "recycled": sum(int(row.get("recycled", 0)) for row in metrics.rows),
        "wall_seconds": round(wall, 2),
        "steps": config.optimize.steps,
        "seed": config.seed,
        "device": parts.device,
        "renderer": "cpu" if parts.renderer.backend == "auto" else parts.renderer.backend,
        "precision": ", ".join(dict.fromkeys(map(str, parts.optimizer.precision.values()))),
        "network": ", ".join(dict.fromkeys(network.name for network in parts.optimizer.precision)),
        "objective": [term.name for _, term in parts.goals],
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("plotart", "torch", "numpy", "numba", "vpype")},
        },
    }


def _matching(config: Config, parts: Parts, activation: dict[str, float]) -> dict[str, Any]:
    """Where colours were found and then given to pens: how well those fit, and what the exchange cost."""
    if not parts.canvas.matches:
        return {}
    pens = build_pens(config)
    rows = [
        {
            "wanted": to_hex(found.wanted),
            "pen": pens[found.pen].name,
            "look": to_hex(found.look),
            "difference": round(found.difference, 2),
        }
        for found in parts.canvas.matches
    ]
    return {"matching": rows, "matching_loss": round(activation["soft"] - activation["matched"], 6)}


def _report(config: Config, parts: Parts, folder: RunFolder, summary: dict[str, Any], metrics: Metrics) -> str:
    strokes = isinstance(parts.canvas, StrokeCanvas)
    return run_report(
        folder.path,
        name=config.name,
        summary=summary,
        metrics=metrics.rows,
        config_yaml=config.dump(),
        machine=parts.machine if strokes else None,
        page=parts.page if strokes else None,
        pens=parts.canvas.palette.pens() if strokes else None,
    )


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()

"""The main job: a config in, a run folder with a plottable artwork out."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors.torch import save

from plotart.canvas import PixelCanvas, StrokeCanvas
from plotart.color import to_hex
from plotart.config import Config
from plotart.errors import ConfigError, NetworkError, OutputError, StopRun
from plotart.export.engine import undisturbed
from plotart.files.images import png_bytes
from plotart.files.lock import locked
from plotart.files.names import is_device
from plotart.job.build import Parts, build, build_pens
from plotart.job.finish import draw_plot
from plotart.job.timelapse import Timelapse
from plotart.networks.precision import CANDIDATES, NAMED
from plotart.networks.weights import Progress
from plotart.objectives import RandomViews, Term
from plotart.optimize import Step
from plotart.plotter.simulate import to_picture
from plotart.reports.run_report import run_report
from plotart.runs.record import computing_with, cores, machine_record, network_records
from plotart.runs.run import Checkpoint, Metrics, OnNote, Run, RunFolder, load_run
from plotart.runs.stop import asked_to_stop
from plotart.schema.problems import show

OnStep = Callable[[Step], None]


def generate(
    config: Config,
    *,
    out: Path | str | None = None,
    resume: bool = False,
    changed_config: bool = False,
    overwrite: bool = False,
    device: str = "auto",
    threads: int | None = None,
    objective: Term | None = None,
    backend: str | None = None,
    on_step: OnStep | None = None,
    on_download: Progress | None = None,
    on_note: OnNote | None = None,
) -> Run:
    """Optimise a drawing, export it, and write all of it into the folder `out` (outputs/<name> if None).

    resume          go on from the newest checkpoint that is whole; begin if there is none; a finished run is read back
    changed_config  go on even though the config is not the one that the run was begun with
    overwrite       begin anew where a run is already; without it or `resume` that is an OutputError
    threads         in which torch and the renderer compute: as many as there are cores, if None, or as the run that is
                    gone on with was begun with; results are the same to the bit for the same number of threads
    objective       a term in place of the config's; it has to be given again to go on
    backend         a renderer by name in place of the config's, as in plotart.render.register_backend
    on_step, on_download, on_note hear of every step, of weights (bytes done, bytes in all), and of what is no error

    An interrupt (Ctrl-C) ends after the step at hand with a checkpoint and a KeyboardInterrupt; a StopRun that
    `on_step` raises, with a checkpoint and that StopRun.

    Raises InputError for what is wrong with the config, before anything is written, OutputError for a folder that
    can't be written, holds a run, or is another process's, and Diverged when the loss is not a number; the last good
    checkpoint stays then.
    """
    started = time.perf_counter()
    folder = RunFolder(Path(out) if out is not None else run_folder(config))
    with ExitStack() as until_done:
        is_there = folder.path.is_dir()
        if is_there:
            until_done.enter_context(locked(folder.path))
        saved = None
        if resume:
            config, changed = _as_begun(config, folder.path, changed_config)
            if folder.finished and not changed:
                return load_run(folder.path)
            saved = folder.newest_checkpoint(on_note)
        elif not overwrite:
            _check_free(folder)
        until_done.enter_context(computing_with(_threads(threads, saved)))
        _load_vpype()
        parts = build(config, device=device, progress=on_download, objective=objective, backend=backend)
        config = _settled(config, parts, saved)
        activation = _first_look(parts)
        RunFolder.create(folder.path)
        if not is_there:
            until_done.enter_context(locked(folder.path))
            _check_free(folder)
        metrics, earlier = _begin(config, parts, folder, activation, saved)
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
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "-", config.name).rstrip(". ") or "drawing"
    return Path("outputs") / (f"_{name}" if is_device(name) else name)


def _load_vpype() -> None:
    """vpype gives the root logger a handler when it is loaded first; leave logging as it was."""
    with undisturbed():
        import vpype  # noqa: F401


def _check_free(folder: RunFolder) -> None:
    """Raises OutputError if a run is there that would be lost."""
    found = "a finished run" if folder.finished else f"a run with a checkpoint after {folder.steps_saved} steps"
    if folder.finished or folder.steps_saved:
        raise OutputError(
            f"{folder.path}: holds {found}; allowed: --resume to go on with it, --overwrite to begin anew, "
            "or another folder with --out"
        )


def _as_begun(config: Config, folder: Path, may_change: bool) -> tuple[Config, bool]:
    """The config to go on with, and whether it is another one than that of the run in the folder, if one is there.

    A number type that was measured when the run began is kept. Raises ConfigError for another config, unless it may be.
    """
    path = folder / "config.yaml"
    if not path.is_file():
        return config, False
    begun = Config.load(path)
    if config.optimize.precision == "auto":
        config = _with_precision(config, begun.optimize.precision)
    before, now = (c.model_dump(mode="json", by_alias=True) for c in (begun, config))
    different = list(_differences(before, now))
    if different and not may_change:
        raise ConfigError(
            f"{path}: can't go on with another config: {'; '.join(different)}; "
            "allowed: the config that the run was begun with, --changed-config to go on with this one all the same, "
            "or --overwrite in place of --resume to begin anew"
        )
    return config, bool(different)


def _settled(config: Config, parts: Parts, saved: Checkpoint | None) -> Config:
    """The config with the number type that is the fastest here, as measured when the run began, so that it repeats
    this very run. Where the config has no word for it, as for networks of which each has its own, it stays "auto"."""
    if config.optimize.precision != "auto":
        return config
    now = parts.optimizer.precision
    begun = json.loads(saved[1].get("precision", "[]")) if saved else []
    by_name = {str(candidate): candidate for candidate in CANDIDATES}
    if len(begun) == len(now) and by_name.keys() >= set(begun):
        parts.optimizer.precision = {network: by_name[name] for network, name in zip(now, begun, strict=True)}
    chosen = set(parts.optimizer.precision.values())
    name = next((name for name, precision in NAMED.items() if chosen == {precision}), None)
    return _with_precision(config, name) if name else config


def _with_precision(config: Config, name: str) -> Config:
    return config.model_copy(update={"optimize": config.optimize.model_copy(update={"precision": name})})


def _threads(wanted: int | None, saved: Checkpoint | None) -> int:
    """As said, else as the run was begun, else as many as there are cores."""
    if wanted is not None:
        return wanted
    begun = saved[1].get("threads", "") if saved else ""
    return int(begun) if begun.isdecimal() else cores()


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
    config: Config, parts: Parts, folder: RunFolder, activation: dict[str, float], saved: Checkpoint | None
) -> tuple[Metrics, float]:
    """Metrics and seconds so far, of a checkpoint whose activations are put in; or a fresh start."""
    folder.sweep()
    if saved is None:
        folder.clear()
        folder.write("config.yaml", config.dump())
        return Metrics(), 0.0
    tensors, metadata = saved
    try:
        parts.optimizer.restore(tensors, metadata["optimizer"])
        seconds = float(metadata["seconds"])
        activation |= json.loads(metadata["activation"])
        fixed = bool(json.loads(metadata["optimizer"])["hardened"])
    except (KeyError, ValueError, RuntimeError) as error:
        raise ConfigError(f"{folder.path}: can't go on, the checkpoint is of another config ({error})") from None
    if fixed != parts.optimizer.soft_finished:
        raise ConfigError(
            f"{folder.path}: can't go on after {parts.optimizer.done} steps, as the pens were "
            f"{'fixed' if fixed else 'not yet fixed'} then; allowed are optimize.steps and optimize.polish "
            "by which that stays so"
        )
    metrics = Metrics.read(folder.path / "metrics.csv", parts.optimizer.done)
    folder.reopen()
    folder.write("config.yaml", config.dump())
    return metrics, seconds


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
        metadata["threads"] = str(torch.get_num_threads())
        metadata["precision"] = json.dumps([str(chosen) for chosen in optimizer.precision.values()])
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
                    folder.write("relaxed.png", png_bytes(to_picture(optimizer.soft_frame().image)))
                optimizer.harden()
                if parts.canvas.matches:
                    activation["matched"] = parts.activation(parts.canvas.hard().image.detach())
            timelapse.take()
            if on_step:
                try:
                    on_step(step)
                except StopRun:
                    checkpoint()
                    raise
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
    folder.write("true.png", png_bytes(true))
    folder.write("preview.png", png_bytes(both))
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
        "networks": network_records(parts.optimizer.precision),
        "config_sha256": hashlib.sha256(config.dump().encode()).hexdigest(),
        **machine_record(),
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

"""Makes the good files that bad ones are made of."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image
from scans import plotted
from small_runs import run_small, small

from fuzz.case import Seeds
from plotart.calibration.chart_file import dump_chart
from plotart.color.light import linear_to_srgb


def make_seeds(folder: Path, run: Path | None = None) -> Seeds:
    """The seeds in a folder, made if it does not exist, which takes some ten seconds; `run` is a finished run of the
    quickstart config, if there is one."""
    if not folder.is_dir():
        making = folder.with_name(f"{folder.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        _make_runs(Seeds(making), run)
        _make_chart(Seeds(making))
        making.rename(folder)
    return Seeds(folder)


def _make_runs(seeds: Seeds, run: Path | None) -> None:
    if run is not None:
        shutil.copytree(run, seeds.run)
    else:
        short = ("render.resolution=48", "optimize.compile=false", "export.preview=64", "optimize.precision=float32")
        run_small(small("quickstart", *short), seeds.run)
    shutil.copytree(seeds.run, seeds.stopped)
    newest = max((seeds.stopped / "checkpoints").iterdir())
    for path in (newest, *(seeds.stopped / name for name in ("summary.json", "strokes.safetensors", "plot.svg"))):
        path.unlink()


def _make_chart(seeds: Seeds) -> None:
    import torch

    seeds.chart.parent.mkdir()
    sheet = plotted(seeds.chart.parent)
    seeds.chart.write_text(dump_chart(sheet.chart), encoding="utf-8")
    pixels = (linear_to_srgb(torch.from_numpy(sheet.light)).numpy() * 255).round().clip(0, 255).astype(np.uint8)
    bordered = np.pad(pixels, ((20, 20), (20, 20), (0, 0)), mode="edge")
    Image.fromarray(bordered).save(seeds.chart.with_name("scan.png"))

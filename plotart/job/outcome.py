"""What becomes of a canvas in the end: files, and what summary and report say of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from PIL import Image
from safetensors.torch import save
from torch import Tensor

from plotart.canvas import PixelCanvas, Renderer, StrokeCanvas
from plotart.config import ExportConfig
from plotart.export.line_figures import LineFigures
from plotart.files.images import png_bytes
from plotart.job.finish import draw_plot
from plotart.plotter.machines import Machine
from plotart.plotter.simulate import to_picture
from plotart.runs.run import RunFolder


@dataclass(frozen=True)
class Finished:
    """summary: a share of summary.json; plotted: the image [1, 3, H, W] of what was exported, read back, and line: the
    figures of its lines, if anything was; sheet: what the report draws it with."""

    summary: dict[str, Any]
    plotted: Tensor | None = None
    line: LineFigures | None = None
    sheet: Mapping[str, Any] = field(default_factory=lambda: dict.fromkeys(("machine", "page", "pens")))


class Outcome(Protocol):
    def soft(self, folder: RunFolder, image: Tensor) -> None:
        """Keep what is wanted of the end of the soft phase, [1, 3, H, W]."""
        ...

    def write(self, folder: RunFolder) -> Finished:
        """The files of the finished canvas. Raises OutputError, DrawingError."""
        ...


@dataclass(frozen=True)
class StrokesOutcome:
    """A drawing for the plotter."""

    canvas: StrokeCanvas
    machine: Machine
    renderer: Renderer
    export: ExportConfig

    def soft(self, folder: RunFolder, image: Tensor) -> None:
        """Nothing is kept: the plot is all that counts."""

    def write(self, folder: RunFolder) -> Finished:
        strokes, pens, page = self.canvas.strokes.detached().to("cpu"), self.canvas.palette.pens(), self.canvas.page
        plot = draw_plot(folder, strokes, pens, page, self.machine, self.renderer, self.export)
        return Finished(plot.summary, plot.image, plot.line, {"machine": self.machine, "page": page, "pens": pens})


@dataclass(frozen=True)
class PixelsOutcome:
    """The true image, one colour a pixel, beside the relaxed one, and the index of each pixel."""

    canvas: PixelCanvas

    def soft(self, folder: RunFolder, image: Tensor) -> None:
        folder.write("relaxed.png", png_bytes(to_picture(image)))

    def write(self, folder: RunFolder) -> Finished:
        true = to_picture(self.canvas.hard().image)
        with Image.open(folder.path / "relaxed.png") as relaxed:
            both = Image.new("RGB", (true.width * 2 + 16, true.height), "white")
            both.paste(relaxed, (0, 0))
        both.paste(true, (true.width + 16, 0))
        folder.write("true.png", png_bytes(true))
        folder.write("preview.png", png_bytes(both))
        colors, index = [pen.color for pen in self.canvas.palette.pens()], self.canvas.index.cpu()
        folder.write("pixels.safetensors", save({"index": index.to(torch.uint8)}, {"colors": json.dumps(colors)}))
        shares = (torch.bincount(index.reshape(-1), minlength=len(colors)) / index.numel()).tolist()
        return Finished({"colors": [{"color": c, "share": round(s, 4)} for c, s in zip(colors, shares, strict=True)]})

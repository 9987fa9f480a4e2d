"""The run folder: every file in it is whole or absent, and a run can go on from its newest checkpoint."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import uuid
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from plotart.errors import DrawingError, OutputError
from plotart.page import Page
from plotart.pens import Handling, Light, Pen, PenSet
from plotart.strokes import Strokes

#: Checkpoints that are kept; older ones are removed.
KEPT_CHECKPOINTS = 3


class RunFolder:
    """A folder for one run. Files are written under a temporary name and renamed when they are whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """The folder, made if need be. Raises OutputError if nothing can be written there."""
        folder = cls(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
            probe = path / f".{uuid.uuid4().hex}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise OutputError(
                f"{path}: can't be written to ({error.strerror or error}); give another folder with --out"
            ) from None
        return folder

    def write(self, name: str, content: str | bytes) -> Path:
        """Raises OutputError, for a full disk say; no half-written file is left."""
        target = self.path / name
        temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
        try:
            target.parent.mkdir(exist_ok=True)
            with temporary.open("wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except OSError as error:
            raise OutputError(f"{target}: can't be written ({error.strerror or error})") from None
        finally:
            with contextlib.suppress(OSError):  # gone by now, or never there
                temporary.unlink()
        return target

    def save_checkpoint(self, step: int, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
        contiguous = {name: value.contiguous().cpu() for name, value in tensors.items()}
        self.write(f"checkpoints/{step:08d}.safetensors", save(contiguous, metadata))
        for old in self._checkpoints()[:-KEPT_CHECKPOINTS]:
            old.unlink(missing_ok=True)

    def newest_checkpoint(self) -> tuple[dict[str, Tensor], dict[str, str]] | None:
        """Tensors and metadata of the newest checkpoint that can be read."""
        for path in reversed(self._checkpoints()):
            try:
                with safe_open(path, framework="pt") as file:
                    return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
            except (SafetensorError, OSError):
                continue
        return None

    def clear(self) -> None:
        """Remove what an earlier run left, so that no file of it passes for one of this run. Raises OutputError."""
        names = ["strokes.safetensors", "pixels.safetensors", "plot.svg", "curves.svg", "preview.png", "metrics.csv"]
        names += ["summary.json", "report.html", "relaxed.png", "true.png", "timelapse.webp"]
        names += ["plot.gcode", "plot.hpgl"]
        old = [self.path / name for name in names]
        for pattern in ("plot_[0-9]*_*.svg", "plot_[0-9]*_*.gcode", "sheets/*.svg", "timelapse/*.png"):
            old += self.path.glob(pattern)
        for path in [*old, *self._checkpoints()]:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(f"{path}: can't be removed ({error.strerror or error})") from None

    def _checkpoints(self) -> list[Path]:
        return sorted((self.path / "checkpoints").glob("*.safetensors"))


class Metrics:
    """A row of numbers per step; kept in memory, written whole."""

    def __init__(self, rows: list[dict[str, float]] | None = None) -> None:
        self.rows = rows or []

    def text(self) -> str:
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        out = io.StringIO()
        writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in row.items()}
            for row in self.rows
        )
        return out.getvalue()

    @classmethod
    def read(cls, path: Path, up_to: int) -> Metrics:
        """The rows of the first `up_to` steps of a metrics.csv; none if there is no such file. Raises DrawingError."""
        if not path.is_file():
            return cls()
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows = [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
            return cls([{**row, "step": int(row["step"])} for row in rows if row["step"] <= up_to])
        except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
            raise DrawingError(f"{path}: can't be read as metrics, a number per step and column ({error})") from None


def save_strokes(strokes: Strokes, pens: PenSet, page: Page) -> bytes:
    """strokes.safetensors: points in mm, the pen of each stroke, class logits; pens and page as JSON in the metadata.

    Equal input gives equal bytes: the metadata has one key, as safetensors writes several in any order.
    """
    tensors = {
        "points": strokes.points.contiguous(),
        "num_points": strokes.num_points.contiguous(),
        "logits": strokes.logits.contiguous(),
        "pen": strokes.pen.contiguous(),
    }
    drawing = {"pens": [asdict(pen) for pen in pens], "page": vars(page)}
    return save(tensors, {"drawing": json.dumps(drawing)})


@dataclass(frozen=True)
class Run:
    """A finished run, read back from its folder. strokes, pens and page are None for a canvas of pixels."""

    path: Path
    summary: dict[str, Any]
    strokes: Strokes | None
    pens: PenSet | None
    page: Page | None

    @property
    def config_text(self) -> str:
        """Raises DrawingError if config.yaml can't be read."""
        path = self.path / "config.yaml"
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise DrawingError(f"{path}: can't be read ({error})") from None

    @property
    def metrics(self) -> list[dict[str, float]]:
        """A row per step; none without a metrics.csv. Raises DrawingError if it can't be read."""
        return Metrics.read(self.path / "metrics.csv", up_to=1 << 62).rows


def load_run(path: Path | str) -> Run:
    """The run in a folder. Raises DrawingError if it isn't one, isn't finished, or can't be read."""
    folder = Path(path)
    if not folder.is_dir():
        raise DrawingError(f"{folder}: no such run folder")
    if not (folder / "summary.json").is_file():
        unfinished = (folder / "config.yaml").is_file()
        raise DrawingError(f"{folder}: the run is not finished" if unfinished else f"{folder}: not a run folder")
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        if not isinstance(summary, dict):
            raise ValueError("summary.json holds no mapping")
        if not (folder / "strokes.safetensors").is_file():
            return Run(folder, summary, None, None, None)
        with safe_open(folder / "strokes.safetensors", framework="pt") as file:
            drawing = json.loads(file.metadata()["drawing"])
            points, num_points, logits = (file.get_tensor(name) for name in ("points", "num_points", "logits"))
        pens = PenSet([_pen(values) for values in drawing["pens"]])
        page = Page(**drawing["page"])
        return Run(folder, summary, Strokes(points, num_points, logits), pens, page)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise DrawingError(f"{folder}: the run can't be read ({error})") from None


def _pen(values: dict[str, Any]) -> Pen:
    """A pen as `save_strokes` wrote it."""
    light = values.get("measured")
    measured = Light(tuple(light["reflectance"]), tuple(light["transmittance"])) if light else None
    return Pen(**{**values, "measured": measured, "handling": Handling(**values.get("handling", {}))})


def generator_of(seed: int, purpose: str) -> torch.Generator:
    """A random generator of its own for each purpose of a run, so that one draws nothing from another's stream."""
    state = np.random.SeedSequence([seed, zlib.crc32(purpose.encode())]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0]) >> 1)

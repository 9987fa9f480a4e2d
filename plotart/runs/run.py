"""The run folder: every file in it is whole or absent, and a run can go on from its newest checkpoint."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from plotart.errors import DrawingError, OutputError, PenError
from plotart.files.atomic import TEMPORARY, sync_folder, temporary_path, write_file
from plotart.files.lock import locked
from plotart.files.names import is_device
from plotart.geometry.fixed import NOTHING, Fixed
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.pens import PenSet

#: Checkpoints that are kept; older ones are removed.
KEPT_CHECKPOINTS = 3

#: Is called with a sentence about something that is no error.
OnNote = Callable[[str], None]

#: Tensors by name, and texts.
Checkpoint = tuple[dict[str, Tensor], dict[str, str]]

#: The metadata of a checkpoint that tells whether the rest is as it was written.
_DIGEST = "sha256"


#: Files of a run beside its config, its summary and how its plotting stands; those of its pens; those that exports
#: write elsewhere, where no summary lists them.
_OWN = [f"{name}.svg" for name in ("plot", "curves")] + [f"{name}.png" for name in ("preview", "relaxed", "true")]
_OWN += ["strokes.safetensors", "pixels.safetensors", "metrics.csv", "report.html", "timelapse.webp"]
_PENS = ("plot_[0-9]*_*.svg", "sheets/*.svg")
_UNLISTED = ("plot.gcode", "plot_[0-9]*_*.gcode", "plot.hpgl")


def is_foreign(name: str) -> bool:
    """Whether a file of that name may lie in a run folder beside those of the run."""
    plain = name and Path(name).name == name and name.isprintable() and not is_device(name) and not name.startswith(".")
    taken = ("config.yaml", "summary.json", "plotting.json", "paused_*.svg", "journal_*.log", *_OWN, *_PENS)
    return bool(plain) and not any(fnmatch(name.lower(), pattern) for pattern in taken)


class RunFolder:
    """A folder for one run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def finished(self) -> bool:
        """Whether all of a run is here: its summary is written last."""
        return (self.path / "summary.json").is_file()

    def files(self) -> dict[str, Path]:
        """The files that runs and exports write, as far as they are here, by name, as in ``sheets/sheet_1_1.svg``: no
        checkpoints, nothing that somebody else put here, and no links to elsewhere."""
        names = ["config.yaml", "summary.json", *_OWN]
        paths = [self.path / name for name in names] + self._foreign()
        paths += sorted(path for pattern in (*_PENS, *_UNLISTED) for path in self.path.glob(pattern))
        there = (path for path in paths if path.is_file() and not path.is_symlink())
        return {path.relative_to(self.path).as_posix(): path for path in there}

    @property
    def steps_saved(self) -> int:
        """Steps of the newest checkpoint, whole or not; 0 without one."""
        return max((int(path.stem) for path in self._checkpoints() if path.stem.isdecimal()), default=0)

    @contextlib.contextmanager
    def claimed(self) -> Iterator[None]:
        """While this lasts, the folder is there and this process's alone; folders that were made for it and are still
        empty at the end are removed again. Raises OutputError if it can't be written to, or if another process has
        it."""
        made = [folder for folder in (self.path, *self.path.parents) if not folder.is_dir()]
        self.create(self.path)
        try:
            with locked(self.path):
                yield
        finally:
            with contextlib.suppress(OSError):  # something is in them by now
                for folder in made:
                    folder.rmdir()

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """The folder, made if need be. Raises OutputError if nothing can be written there."""
        folder = cls(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
            probe = temporary_path(path / "probe")
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise OutputError(
                f"{path}: can't be written to ({error.strerror or error}); give another folder with --out"
            ) from None
        return folder

    def write(self, name: str, content: str | bytes) -> Path:
        """On the disk for good when this returns. Raises OutputError, for a full disk say; no half-written file is
        left."""
        return write_file(self.path / name, content)

    def sweep(self) -> None:
        """Remove what writes left that a kill or a power loss cut short. Only for who has the folder to himself."""
        for folder in (self.path, *(self.path / name for name in ("checkpoints", "timelapse", "sheets"))):
            for path in folder.glob(".*.tmp"):
                if TEMPORARY.fullmatch(path.name):
                    _remove(path)

    def save_checkpoint(self, step: int, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
        contiguous = {name: value.contiguous().cpu() for name, value in tensors.items()}
        signed = {**metadata, _DIGEST: _digest(contiguous, metadata)}
        new = self.write(f"checkpoints/{step:08d}.safetensors", save(contiguous, signed))
        for old in self._checkpoints()[:-KEPT_CHECKPOINTS]:
            if old != new:  # a run that begins anew has fewer steps than what is there
                old.unlink(missing_ok=True)

    def newest_checkpoint(self, on_note: OnNote | None = None) -> Checkpoint | None:
        """Tensors and metadata of the newest checkpoint that is whole; `on_note` is called for those that are not."""
        for path in reversed(self._checkpoints()):
            try:
                with safe_open(path, framework="pt") as file:
                    tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                    metadata = dict(file.metadata() or {})
                if metadata.pop(_DIGEST, None) == _digest(tensors, metadata):
                    return tensors, metadata
            except (SafetensorError, OSError):
                pass
            if on_note is not None:
                on_note(f"{path}: this checkpoint is damaged; going back to the one before it")
        return None

    def reopen(self) -> None:
        """A finished run is no longer finished; what only its summary tells of goes with it. Raises OutputError."""
        foreign = self._foreign()
        for path in (self.path / "summary.json", *foreign):
            _remove(path)
        try:
            sync_folder(self.path)
        except OSError as error:
            raise OutputError(f"{self.path}: can't be written ({error.strerror or error})") from None

    def clear(self, *, but: int | None = None) -> None:
        """Remove what an earlier run left, so that no file of it passes for one of this run; not `but` the checkpoint
        after so many steps, which is this run's. Raises OutputError.

        First what says that the run is finished, then the checkpoints, then what they need: at every moment what is
        left is a run that can go on, or none.
        """
        self.reopen()
        for path in self._checkpoints():
            if but is None or path.stem != f"{but:08d}":
                _remove(path)
        self.clear_drawing()
        for path in [*(self.path / name for name in _OWN), *self.path.glob("timelapse/*.png")]:
            _remove(path)

    def clear_drawing(self) -> None:
        """Remove the files of pens, of sheets, and for other machines, which another drawing may not have."""
        for path in [*self._foreign(), *(path for part in (*_PENS, *_UNLISTED) for path in self.path.glob(part))]:
            _remove(path)

    def _foreign(self) -> list[Path]:
        """Files for other machines and programs that the summary lists."""
        try:
            formats = json.loads((self.path / "summary.json").read_text(encoding="utf-8"))["formats"]
            return [self.path / name for names in formats.values() for name in names if is_foreign(name)]
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return []

    def _checkpoints(self) -> list[Path]:
        return sorted((self.path / "checkpoints").glob("*.safetensors"))


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: can't be removed ({error.strerror or error})") from None


def _digest(tensors: dict[str, Tensor], metadata: dict[str, str]) -> str:
    """SHA-256 of a checkpoint's values and texts, in the order of their names."""
    digest = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()


class Metrics:
    """A row of numbers per step; kept in memory, written whole."""

    def __init__(self, rows: list[dict[str, float]] | None = None) -> None:
        self._rows = rows or []
        self._coming: list[Callable[[], dict[str, float]]] = []

    @property
    def rows(self) -> list[dict[str, float]]:
        self._rows += [row() for row in self._coming]
        self._coming.clear()
        return self._rows

    def add(self, row: Callable[[], dict[str, float]]) -> None:
        """A step's row, which is asked for when it is first needed: the numbers may still be under way on a GPU."""
        self._coming.append(row)

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
            if not all(math.isfinite(value) for row in rows for value in row.values()):
                raise ValueError("a value is not finite")
            return cls([{**row, "step": int(row["step"])} for row in rows if row["step"] <= up_to])
        except (OSError, ValueError, KeyError, TypeError, OverflowError, csv.Error) as error:
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
    fixed = {"fixed": page.fixed.plain()} if page.fixed else {}
    drawing = {"pens": pens.plain(), "page": {**_without_fixed(page), **fixed}}
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

    def _repr_html_(self) -> str:
        from plotart.runs.card import run_card

        return run_card(self.path, self.summary)


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
        page = _page(drawing["page"])
        return Run(folder, summary, Strokes(points, num_points, logits), PenSet.read(drawing["pens"]), page)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        SafetensorError,
        PenError,
    ) as error:
        raise DrawingError(f"{folder}: the run can't be read ({error})") from None


def _without_fixed(page: Page) -> dict[str, Any]:
    return {name: value for name, value in vars(page).items() if name != "fixed"}


def _page(values: dict[str, Any]) -> Page:
    """A page as `save_strokes` wrote it."""
    page = Page(**{**values, "fixed": Fixed.read(values["fixed"]) if "fixed" in values else NOTHING})
    if not all(map(math.isfinite, (page.width, page.height, page.margin))):
        raise ValueError("the page has values that are not finite")
    return page


def generator_of(seed: int, purpose: str) -> torch.Generator:
    """A random generator of its own for each purpose of a run, so that one draws nothing from another's stream."""
    state = np.random.SeedSequence([seed, zlib.crc32(purpose.encode())]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0]) >> 1)

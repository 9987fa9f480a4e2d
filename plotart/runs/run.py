"""The run folder: every file in it is whole or absent, and a run can go on from its newest checkpoint."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotart.errors import DrawingError, OutputError
from plotart.files.atomic import TEMPORARY, sync_folder, temporary_path, write_file
from plotart.files.lock import locked
from plotart.files.names import is_device
from plotart.geometry.page import Page
from plotart.pens import PenSet
from plotart.runs.metrics import Metrics

if TYPE_CHECKING:
    from plotart.geometry.strokes import Strokes

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
    def checkpoints(self) -> list[Path]:
        """The files of its checkpoints, the oldest first, whole or not."""
        return sorted((self.path / "checkpoints").glob("*.safetensors"))

    @property
    def steps_saved(self) -> int:
        """Steps of the newest checkpoint, whole or not; 0 without one."""
        return max((int(path.stem) for path in self.checkpoints if path.stem.isdecimal()), default=0)

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
        for path in self.checkpoints:
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


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: can't be removed ({error.strerror or error})") from None


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
    except (OSError, ValueError, RecursionError) as error:
        raise DrawingError(f"{folder}: the run can't be read ({error})") from None
    if not (folder / "strokes.safetensors").is_file():
        return Run(folder, summary, None, None, None)
    from plotart.runs.strokes_file import read_strokes

    return Run(folder, summary, *read_strokes(folder))

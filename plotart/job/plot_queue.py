"""Drawings that wait for a plotter, one after another: a list on disk, which may grow while the first is plotted."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

from plotart.errors import DrawingError, OptionError, OutputError
from plotart.files.atomic import write_file
from plotart.files.lock import locked
from plotart.files.own_folders import own_folder
from plotart.job.plotting import Plotting, open_plotting
from plotart.plotter.session import Status

#: Seconds for which a change waits for another one, and between two tries.
PATIENCE, GLANCE = 5.0, 0.05

#: Names of queues.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")


@dataclass(frozen=True)
class QueuedJob:
    """One drawing in a queue.

    number                by which it is named, never given twice
    source                absolute path of a run folder, or of an SVG
    digest                of what was to be plotted when it was added
    begun                 whether its turn has come; its paper may have lines
    run                   of an SVG that is one of a run's sheets: the run's folder
    machine and further   as `open_plotting` has them
    """

    number: int
    source: str
    digest: str
    begun: bool = False
    run: str | None = None
    machine: str | None = None
    pens: tuple[str, ...] = ()
    start: int = 1
    speed_down: int | None = None
    speed_up: int | None = None

    @property
    def name(self) -> str:
        path = Path(self.source)
        return f"{Path(self.run).name}/{path.name}" if self.run is not None else path.name

    def opened(self, *, driver: str | None = None, port: str | None = None, profile: str | None = None) -> Plotting:
        """Its plot as it stands now. Raises InputError as `open_plotting` does, for what is gone since say."""
        return open_plotting(
            Path(self.source),
            machine=self.machine,
            driver=driver,
            pens=self.pens,
            start=self.start,
            speed_down=self.speed_down,
            speed_up=self.speed_up,
            port=port,
            profile=profile,
            run=Path(self.run) if self.run is not None else None,
        )


class PlotQueue:
    """A queue by its name. Any process may read and change it at any time; one at a time plots from it."""

    def __init__(self, name: str = "plotter") -> None:
        """Raises OptionError for what is no name."""
        if not _NAME.fullmatch(name):
            raise OptionError(f"queue {name}: no name of a queue; allowed are up to 50 of a-z, A-Z, 0-9, '.', '_', '-'")
        self.name = name
        self.folder = own_folder("state") / "queues" / name

    @property
    def path(self) -> Path:
        return self.folder / "queue.json"

    def jobs(self) -> list[QueuedJob]:
        """In the order in which they are plotted. Raises DrawingError where they can't be read."""
        return self._read()[1]

    def add(self, jobs: Sequence[QueuedJob]) -> list[QueuedJob]:
        """At its end, with numbers of their own. Raises OutputError."""
        with self._changing() as (free, before):
            added = [replace(job, number=number) for number, job in enumerate(jobs, start=free)]
            self._write(free + len(added), [*before, *added])
        return added

    def remove(self, numbers: Collection[int]) -> list[QueuedJob]:
        """Those that were there. Nothing of the drawings is changed. Raises OutputError."""
        with self._changing() as (free, before):
            self._write(free, [job for job in before if job.number not in numbers])
        return [job for job in before if job.number in numbers]

    def take(self, job: QueuedJob, **words: str | None) -> Plotting:
        """The plot of a job whose turn has come; `words` are `QueuedJob.opened`'s.

        What is half plotted goes on. What was plotted before its turn came is plotted again, on new paper; a job that
        was begun and is done has nothing left. Raises InputError, and the job stays as it is.
        """
        plotting = job.opened(**words)  # type: ignore[arg-type]
        if job.begun:
            return plotting
        if not plotting.left:
            # The drawing is reset first: a kill in between does that again, and nothing is taken for plotted.
            for pen in plotting.chosen:
                plotting.session.mark(pen, Status.waiting)
            plotting = job.opened(**words)  # type: ignore[arg-type]
        with self._changing() as (free, before):
            self._write(free, [replace(one, begun=one.begun or one.number == job.number) for one in before])
        return plotting

    @contextmanager
    def running(self) -> Iterator[None]:
        """While this lasts, it is this process that plots. Raises OutputError if another one does."""
        folder = self.folder / "running"
        _make(folder)
        with locked(folder):
            yield

    @contextmanager
    def _changing(self) -> Iterator[tuple[int, list[QueuedJob]]]:
        """While this lasts nobody else changes it: the next number that is free, and the jobs."""
        _make(self.folder)
        end = time.monotonic() + PATIENCE
        with ExitStack() as held:
            while True:
                try:
                    held.enter_context(locked(self.folder))
                    break
                except OutputError:
                    if time.monotonic() > end:
                        raise
                    time.sleep(GLANCE)
            yield self._read()

    def _read(self) -> tuple[int, list[QueuedJob]]:
        if not self.path.is_file():
            return 1, []
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return int(found["free"]), [QueuedJob(**{**job, "pens": tuple(job["pens"])}) for job in found["jobs"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DrawingError(f"{self.path}: can't be read as a queue ({error}); remove it, to begin anew") from None

    def _write(self, free: int, jobs: Sequence[QueuedJob]) -> None:
        kept = {"free": free, "jobs": [asdict(job) for job in jobs]}
        write_file(self.path, json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def new_job(
    source: Path,
    *,
    machine: str | None = None,
    pens: Sequence[str] = (),
    start: int = 1,
    speed_down: int | None = None,
    speed_up: int | None = None,
    run: Path | None = None,
) -> QueuedJob:
    """A job without a number, which could be plotted as it is now. Raises InputError as `open_plotting` does."""
    job = QueuedJob(
        number=0,
        source=str(source.absolute()),
        digest="",
        run=str(run.absolute()) if run is not None else None,
        machine=machine,
        pens=tuple(pens),
        start=start,
        speed_down=speed_down,
        speed_up=speed_up,
    )
    return replace(job, digest=digest_of(job.opened()))


def digest_of(plotting: Plotting) -> str:
    """By what is known whether the pens chosen draw the same."""
    return sha256("".join(pen.sha256 for pen in plotting.chosen).encode()).hexdigest()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: can't be made ({error.strerror or error})") from None

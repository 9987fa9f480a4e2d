"""The main job: a config in, a run folder with a plottable artwork out."""

from __future__ import annotations

import time
from pathlib import Path

from plotart.canvas.hands import Hands
from plotart.config import Config
from plotart.files.names import file_name
from plotart.job.anew import kept_strokes
from plotart.job.begin import Existing, begin
from plotart.job.build import build, pick_device
from plotart.job.events import OnEvent
from plotart.job.job import Job, OnStep
from plotart.job.objective import Shared
from plotart.objectives import Term
from plotart.optimize import Course
from plotart.optimize.ensemble import alone
from plotart.runs.heap import keeping_memory
from plotart.runs.record import computing_with
from plotart.runs.run import Run, RunFolder, load_run
from plotart.runs.stop import Stopping, asked_to_stop


def generate(
    config: Config,
    *,
    out: Path | str | None = None,
    existing: Existing = "refuse",
    device: str = "auto",
    threads: int | None = None,
    objective: Term | None = None,
    on_step: OnStep | None = None,
    on_event: OnEvent | None = None,
    hands: Hands | None = None,
    anew: bool = False,
) -> Run:
    """Optimise a drawing, export it, and write all of it into the folder `out` (outputs/<name> if None).

    existing   what to do with a run that is there already: "refuse" with an OutputError, "resume" from its newest
               checkpoint (a finished run is read back), "resume-changed" even though its config was another one,
               or "overwrite" it
    device     "cpu", "cuda" or "auto": where strokes, renderer and networks compute
    threads    in which torch and the renderer compute: if None, as many as there are cores, or as the run was begun
               with; results are the same to the bit for the same number of threads
    objective  a term in place of the config's; it has to be given again to go on
    on_step    is called after each step; StopRun, raised there, ends the run with a checkpoint
    on_event   is called with a Note, with a Download while weights are fetched, and with a Ready before the first step;
               StopRun, raised at a Ready, does the same

    hands      what hands do to strokes: they are brought to this state once they lie on the sheet, and a finished run
               with another one is finished again. None leaves what is done to them as the checkpoint has it
    anew       with "resume" or "resume-changed": strokes that are held stay, and all others begin anew by the config
               and its seed, at the first step; where `hands` is None nothing else is done to those

    Ctrl-C ends after the step at hand, with a checkpoint and a KeyboardInterrupt.

    Raises InputError for what is wrong with the config or the hands, before anything is written, OutputError for a
    folder that can't be written, holds a run, or is another process's, and Diverged when the loss is not a number; the
    last good checkpoint stays then.
    """
    course = generating(
        config,
        out=out,
        existing=existing,
        device=device,
        threads=threads,
        objective=objective,
        on_step=on_step,
        on_event=on_event,
        hands=hands,
        anew=anew,
    )
    return alone(course)


def generating(
    config: Config,
    *,
    out: Path | str | None = None,
    existing: Existing = "refuse",
    device: str = "auto",
    threads: int | None = None,
    objective: Term | None = None,
    on_step: OnStep | None = None,
    on_event: OnEvent | None = None,
    hands: Hands | None = None,
    anew: bool = False,
    shared: Shared | None = None,
    stopping: Stopping = asked_to_stop,
) -> Course[Run]:
    """`generate` as a course, to be gone together with others in as many threads: what is `shared` with them are the
    networks, and only one of them can hear Ctrl-C, so that another `stopping` has to be given."""
    started = time.perf_counter()
    folder = RunFolder(Path(out) if out is not None else run_folder(config))
    where = pick_device(device)
    with folder.claimed():
        begun = begin(config, folder, existing, where, on_event, hands=hands, anew=anew)
        if not begun.finished:
            with computing_with(threads if threads is not None else begun.threads):
                parts = build(
                    begun.config,
                    device=where,
                    objective=objective,
                    on_event=on_event,
                    tensors=None if anew else begun.on_canvas,
                    kept=kept_strokes(begun, where) if anew else None,
                    shared=shared,
                )
                with keeping_memory():
                    job = Job.begin(begun, parts, folder, started)
                    yield from job.optimize(on_step, on_event, stopping=stopping)
                    job.finish()
        return load_run(folder.path)


def run_folder(config: Config) -> Path:
    """Where a run goes if nothing else is said: outputs/<name>."""
    return Path("outputs", file_name(config.name, "drawing"))

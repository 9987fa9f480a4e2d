"""Plots in processes of their own, that are killed at any moment and go on."""

from __future__ import annotations

import multiprocessing
import random
from pathlib import Path

from on_board import MACHINE

from plotart.plotter.boards.ebb import ebb
from plotart.plotter.boards.journal import last_mark
from plotart.plotter.drivers import PlotOptions
from plotart.plotter.progress_mark import job_digest, marked

#: Seconds after which a process is killed.
SOONEST, LATEST = 0.1, 1.6


def plot_and_kill(svg: Path, port: str, journal: Path, *, seed: int, most: int) -> int:
    """How often a plot was killed until it came to its end, by SIGKILL at random moments, and no more than `most`
    times."""
    random_ = random.Random(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["killed_plots"])
    kills = 0
    while True:
        process = context.Process(target=_plot, args=(svg, port, journal))
        process.start()
        process.join(random_.uniform(SOONEST, LATEST) if kills < most else 60)
        if process.exitcode is None:
            process.kill()
            process.join()
            kills += 1
            continue
        assert process.exitcode == 0, process.exitcode
        return kills


def _plot(svg: Path, port: str, journal: Path) -> None:
    text = svg.read_text(encoding="utf-8")
    mark = last_mark(journal, job_digest(text))
    options = PlotOptions(1, port=port, journal=journal)
    outcome = ebb(MACHINE).plot(text if mark is None else marked(text, mark), options, resume=mark is not None)
    if not outcome.finished:
        raise SystemExit(f"{outcome.code}: {outcome.messages}")

"""plotart sweep --search: what is said of a search."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table

from plotart.cli.again import again
from plotart.cli.say import say
from plotart.cli.sweep_table import SweepTable
from plotart.cli.tables import minutes as clock
from plotart.errors import ConfigError, EngineLost, PlotartError
from plotart.reports.numbers import plural

if TYPE_CHECKING:
    from plotart.sweep.trials import Trials


def search_command(
    context: typer.Context,
    config: Path,
    words: list[str],
    overrides: list[str],
    *,
    minutes: float | None,
    trials: int | None,
    score: str | None,
    out: Path | None,
    **options: Any,
) -> None:
    """Search as `plotart.sweep.search.search`, and say what came of it. Raises InputError, PlotartError."""
    from plotart.sweep.ranking import POWERS
    from plotart.sweep.run import sweep_folder
    from plotart.sweep.search import Budget, powers_of, search
    from plotart.sweep.space import parse_space
    from plotart.sweep.trials import Source

    if minutes is None and trials is None:
        raise ConfigError("--search: found no end; allowed: --minutes 60, --trials 24, or both")
    source, space = Source(config, tuple(overrides)), parse_space(words)
    for one in space.dimensions:
        if one.key in {override.partition("=")[0].strip() for override in overrides}:
            raise ConfigError(f"{one.key}: found in -o and in --search; allowed: in one of them")
    budget = Budget(trials, None if minutes is None else 60 * minutes)
    powers: Mapping[str, float] = POWERS if score is None else powers_of(score)
    folder = out if out is not None else sweep_folder(source.config(space, space.first), "search")
    console = Console()
    try:
        with SweepTable(console) as table:
            found = search(source, space, out=folder, budget=budget, powers=powers, on_event=table.hear, **options)
    except (KeyboardInterrupt, EngineLost) as reason:
        line = again(context, "--out", str(folder), without=("out",))
        stopped = "Stopped; what" if isinstance(reason, KeyboardInterrupt) else "What"
        say(console, f"{stopped} is done is in {folder}. Go on with:\n  {line}")
        raise
    _print_result(console, found, minutes)


def _print_result(console: Console, found: Trials, minutes: float | None) -> None:
    folder, chosen, marks = found.folder.path, found.chosen(), found.marks()
    done, unfinished = found.count("done"), found.count("waiting")
    parts = [plural(done, "drawing")]
    parts += [f"{count} {what}" for what in ("given up", "failed") if (count := found.count(what))]
    say(console, f"{', '.join(parts)} in {clock(found.seconds)}")
    if unfinished:
        say(
            console,
            f"{plural(unfinished, 'more drawing')} ran out of time; with more --minutes the same command goes on",
        )
    for name in found.named("failed"):
        say(console, f"{name}: {found.trials[name].entry.message}")
    if not chosen:
        raise PlotartError(f"no drawing was finished that is worth anything: {_advice(found, minutes)}")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("best", "drawing", "score", *(one.key for one in found.space.dimensions)):
        table.add_column(column, justify="right" if column == "score" else "left")
    for rank, name in enumerate(chosen, 1):
        values = (one.text(found.trials[name].points[one.key]) for one in found.space.dimensions)
        table.add_row(str(rank), name, f"{marks[name].score:.2f}", *values)
    console.print(table)
    say(console, f"Done: {folder}\n  index.html  search.csv  search.json  best/1.yaml" + _to(len(chosen)))


def _to(count: int) -> str:
    return f" to best/{count}.yaml" if count > 1 else ""


def _advice(found: Trials, minutes: float | None) -> str:
    if found.count("done"):
        return "none excites more than bare paper"
    if minutes is not None and found.count("waiting"):
        return f"{minutes:g} min is too short for one; allowed: more --minutes, and the same command goes on"
    return "see what failed"

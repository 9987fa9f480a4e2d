"""What the command line shows of a sweep that is under way: a live table, or lines where there is no terminal."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from plotart.cli.say import say

if TYPE_CHECKING:
    from plotart.sweep.loop import Again, Began, Ledger
    from plotart.sweep.work import CellProgress, Outcome

#: Seconds between two drawings of the table.
REDRAWN = 0.25


@dataclass
class _Row:
    """How far a cell is; `first` is the step and time (s) of the first word on it in this try."""

    step: int = 0
    total: int = 0
    loss: float = float("nan")
    state: str = "waiting"
    speed: float = 0.0
    first: tuple[int, float] | None = None


class SweepTable:
    """A row per cell: step, loss, steps per second, state; what does not fit the terminal is counted below.

    `names` are the cells that are known before they begin, where they are.
    """

    def __init__(self, console: Console, names: Sequence[str] = ()) -> None:
        self._console = console
        self._rows: defaultdict[str, _Row] = defaultdict(_Row, {name: _Row() for name in names})
        self._all = f" of {len(names)}" if names else ""
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        self._drawn = 0.0

    def __enter__(self) -> SweepTable:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def hear(self, event: Began | Again | CellProgress | Outcome | None, record: Ledger) -> None:
        """Take in what happened."""
        if event is not None:
            for name, entry in record.entries.items():
                if entry.state != "running" and self._rows[name].state != "again":
                    self._rows[name].state = entry.state
            if line := self._take(event, record):
                self._say(line)
        now = time.monotonic()
        if self._live and now - self._drawn >= REDRAWN:
            self._drawn = now
            self._live.update(self._table(), refresh=True)

    def _take(self, event: Began | Again | CellProgress | Outcome, record: Ledger) -> str:
        """The line for those who have no table; empty if the event is not worth one."""
        from plotart.sweep.loop import Again, Began
        from plotart.sweep.work import CellProgress, Failed, Finished

        row, name = self._rows[event.cell], event.cell
        if isinstance(event, CellProgress):
            self._advance(row, event)
            return ""
        if isinstance(event, Began):
            row.state, row.first, row.speed = "starting", None, 0.0
            return f"{name}: begun" + (f", try {event.tries}" if event.tries > 1 else "")
        if isinstance(event, Again):
            row.state = "again"
            return f"{name}: to be tried again: {event.message}"
        if isinstance(event, Finished):
            row.state = "done"
            done = record.count("done")
            return f"{name}: done, activation {event.figures['activation']:.3f} ({done}{self._all or ' done'})"
        if record.entries[name].state == "given up":
            row.state = "given up"
            return f"{name}: given up at step {row.step} of {row.total}"
        if isinstance(event, Failed):
            row.state = "failed"
            return f"{name}: failed: {event.message}"
        row.state = "stopped"
        return f"{name}: stopped at step {row.step}"

    def _advance(self, row: _Row, at: CellProgress) -> None:
        now = time.monotonic()
        row.step, row.total, row.loss = at.step, at.total, at.loss
        row.state = "exporting" if at.step == at.total else "drawing"
        if row.first is None:
            row.first = (at.step, now)
        elif now > row.first[1]:
            row.speed = (at.step - row.first[0]) / (now - row.first[1])

    def _say(self, line: str) -> None:
        if self._live is None:
            say(self._console, line)

    def _table(self) -> Group:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("cell", no_wrap=True)
        for column in ("step", "loss", "steps/s"):
            table.add_column(column, justify="right")
        table.add_column("state")
        room = max(3, self._console.height - 4)
        # What is under way comes first; then failures, then what was done last.
        rank = {"done": 2, "failed": 1, "given up": 2, "waiting": 3}
        names = sorted(self._rows, key=lambda name: rank.get(self._rows[name].state, 0))[:room]
        shown = set(names)
        for name, row in self._rows.items():
            if name in shown:
                table.add_row(Text(name), *_cells(row))
        states = [row.state for row in self._rows.values()]
        counts = {state: states.count(state) for state in ("done", "failed", "given up", "waiting")}
        counts["under way"] = len(states) - sum(counts.values())
        return Group(table, Text(", ".join(f"{count} {state}" for state, count in counts.items() if count)))


def _cells(row: _Row) -> tuple[str, str, str, str]:
    step = f"{row.step}/{row.total}" if row.total else ""
    loss = "" if row.loss != row.loss else f"{row.loss:.3f}"
    speed = f"{row.speed:.1f}" if row.speed and row.state == "drawing" else ""
    return step, loss, speed, row.state

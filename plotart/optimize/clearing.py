"""When strokes leave, are joined, or are chained, over a run."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plotart.optimize.schedules import between, geometric

#: Strokes leave between these shares of the soft phase, the same share of those that are left each time.
LEAVE_FROM, LEFT_BY = 0.15, 0.8

#: How often strokes leave, or are joined, in a soft phase; no more often than after each step.
TIMES = 12

#: Share of the strokes that leave at once. Each time all are looked at, so that where few are to leave they do so fewer
#: times; with fewer than FEWEST, the last time would come before LEFT_BY.
AT_ONCE, FEWEST = 0.05, 5

#: Share of the soft phase from which on ends are joined.
JOIN_FROM = 0.5

#: Share of the soft phase after which all is chained, where a number of lines is asked for; strokes have left by then.
CHAIN_AT = 0.5


@dataclass(frozen=True)
class Clearing:
    """What becomes of strokes over a soft phase; `done` and `of` are its steps so far, and in all.

    keep   share of the strokes that is left in the end; 1 = all stay
    price  what a line has to be worth for what it takes to plot, as a share of the average; 0 = nothing
    join   mm within which ends of one pen are joined; 0 = none are
    lines  how many there are in the end; None = as many as it takes
    """

    keep: float = 1.0
    price: float = 0.0
    join: float = 0.0
    lines: int | None = None

    def left(self, done: int, of: int) -> float | None:
        """The share of the strokes that is to be left now, where some may have to leave."""
        if self.keep == 1 or done < LEAVE_FROM * of or self.chains(done, of):
            return None
        if not _due(done, of, TIMES if self.lines else self._times):
            return None
        return between(LEAVE_FROM, CHAIN_AT if self.lines else LEFT_BY, geometric(1.0, self.keep))(done / of)

    @property
    def _times(self) -> int:
        """How often strokes leave in a soft phase."""
        return min(TIMES, max(FEWEST, math.ceil(math.log(self.keep) / math.log(1 - AT_ONCE))))

    def joins(self, done: int, of: int) -> bool:
        """Whether ends that have met are joined now."""
        return self.join > 0 and self.lines is None and done >= JOIN_FROM * of and _due(done, of)

    def chains(self, done: int, of: int) -> bool:
        """Whether strokes make no more lines by now than there are to be."""
        return self.lines is not None and done >= CHAIN_AT * of


def _due(done: int, of: int, times: int = TIMES) -> bool:
    """Whether it is time after `done` steps, for what is done so many times in all."""
    return done < of and done % max(1, of // times) == 0

"""The gallery of a sweep: a card for each run, to sort and to search, on one self-contained page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plotart.reports.line_words import line_words
from plotart.reports.numbers import DASH, number, plural
from plotart.reports.pages import render
from plotart.reports.tables import rows

#: The figures that cards are sorted by, besides what is varied: their keys and names, and whether more is better.
SORTED_BY = (
    ("activation", "activation", True),
    ("retained", "retained", True),
    ("plot_seconds", "plot time", False),
    ("lines", "lines", False),
    ("lifts_per_m", "lifts per metre", False),
    ("overlaid", "overlaid", False),
    ("crossings_per_100mm", "crossings", False),
    ("activation_per_metre", "activation per metre", True),
)

#: The one beside them that searches have.
SCORE = ("score", "score", True)


@dataclass(frozen=True)
class Card:
    """A run of the sweep.

    name       of its folder
    values     what is varied: numbers and texts, by key
    thumbnail  WebP; empty if there is none
    report     the way from the page to the run's report; empty if it was not kept
    figures    those that cards are sorted by, and pens (name, color), as far as they are known
    message    why it failed; empty if it didn't
    rank       its place among the best, from 0; None for the others, and where none were chosen
    """

    name: str
    values: Mapping[str, Any]
    thumbnail: bytes
    report: str
    figures: Mapping[str, Any]
    message: str = ""
    rank: int | None = None

    @property
    def label(self) -> str:
        return ", ".join(f"{key} {value}" for key, value in self.values.items())

    @property
    def place(self) -> str:
        """Of one of the best, in words."""
        return "" if self.rank is None else "the best" if self.rank == 0 else f"number {self.rank + 1} of the best"

    @property
    def pens(self) -> list[Mapping[str, Any]]:
        return rows(self.figures, "pens")

    @property
    def pen_names(self) -> list[str]:
        return [str(pen.get("name", DASH)) for pen in self.pens]

    @property
    def line(self) -> str:
        """What its lines are like, in words; empty where nothing is known."""
        return line_words(self.figures, self.figures.get("activation_per_metre"))

    @property
    def order(self) -> dict[str, Any]:
        """What it is sorted by, as far as it is known."""
        figures = {key: number(self.figures.get(key)) for key, _, _ in (SCORE, *SORTED_BY)}
        values = {f"value:{key}": value for key, value in self.values.items()}
        return values | {key: value for key, value in figures.items() if math.isfinite(value)}

    @property
    def words(self) -> str:
        """What it is found by."""
        return " ".join([self.name, *map(str, self.values.values()), *self.pen_names, self.message]).lower()


def gallery_html(name: str, cards: Sequence[Card], total: int, *, searched: bool = False, given_up: int = 0) -> str:
    """The page of the runs that are finished or have failed, out of `total`: no network, no libraries; equal input
    gives equal bytes.

    searched  they are of a search, and have scores; `given_up` of its runs were not worth their further steps
    """
    keys = list(cards[0].values) if cards else []
    failed = sum(bool(card.message) for card in cards)
    best = sum(card.rank is not None for card in cards)
    done = len(cards) - failed
    facts = [plural(total, "run") if done == total else f"{done:,} of {plural(total, 'run')}"]
    facts += [f"the best {best} first"] if best else []
    facts += [f"{given_up:,} given up"] if given_up else []
    facts += [f"{failed:,} failed"] if failed else []
    facts += [f"{'searched' if searched else 'varied'}: " + ", ".join(keys)] if keys else []
    sorted_by = (SCORE, *SORTED_BY) if searched else SORTED_BY
    return render("gallery.html", title=name, lead=" · ".join(facts), cards=cards, keys=keys, sorted_by=sorted_by)

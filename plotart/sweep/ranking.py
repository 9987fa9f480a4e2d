"""What drawings of one search are worth beside each other, and which of them are the best."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from plotart.config import Config
from plotart.export.line_figures import LineFigures
from plotart.objectives import NetworkTerm, TermConfig
from plotart.sweep.choose import choose
from plotart.sweep.worth import Floats, Worth, cleanliness, coverage, ink_in_cells, relative_gains, relative_rhythms

#: How much each part counts, as powers that sum to 1. Whoever searches has chosen what is drawn: what it excites comes
#: first, then what the plotter makes of it.
POWERS = {"gain": 0.4, "coverage": 0.2, "rhythm": 0.1, "cleanliness": 0.3}

#: The network that looks at drawings; it is small, always at hand, and the same for all searches.
EYE = "motif"


@dataclass(frozen=True)
class View:
    """What the eye sees in one drawing: see `Worth.coverage` and `plotart.sweep.likeness.Seen`."""

    coverage: float
    rhythm: float
    descriptor: Floats


@dataclass(frozen=True)
class Drawn:
    """A drawing that is to be compared: `gain` over bare paper is of the same kind for all of the same `scale`."""

    scale: Hashable
    gain: float
    line: LineFigures | None
    view: View


@dataclass(frozen=True)
class Mark:
    """What a drawing is worth.

    score  0 to 1, by its parts
    value  the score, times how unlike it is to the nearest that is better: what one more drawing adds
    rank   its place among the best from 0; None for the others
    """

    worth: Worth
    score: float
    value: float
    rank: int | None


def view_of(picture: Path, config: Config) -> View:
    """Of the picture of a drawing with that config. Raises OSError."""
    from plotart.sweep.likeness import look_at

    seen = look_at([picture], EYE)
    width, height = config.page.width_height
    with Image.open(picture) as opened:
        ink = ink_in_cells(opened, config.page.margin / width, config.page.margin / height)
    return View(coverage(ink), float(seen.rhythms[0]), seen.descriptors[0])


def scale_of(config: Config) -> Hashable:
    """What activations are measured in: those of other classes or channels of a layer can be compared, those of another
    layer can't. Raises WeightsError as `Config.terms`."""
    return tuple(_scale_of(term) for term in config.terms if term.goal)


def _scale_of(term: TermConfig) -> Hashable:
    through = (*term.key, *term.looks_at) if isinstance(term, NetworkTerm) else ()
    return (term.type, term.weight, *through)


def marks(drawn: Sequence[Drawn], powers: Mapping[str, float], best: int) -> list[Mark]:
    """Of each drawing, of which `best` at most are chosen: good ones, and unlike each other."""
    if not drawn:
        return []
    from plotart.sweep.likeness import likeness

    alike = likeness(np.stack([one.view.descriptor for one in drawn]))
    worths = _worths(drawn)
    scores = np.array([worth.by(powers) for worth in worths])
    ranks = {index: rank for rank, index in enumerate(choose(scores, alike, best))}
    order = np.argsort(-scores, kind="stable")
    values = np.array(scores)
    for place, index in enumerate(order):
        values[index] *= 1 - float(alike[index, order[:place]].max(initial=0.0))
    return [
        Mark(worth, float(score), float(value), ranks.get(index))
        for index, (worth, score, value) in enumerate(zip(worths, scores, values, strict=True))
    ]


def _worths(drawn: Sequence[Drawn]) -> list[Worth]:
    by_scale: dict[Hashable, list[int]] = defaultdict(list)
    for index, one in enumerate(drawn):
        by_scale[one.scale].append(index)
    gains: dict[int, float] = {}
    for some in by_scale.values():
        # The very best counts as 1, or a search would end in a plain.
        gains |= zip(some, relative_gains([drawn[index].gain for index in some], top=1.0), strict=True)
    rhythms = relative_rhythms([one.view.rhythm for one in drawn])
    return [
        # A canvas of pixels has no lines that could be unclean.
        Worth(gains[index], one.view.coverage, rhythms[index], 1.0 if one.line is None else cleanliness(one.line))
        for index, one in enumerate(drawn)
    ]

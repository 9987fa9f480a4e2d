"""All motifs by name, and the colours that they have by nature."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from plotart.training.motifs import cloth, fields, figures, patterns, skins, things
from plotart.training.motifs.hues import Nature
from plotart.training.motifs.paths import Drawing

_FIGURES = (*figures.FIGURES, *things.THINGS)
_PATTERNS = (*patterns.PATTERNS, *skins.SKINS, *cloth.CLOTH, *fields.FIELDS)

SOURCES: dict[str, Callable[[np.random.Generator], Drawing]] = {
    function.__name__: function for function in (*_PATTERNS, *_FIGURES)
}

#: Motifs with an outline of their own; all others cover the plane.
FIGURES = frozenset(function.__name__ for function in _FIGURES)

NATURE: Nature = {
    **patterns.NATURE, **figures.NATURE, **skins.NATURE, **cloth.NATURE, **fields.NATURE, **things.NATURE
}  # fmt: skip

#: The names of all motifs, sorted: the classes of the `motif` network.
MOTIFS: tuple[str, ...] = tuple(sorted(SOURCES))

"""How a network's target is drawn so that it hangs: lines in proportion to the sheet and to the pens.

What is known to be good (configs/works/): strokes of 25 mm by a nib of 1.1 mm on 134 mm of a square sheet, as many as
cover three tenths of it, each 1.6 px broad in the picture that the network looks at. Thinner nibs leave a choice. The
same drawing in thin lines has few of them, of which the network hardly sees anything, so that it ties knots. The same
lines made smaller with the nib are many, in a picture of many px, and what they draw is small too. Textures are drawn
half way between the two, in proportion. Figures, which are to be seen as such, come nearer to the first, and have wider
margins where pens are thin, as an etching has them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any

#: mm of the sheet's side inside the margins, of the nib, and of strokes; the share of ink; px of the network's picture
#: that a nib is broad.
SIDE, NIB, STROKE, COVERAGE, BROAD_PX = 134.0, 1.1, 25.0, 0.3, 1.64

#: The finest picture that a drawing is made for, which takes three times as long as a plain one.
MOST_PX = 400

#: Margins as a share of the sheet's short side: as a rule, and at most.
MARGIN, WIDEST = 0.055, 0.2

#: The longest stroke as a share of the short side inside the margins: on a strip, lines are no longer than it is wide.
LONGEST = 0.5

#: The nib as a share of a figure's side, below which its margins grow.
THIN = 0.0042

#: How far lines go with the sheet, 1, rather than with thin nibs, 0.
TEXTURE, FIGURE = 0.5, 0.8


def bold_lines(width: float, height: float, nibs: Sequence[float], *, figure: bool) -> dict[str, Any]:
    """The parts of a config for a sheet of `width` x `height` mm and pens of these nibs, in mm, as plain data."""
    nib, short = median(nibs), min(width, height)
    margin = MARGIN * short
    if figure:
        # Of width - 2 m and height - 2 m, the mean side is to be nib / THIN.
        wanted = nib / THIN
        margin = min(max(margin, (width + height) / 4 - wanted / 2), WIDEST * short)
    margin = float(round(margin))
    side = math.sqrt((width - 2 * margin) * (height - 2 * margin))
    thin, with_sheet = min(nib / side / (NIB / SIDE), 1.0), FIGURE if figure else TEXTURE
    # What the picture is too coarse for is drawn larger.
    fewer = min(thin**with_sheet, MOST_PX * nib / max(width, height) / BROAD_PX)
    length = min(STROKE * side / SIDE * thin / fewer, LONGEST * (short - 2 * margin))
    return {
        "page": {"margin": margin, "cut": True},
        "palette": {"usage": 0.3},
        "strokes": {
            "init": "imagined",
            "count": "auto",
            "coverage": round(COVERAGE * fewer, 3),
            "segments": 3,
            "length": round(length, 1),
            "economy": {"keep": 0.9},
        },
        "render": {"resolution": round(BROAD_PX * fewer / nib * max(width, height))},
        "optimize": {"steps": 160},
    }


#: Terms beside the target: a steady hand, and no ink in vain.
HAND: tuple[dict[str, Any], ...] = ({"type": "smoothness", "weight": 0.5}, {"type": "length", "weight": 0.5})


def is_figure(term: Mapping[str, Any]) -> bool:
    """Whether what a term asks for has an outline of its own; all else covers the sheet."""
    return term.get("class") in _figures()


@cache
def _figures() -> frozenset[str]:
    page = Path(str(files("plotart"))) / "studio" / "page"
    targets = json.loads((page / "targets.json").read_text(encoding="utf-8"))["targets"]
    return frozenset(target["term"]["class"] for target in targets if target["figure"])

"""What was drawn, as vectors: lines as the plotter would draw them, with the mix of pens that each one is."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from plotart.palette import Palette
from plotart.palette.palettes import Inks
from plotart.pens import PenSet


@dataclass(frozen=True, eq=False)
class Drawn:
    """N lines in plotting order, drawn with K pens; without gradients, where the canvas computes.

    points      [P, 2] control points in mm, num_points [N] int64 of each line, 3 s + 1
    widths      [N] mm
    shares      [N, K]: how much of each pen a line is
    reflectance, transmittance  [N, 3] in linear light, as a line's ink is laid: it covers by what it reflects, and lets
                through its share of what lies below
    stroke      [N] int64: the number of the line's stroke, by which hands take it. Strokes that are joined have that of
                one of them, drawn in one go or not; copies that symmetry makes have that of the original
    held        [N] bool: hands hold it
    inks        the K pens' inks then, colours that are learned too
    pens        the K pens; those whose colours are learned as they are when this is first read
    """

    points: Tensor
    num_points: Tensor
    widths: Tensor
    shares: Tensor
    reflectance: Tensor
    transmittance: Tensor
    stroke: Tensor
    held: Tensor
    inks: Inks
    pens: PenSet


@dataclass(frozen=True, eq=False)
class Laid:
    """Lines as they were laid on the sheet; `drawn` is all that costs time.

    points [P, 2] and num_points [N] are in plotting order, into which `order` [N] brings inks, shares and strokes: each
    of the strokes [n] is drawn `copies` times. line, held: of all strokes, as in `Drawn`.
    """

    points: Tensor
    num_points: Tensor
    inks: Inks
    order: Tensor
    shares: Tensor
    strokes: Tensor
    copies: int
    line: Tensor
    held: Tensor
    pens: Inks
    palette: Palette

    def drawn(self) -> Drawn:
        stroke, inks = self.line[self.strokes.repeat(self.copies)[self.order]], self.inks[self.order]
        return Drawn(
            self.points,
            self.num_points,
            inks.widths,
            self.shares[self.order],
            inks.reflectance,
            inks.transmittance,
            stroke,
            self.held[stroke],
            self.pens,
            self.palette.pens(),
        )

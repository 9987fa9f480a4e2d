"""How strongly the objective is excited, from bare paper to the plot."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Activations:
    """Of the un-augmented image, in float32; None until it is known.

    blank    of the bare paper; initial: of the strokes before the first step
    soft     at the end of the soft phase, pens still mixed
    matched  after learned colours were exchanged for pens that are owned; None where none are
    hard     with the pens fixed, at the end
    plotted  of the exported file, read back; None on a canvas of pixels
    """

    blank: float
    initial: float
    soft: float | None = None
    matched: float | None = None
    hard: float | None = None
    plotted: float | None = None

    @property
    def retained(self) -> float | None:
        """The share of what the soft phase gained that is left in the end; None where it gained nothing."""
        final = self.plotted if self.plotted is not None else self.hard
        if final is None or self.soft is None or self.soft == self.blank:
            return None
        return (final - self.blank) / (self.soft - self.blank)

    @property
    def known(self) -> dict[str, float]:
        return {name: value for name, value in asdict(self).items() if value is not None}

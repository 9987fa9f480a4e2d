"""Shift, turn and stretch of a plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Similarity:
    """Takes points about `about` mm: turned by `turn` radians (clockwise as seen, y being down), stretched to `scale`
    times, then moved by `shift` mm to the right and down."""

    shift: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0
    scale: float = 1.0
    about: tuple[float, float] = (0.0, 0.0)

    @property
    def matrix(self) -> Array:
        cosine, sine = self.scale * np.cos(self.turn), self.scale * np.sin(self.turn)
        return np.array([[cosine, -sine], [sine, cosine]])

    def __call__(self, points: Array) -> Array:
        """Points [..., 2] in mm -> where they come to."""
        return (points - self.about) @ self.matrix.T + self.about + self.shift

    def inverse(self) -> Similarity:
        back = Similarity((0.0, 0.0), -self.turn, 1 / self.scale)
        right, down = (-np.array(self.shift) @ back.matrix.T).tolist()
        return Similarity((right, down), back.turn, back.scale, self.about)

    def after(self, first: Similarity) -> Similarity:
        """What comes of `first` and then of this."""
        right, down = (self(first(np.array(first.about))) - first.about).tolist()
        return Similarity((right, down), self.turn + first.turn, self.scale * first.scale, first.about)

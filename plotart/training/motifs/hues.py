"""Names of colours, and which ones motifs have by nature."""

from __future__ import annotations

#: Hue, saturation and value, each as (least, greatest), 0..1; a hue beyond 1 goes round.
HUES: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "red": ((0.97, 1.015), (0.75, 1.0), (0.6, 0.95)),
    "orange": ((0.055, 0.095), (0.8, 1.0), (0.85, 1.0)),
    "yellow": ((0.125, 0.165), (0.7, 1.0), (0.85, 1.0)),
    "green": ((0.26, 0.4), (0.5, 1.0), (0.35, 0.8)),
    "teal": ((0.46, 0.53), (0.6, 1.0), (0.4, 0.8)),
    "blue": ((0.57, 0.66), (0.6, 1.0), (0.45, 0.95)),
    "violet": ((0.72, 0.79), (0.45, 0.9), (0.4, 0.85)),
    "pink": ((0.88, 0.95), (0.35, 0.8), (0.85, 1.0)),
    "brown": ((0.04, 0.09), (0.5, 0.8), (0.3, 0.55)),
    "black": ((0.0, 1.0), (0.0, 0.15), (0.0, 0.15)),
    "grey": ((0.0, 1.0), (0.0, 0.1), (0.4, 0.65)),
    "white": ((0.0, 1.0), (0.0, 0.06), (0.93, 1.0)),
}

#: For each part of a motif in order, the colours of which it has one by nature.
Nature = dict[str, tuple[tuple[str, ...], ...]]

#: How often a picture has its motif's own colours.
NATURE_SHARE = 0.5

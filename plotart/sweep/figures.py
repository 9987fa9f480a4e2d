"""The names of the figures that are kept of each cell."""

from __future__ import annotations

#: Those of a drawing's lines, as summary.json has them.
LINE = ("lines", "metres", "lifts_per_m", "mean_mm", "stubs", "overlaid", "crossings_per_100mm")

#: Those that are a number.
NUMBERS = ("activation", "blank", "retained", "plot_seconds", "wall_seconds", *LINE, "activation_per_metre")

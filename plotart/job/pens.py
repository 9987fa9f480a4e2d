"""The pens of a config, in the order in which they are plotted."""

from __future__ import annotations

from plotart.config import Config
from plotart.pens import PenSet


def build_pens(config: Config) -> PenSet:
    """The config's pens in plotting order. Raises PenError where it has none."""
    pens = config.pens or PenSet([])
    return pens.light_to_dark() if config.export.order == "light-to-dark" else pens

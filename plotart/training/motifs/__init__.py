"""Graphic motifs drawn by formula: what the embedded `motif` network learned to see."""

from plotart.training.motifs.catalogue import MOTIFS
from plotart.training.motifs.picture import picture
from plotart.training.motifs.placing import draw_motif

__all__ = ["MOTIFS", "draw_motif", "picture"]

"""Graphic motifs drawn by formula: what the embedded `motif` network learned to see."""

from plotart.training.motifs.picture import MOTIFS, draw_motif, picture

__all__ = ["MOTIFS", "draw_motif", "picture"]

"""Lengths, the sheet of paper, strokes as chains of cubic Béziers in millimetres."""

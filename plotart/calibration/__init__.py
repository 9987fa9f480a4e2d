"""Pens calibrated: a chart that is plotted with them, and what a scan of it says of their inks and nibs."""

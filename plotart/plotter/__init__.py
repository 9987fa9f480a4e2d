"""Plotters: what they reach, how long they take, and how they are driven."""

"""The losses of plotart's own terms: what is computed, a module for each."""

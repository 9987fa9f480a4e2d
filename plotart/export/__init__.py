"""From strokes to files that a plotter draws, and back: vpype documents, SVG layers, plotting time."""

"""Words in single strokes: fonts, lines of text, and where they lie on the sheet."""

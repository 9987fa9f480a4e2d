"""The Hershey fonts that come with vpype."""

from __future__ import annotations

import numpy as np

from plotart.export.layered import Line

#: Some have other alphabets, or signs of the zodiac, notes and the like, in place of the letters.
HERSHEY = (
    "astrology",
    "cursive",
    "cyrilc_1",
    "cyrillic",
    "futural",
    "futuram",
    "gothgbt",
    "gothgrt",
    "gothiceng",
    "gothicger",
    "gothicita",
    "gothitt",
    "greek",
    "greekc",
    "greeks",
    "japanese",
    "markers",
    "mathlow",
    "mathupp",
    "meteorology",
    "music",
    "rowmand",
    "rowmans",
    "rowmant",
    "scriptc",
    "scripts",
    "symbolic",
    "timesg",
    "timesi",
    "timesib",
    "timesr",
    "timesrb",
)


class HersheyStrokes:
    """The letters of one of them; their units are of no account."""

    def __init__(self, name: str) -> None:
        self.name = name

    def has(self, letter: str) -> bool:
        return " " <= letter <= "~" and bool(self.drawn(letter))

    def drawn(self, text: str) -> list[Line]:
        import vpype

        return [np.column_stack([line.real, line.imag]) for line in vpype.text_line(text, self.name)]

"""What people can choose for words and guests."""

from __future__ import annotations

from typing import Literal

#: What of each line of text is at the point where the words are.
Align = Literal["left", "center", "right"]

Place = Literal["top-left", "top", "top-right", "center", "bottom-left", "bottom", "bottom-right"]

#: What of the drawing a guest hides: what is near its lines, or what lies within closed ones as well.
Hides = Literal["lines", "shape"]

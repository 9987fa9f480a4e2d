"""How a picture comes to lie on a sheet."""

from __future__ import annotations

from typing import Literal

#: It fills what is inside the margins and is cut off, or all of it fits in.
Fit = Literal["cover", "contain"]

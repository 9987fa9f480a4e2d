"""How a cell stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

State = Literal["waiting", "running", "done", "failed", "given up"]


@dataclass
class Entry:
    """How a cell stands: `removed` where the figures are all that was kept of its run."""

    state: State = "waiting"
    figures: dict[str, Any] | None = None
    message: str = ""
    tries: int = 0
    removed: bool = False

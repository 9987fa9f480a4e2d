"""What a run tells besides its steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """Something worth knowing that is no error, in a sentence."""

    text: str


@dataclass(frozen=True)
class Download:
    """Weights are fetched: bytes done, and bytes in all (0: unknown)."""

    done: int
    total: int


Event = Note | Download

OnEvent = Callable[[Event], None]

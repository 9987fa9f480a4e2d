"""What a version is to be, and how it came to that: every change can be undone and done again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plotart.errors import InputError
from plotart.files.atomic import write_file
from plotart.studio.handiwork import Handiwork

#: Changes that can be undone; older ones are forgotten.
MOST_STATES = 500


@dataclass(frozen=True)
class State:
    """A config as plain data, only what is set, and the handiwork."""

    config: dict[str, Any] = field(hash=False)
    hands: Handiwork = field(default_factory=Handiwork)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> State:
        return cls(dict(data["config"]), Handiwork.read(data.get("hands", {})))

    def dump(self) -> dict[str, Any]:
        return {"config": self.config, "hands": self.hands.dump()}


class Document:
    """The states of a version and which of them holds now; written whole at every change. `drawn` is the one that its
    drawing has, or that it is being brought to."""

    def __init__(self, path: Path, states: list[State], at: int, drawn: State | None) -> None:
        self._path, self._states, self._at, self.drawn = path, states, at, drawn

    @classmethod
    def begin(cls, path: Path, state: State) -> Document:
        """A document without a past. Nothing is written until it changes or is kept."""
        return cls(path, [state], 0, None)

    @classmethod
    def read(cls, path: Path) -> Document | None:
        """None where there is none, or none that can be read."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            states = [State.read(state) for state in data["states"]]
            drawn = State.read(data["drawn"]) if data.get("drawn") else None
            return cls(path, states, min(max(int(data["at"]), 0), len(states) - 1), drawn) if states else None
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    @property
    def state(self) -> State:
        return self._states[self._at]

    @property
    def changed(self) -> bool:
        """Whether its drawing is of another state."""
        return self.drawn is not None and self.drawn != self.state

    @property
    def can_undo(self) -> bool:
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        return self._at + 1 < len(self._states)

    def change(self, state: State) -> None:
        """A new state after the one that holds; what was undone is forgotten."""
        if state == self.state:
            return
        self._states = [*self._states[: self._at + 1], state][-MOST_STATES:]
        self._at = len(self._states) - 1
        self.keep()

    def undo(self) -> None:
        """Raises InputError where nothing is left to undo."""
        if not self.can_undo:
            raise InputError("There is nothing to undo.")
        self._at -= 1
        self.keep()

    def redo(self) -> None:
        """Raises InputError where nothing was undone."""
        if not self.can_redo:
            raise InputError("There is nothing to do again.")
        self._at += 1
        self.keep()

    def keep(self) -> None:
        """On the disk for good when this returns. Raises OutputError."""
        drawn = self.drawn.dump() if self.drawn is not None else None
        data = {"at": self._at, "states": [state.dump() for state in self._states], "drawn": drawn}
        write_file(self._path, json.dumps(data, separators=(",", ":")))

"""A controller that answers what it is told, at the end of a serial line."""

from __future__ import annotations

from collections.abc import Callable

from emulators.serial_end import SerialEnd

#: Real seconds between two looks at whether it is closed, and bytes of the longest piece.
LOOK, PIECE = 0.02, 4096


class PseudoTerminal(SerialEnd):
    """What is written to it goes to `receive` as it comes, and its answers go back in random pieces, or `whole`."""

    def __init__(self, receive: Callable[[bytes], bytes], *, seed: int = 0, whole: bool = False) -> None:
        super().__init__(pieces=0 if whole else PIECE, seed=seed)
        self._answer = receive

    def __enter__(self) -> PseudoTerminal:
        super().__enter__()
        return self

    def step(self) -> None:
        if said := self.receive(LOOK):
            self.send(self._answer(said))

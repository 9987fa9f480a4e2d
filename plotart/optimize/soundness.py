"""Values that have to be finite, looked at as they come on the host, and in bunches where a GPU would be waited for."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from plotart.errors import Diverged

#: Values of a GPU that are looked at together.
BUNCH = 40


class Soundness:
    """`watch` raises Diverged for a value that is not finite: at once, or on a GPU some steps later."""

    def __init__(self, device: torch.device) -> None:
        self._bunch = 1 if device.type == "cpu" else BUNCH
        self._watched: list[tuple[Tensor, Callable[[], str]]] = []

    def watch(self, value: Tensor, message: Callable[[], str]) -> None:
        """`message` says what is wrong if the value is not finite; it is called only then."""
        self._watched.append((value.detach().isfinite().all(), message))
        if len(self._watched) >= self._bunch:
            self.settle()

    def settle(self) -> None:
        """Look at all that has been watched. Raises Diverged for the first that is not finite."""
        watched, self._watched = self._watched, []
        if watched:
            sound = torch.stack([value for value, _ in watched]).tolist()
            for (_, message), fine in zip(watched, sound, strict=True):
                if not fine:
                    raise Diverged(message())

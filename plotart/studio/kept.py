"""Values that take time to make, kept in memory for as long as the files stay as they are that they were made of."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """At most `most` values, those that were asked for last; each is made once, however many ask for it at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, tuple[Hashable, T]] = OrderedDict()
        self._busy: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, made_of: Iterable[Path], make: Callable[[], T]) -> T:
        """The value of a key, made anew if one of the files is another than it was. Whatever `make` raises is not
        kept."""
        with self._lock:
            turn = self._busy.setdefault(key, threading.Lock())
        with turn:
            stamp = tuple(map(_stamp, made_of))
            with self._lock:
                found = self._values.get(key)
                if found is not None and found[0] == stamp:
                    self._values.move_to_end(key)
                    return found[1]
            try:
                value = make()
            except BaseException:
                with self._lock:
                    self._busy.pop(key, None)
                raise
            with self._lock:
                self._values[key] = stamp, value
                self._values.move_to_end(key)
                while len(self._values) > self._most:
                    gone, _ = self._values.popitem(last=False)
                    self._busy.pop(gone, None)
            return value


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes with a file; None while it isn't there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size

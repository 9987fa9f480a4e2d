"""Files of any size, read up to a number of bytes."""

from __future__ import annotations

from pathlib import Path


class TooLarge(ValueError):
    """A file has more bytes than are read."""


def read_bytes(path: Path | str, most: int) -> bytes:
    """All that is in a file. Raises TooLarge for more than `most` bytes, of which no more are read; OSError;
    ValueError for a name that no file has."""
    with Path(path).open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise TooLarge(f"more than {most / 1e6:g} MB")
    return content

"""How far a plot has come, on disk, whatever happens: killed at any byte, at most the line at hand is drawn again.

A record is a line of text, "<CRC-32 in hex> <JSON>". The first names the job. Each further one is a `Mark`: where the
plot goes on if nothing follows. A line's begin is on disk before its pen comes down; its end is written when it is
whole on the paper, and before the next one's begin. So what is torn or missing at the end costs the line at hand a
second drawing, and nothing is left out.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plotart.errors import OutputError
from plotart.files.atomic import sync_folder


@dataclass(frozen=True)
class Mark:
    """Where a plot goes on: at so many mm `at` along line number `line` (from 0; as many as there are lines: at the
    end).

    drawn  mm that were drawn with the pen down before it
    down   whether the pen was being lowered, or down, when this was written
    x, y   mm from home where the carriage stood then, as far as it is known
    """

    line: int
    at: float = 0.0
    drawn: float = 0.0
    down: bool = False
    x: float | None = None
    y: float | None = None


class Journal:
    """The journal of one job, of which records are appended; each is on the disk when its call returns."""

    def __init__(self, path: Path, job: str) -> None:
        """Goes on with the journal at `path` if it is of this job (the SHA-256 of what is plotted), behind its last
        whole record; else begins it anew. Raises OutputError where it can't be written."""
        self.path = path
        text, kept = _whole(path)
        try:
            if not text or _job(text[0]) != job:
                kept = 0
            self._file = open(path, "r+b" if path.exists() else "w+b")  # noqa: SIM115 - open as long as the plot is
            self._file.truncate(kept)
            self._file.seek(kept)
            if not kept:
                self._append({"job": job})
                sync_folder(path.parent)
        except OSError as error:
            raise OutputError(f"{path}: can't be written ({error.strerror or error})") from None

    def mark(self, mark: Mark) -> None:
        """Raises OutputError: what can't be noted must not be drawn."""
        try:
            self._append(asdict(mark))
        except OSError as error:
            raise OutputError(f"{self.path}: can't be written ({error.strerror or error})") from None

    def close(self) -> None:
        self._file.close()

    def _append(self, record: dict[str, Any]) -> None:
        text = json.dumps(record, separators=(",", ":"))
        self._file.write(f"{zlib.crc32(text.encode()):08x} {text}\n".encode())
        self._file.flush()
        os.fsync(self._file.fileno())


def marks_of(path: Path, job: str) -> list[Mark]:
    """All that is whole of a job's journal, from its first mark on; none for no journal, or one of another job."""
    records, _ = _whole(path)
    if not records or _job(records[0]) != job:
        return []
    try:
        return [Mark(**record) for record in records[1:]]
    except TypeError:
        return []


def last_mark(path: Path, job: str) -> Mark | None:
    """Where the job goes on by what is whole of its journal; None for no journal, one of another job, or one in which
    no line was begun."""
    records, _ = _whole(path)
    if len(records) < 2 or _job(records[0]) != job:
        return None
    try:
        return Mark(**records[-1])
    except TypeError:
        return None


def _whole(path: Path) -> tuple[list[dict[str, Any]], int]:
    """The records up to the first that is torn or damaged, and the bytes that they take."""
    try:
        content = path.read_bytes()
    except OSError:
        return [], 0
    records, kept = [], 0
    for line in content.splitlines(keepends=True):
        crc, _, text = line.rstrip(b"\n").partition(b" ")
        if not line.endswith(b"\n") or crc != f"{zlib.crc32(text):08x}".encode():
            break
        records.append(json.loads(text))
        kept += len(line)
    return records, kept


def _job(record: dict[str, Any]) -> object:
    return record.get("job")

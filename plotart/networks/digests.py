"""SHA-256 of files, each read once for it; and files whose name ends in eight digits of theirs, as torch.hub names
them: whether they are what it says."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from pathlib import Path
from typing import BinaryIO

from plotart.errors import WeightsError
from plotart.files.atomic import write_whole

_NAMED = re.compile(r".*-([0-9a-f]{8})\.pth", re.DOTALL)
_BUFFER_BYTES = 1 << 20


def check_name(path: Path, cache: Path) -> None:
    """Raises WeightsError if the name has digits and the file's SHA-256 does not begin with them; OSError. `cache` is
    as in `sha256_of`."""
    if (named := _NAMED.fullmatch(path.name)) is None:
        return
    found = sha256_of(path, cache)
    if not found.startswith(named[1]):
        raise WeightsError(
            f"{path} is damaged or another file: its SHA-256 is {found}, by its name it begins with {named[1]}; put a "
            "fresh copy in its place, or, if it is a file of your own, give it a name without -XXXXXXXX"
        )


def sha256_of(path: Path, cache: Path) -> str:
    """The file's SHA-256 in hexadecimal. Raises OSError.

    It is read once for that: `digests.json` in the folder `cache` remembers it by path, size and times.
    """
    with path.open("rb") as file:
        return _digest(file, os.path.realpath(path), cache / "digests.json")


def _digest(file: BinaryIO, path: str, records: Path) -> str:
    """The file's SHA-256 in hexadecimal, out of the records if it has not been touched since."""
    status = os.fstat(file.fileno())
    # Whoever copies another file there may keep size and time of change, but not the time of the inode's.
    touched = [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    match _read(records).get(path):
        case {"touched": before, "sha256": str(found)} if before == touched:
            return found
    digest, buffer = hashlib.sha256(), memoryview(bytearray(_BUFFER_BYTES))
    while count := file.readinto(buffer):  # type: ignore[attr-defined]
        digest.update(buffer[:count])
    _write(records, {**_read(records), path: {"touched": touched, "sha256": digest.hexdigest()}})
    return digest.hexdigest()


def _read(records: Path) -> dict[str, object]:
    """Nothing if they can't be read: they are written anew then."""
    try:
        found = json.loads(records.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(records: Path, content: dict[str, object]) -> None:
    """A folder that can't be written only costs time."""
    with contextlib.suppress(OSError):
        records.parent.mkdir(parents=True, exist_ok=True)
        write_whole(records, (json.dumps(content, indent=1) + "\n").encode())

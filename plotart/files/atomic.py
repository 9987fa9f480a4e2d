"""Files that are there as a whole or not at all, whatever happens while they are written."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import time
import uuid
from pathlib import Path

from plotart.errors import OutputError

#: Names under which files are written until they are whole.
TEMPORARY = re.compile(r"\..*\.[0-9a-f]{32}\.tmp")

#: Seconds between tries to replace a file that another program reads: Windows refuses it until that is done.
_PAUSES = (0.01, 0.03, 0.1, 0.3, 1.0) if sys.platform == "win32" else ()


def write_whole(path: Path, content: str | bytes) -> None:
    """On the disk for good when this returns; text as UTF-8, line ends as they are. Its folder has to be there.

    Raises OSError, for a full disk say; what was there before is left then, and nothing half-written.
    """
    temporary = temporary_path(path)
    try:
        with temporary.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        replace(temporary, path)
        sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):  # gone by now, or never there
            temporary.unlink()


def write_file(path: Path, content: str | bytes) -> Path:
    """The path, once the file is there as `write_whole` writes it; its folder is made if need be. Raises
    OutputError."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent.parent)
        write_whole(path, content)
    except OSError as error:
        raise OutputError(f"{path}: can't be written ({error.strerror or error})") from None
    return path


def replace(source: Path, target: Path) -> None:
    """`os.replace`, with patience where the target is being read, or what is in a folder. Raises OSError."""
    for pause in _PAUSES:
        try:
            os.replace(source, target)
            return
        except PermissionError:
            time.sleep(pause)
    os.replace(source, target)


def temporary_path(path: Path) -> Path:
    """Beside `path`, a name that nobody has."""
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")


def sync_folder(folder: Path) -> None:
    """The names in a folder, on the disk for good. Windows has no such thing, nor have some network folders."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise
    finally:
        os.close(descriptor)

"""Files that are whole or absent, whatever happens while they are written."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import uuid
from pathlib import Path

from plotart.errors import OutputError

#: Names under which files are written until they are whole.
TEMPORARY = re.compile(r"\..*\.[0-9a-f]{32}\.tmp")


def write_whole(path: Path, content: str | bytes) -> Path:
    """The path, once the file is on the disk for good; its folder is made if need be. Text is written as UTF-8.

    Raises OutputError, for a full disk say; no half-written file is left then, and an earlier one is as it was.
    """
    temporary = temporary_name(path)
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent.parent)
        with temporary.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        raise OutputError(f"{path}: can't be written ({error.strerror or error})") from None
    finally:
        with contextlib.suppress(OSError):  # gone by now, or never there
            temporary.unlink()
    return path


def temporary_name(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")


def sync_folder(folder: Path) -> None:
    """The names in a folder, on the disk for good. Windows has no such thing, nor have some network folders."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise
    finally:
        os.close(descriptor)

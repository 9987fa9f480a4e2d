"""One process at a time in a run folder.

The operating system holds the lock, and lets go of it when the process ends, however it ends: nothing is left over by a
kill or a power loss. The lock file names its holder for whoever finds the folder taken, and is gone when the run ends.

On a folder that several machines share the lock of one may not be seen by the others. A lock file of another machine is
heeded, therefore, until someone removes it. Two machines that begin at the same instant may both succeed there, and
where a file system knows no locks at all, nothing is held.

Our own, as filelock leaves its file behind on Unix, locks on Windows the byte where others read who holds it, and heeds
no other machine.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plotart.errors import HeldError, OutputError

#: The lock file, in the folder that it locks.
NAME = ".plotart.lock"

#: Where Windows locks a byte of the file: far behind its text, which others have to read.
_FAR = 1 << 30

#: What a file system answers that knows no locks.
_UNKNOWN = {errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOLCK, errno.EINVAL}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """While this lasts, the folder is this process's. Raises HeldError if another one has it,
    OutputError on a full disk."""
    path = folder / NAME
    file = _taken(path)
    try:
        _check_machine(path)
        _sign(path, file)
        try:
            yield
        finally:
            _leave(path, file)
    finally:
        with contextlib.suppress(OSError):  # closed by now, on Windows
            os.close(file)


def _taken(path: Path) -> int:
    """The lock file, open and locked."""
    while True:
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise OutputError(
                f"{path.parent}: can't be written to ({error.strerror or error}); give another folder with --out"
            ) from None
        try:
            _lock(file)
        except OSError as error:
            os.close(file)
            if error.errno in (errno.EACCES, errno.EAGAIN, errno.EDEADLK):
                raise HeldError(f"{path.parent}: {_holder(path)} is at work in this folder; wait for it") from None
            raise OutputError(f"{path}: can't be locked ({error.strerror or error})") from None
        if _is(path, file):
            return file
        os.close(file)  # its holder has just removed it: what was locked is no longer the lock file


def _lock(file: int) -> None:
    """Lock an open file, or raise OSError at once. Nothing is done where the file system knows no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file, _FAR, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise


def _is(path: Path, file: int) -> bool:
    """Whether the path still leads to that open file. Windows removes no file that is open."""
    if sys.platform == "win32":
        return True
    try:
        return os.path.samestat(os.stat(path), os.fstat(file))
    except FileNotFoundError:
        return False


def _check_machine(path: Path) -> None:
    """Raises HeldError if the file was signed on another machine, whose locks may not be seen here.

    One of this machine was left by a process that is no more, or there would have been no lock to be had.
    """
    signed = signature(path)
    if signed and signed.get("machine") != _machine() and signed.get("host") != platform.node():
        raise HeldError(
            f"{path.parent}: {_holder(path)} is at work in this folder, or was killed there; "
            f"if it no longer runs, remove {path}"
        )


def _sign(path: Path, file: int) -> None:
    signed = {
        "pid": os.getpid(),
        "host": platform.node(),
        "machine": _machine(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }
    try:
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, json.dumps(signed).encode())
    except OSError as error:
        _leave(path, file)
        raise OutputError(f"{path}: can't be written ({error.strerror or error})") from None


def _leave(path: Path, file: int) -> None:
    """Remove the lock file. Windows removes no open file, and elsewhere another process could lock a closed one."""
    if sys.platform == "win32":
        os.close(file)
    with contextlib.suppress(OSError):
        path.unlink()


def _holder(path: Path) -> str:
    signed = signature(path)
    if not signed:
        return "another process"
    return f"process {signed.get('pid')} on {signed.get('host')} (since {signed.get('since')})"


def signature(path: Path) -> dict[str, Any]:
    """Who signed the lock file: pid, host, machine, since; nothing if nobody did, or only in part."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _machine() -> str:
    """The same for all processes that see each other's locks: on Linux this boot, elsewhere the host."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return platform.node()

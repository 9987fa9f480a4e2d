"""What requests ask for, read with care."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import anyio.to_thread
from starlette.requests import Request

from plotart.errors import InputError
from plotart.files.atomic import temporary_path
from plotart.studio.folder import Version
from plotart.studio.studio import Studio

T = TypeVar("T")


def studio_of(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


def version_of(request: Request) -> Version:
    """The version that the way of a request names. Raises NoSuchVersion."""
    return studio_of(request).version(request.path_params["id"])


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request. Raises InputError for anything else."""
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise InputError("What was sent is not JSON.") from None
    if not isinstance(found, dict):
        raise InputError("What was sent is not a JSON object.")
    return found


@contextlib.asynccontextmanager
async def uploaded(request: Request, beside: Path) -> AsyncIterator[Path]:
    """The request's body as a file, which lies beside another as long as this lasts."""
    coming = temporary_path(beside)
    try:
        with coming.open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
        yield coming
    finally:
        coming.unlink(missing_ok=True)


async def in_thread(call: Callable[..., T], *values: Any) -> T:
    """What takes time, without holding up the pages."""
    return await anyio.to_thread.run_sync(call, *values)

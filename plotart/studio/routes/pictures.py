"""Pictures that people add: streamed to a file, decoded by the bounded readers, and kept under a name of their own."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from plotart.errors import InputError
from plotart.files.atomic import replace, temporary_path
from plotart.files.images import open_rgba
from plotart.files.names import file_name
from plotart.studio.routes.asked import in_thread, studio_of

#: px of the long side of what the page shows of a picture, and of the smallest that it may ask for.
LARGEST, SMALLEST = 1024, 16

#: Pictures that the page lists.
MOST_LISTED = 500


async def add(request: Request) -> Response:
    """The picture in the request's body. Raises InputError, ImageError for what is none."""
    folder = studio_of(request).pictures
    name = _name(request.query_params.get("name", ""))
    folder.mkdir(parents=True, exist_ok=True)
    coming = temporary_path(folder / "coming")
    try:
        with coming.open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
        return JSONResponse(await in_thread(_keep, coming, folder, name), 201)
    finally:
        coming.unlink(missing_ok=True)


async def listed(request: Request) -> Response:
    return JSONResponse({"pictures": await in_thread(_listed, studio_of(request).pictures)})


async def shown(request: Request) -> Response:
    """The picture as a PNG that is no larger than asked for."""
    folder, name = studio_of(request).pictures, request.path_params["name"]
    if name not in await in_thread(_names, folder):
        raise HTTPException(404, f"There is no picture called {name!r}.")
    return Response(await in_thread(_png, folder / name, size_of(request)), media_type="image/png")


def size_of(request: Request, default: int = LARGEST) -> int:
    """px of the long side that a request asks for. Raises InputError."""
    size = request.query_params.get("size", str(default))
    if not size.isascii() or not size.isdecimal() or not SMALLEST <= int(size[:6]) <= LARGEST:
        raise InputError(f"size: found {size[:20]}; allowed: {SMALLEST} to {LARGEST}")
    return int(size)


def _keep(coming: Path, folder: Path, name: str) -> dict[str, Any]:
    try:
        image = open_rgba(coming, longest=LARGEST)
    except InputError as error:
        raise InputError(str(error).replace(str(coming), name)) from None
    stem, dot, ending = name.rpartition(".")
    free, count = name, 1
    while (folder / free).exists():
        count += 1
        free = f"{stem}-{count}.{ending}" if dot else f"{name}-{count}"
    replace(coming, folder / free)
    return {**_told(free), "width": image.width, "height": image.height}


def _listed(folder: Path) -> list[dict[str, Any]]:
    return [_told(name) for name in _names(folder)][:MOST_LISTED]


def _names(folder: Path) -> list[str]:
    """The newest first."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        files = [(entry.stat().st_mtime, entry.name) for entry in entries if entry.is_file() and entry.name[0] != "."]
    return [name for _, name in sorted(files, reverse=True)]


def _told(name: str) -> dict[str, Any]:
    return {"name": name, "url": f"/api/pictures/{quote(name, safe='')}"}


def _png(path: Path, size: int) -> bytes:
    file = io.BytesIO()
    open_rgba(path, longest=size).save(file, "PNG")
    return file.getvalue()


def _name(given: str) -> str:
    """A name for a file, out of what a browser says of it. Raises InputError."""
    plain = file_name(given.replace("\\", "/").rpartition("/")[2][-100:], "picture").lstrip(".")
    if not plain:
        raise InputError("The picture needs a name, as in ?name=cat.jpg.")
    return plain


ROUTES = [
    Route("/api/pictures", add, methods=["POST"]),
    Route("/api/pictures", listed),
    Route("/api/pictures/{name}", shown),
]

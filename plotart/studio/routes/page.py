"""The page itself, and what it has to know before anything else."""

from __future__ import annotations

from importlib.metadata import version as version_of_package
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from plotart.errors import MissingError
from plotart.studio.guard import MOST_UPLOAD
from plotart.studio.routes.asked import in_thread, studio_of

PAGE = Path(str(files("plotart.studio") / "page"))
STATIC = StaticFiles(directory=PAGE)

#: The replay of reports, of which the page has the same.
PLAYER = Path(str(files("plotart.reports") / "page"))


async def index(request: Request) -> Response:
    return FileResponse(PAGE / "index.html", headers={"cache-control": "no-cache"})


async def player_file(request: Request) -> Response:
    """The script or the style of the replay."""
    return FileResponse(PLAYER / f"player.{request.path_params['kind']}")


async def about(request: Request) -> Response:
    return JSONResponse(await in_thread(_about, str(studio_of(request).folder)))


async def schema(request: Request) -> Response:
    return JSONResponse(await in_thread(_schema))


def _about(folder: str) -> dict[str, Any]:
    from plotart.plotter.boards.known import DIRECT
    from plotart.plotter.find_driver import usable_drivers

    return {
        "version": version_of_package("plotart"),
        "folder": Path(folder).name,
        "drivers": list(usable_drivers()),
        "direct": list(DIRECT) if find_spec("serial") is not None else [],
        "ports": _ports(),
        "extras": {"text": find_spec("open_clip") is not None, "gcode": find_spec("vpype_gcode") is not None},
        "limits": {"upload": MOST_UPLOAD},
    }


def _ports() -> list[str]:
    """Serial ports, which boards that plotart drives itself may be on."""
    from plotart.plotter.boards.port import find_ports

    try:
        return [port.name for port in find_ports()]
    except MissingError:
        return []


def _schema() -> dict[str, Any]:
    from plotart.config import config_schema
    from plotart.studio.effects import with_effects

    return with_effects(config_schema())


ROUTES = [
    Route("/", index),
    Route("/player.{kind:str}", player_file),
    Route("/api/studio", about),
    Route("/api/schema", schema),
]

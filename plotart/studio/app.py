"""The studio as a web application: routes, errors as people read them, and the guard around it all."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Mapping

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, WebSocketRoute
from starlette.websockets import WebSocket

from plotart.errors import InputError, PlotartError
from plotart.studio.folder import NoSuchVersion
from plotart.studio.guard import Doorkeeper, Guard
from plotart.studio.routes import ROUTES, page
from plotart.studio.studio import Studio

_log = logging.getLogger("plotart.studio")


def make_app(studio: Studio, door: Doorkeeper) -> Guard:
    """All that the page needs. Workers start with the application and end with it."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(studio.open)
        yield
        await anyio.to_thread.run_sync(studio.close)

    handlers = {InputError: _wrong, PlotartError: _failed, HTTPException: _refused, Exception: _broken}
    routes = [*ROUTES, WebSocketRoute("/live", _live), Mount("/static", page.STATIC)]
    app = Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan)  # type: ignore[arg-type]
    app.state.studio = studio
    return Guard(app, door)


async def _live(socket: WebSocket) -> None:
    await socket.app.state.studio.hub.serve(socket)


def _wrong(request: Request, error: InputError) -> Response:
    return _say(404 if isinstance(error, NoSuchVersion) else 400, str(error))


def _failed(request: Request, error: PlotartError) -> Response:
    return _say(409, str(error))


def _refused(request: Request, error: HTTPException) -> Response:
    return _say(error.status_code, str(error.detail), error.headers)


def _broken(request: Request, error: Exception) -> Response:
    _log.exception("%s %s", request.method, request.url.path, exc_info=error)
    return _say(500, "Something went wrong that should not; the studio's terminal has more.")


def _say(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": {"message": message}}, status, headers)

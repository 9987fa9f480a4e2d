"""Plotting a version: begin, answer before each pen, pause, and how it stands."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from plotart.errors import InputError
from plotart.studio.routes.asked import body_of, in_thread, studio_of, version_of


async def begin(request: Request) -> Response:
    body, plots, version = await body_of(request), studio_of(request).plots, version_of(request)
    if not version.done:
        raise InputError("It is not drawn to the end yet.")
    options = _options(body)
    return JSONResponse(await in_thread(lambda: plots.begin(version.id, version.path, **options)), 201)


async def where(request: Request) -> Response:
    version = version_of(request)
    return JSONResponse(await in_thread(studio_of(request).plots.standing, version.id, version.path))


async def answer(request: Request) -> Response:
    body, plots, version = await body_of(request), studio_of(request).plots, version_of(request)
    plots.answer(version.id, body.get("answer"))
    return JSONResponse(await in_thread(plots.standing, version.id, version.path))


async def pause(request: Request) -> Response:
    return JSONResponse(await in_thread(studio_of(request).plots.pause, version_of(request).id))


def _options(body: dict[str, Any]) -> dict[str, Any]:
    """Raises InputError for what no plot takes."""
    driver, machine, restart = body.get("driver"), body.get("machine"), body.get("restart", False)
    pens = body.get("pens") or []
    if not isinstance(driver, str | None) or not isinstance(machine, str | None) or not isinstance(restart, bool):
        raise InputError("driver and machine are names, restart is true or false.")
    if not isinstance(pens, list) or not all(isinstance(pen, str | int) and not isinstance(pen, bool) for pen in pens):
        raise InputError('pens are numbers or names, as in {"pens": [1, "Red"]}.')
    return {"driver": driver, "machine": machine, "restart": restart, "pens": [str(pen) for pen in pens]}


ROUTES = [
    Route("/api/versions/{id:path}/plot", begin, methods=["POST"]),
    Route("/api/versions/{id:path}/plot", where),
    Route("/api/versions/{id:path}/plot/answer", answer, methods=["POST"]),
    Route("/api/versions/{id:path}/plot/pause", pause, methods=["POST"]),
]

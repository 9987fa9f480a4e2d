"""Plotting a version, or a chart: begin, answer before each pen, pause, steer, look at the sheet, and how it stands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from plotart.errors import InputError
from plotart.studio.charts import Charts
from plotart.studio.registers import Registers
from plotart.studio.routes.asked import body_of, in_thread, studio_of, uploaded, version_of


class Wanted(NamedTuple):
    """What is plotted: by what its plot is known, how people call it, and its folder or SVG."""

    called: str
    words: str
    source: Path


async def begin(of: Callable[[Request], Wanted], request: Request) -> Response:
    options, plots, wanted = _options(await body_of(request)), studio_of(request).plots, of(request)
    found = await in_thread(lambda: plots.begin(wanted.called, wanted.source, words=wanted.words, **options))
    return JSONResponse(found, 201)


async def where(of: Callable[[Request], Wanted], request: Request) -> Response:
    wanted = of(request)
    return JSONResponse(await in_thread(studio_of(request).plots.standing, wanted.called, wanted.source))


async def answer(of: Callable[[Request], Wanted], request: Request) -> Response:
    body, plots, wanted = await body_of(request), studio_of(request).plots, of(request)
    plots.answer(wanted.called, body.get("answer"))
    return JSONResponse(await in_thread(plots.standing, wanted.called, wanted.source))


async def pause(of: Callable[[Request], Wanted], request: Request) -> Response:
    return JSONResponse(await in_thread(studio_of(request).plots.pause, of(request).called))


async def control(of: Callable[[Request], Wanted], request: Request) -> Response:
    body, plots = await body_of(request), studio_of(request).plots
    return JSONResponse(await in_thread(plots.control, of(request).called, body.get("control"), body.get("value")))


async def look(request: Request) -> Response:
    """The photograph of the sheet in the request's body; the last one where that is empty."""
    plots, wanted = studio_of(request).plots, _version(request)
    photo, cause = plots.looks.photograph(wanted.called), request.query_params.get("cause", "auto")
    photo.parent.mkdir(parents=True, exist_ok=True)
    async with uploaded(request, photo) as coming:
        if coming.stat().st_size:
            coming.replace(photo)
    found = await in_thread(plots.look, wanted.called, wanted.source, cause)
    return JSONResponse(found)


async def seen(request: Request) -> Response:
    path = await in_thread(studio_of(request).plots.looks.picture, _version(request).called)
    return FileResponse(path, media_type="image/webp")


async def correct(request: Request) -> Response:
    wanted = _version(request)
    return JSONResponse(await in_thread(studio_of(request).plots.correct, wanted.called, wanted.source))


def _version(request: Request) -> Wanted:
    version = version_of(request)
    if not version.done:
        raise InputError("It is not drawn to the end yet.")
    return Wanted(version.id, version.id, version.path)


def _chart(request: Request) -> Wanted:
    name: str = request.path_params["id"]
    return Wanted(f"charts:{name}", "a chart", Charts(studio_of(request).own / "charts").svg(name))


def _register(request: Request) -> Wanted:
    name: str = request.path_params["id"]
    svg = Registers(studio_of(request).own / "registers").svg(name)
    return Wanted(f"registers:{name}", "a sheet of squares", svg)


def _options(body: dict[str, Any]) -> dict[str, Any]:
    """Raises InputError for what no plot takes."""
    driver, machine, restart = body.get("driver"), body.get("machine"), body.get("restart", False)
    pens, port = body.get("pens") or [], body.get("port") or None
    if not all(isinstance(name, str | None) for name in (driver, machine, port)) or not isinstance(restart, bool):
        raise InputError("driver, machine and port are names, restart is true or false.")
    if not isinstance(pens, list) or not all(isinstance(pen, str | int) and not isinstance(pen, bool) for pen in pens):
        raise InputError('pens are numbers or names, as in {"pens": [1, "Red"]}.')
    return {"driver": driver, "machine": machine, "port": port, "restart": restart, "pens": [str(pen) for pen in pens]}


def _of(way: str, of: Callable[[Request], Wanted]) -> list[Route]:
    return [
        Route(f"{way}/plot", partial(begin, of), methods=["POST"]),
        Route(f"{way}/plot", partial(where, of)),
        Route(f"{way}/plot/answer", partial(answer, of), methods=["POST"]),
        Route(f"{way}/plot/pause", partial(pause, of), methods=["POST"]),
        Route(f"{way}/plot/control", partial(control, of), methods=["POST"]),
    ]


ROUTES = [
    *_of("/api/charts/{id}", _chart),
    *_of("/api/registers/{id}", _register),
    Route("/api/versions/{id:path}/plot/photograph", look, methods=["POST"]),
    Route("/api/versions/{id:path}/plot/seen", seen),
    Route("/api/versions/{id:path}/plot/correct", correct, methods=["POST"]),
    *_of("/api/versions/{id:path}", _version),
]

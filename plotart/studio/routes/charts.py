"""Calibration: charts, scans of them, and the sets that come of these."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from plotart.errors import InputError
from plotart.studio.catalogue import told_set
from plotart.studio.chart_wish import ChartWish
from plotart.studio.charts import Charts
from plotart.studio.routes.asked import body_of, in_thread, studio_of, uploaded


async def make(request: Request) -> Response:
    wish = wish_of(await body_of(request))
    return JSONResponse(await in_thread(_charts(request).make, wish), 201)


async def listed(request: Request) -> Response:
    return JSONResponse({"charts": await in_thread(_charts(request).listed)})


async def svg(request: Request) -> Response:
    name = request.path_params["id"]
    path = await in_thread(_charts(request).svg, name)
    return FileResponse(path, media_type="image/svg+xml", filename=f"chart-{name}.svg")


async def scan(request: Request) -> Response:
    """The picture in the request's body."""
    charts, name = _charts(request), request.path_params["id"]
    paper = request.query_params.get("paper")
    async with uploaded(request, await in_thread(charts.svg, name)) as picture:
        return JSONResponse(await in_thread(lambda: charts.scan(name, picture, paper=paper)))


async def save(request: Request) -> Response:
    body, charts = await body_of(request), _charts(request)
    called, overwrite = body.get("name"), body.get("overwrite", False)
    if not isinstance(called, str) or not isinstance(overwrite, bool):
        raise InputError('A set needs a name, as in {"name": "my-desk"}.')
    name = await in_thread(lambda: charts.save(request.path_params["id"], called, overwrite=overwrite))
    return JSONResponse(await in_thread(told_set, name), 201)


def _charts(request: Request) -> Charts:
    return Charts(studio_of(request).own / "charts")


def wish_of(body: dict[str, Any]) -> ChartWish:
    """Raises InputError for what is no wish for a chart."""
    texts = {key: body[key] for key in ("set", "size", "paper", "margin") if body.get(key) is not None}
    flags = {key: body[key] for key in ("landscape", "black_strip") if key in body}
    pens = body.get("pens") or []
    if "set" not in texts or not all(isinstance(text, str) for text in texts.values()):
        raise InputError('A chart is of a set on a sheet, as in {"set": "my-desk", "size": "a5", "paper": "#fbfaf5"}.')
    if not all(isinstance(flag, bool) for flag in flags.values()):
        raise InputError("landscape and black_strip are true or false.")
    if not isinstance(pens, list) or not all(isinstance(pen, str) for pen in pens):
        raise InputError("pens are names of pens of the set.")
    return ChartWish(**texts, **flags, pens=tuple(pens))


ROUTES = [
    Route("/api/charts", make, methods=["POST"]),
    Route("/api/charts", listed),
    Route("/api/charts/{id}.svg", svg),
    Route("/api/charts/{id}/scan", scan, methods=["POST"]),
    Route("/api/charts/{id}/save", save, methods=["POST"]),
]

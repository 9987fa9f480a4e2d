"""Pens in register: sheets of squares, photographs of them, and offsets kept in sets."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from plotart.errors import InputError
from plotart.studio.catalogue import told_set
from plotart.studio.registers import Registers
from plotart.studio.routes.asked import body_of, in_thread, studio_of, uploaded
from plotart.studio.routes.charts import wish_of


async def make(request: Request) -> Response:
    wish = wish_of(await body_of(request))
    return JSONResponse(await in_thread(_registers(request).make, wish), 201)


async def svg(request: Request) -> Response:
    name = request.path_params["id"]
    path = await in_thread(_registers(request).svg, name)
    return FileResponse(path, media_type="image/svg+xml", filename=f"align-{name}.svg")


async def read(request: Request) -> Response:
    """The photograph in the request's body."""
    registers, name = _registers(request), request.path_params["id"]
    async with uploaded(request, await in_thread(registers.svg, name)) as photo:
        return JSONResponse(await in_thread(registers.read, name, photo))


async def found(request: Request) -> Response:
    path = await in_thread(_registers(request).found, request.path_params["id"])
    return FileResponse(path, media_type="image/webp")


async def keep(request: Request) -> Response:
    body, registers = await body_of(request), _registers(request)
    of, offsets, nibs = body.get("set"), body.get("offsets", {}), body.get("nibs", {})
    if not isinstance(of, str) or not isinstance(offsets, dict) or not isinstance(nibs, dict):
        raise InputError('Offsets are kept as in {"set": "my-desk", "offsets": {"Red": [0.3, -0.1]}, "nibs": {}}.')
    name = await in_thread(registers.keep, request.path_params["id"], of, offsets, nibs)
    return JSONResponse(await in_thread(told_set, name), 201)


def _registers(request: Request) -> Registers:
    return Registers(studio_of(request).own / "registers")


ROUTES = [
    Route("/api/registers", make, methods=["POST"]),
    Route("/api/registers/{id}.svg", svg),
    Route("/api/registers/{id}/photograph", read, methods=["POST"]),
    Route("/api/registers/{id}/found", found),
    Route("/api/registers/{id}/keep", keep, methods=["POST"]),
]

"""What there is to choose from, and sets of one's own."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from plotart.errors import InputError
from plotart.studio import catalogue
from plotart.studio.begin import few_of
from plotart.studio.routes.asked import body_of, in_thread


async def everything(request: Request) -> Response:
    return JSONResponse(await in_thread(catalogue.catalogue))


async def keep(request: Request) -> Response:
    body = await body_of(request)
    overwrite = body.get("overwrite", False)
    if not isinstance(overwrite, bool):
        raise InputError("overwrite is true or false.")
    kept = await in_thread(
        lambda: catalogue.keep_set(body.get("name"), body.get("pens"), overwrite=overwrite),
    )
    return JSONResponse(kept, 201)


async def few(request: Request) -> Response:
    """The names of the pens of a set with which a motif is drawn on paper of a colour, if nobody chooses."""
    name, paper = request.path_params["name"], request.query_params.get("paper", "#ffffff")
    return JSONResponse({"pens": await in_thread(few_of, name, paper)})


ROUTES = [
    Route("/api/catalogue", everything),
    Route("/api/sets", keep, methods=["POST"]),
    Route("/api/sets/{name}/few", few),
]

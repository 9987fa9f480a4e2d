"""To paper: what is to be plotted of a version, its pictures, its report, and files to take away."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from plotart.errors import InputError
from plotart.files.names import slug
from plotart.studio import paper
from plotart.studio.folder import Version
from plotart.studio.routes.asked import body_of, in_thread, studio_of, version_of
from plotart.studio.routes.pictures import size_of

#: The report is a page that needs nothing but itself: whatever is in it can neither ask the studio nor anybody else.
REPORT = {
    "content-security-policy": "sandbox allow-scripts; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}


async def figures(request: Request) -> Response:
    version = _drawn(request)
    told = await in_thread(paper.paper, version.path)
    pens = [{**pen, "picture": f"{_url(version)}/pens/{pen['number']}.png"} for pen in told["pens"]]
    return JSONResponse({**told, "pens": pens})


async def pen(request: Request) -> Response:
    number: int = request.path_params["number"]
    return Response(await in_thread(paper.pen_picture, _drawn(request).path, number), media_type="image/png")


async def picture(request: Request) -> Response:
    """The newest picture of a version, as it is or no larger than asked for."""
    path = await in_thread(studio_of(request).picture, version_of(request))
    if path is None:
        raise HTTPException(404, "There is no picture of it yet.")
    if "size" not in request.query_params:
        return FileResponse(path)
    return Response(await in_thread(paper.thumbnail, path, size_of(request)), media_type="image/webp")


async def lines(request: Request) -> Response:
    version = _drawn(request)
    found = await in_thread(paper.plotted, version.path, version.id)
    return Response(found, media_type="application/octet-stream")


async def player(request: Request) -> Response:
    return HTMLResponse(await in_thread(paper.replay, _drawn(request).path))


async def report(request: Request) -> Response:
    path = _drawn(request).path / "report.html"
    if not path.is_file():
        raise HTTPException(404, "It has no report.")
    return FileResponse(path, headers=REPORT)


async def formats(request: Request) -> Response:
    return JSONResponse({"formats": await in_thread(paper.formats)})


async def export(request: Request) -> Response:
    body, studio, version = await body_of(request), studio_of(request), _drawn(request)
    wanted, overrides = body.get("formats", []), body.get("overrides", [])
    if not isinstance(wanted, list) or not isinstance(overrides, list):
        raise InputError('An export takes lists, as in {"formats": ["vpype-pens"], "overrides": ["export.merge=1mm"]}.')
    if studio.plots.is_live(version.id):
        raise InputError("It is being plotted now; its files can be written once that is done.")
    elsewhere = studio.exports(version)
    taken = await in_thread(lambda: paper.export(version.path, wanted, overrides, elsewhere=elsewhere))
    kind = "exports" if overrides else "files"
    return JSONResponse({"files": _told(version, kind, taken.files), "notes": list(taken.notes)})


async def listed(request: Request) -> Response:
    version = version_of(request)
    return JSONResponse({"files": _told(version, "files", await in_thread(paper.files, version.path))})


async def file(request: Request) -> Response:
    return _file(request, await in_thread(paper.files, version_of(request).path))


async def exported(request: Request) -> Response:
    folder = studio_of(request).exports(version_of(request))
    return _file(request, await in_thread(paper.exported_files, folder))


async def archive(request: Request) -> Response:
    version = _drawn(request)
    name = {"content-disposition": f'attachment; filename="{slug(version.id, "drawing")}.zip"'}
    return StreamingResponse(paper.archive(version.path), media_type="application/zip", headers=name)


def _drawn(request: Request) -> Version:
    """The version, which is done. Raises InputError."""
    version = version_of(request)
    if not version.done:
        raise InputError("It is not drawn to the end yet.")
    return version


def _file(request: Request, there: dict[str, Path]) -> Response:
    """One of the files that are there, to be kept and not shown."""
    path = there.get(request.path_params["name"])
    if path is None:
        raise HTTPException(404, "There is no such file.")
    return FileResponse(path, filename=path.name)


def _told(version: Version, kind: str, there: Any) -> list[dict[str, Any]]:
    return [
        {"name": name, "bytes": path.stat().st_size, "url": f"{_url(version)}/{kind}/{quote(name)}"}
        for name, path in there.items()
    ]


def _url(version: Version) -> str:
    return f"/api/versions/{quote(version.id)}"


ROUTES = [
    Route("/api/formats", formats),
    Route("/api/versions/{id:path}/paper", figures),
    Route("/api/versions/{id:path}/pens/{number:int}.png", pen),
    Route("/api/versions/{id:path}/picture", picture),
    Route("/api/versions/{id:path}/lines", lines),
    Route("/api/versions/{id:path}/player", player),
    Route("/api/versions/{id:path}/report", report),
    Route("/api/versions/{id:path}/export", export, methods=["POST"]),
    Route("/api/versions/{id:path}/files", listed),
    Route("/api/versions/{id:path}/files/{name:path}", file),
    Route("/api/versions/{id:path}/exports/{name:path}", exported),
    Route("/api/versions/{id:path}/drawing.zip", archive),
]

"""Versions: the wall, one of them, and what is done with it."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from plotart.errors import InputError
from plotart.studio.cards import losses_of
from plotart.studio.folder import Version
from plotart.studio.routes.asked import body_of, in_thread, studio_of, version_of
from plotart.studio.studio import Done, Studio


async def wall(request: Request) -> Response:
    return JSONResponse({"versions": await in_thread(studio_of(request).cards)})


async def create(request: Request) -> Response:
    body = await body_of(request)
    source = body.get("from")
    if not isinstance(source, dict):
        raise InputError('A version begins from something, as in {"from": {"starter": "quickstart"}}.')
    studio = studio_of(request)
    version = await in_thread(lambda: studio.create(source, draw=bool(body.get("draw"))))
    return JSONResponse(studio.card(version), 201)


async def one(request: Request) -> Response:
    return JSONResponse(await in_thread(_whole, studio_of(request), version_of(request)))


async def annotate(request: Request) -> Response:
    body, studio, version = await body_of(request), studio_of(request), version_of(request)
    stars, note, name = (body.get(key) for key in ("stars", "note", "name"))
    if not isinstance(stars, int | None) or isinstance(stars, bool):
        raise InputError("stars: allowed are 0 to 5")
    if not isinstance(note, str | None) or not isinstance(name, str | None):
        raise InputError("note and name are texts.")
    await in_thread(lambda: studio.annotate(version, stars=stars, note=note, name=name))
    return JSONResponse(studio.card(version))


async def discard(request: Request) -> Response:
    await in_thread(studio_of(request).discard, version_of(request))
    return Response(status_code=204)


async def restore(request: Request) -> Response:
    studio = studio_of(request)
    return JSONResponse(studio.card(await in_thread(studio.restore, request.path_params["id"])))


async def act(request: Request) -> Response:
    body, studio, version = await body_of(request), studio_of(request), version_of(request)
    return JSONResponse(await in_thread(_act, studio, version, body))


async def sweep(request: Request) -> Response:
    body, studio = await body_of(request), studio_of(request)
    axes = body.get("axes")
    if not isinstance(axes, list) or not axes or not all(isinstance(axis, str) for axis in axes):
        raise InputError('A sweep needs what to vary, as in {"axes": ["seed=0..7"]}.')
    version = studio.version(str(body.get("version", "")))
    return JSONResponse({"name": await in_thread(studio.sweep, version, axes)}, 201)


async def stop_sweep(request: Request) -> Response:
    await in_thread(studio_of(request).stop_sweep, request.path_params["name"])
    return Response(status_code=204)


def _act(studio: Studio, version: Version, body: dict[str, Any]) -> dict[str, Any]:
    action = body.get("action")
    if action == "change":
        done = studio.change(version, _changes(body.get("changes")))
    elif action == "hands":
        done = studio.hands(version, body)
    elif action == "anew":
        done = studio.anew(version, body.get("held", []))
    elif action in _PLAIN:
        done = _PLAIN[action](studio, version)
    else:
        allowed = ", ".join([*_PLAIN, "change", "hands", "anew"])
        raise InputError(f"action: found {str(action)[:40]!r}; allowed are {allowed}")
    return _told(studio, done)


_PLAIN = {
    "draw": Studio.draw,
    "pause": Studio.pause,
    "go": Studio.go,
    "step": Studio.step,
    "stop": Studio.stop,
    "undo": Studio.undo,
    "redo": Studio.redo,
}


def _told(studio: Studio, done: Done) -> dict[str, Any]:
    return {
        "card": studio.card(done.version),
        "document": studio.document(done.version),
        "effect": done.effect,
        "message": done.message,
        "id": done.version.id,
    }


def _whole(studio: Studio, version: Version) -> dict[str, Any]:
    summary = version.path / "summary.json"
    return {
        **studio.card(version),
        "document": studio.document(version),
        "resolved": studio.resolved(version),
        "summary": json.loads(summary.read_text(encoding="utf-8")) if summary.is_file() else None,
        "losses": losses_of(version.path),
    }


def _changes(given: Any) -> list[tuple[str, Any]]:
    """Raises InputError for what are no pairs of a key and a value."""
    pairs: list[Any] = given if isinstance(given, list) else [given]
    if all(isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) for one in pairs):
        return [(key, value) for key, value in pairs]
    raise InputError('Changes are pairs of a key and a value, as in [["optimize.steps", 300]].')


ROUTES = [
    Route("/api/versions", wall),
    Route("/api/versions", create, methods=["POST"]),
    Route("/api/sweeps", sweep, methods=["POST"]),
    Route("/api/sweeps/{name}/stop", stop_sweep, methods=["POST"]),
    Route("/api/versions/{id:path}/act", act, methods=["POST"]),
    Route("/api/versions/{id:path}/restore", restore, methods=["POST"]),
    Route("/api/versions/{id:path}", one),
    Route("/api/versions/{id:path}", annotate, methods=["PATCH"]),
    Route("/api/versions/{id:path}", discard, methods=["DELETE"]),
]

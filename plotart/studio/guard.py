"""Who may ask, and for how much: pure ASGI, around everything that the studio serves.

The studio reads and writes files and moves a plotter, and any page in the same browser can send requests to
this machine. So requests have to be addressed to the studio by a name of its own (a foreign name that leads here is
DNS rebinding), those of other sites are refused (cross-site requests and websockets), and where others on the network
can reach it, they need the token that was printed when it was started.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
from starlette.exceptions import HTTPException

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Bytes of a request: of a picture, which is streamed to a file, and of anything else.
MOST_UPLOAD, MOST_BYTES = 64_000_000, 2_000_000

#: Seconds until a request has to have come as a whole: of a picture, and of anything else.
UPLOAD_SECONDS, SECONDS = 300.0, 20.0

#: The cookie that holds the token, once the page was opened with it.
COOKIE = "plotart-studio"

#: Ways that end like this take pictures.
_UPLOADS = ("/api/pictures", "/scan", "/photograph")

#: What is left of a request that is refused is not read: its connection can't be used again.
_CLOSE = {"connection": "close"}

#: Bytes and seconds of it that are read nevertheless before the refusal. Where a connection is closed while a request
#: is on its way, the answer is lost, and the page hears of a broken connection in place of the reason.
_LET_COME, _LET_COME_SECONDS = 1_000_000, 1.0

_HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' blob: data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        b"form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


@dataclass(frozen=True)
class Doorkeeper:
    """Where the studio listens, and the token that is asked for; none where only this machine can reach it."""

    host: str
    port: int
    token: str = ""

    def knows(self, host: str) -> bool:
        """Whether a request's Host is a name of the studio."""
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port or 80
        except ValueError:
            return False
        if port != self.port or parts.username is not None or parts.path:
            return False
        if name == "localhost" or _is_loopback(name) or name == self.host:
            return True
        # Listening on all addresses, it can't tell which are its own: a name, though, can be made to lead here.
        return is_any(self.host) and _is_address(name)

    def lets_in(self, token: str) -> bool:
        return not self.token or secrets.compare_digest(token.encode(), self.token.encode())


def is_local(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    return host == "localhost" or _is_loopback(host)


def is_any(host: str) -> bool:
    """Whether what listens there listens on all addresses."""
    return _is_address(host) and ip_address(host).is_unspecified


class Guard:
    """The app behind a doorkeeper."""

    def __init__(self, app: App, door: Doorkeeper) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        status, why = self._refusal(scope, headers)
        if status:
            await _refuse(scope, receive, send, status, why)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        elif (token := _token_in_query(scope)) and self._door.lets_in(token):
            await _remember(scope, send, token)
        else:
            await self._bounded(scope, headers, receive, send)

    def _refusal(self, scope: Scope, headers: dict[bytes, str]) -> tuple[int, str]:
        """Status and reason; status 0 lets it in."""
        host = headers.get(b"host", "")
        if not self._door.knows(host):
            return 421, "This is not the address of the studio."
        origin = headers.get(b"origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return 403, "Other sites can't use the studio."
        if headers.get(b"sec-fetch-site", "none") not in ("same-origin", "none") and scope["path"] != "/":
            return 403, "Other sites can't use the studio."
        token = _token_in_query(scope) or _token_in(headers)
        if not self._door.lets_in(token):
            return 401, "Open the studio by the address that was printed when it was started: it has the token."
        return 0, ""

    async def _bounded(self, scope: Scope, headers: dict[bytes, str], receive: Receive, send: Send) -> None:
        upload = scope["path"].endswith(_UPLOADS)
        most = MOST_UPLOAD if upload else MOST_BYTES
        until = time.monotonic() + (UPLOAD_SECONDS if upload else SECONDS)
        came, complete = 0, False

        async def bounded_receive() -> Message:
            nonlocal came, complete
            if complete:
                return await receive()
            try:
                with anyio.fail_after(max(0.0, until - time.monotonic())):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "The request took too long to come.", _CLOSE) from None
            came += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if came > most:
                raise HTTPException(413, _too_much(most), _CLOSE)
            return message

        async def safe_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", ())
                named = {name.lower() for name, _ in own}  # as of the report, which is a page of its own
                message["headers"] = [*own, *(header for header in _HEADERS if header[0] not in named)]
                if scope["path"].startswith("/api/"):
                    message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        length = headers.get(b"content-length", "0")
        if not length.isdecimal() or int(length) > most:
            await _refuse(scope, receive, safe_send, 413, _too_much(most))
            return
        await self._app(scope, bounded_receive, safe_send)


def _too_much(most: int) -> str:
    return f"That is too large; allowed are {most // 1_000_000} MB."


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, why: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why})
        return
    await _let_come(receive)
    body = json.dumps({"error": {"message": why}}).encode()
    head = [(b"content-type", b"application/json"), (b"connection", b"close"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def _let_come(receive: Receive) -> None:
    """Read a small request to its end, unless it takes long."""
    came, more = 0, True
    with anyio.move_on_after(_LET_COME_SECONDS):
        while more and came < _LET_COME:
            message = await receive()
            came += len(message.get("body", b""))
            more = message.get("more_body", False)


async def _remember(scope: Scope, send: Send, token: str) -> None:
    """Keep the token in a cookie, and go to the same page without it: an address is easily passed on."""
    cookie = f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict"
    head = [(b"location", b"/"), (b"set-cookie", cookie.encode("latin-1")), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 303, "headers": [*head, *_HEADERS]})
    await send({"type": "http.response.body", "body": b""})


def _token_in_query(scope: Scope) -> str:
    if scope["type"] != "http" or scope["path"] != "/":
        return ""
    return parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]


def _token_in(headers: dict[bytes, str]) -> str:
    kind, _, token = headers.get(b"authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return token
    try:
        found = SimpleCookie(headers.get(b"cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return _is_address(name) and ip_address(name).is_loopback

"""The studio's server: where it listens, and until when."""

from __future__ import annotations

import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from plotart.errors import MissingError, OptionError
from plotart.studio.guard import Doorkeeper, is_any, is_local

if TYPE_CHECKING:
    import uvicorn

#: The port, unless it is taken or another one is asked for.
PORT = 8427

#: Ports that are tried from there on.
_TRIES = 20

#: Bytes of a message from a page, and requests that are worked on at once.
_MOST_SAID, _MOST_AT_ONCE = 65_536, 200


def serve(folder: Path, *, host: str, port: int | None, on_open: Callable[[str], None]) -> None:
    """Serve the studio until it is interrupted. `on_open` is called with its address once it can be opened.

    host  where it listens; anything but this machine alone is served only with a token, which the address has
    port  if None, the first one from PORT on that is free; 0 is any

    Raises MissingError without the packages of the extra `studio`, OptionError for a port that can't be had,
    OutputError for a folder that can't be written.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn
        import websockets  # noqa: F401
    except ImportError:
        raise MissingError("the studio needs Starlette and uvicorn: pip install 'plotart[studio]'") from None
    from plotart.studio.app import make_app
    from plotart.studio.studio import Studio

    listener = _listener(host, port)
    token = "" if is_local(host) else secrets.token_urlsafe(24)
    door = Doorkeeper(host, listener.getsockname()[1], token)
    app = make_app(Studio(folder), door)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=_MOST_SAID,
        limit_concurrency=_MOST_AT_ONCE,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=3,
        lifespan="on",
    )
    server = _server(config, lambda: on_open(_address(door)))
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()


def _listener(host: str, port: int | None) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    wanted = range(PORT, PORT + _TRIES) if port is None else [port]
    for each in wanted:
        listener = socket.socket(family, socket.SOCK_STREAM)
        if sys.platform == "win32":  # where SO_REUSEADDR would let two programs have a port at once
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, each))
            return listener
        except OSError as error:
            listener.close()
            reason = error.strerror or error
    raise OptionError(f"port: {host} port {wanted[0]} can't be had ({reason}); give another one, or 0 for any")


def _address(door: Doorkeeper) -> str:
    host = _own_address() if is_any(door.host) else door.host
    name = f"[{host}]" if ":" in host else host
    query = f"?token={door.token}" if door.token else ""
    return f"http://{name}:{door.port}/{query}"


def _own_address() -> str:
    """By which others in the network reach this machine. Nothing is sent: the system is asked which way it would take
    to an address that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.1", 9))
            return str(way.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _server(config: uvicorn.Config, on_open: Callable[[], None]) -> uvicorn.Server:
    """A server that says when it is open. Its class is made here, as uvicorn is imported no sooner than needed."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if not self.should_exit:
                on_open()

    return Server(config)

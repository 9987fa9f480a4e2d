"""Who is let in to the studio: foreign names and sites, ways out of the folder, too much, too slow, too many."""

from __future__ import annotations

import contextlib
import http.client
import io
import resource
import socket
import time
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from studios import TINY, Opened, Player, opened_studio

from plotart.studio.guard import Doorkeeper, Guard

ACT = "/api/versions/tiny/act"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    folder = tmp_path_factory.mktemp("studio")
    (folder.parent / "secret.png").write_bytes(_png())
    with opened_studio(folder, crew=Player) as opened:
        opened.new()
        yield opened


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    "host", ["evil.example:{port}", "127.0.0.1.evil.example:{port}", "evil.example", "127.0.0.1", ""]
)
@pytest.mark.parametrize("path", ["/", "/api/versions", "/static/index.html"])
def test_foreign_hosts_are_refused(studio: Opened, host: str, path: str) -> None:
    """A foreign name that leads here is DNS rebinding."""
    found = studio.ask("GET", path, headers={"Host": host.format(port=studio.port)})
    assert found.status in (400, 421)
    assert b"tiny" not in found.body


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_own_hosts_are_known(studio: Opened, name: str) -> None:
    assert studio.ask("GET", "/api/versions", headers={"Host": f"{name}:{studio.port}"}).status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://localhost.evil.example"]
)
def test_foreign_origins_are_refused(studio: Opened, origin: str) -> None:
    found = studio.ask("POST", ACT, {"action": "draw"}, headers={"Origin": origin})
    assert found.status == 403
    assert studio.card("tiny")["state"] == "draft"


@pytest.mark.parametrize("ends", [True, False])
def test_a_request_is_let_come_before_it_is_refused(ends: bool) -> None:
    """With its connection the answer would be lost; but one that never ends is not waited for."""
    told: list[str] = []

    async def receive() -> dict[str, Any]:
        told.append("body")
        if not ends:
            await anyio.sleep_forever()
        return {"type": "http.request", "body": b"x", "more_body": len(told) < 3}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(str(message.get("status", message["type"])))

    async def app(*_: Any) -> None:
        raise AssertionError("a foreign site was let in")

    headers = [(b"host", b"127.0.0.1:80"), (b"origin", b"http://evil.example")]
    scope = {"type": "http", "path": ACT, "headers": headers}
    anyio.run(Guard(app, Doorkeeper("127.0.0.1", 80)), scope, receive, send)
    assert told == ["body"] * (3 if ends else 1) + ["403", "http.response.body"]


def test_other_sites_can_t_ask_without_an_origin(studio: Opened) -> None:
    """As a picture or a form on another page would."""
    for site in ("cross-site", "same-site"):
        found = studio.ask("GET", "/api/versions", headers={"Sec-Fetch-Site": site})
        assert found.status == 403


def test_websockets_of_other_sites_are_refused(studio: Opened) -> None:
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    with pytest.raises(InvalidStatus), connect(f"ws://127.0.0.1:{studio.port}/live", origin="http://evil.example"):
        pass
    with connect(f"ws://127.0.0.1:{studio.port}/live", origin=studio.address) as socket_:
        socket_.send('{"watch": null}')


def test_pages_are_not_framed_and_run_no_foreign_scripts(studio: Opened) -> None:
    headers = studio.ask("GET", "/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/api/pictures/../../secret.png",
        "/api/pictures/..%2f..%2fsecret.png",
        "/api/pictures/%2e%2e%2f%2e%2e%2fsecret.png",
        "/api/pictures/..%5c..%5csecret.png",
        "/api/versions/..%2f..%2f/picture",
        "/api/versions/%2e%2e/picture",
        "/api/versions/tiny%2f..%2f..%2f/report",
        "/static/../studio.py",
        "/static/%2e%2e/studio.py",
        "/static/..%2f..%2ferrors.py",
        "/api/versions/tiny/files/..%2f..%2fsecret.png",
        "/api/versions/tiny/files/%2fetc%2fpasswd",
        "/api/versions/tiny/files/..%00.png",
    ],
)
def test_no_way_leads_out_of_the_folder(studio: Opened, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", studio.port, timeout=10)
    with contextlib.closing(connection):
        connection.putrequest("GET", path, skip_accept_encoding=True)  # as it is: not made tidy by a client
        connection.endheaders()
        found = connection.getresponse()
        body = found.read()
    assert found.status in (400, 404), (found.status, body[:200])
    assert b"PNG" not in body
    assert b"root:" not in body


@pytest.mark.parametrize(
    "name", ["../secret.png", "..\\secret.png", "/etc/x.png", "a/../../b.png", ".hidden.png", "con.png"]
)
def test_uploads_stay_among_the_pictures(studio: Opened, name: str) -> None:
    from urllib.parse import quote

    before = {path for path in studio.studio.folder.parent.rglob("*") if "pictures" not in path.parts}
    found = studio.ask("POST", f"/api/pictures?name={quote(name, safe='')}", _png())
    assert found.status == 201
    kept = found.json["name"]
    assert (studio.studio.pictures / kept).read_bytes() == _png()
    assert not kept.startswith(".")
    assert {path for path in studio.studio.folder.parent.rglob("*") if "pictures" not in path.parts} == before


@pytest.mark.parametrize(
    "change",
    [
        ["objective", [{"type": "image", "file": "/etc/passwd"}]],
        ["objective", [{"type": "image", "file": "../secret.png"}]],
        ["objective.0.weights", "../../weights.safetensors"],
        ["strokes", {"init": "svg", "svg": "pictures/../../secret.svg"}],
        ["pens", "../pens.toml"],
        ["pens", {"set": "/etc/pens.toml"}],
        ["guests", [{"file": "~/guest.svg"}]],
    ],
)
def test_configs_read_nothing_outside_the_folder(studio: Opened, change: list[object]) -> None:
    version = studio.new()
    found = studio.act(version, "change", changes=[change])
    assert found.status == 400
    assert "folder" in found.message
    assert studio.card(version)["document"]["config"] == studio.card("tiny")["document"]["config"]


def test_links_out_of_the_folder_are_not_followed(studio: Opened) -> None:
    studio.studio.pictures.mkdir(exist_ok=True)
    link = studio.studio.pictures / "link.png"
    link.symlink_to(studio.studio.folder.parent / "secret.png")
    change = ["objective", [{"type": "image", "file": "pictures/link.png"}]]
    assert studio.act(studio.new(), "change", changes=[change]).status == 400
    link.unlink()


@pytest.mark.parametrize("path", ["/api/pictures?name=a.png", "/api/versions"])
def test_a_gigabyte_is_refused_unread(studio: Opened, path: str) -> None:
    """By what it says of its size, at once."""
    before = _memory()
    with socket.create_connection(("127.0.0.1", studio.port), timeout=10) as line:
        line.sendall(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{studio.port}\r\nContent-Length: 1000000000\r\n\r\n".encode()
        )
        answer = line.recv(4096)
    assert b" 413 " in answer.splitlines()[0]
    assert _memory() - before < 50


def test_a_gigabyte_in_chunks_ends_at_the_limit(studio: Opened) -> None:
    """Without a word on its size: no more is read than is allowed, and none of it stays."""
    before, sent, chunk = _memory(), 0, b"100000\r\n" + b"\0" * 0x100000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", studio.port), timeout=20) as line:
        line.sendall(_head(studio, "/api/pictures?name=a.png", "Transfer-Encoding: chunked"))
        with contextlib.suppress(OSError):  # hung up on
            for _ in range(1000):
                line.sendall(chunk)
                sent += 1
        answer = b""
        with contextlib.suppress(OSError):
            answer = line.recv(4096)
    assert sent < 200, "it was hung up on long before the end"
    assert not answer or b" 413 " in answer.splitlines()[0]
    assert _memory() - before < 150
    studio.wait(lambda: not any(path.name.endswith(".tmp") for path in studio.studio.pictures.iterdir()))


def test_pictures_that_are_none_are_refused(studio: Opened) -> None:
    for content in (b"", b"GIF89a", b"<svg/>", _png()[:40]):
        found = studio.ask("POST", "/api/pictures?name=a.png", content)
        assert found.status == 400
        assert str(studio.studio.folder) not in found.message
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    assert studio.ask("POST", "/api/pictures?name=bomb.png", bomb.getvalue()).status in (201, 400)
    assert _memory() < 8_000


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"action": 3}', b'{"action": "no"}'])
def test_what_is_no_request_is_refused_in_words(studio: Opened, body: bytes) -> None:
    found = studio.ask("POST", ACT, body)
    assert found.status == 400
    assert found.message


def test_a_slow_client_does_not_hold_others_up(studio: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that sends its request byte by byte, and one that never reads, are there while others are served."""
    monkeypatch.setattr("plotart.studio.guard.SECONDS", 1.0)
    with socket.create_connection(("127.0.0.1", studio.port), timeout=10) as slow:
        slow.sendall(_head(studio, ACT, "Content-Length: 50") + b"{")
        begun = time.monotonic()
        assert studio.ask("GET", "/api/versions").status == 200
        assert time.monotonic() - begun < 5
        assert b" 408 " in slow.recv(4096).splitlines()[0]


def test_fifty_pages_are_served(studio: Opened) -> None:
    from websockets.sync.client import connect

    before = _memory()
    with contextlib.ExitStack() as stack:
        pages = [
            stack.enter_context(connect(f"ws://127.0.0.1:{studio.port}/live", origin=studio.address)) for _ in range(50)
        ]
        for page in pages:
            page.send('{"watch": "tiny"}')
        studio.ask("PATCH", "/api/versions/tiny", {"stars": 3})
        for page in pages:
            assert '"card"' in str(page.recv(timeout=20))
        for _ in range(300):  # drawings of 200 kB that none of them reads
            studio.studio.hub.show("tiny", b"PLT1" + bytes(200_000))
        assert studio.ask("GET", "/api/versions").status == 200
        assert _memory() - before < 400
    studio.wait(lambda: studio.studio.hub.pages == 0)


def test_a_page_that_says_nonsense_is_sent_away(studio: Opened) -> None:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    def answer(said: str) -> object:
        with connect(f"ws://127.0.0.1:{studio.port}/live", origin=studio.address) as page:
            page.send(said)
            return page.recv(timeout=10)

    for said in ("nonsense", "[]", '{"watch"', "x" * 100_000):
        with pytest.raises(ConnectionClosed):
            answer(said)


def test_others_on_the_network_need_the_token(tmp_path: Path) -> None:
    with opened_studio(tmp_path, crew=Player, token="s3cret") as opened:
        assert opened.ask("GET", "/").status == 401
        assert opened.ask("GET", "/api/versions").status == 401
        assert opened.ask("GET", "/?token=wrong").status == 401
        came = opened.ask("GET", "/?token=s3cret")
        assert came.status == 303
        assert "HttpOnly" in came.headers["set-cookie"]
        cookie = came.headers["set-cookie"].split(";")[0]
        assert opened.ask("GET", "/api/versions", headers={"Cookie": cookie}).status == 200
        assert opened.ask("GET", "/api/versions", headers={"Cookie": f"{cookie}x"}).status == 401
        assert opened.ask("GET", "/api/versions", headers={"Authorization": "Bearer s3cret"}).status == 200


@given(st.text(max_size=40))
def test_a_doorkeeper_knows_no_host_but_its_own(host: str) -> None:
    own = {f"{name}:80" for name in ("localhost", "127.0.0.1", "[::1]")} | {"localhost", "127.0.0.1", "[::1]"}
    if Doorkeeper("127.0.0.1", 80).knows(host):
        assert host.lower() in own or host.startswith(("127.", "[")), host


def test_listening_everywhere_names_are_still_foreign() -> None:
    door = Doorkeeper("0.0.0.0", 8000, "token")
    assert door.knows("192.168.1.5:8000")
    assert door.knows("localhost:8000")
    assert not door.knows("evil.example:8000")
    assert not door.knows("192.168.1.5:8001")


def _head(studio: Opened, path: str, *more: str) -> bytes:
    """The head of a request that something is to follow."""
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{studio.port}", *more]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def _memory() -> float:
    """MB that this process has had at most, the server among them."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_the_small_config_is_sound(studio: Opened) -> None:
    assert studio.card("tiny")["resolved"]["optimize"]["steps"] == TINY["optimize"]["steps"]

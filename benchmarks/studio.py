"""What it costs to look: a run of 2,000 strokes with nobody, a listener, and a page that draws it.

    python benchmarks/studio.py
    python benchmarks/studio.py --strokes 500 --seconds 8 --rounds 2

First the time from a click to the first strokes. Then one run goes on all the time, and who looks changes every few
seconds, in rounds, there and back, so that what else the machine does, and steps that become slower as strokes spread,
fall on all alike. Steps per second are those of the run's own
count. A page without a GPU draws in the same cores that the run computes in; what the studio itself takes is the
listener's line.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

WHO = ("nobody", "a listener", "a page")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, studio(Path(folder)) as address, browser() as new_page:
        first_strokes(address, new_page)
        looked_at(address, new_page, given.strokes, given.seconds, given.rounds)


def first_strokes(address: str, new_page: Callable[[], Any]) -> None:
    """From the click until strokes are on the page, a worker being warm."""
    time.sleep(15)
    page = new_page()
    page.goto(address)
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        version = ask(address, "/api/versions", {"from": {"starter": "quickstart"}, "draw": True})["id"]
        page.goto(f"{address}/#/v/{version}")
        page.wait_for_selector("[data-drawn]", timeout=60_000)
        took.append(time.perf_counter() - begun)
        ask(address, f"/api/versions/{version}/act", {"action": "stop"})
        page.goto(f"{address}/#/")
        wait(lambda v=version: state(address, v) == "stopped")  # type: ignore[misc]
    print(f"first strokes after {statistics.median(took):.2f} s (median of {len(took)}, most {max(took):.2f} s)")
    page.close()


def looked_at(address: str, new_page: Callable[[], Any], strokes: int, seconds: float, rounds: int) -> None:
    config = {
        "name": "looked-at",
        "page": {"size": "a4"},
        "pens": [{"name": name, "color": name, "width": 0.5} for name in ("black", "red", "blue", "orange")],
        "strokes": {"count": strokes, "economy": {"keep": 1, "price": 0}},
        "objective": [{"type": "excitation", "network": "motif", "class": "tiger"}],
        "optimize": {"steps": 100_000, "recycle": {"every": 0}},
    }
    version = ask(address, "/api/versions", {"from": {"config": config}, "draw": True})["id"]
    wait(lambda: state(address, version) == "drawing" and step(address, version) > 5)
    rates: dict[str, list[float]] = {who: [] for who in WHO}
    pictures, frames = [], []
    for _ in range(rounds):
        found: dict[str, list[float]] = {who: [] for who in WHO}
        for who in (*WHO, *reversed(WHO)):
            with contextlib.ExitStack() as stack:
                page = stack.enter_context(opened(new_page(), f"{address}/#/v/{version}")) if who == "a page" else None
                heard = stack.enter_context(listening(address, version)) if who == "a listener" else None
                time.sleep(1.5)
                before, shown, came = step(address, version), drawn(page), len(heard or ())
                begun = time.perf_counter()
                time.sleep(seconds)
                took = time.perf_counter() - begun
                found[who].append((step(address, version) - before) / took)
                if page is not None:
                    pictures.append((drawn(page) - shown) / took)
                if heard is not None:
                    frames.append((len(heard) - came) / took)
        for who, both in found.items():
            rates[who].append(statistics.mean(both))
    alone = rates["nobody"]
    print(f"{strokes} strokes: {statistics.median(alone):.2f} steps a second with nobody")
    for who in WHO[1:]:
        lost = statistics.median(1 - seen / none for seen, none in zip(rates[who], alone, strict=True))
        print(f"  with {who}: {statistics.median(rates[who]):.2f} ({lost:+.1%} slower)")
    print(
        f"  drawings sent: {statistics.median(frames):.1f} a second, pictures seen: {statistics.median(pictures):.1f}"
    )
    ask(address, f"/api/versions/{version}/act", {"action": "stop"})


@contextlib.contextmanager
def studio(folder: Path) -> Iterator[str]:
    """The address of a studio."""
    program = "from plotart.cli import main; main()"
    command = [sys.executable, "-c", program, "studio", str(folder), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1].rstrip("/")
        process.terminate()


@contextlib.contextmanager
def browser() -> Iterator[Callable[[], Any]]:
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as api:
        opened_browser = api.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield lambda: opened_browser.new_page(viewport={"width": 1280, "height": 900})
        opened_browser.close()


@contextlib.contextmanager
def opened(page: Any, address: str) -> Iterator[Any]:
    page.goto(address)
    page.wait_for_selector("[data-drawn]", timeout=60_000)
    yield page
    page.close()


@contextlib.contextmanager
def listening(address: str, version: str) -> Iterator[list[int]]:
    """Bytes of each drawing that comes."""
    from websockets.sync.client import connect

    came: list[int] = []
    with connect(f"{address.replace('http', 'ws')}/live", origin=address, max_size=None) as socket:  # type: ignore[arg-type]
        socket.send(json.dumps({"watch": version}))

        def listen() -> None:
            with contextlib.suppress(Exception):
                for said in socket:
                    if isinstance(said, bytes):
                        came.append(len(said))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield came
    thread.join()


def drawn(page: Any) -> int:
    """Pictures that a page has drawn."""
    return 0 if page is None else int(page.eval_on_selector("[data-pictures]", "(stage) => stage.dataset.pictures"))


def ask(address: str, way: str, body: Any = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address + way, content), timeout=60) as answer:
        return json.loads(answer.read())


def state(address: str, version: str) -> str:
    return str(ask(address, f"/api/versions/{version}")["state"])


def step(address: str, version: str) -> int:
    return int(ask(address, f"/api/versions/{version}")["step"])


def wait(there: Callable[[], bool]) -> None:
    while not there():
        time.sleep(0.1)


if __name__ == "__main__":
    main()

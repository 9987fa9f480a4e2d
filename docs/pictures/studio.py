"""Draws the pictures of docs/studio.md: a studio is opened, works are drawn in it, and Chromium takes the pictures.

    python docs/pictures/studio.py [--folder FOLDER]

Works that hang in the folder already are not drawn again.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
WALL = ("fur", "snakeskin", "cat", "wheels", "flowers", "waves-of-an-astronaut", "tesserae")
GROWS, PHOTOGRAPH = "tiger", "engraved-cat"
SIZE = {"width": 1280, "height": 800}

#: Bytes that a picture may have.
MOST = 150_000

PNG: tuple[dict[str, Any], ...] = tuple({"format": "PNG", "optimize": True, "colors": count} for count in (256, 128))
JPEG: tuple[dict[str, Any], ...] = tuple({"format": "JPEG", "quality": share} for share in (90, 85, 80, 75, 70, 60))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("outputs/studio-pictures"))
    parser.add_argument("--only", nargs="*", default=list(PARTS), choices=list(PARTS))
    given = parser.parse_args()
    folder = given.folder
    program = "from plotart.cli import main; main()"
    command = [sys.executable, "-c", program, "studio", str(folder), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, sync_playwright() as api:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1].rstrip("/")
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        browser = api.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)
        try:
            for name in WALL:
                done(address, drawn(address, name))
            for part in given.only:
                PARTS[part](address, page)
        finally:
            browser.close()
            process.terminate()


def easel(address: str, page: Any) -> None:
    """A drawing that grows, with its pens."""
    name = drawn(address, GROWS)
    page.goto(f"{address}/#/v/{name}")
    page.wait_for_selector(".stage[data-drawn]")
    page.locator("#panel-tab-pens").wait_for()
    while card(address, name)["state"] == "drawing" and card(address, name)["step"] < 110:
        time.sleep(0.2)
    save(page, "studio-easel")
    done(address, name)


def region(address: str, page: Any) -> None:
    """A part of a photograph, painted."""
    name = drawn(address, PHOTOGRAPH)
    page.goto(f"{address}/#/v/{name}")
    page.wait_for_selector(".stage[data-drawn]")
    page.locator(".stage").focus()
    page.keyboard.press("b")
    page.locator('.region-bar input[type="range"], input[type="range"]').first.fill("30")
    box = page.locator(".paper").bounding_box()
    at = lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])  # noqa: E731
    page.mouse.move(*at(0.35, 0.3))
    page.mouse.down()
    for x, y in ((0.5, 0.24), (0.65, 0.3), (0.66, 0.45), (0.5, 0.52), (0.36, 0.44), (0.42, 0.36), (0.58, 0.38)):
        page.mouse.move(*at(x, y), steps=6)
    page.mouse.up()
    page.get_by_role("button", name="Use it").click()
    page.locator("dialog button.use").first.wait_for()
    time.sleep(0.5)
    save(page, "studio-region")
    page.keyboard.press("Escape")
    done(address, name)


def paper(address: str, page: Any) -> None:
    """What each pen draws, and the files."""
    page.goto(f"{address}/#/v/{WALL[0]}")
    page.wait_for_selector(".stage[data-state=done]")
    page.locator("#panel-tab-paper").click()
    page.wait_for_selector('img[src*="/pens/"]')
    time.sleep(3)
    save(page, "studio-paper")


def wall(address: str, page: Any) -> None:
    """All that hangs there."""
    page.goto(f"{address}/#/")
    page.wait_for_selector(".card img")
    loaded = "[...document.images].every((image) => image.complete && image.naturalWidth)"
    while not page.evaluate(loaded):
        time.sleep(0.2)
    time.sleep(1)
    save(page, "studio-wall")


def save(page: Any, name: str) -> None:
    """As a PNG of few colours where they are few, else as a JPEG; as good as there is room for."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for options in (*PNG, *JPEG):
        file = io.BytesIO()
        few = shot.quantize(options["colors"], dither=Image.Dither.NONE) if "colors" in options else shot
        few.save(file, **{key: value for key, value in options.items() if key != "colors"})
        if file.tell() <= MOST:
            break
    ending = "png" if "colors" in options else "jpg"
    (HERE / f"{name}.{ending}").write_bytes(file.getvalue())
    print(f"{name}: {file.tell() // 1000} kB, {options}")


def drawn(address: str, name: str) -> str:
    """A work's version: begun, if it does not hang there."""
    if all(one["id"] != name for one in ask(address, "/api/versions")["versions"]):
        ask(address, "/api/versions", {"from": {"starter": name}})
    if card(address, name)["state"] != "done":
        ask(address, f"/api/versions/{name}/act", {"action": "draw"})
    return name


def done(address: str, name: str) -> None:
    while (state := card(address, name)["state"]) != "done":
        assert state != "failed", card(address, name)["message"]
        time.sleep(0.5)


def card(address: str, name: str) -> Any:
    return ask(address, f"/api/versions/{name}")


def ask(address: str, way: str, body: Any = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address + way, content), timeout=60) as answer:
        return json.loads(answer.read())


#: In this order, as works that hang already do not grow any more.
PARTS = {"easel": easel, "region": region, "paper": paper, "wall": wall}


if __name__ == "__main__":
    main()

"""The studio in a real browser: from a photograph to files for the plotter, without a line of YAML."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsers import PHONE, opened_browser
from PIL import Image
from studios import TINY, Opened, opened_studio

from plotart.studio.wire import Lines, pack_frame

PHOTOGRAPH = Path(__file__).parent.parent / "configs" / "still-life.png"
DESK = {"viewport": {"width": 1280, "height": 860}}

#: Something to look at that takes a while.
LONG = {
    **TINY,
    "page": {"size": "a6", "margin": 8},
    "strokes": {"count": 60},
    "render": {"resolution": 96},
    "optimize": {"steps": 4000},
}

#: Lets go of a file over the page, as a person who dragged it there does.
DROP = """async (bytes) => {
  const file = new File([new Uint8Array(bytes)], "still-life.png", {type: "image/png"});
  const dropped = new DataTransfer();
  dropped.items.add(file);
  for (const kind of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: dropped, bubbles: true, cancelable: true}));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from opened_browser()


@pytest.fixture(scope="module")
def studio(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_studio(tmp_path_factory.mktemp("studio")) as opened:
        yield opened


@pytest.fixture
def open_page(browser: Any, studio: Opened) -> Iterator[Any]:
    """Opens pages of the studio; in the end, none of them may have said anything on its console."""
    said: list[str] = []
    contexts = []

    def opened(way: str = "/", **options: Any) -> Any:
        contexts.append(browser.new_context(**(options or DESK)))
        page = contexts[-1].new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: foreign(request.url))
        page.goto(studio.address + way)
        return page

    def foreign(url: str) -> None:
        if not url.startswith((studio.address, "blob:", "data:")):
            said.append(f"asked for {url}")

    yield opened
    for context in contexts:
        context.close()
    assert not said


def test_from_a_photograph_to_the_files_of_a_plot(studio: Opened, open_page: Any) -> None:
    page = open_page()
    page.get_by_role("link", name="New drawing").first.wait_for()
    page.evaluate(DROP, list(PHOTOGRAPH.read_bytes()))

    page.wait_for_selector(".picture[aria-checked=true]")
    page.locator('.look[data-look="hatch"]').click()
    page.get_by_label("Size of the paper").select_option("a6")
    for name in ("Black", "Red", "Blue"):
        page.locator("label.pen-switch", has_text=name).first.click()
    begun = time.monotonic()
    page.get_by_role("button", name="Draw", exact=True).click()
    page.wait_for_selector(".stage[data-drawn]")
    assert time.monotonic() - begun < 15  # five at leisure, a machine at its limit takes longer
    version = page.url.rpartition("/")[2]
    _grows(studio, page)

    page.locator('.pen-row input[type="color"]').first.evaluate(
        "(input) => { input.value = '#008844'; input.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    studio.wait(lambda: "#008844" in json.dumps(studio.card(version)["document"]["config"]["pens"]))
    assert len(studio.card(version)["document"]["config"]["pens"]) == 3

    page.get_by_role("button", name="Paint a region").click()
    box = page.locator(".paper").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 60, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Use it").click()
    page.locator("dialog button.use").first.click()
    studio.wait(lambda: studio.card(version)["document"]["config"]["objective"][0].get("mask"))
    page.get_by_role("button", name="Undo").click()
    studio.wait(lambda: not studio.card(version)["document"]["config"]["objective"][0].get("mask"))
    page.keyboard.press("Control+Shift+z")
    studio.wait(lambda: studio.card(version)["document"]["config"]["objective"][0].get("mask"))

    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Settings").click()
    _open_section(page, "optimize")
    steps = page.locator('[data-key="optimize.steps"] input').first
    steps.fill(str(studio.card(version)["step"] + 3))
    steps.press("Enter")

    page.wait_for_selector(".stage[data-state=done]", timeout=120_000)
    page.get_by_role("tab", name="Paper").click()
    with page.expect_download() as download:
        page.get_by_text("Everything (zip)").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        names = archive.namelist()
        assert {"plot.svg", "preview.png", "config.yaml"} <= {Path(name).name for name in names}
        picture = Image.open(BytesIO(archive.read(next(name for name in names if name.endswith("preview.png")))))
    assert np.asarray(picture.convert("L")).std() > 10, "something is drawn"


def test_a_drawing_grows_on_a_telephone(studio: Opened, open_page: Any) -> None:
    version = studio.new(LONG, draw=True)
    page = open_page(f"/#/v/{version}", **PHONE)
    page.wait_for_selector(".stage[data-drawn]")
    _grows(studio, page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for panel in ("Figures", "Pens", "Settings", "Paper"):
        page.get_by_role("tab", name=panel).tap()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("tab", name=panel).tap()
    page.get_by_role("button", name="Pause").tap()
    studio.until(version, "paused")
    page.get_by_role("button", name="Stop").tap()
    studio.until(version, "stopped")


@pytest.mark.parametrize("width", [360, 390, 820, 1440])
@pytest.mark.parametrize("way", ["/#/", "/#/new"])
def test_nothing_is_wider_than_the_page(studio: Opened, open_page: Any, width: int, way: str) -> None:
    if not studio.ask("GET", "/api/versions").json["versions"]:
        studio.new()
    page = open_page(way, viewport={"width": width, "height": 800})
    page.wait_for_selector(".card, .looks")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_closed_page_does_not_end_the_run(studio: Opened, open_page: Any) -> None:
    version = studio.new(LONG, draw=True)
    page = open_page(f"/#/v/{version}")
    page.wait_for_selector(".stage[data-drawn]")
    page.close()
    step = studio.card(version)["step"]
    assert studio.wait(lambda: studio.card(version)["step"] > step + 5)
    studio.act(version, "stop")
    studio.until(version, "stopped")


def test_keys_pause_step_and_undo(studio: Opened, open_page: Any) -> None:
    version = studio.new(LONG, draw=True)
    page = open_page(f"/#/v/{version}")
    page.wait_for_selector(".stage[data-drawn]")
    page.locator(".stage").focus()
    page.keyboard.press("Space")
    studio.until(version, "paused")
    page.wait_for_selector(".stage[data-state=paused]")
    before = _at(page, "step")
    page.keyboard.press("s")
    studio.wait(lambda: _at(page, "step") > before)
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    studio.act(version, "stop")
    studio.until(version, "stopped")


def test_strokes_are_chosen_frozen_and_taken_away(studio: Opened, open_page: Any) -> None:
    version = studio.new(LONG, draw=True)
    page = open_page(f"/#/v/{version}")
    page.wait_for_selector(".stage[data-drawn]")
    page.locator(".stage").focus()
    page.keyboard.press("Space")
    page.wait_for_selector(".stage[data-state=paused]")
    drawn = _at(page, "drawn")
    page.keyboard.press("v")
    box = page.locator(".paper").bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.6, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Freeze").click()
    held = studio.wait(lambda: studio.card(version)["document"]["hands"]["held"])
    assert 0 < len(held) < drawn
    page.keyboard.press("Delete")
    studio.wait(lambda: set(studio.card(version)["document"]["hands"]["gone"]) == set(held))
    studio.wait(lambda: _at(page, "drawn") < drawn)
    page.get_by_role("button", name="Undo").click()
    studio.wait(lambda: not studio.card(version)["document"]["hands"]["gone"])
    studio.wait(lambda: _at(page, "drawn") == drawn)
    studio.act(version, "stop")
    studio.until(version, "stopped")


def test_lines_are_cut_at_the_margins_while_they_grow(studio: Opened, open_page: Any) -> None:
    """One broad line from edge to edge of the sheet."""
    version = studio.new()
    page = open_page(f"/#/v/{version}")
    page.wait_for_selector(".stage")
    header = {"id": version, "phase": "soft", "step": 1, "total": 9, "page": [60, 40], "margin": 5, "paper": "#ffffff"}
    header |= {"pens": [], "line": {"lines": 1, "metres": 0.06}, "losses": {}, "use": [], "cut": True}
    points = np.array([[0, 20], [20, 20], [40, 20], [60, 20]], np.float32)
    ink = np.array([[200, 16, 46, 0]], np.uint8)
    one = np.ones(1, np.uint32)
    studio.studio.hub.show(version, pack_frame(header, Lines(0 * one, 4 * one, 6 * one.astype("f4"), ink, points)))
    page.wait_for_selector(".stage[data-drawn='1']")
    paper = page.locator(".paper").bounding_box()
    seen = np.asarray(Image.open(BytesIO(page.screenshot())).convert("RGB")).astype(int)

    def at(x: float) -> list[int]:
        """The colour on the line, so many mm from the sheet's left edge."""
        return list(seen[round(paper["y"] + paper["height"] / 2), round(paper["x"] + x / 60 * paper["width"])])

    assert at(2.5) == at(57.5) == [255, 255, 255]
    assert at(7) == at(53) == [200, 16, 46]


def test_ten_thousand_strokes_stay_fluid(studio: Opened, open_page: Any) -> None:
    """While ten thousand strokes move, the page still answers: no task of it holds the screen up for long."""
    version = studio.new()
    page = open_page(f"/#/v/{version}")
    page.wait_for_selector(".stage")
    page.evaluate(
        """() => { window.longest = 0; new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
        }).observe({type: "longtask"}); }"""
    )
    rng = np.random.default_rng(0)
    starts = rng.uniform(6, 34, (10_000, 1, 2)) * [1.4, 1.0]
    strokes = starts + np.cumsum(rng.normal(0, 0.6, (10_000, 7, 2)), axis=1)
    inks = rng.integers(0, 255, (4, 4)).astype(np.uint8)[np.sort(rng.integers(0, 4, 10_000))]
    inks[:, 3] = 1
    header = {"id": version, "phase": "soft", "total": 40, "page": [60, 40], "margin": 5, "paper": "#ffffff"}
    header |= {"pens": [], "line": {"lines": 10_000, "metres": 30}, "losses": {}, "loss": 1, "use": [], "decided": 0.5}
    for step in range(40):
        moved = (strokes + rng.normal(0, 0.05, strokes.shape)).reshape(-1, 2).astype(np.float32)
        widths = np.full(10_000, 0.3, np.float32)
        lines = Lines(np.arange(10_000, dtype=np.uint32), np.full(10_000, 7, np.uint32), widths, inks, moved)
        studio.studio.hub.show(version, pack_frame({**header, "step": step, "temperature": 0.5}, lines))
        time.sleep(0.1)
    studio.wait(lambda: (_at(page, "drawn"), _at(page, "step")) == (10_000, 39))
    assert _at(page, "pictures") > 3
    assert page.evaluate("window.longest") < 400


def _at(page: Any, what: str) -> int:
    """What the sheet says of itself: the step and the lines that are seen, and how many pictures were drawn."""
    return int(page.get_attribute(".stage", f"data-{what}"))


def _grows(studio: Opened, page: Any) -> None:
    before = _at(page, "step")
    studio.wait(lambda: _at(page, "step") > before)


def _open_section(page: Any, name: str) -> None:
    section = page.locator("details.section", has=page.locator(f'[data-key^="{name}."]')).first
    if section.count() and section.get_attribute("open") is None:
        section.locator("summary").first.click()
        return
    page.locator("details.section > summary", has_text=name).click()

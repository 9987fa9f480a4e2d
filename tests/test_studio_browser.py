"""The studio in a browser: from a photograph to files without a config, hands on strokes, on a desk and on a phone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsers import PHONE
from studios import TINY, Opened, opened_studio

from plotart.studio.wire import FILTERS, Lines, pack_frame

STILL_LIFE = Path(__file__).parent.parent / "configs" / "still-life.png"

#: So many bold strokes that some lie wherever an outline is drawn.
FULL = {**TINY, "strokes": {"count": 40, "length": 20, "economy": {"keep": 1, "price": 0}}}

#: A photograph as a mouse drops it, of the bytes that are given.
DROP = """(bytes) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], "pear.png", {type: "image/png"}));
  return transfer;
}"""

#: ms between the pictures that the screen shows for some seconds.
INTERVALS = """(seconds) => new Promise((done) => {
  const found = [];
  let before = performance.now();
  const end = before + 1000 * seconds;
  const tick = (now) => {
    found.push(now - before);
    before = now;
    if (now < end) requestAnimationFrame(tick);
    else done(found);
  };
  requestAnimationFrame(tick);
})"""

OpenPage = Callable[..., Any]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_studio(tmp_path_factory.mktemp("studio")) as opened:
        opened.until(opened.new(draw=True), "done", seconds=120)  # its workers have warmed up then
        yield opened


@pytest.fixture
def open_page(browser: Any, studio: Opened) -> Iterator[OpenPage]:
    """Opens an address of the studio's page; it must print nothing, fail in nothing and ask nobody else."""
    contexts, complaints, asked = [], [], set()

    def open_(way: str = "", **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.add(re.sub(r"^(\w+://[^/]+|\w+:).*", r"\1", request.url)))
        page.goto(f"{studio.address}/#/{way}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
    assert asked <= {studio.address, "data:", "blob:"}


def stroke_over(page: Any, *shares: tuple[float, float]) -> None:
    """The mouse, pressed, over places of the sheet given as shares of its width and height."""
    paper = page.locator(".paper").bounding_box()
    places = [(paper["x"] + x * paper["width"], paper["y"] + y * paper["height"]) for x, y in shares]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def all_around(page: Any) -> None:
    stroke_over(page, (-0.02, -0.02), (1.02, -0.02), (1.02, 1.02), (-0.02, 1.02), (-0.02, 0))


def chosen(page: Any) -> int:
    return int(page.locator(".stage").get_attribute("data-chosen") or 0)


def test_from_a_photograph_to_files(studio: Opened, open_page: OpenPage) -> None:
    page = open_page()
    photograph = page.evaluate_handle(DROP, list(STILL_LIFE.read_bytes()))
    page.dispatch_event("body", "dragover", {"dataTransfer": photograph})
    page.dispatch_event("body", "drop", {"dataTransfer": photograph})
    page.wait_for_url("**/#/new")
    page.locator(".picture[aria-checked=true]").wait_for()
    page.locator("[data-look=hatch]").click()
    page.get_by_label("Set of pens").select_option("stabilo-point-88")
    for pen in ("Night Blue", "Apricot"):
        page.get_by_label(pen, exact=True).check()
    page.get_by_label("Size of the paper").select_option("a6")

    clicked = time.monotonic()
    page.get_by_role("button", name="Draw", exact=True).click()
    page.locator(".stage[data-drawn]").wait_for()
    assert time.monotonic() - clicked < 5
    version = page.url.rpartition("/")[2]
    page.get_by_role("button", name="Pause").click()
    page.locator(".stage[data-state=paused]").wait_for()

    color = page.get_by_label("Colour of Point 88 Apricot")
    color.evaluate("(field) => { field.value = '#aa2211'; field.dispatchEvent(new Event('input', {bubbles: true})); }")
    page.locator("button[aria-label=Undo]:enabled").wait_for()
    config = studio.wait(lambda: one if len((one := studio.card(version)["document"]["config"])["pens"]) == 2 else None)
    assert "#aa2211" in [pen["color"] for pen in config["pens"]]

    page.get_by_role("button", name="Paint a region").click()
    stroke_over(page, (0.2, 0.2), (0.4, 0.5), (0.2, 0.6))
    page.get_by_role("button", name="Use it").click()
    page.locator("dialog .look", has_text="stipple").click()
    studio.wait(lambda: studio.card(version)["document"]["config"]["look"].get("regions"))

    page.get_by_role("tab", name="Settings").click()
    page.locator("summary", has_text="optimize").click()
    steps = page.locator("[data-key='optimize.steps'] input[type=number]")
    steps.fill("4")
    steps.press("Enter")
    studio.wait(lambda: studio.card(version)["document"]["config"]["optimize"]["steps"] == 4)
    page.get_by_role("button", name="Go on").click()
    page.locator(".stage[data-state=done]").wait_for(timeout=120_000)

    page.get_by_role("tab", name="Paper").click()
    page.get_by_role("button", name="vpype pens").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="pens.toml").click()
    assert "Night Blue" in Path(download.value.path()).read_text(encoding="utf-8")
    assert page.locator(".paper-pens li").count() == 2


def test_what_is_wrong_is_said_beside_its_control(studio: Opened, open_page: OpenPage, browser: Any) -> None:
    version = studio.new()
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{studio.address}/#/v/{version}")  # the browser itself prints that a request was refused
    page.get_by_role("tab", name="Settings").click()
    page.locator("summary", has_text="strokes").click()
    count = page.locator("[data-key='strokes.count'] input")
    count.fill("999999")
    count.press("Enter")
    page.locator("[data-key='strokes.count'] .field-error", has_text="allowed").wait_for()
    count.fill("12")
    count.press("Enter")
    studio.wait(lambda: studio.card(version)["document"]["config"]["strokes"]["count"] == 12)
    assert page.locator(".field-error:visible").count() == 0
    context.close()


def test_hands_take_strokes_away_and_bring_them_back(studio: Opened, open_page: OpenPage) -> None:
    version = studio.new(FULL, draw=True)
    studio.until(version, "done")
    page = open_page(f"v/{version}")
    page.locator(".stage[data-drawn]").wait_for()
    page.get_by_role("button", name="Choose with a lasso").click()
    all_around(page)
    assert chosen(page) > 3
    page.keyboard.press("Escape")
    assert chosen(page) == 0
    stroke_over(page, (-0.02, -0.02), (1.02, -0.02), (1.02, 0.5), (-0.02, 0.5), (-0.02, 0))
    some = chosen(page)
    assert some > 0
    before = int(page.locator(".stage").get_attribute("data-drawn"))
    page.keyboard.press("Delete")
    page.locator(".go-button", has_text="Draw the changes").wait_for()
    page.locator(f".stage:not([data-drawn='{before}'])").wait_for()
    assert len(studio.card(version)["document"]["hands"]["gone"]) == some
    page.keyboard.press("Control+z")
    page.locator(f".stage[data-drawn='{before}']").wait_for()
    assert studio.card(version)["document"]["hands"]["gone"] == []


def test_what_is_pinned_stays_in_a_new_version(studio: Opened, open_page: OpenPage) -> None:
    version = studio.new(FULL, draw=True)
    studio.until(version, "done")
    page = open_page(f"v/{version}")
    page.locator(".stage[data-drawn]").wait_for()
    page.get_by_role("button", name="Choose with a lasso").click()
    all_around(page)
    page.get_by_role("button", name="Draw the rest anew").click()
    page.wait_for_url(lambda url: not url.endswith(f"/{version}"))
    other = studio.card(page.url.rpartition("/")[2])
    assert other["parent"] == version
    assert other["document"]["hands"]["held"] != []
    studio.until(other["id"], "done")


def test_the_wall_keeps_stars_and_notes_and_gives_back_what_was_deleted(studio: Opened, open_page: OpenPage) -> None:
    version = studio.new()
    page = open_page()
    card = page.locator(f"[data-id='{version}']")
    card.get_by_role("slider", name="Stars").press("End")
    studio.wait(lambda: studio.card(version)["stars"] == 5)
    card.get_by_label("Note").fill("the one")
    card.get_by_label("Note").blur()
    studio.wait(lambda: studio.card(version)["note"] == "the one")
    page.get_by_label("Find").fill("the one")
    assert page.locator(".card").count() == 1
    card.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete").click()
    card.wait_for(state="detached")
    page.get_by_role("button", name="Undo").click()
    card.wait_for()
    assert studio.card(version)["stars"] == 5


def test_a_plot_is_replayed_by_the_player_of_reports(studio: Opened, open_page: OpenPage) -> None:
    version = studio.new(FULL, draw=True)
    studio.until(version, "done")
    page = open_page(f"v/{version}")
    page.get_by_role("button", name="Replay").click()
    page.locator(".replay .player[data-state=playing]").wait_for()
    page.keyboard.press("Escape")
    page.locator(".replay").wait_for(state="detached")
    assert page.locator(".stage").is_visible()


def test_all_of_it_fits_on_a_phone(studio: Opened, open_page: OpenPage) -> None:
    version = studio.new(FULL, draw=True)
    studio.until(version, "done")
    for way in ("", "new", f"v/{version}", f"compare/{version}/{version}"):
        page = open_page(way, **PHONE)
        page.locator("main").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        for tab in page.get_by_role("tab").all():
            tab.click()
            assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_every_control_has_a_name(studio: Opened, open_page: OpenPage) -> None:
    version = studio.new(FULL, draw=True)
    studio.until(version, "done")
    roles = {"button", "textbox", "combobox", "slider", "spinbutton", "checkbox", "radio", "link", "tab", "switch"}
    for way in ("", "new", f"v/{version}"):
        page = open_page(way)
        page.locator("main").wait_for()
        for tab in [None, *page.get_by_role("tab").all()]:
            if tab is not None and tab.get_attribute("aria-selected") != "true":
                tab.click()
            nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
            seen = [node for node in nodes if not node["ignored"] and node["role"]["value"] in roles]
            assert len(seen) > 3
            assert [node for node in seen if not node.get("name", {}).get("value")] == []


def test_ten_thousand_strokes_stay_fluid(
    studio: Opened, open_page: OpenPage, capsys: pytest.CaptureFixture[str]
) -> None:
    version, random, count = studio.new(), np.random.default_rng(0), 10_000
    starts = random.uniform(5, 55, (count, 1, 2))
    inks = np.column_stack([random.integers(0, 255, (count, 3)), np.full(count, FILTERS)]).astype(np.uint8)

    def show(step: int) -> None:
        points = starts + np.cumsum(random.normal(0, 0.4, (count, 7, 2)), axis=1)
        ids, widths = np.arange(count, dtype=np.uint32), np.full(count, 0.3, np.float32)
        lines = Lines(ids, np.full(count, 7, np.uint32), widths, inks, points.reshape(-1, 2).astype(np.float32))
        header = {"id": version, "step": step, "total": 100, "phase": "soft", "page": [60, 60], "margin": 5}
        line = {"lines": count, "metres": 1.0}
        studio.studio.hub.show(version, pack_frame({**header, "paper": "#ffffff", "pens": [], "line": line}, lines))

    page = open_page(f"v/{version}")
    page.locator(".stage").wait_for()
    for step in range(4):
        show(step)
        page.wait_for_timeout(100)
    page.locator(f".stage[data-drawn='{count}']").wait_for()
    show(5)
    intervals = page.evaluate(INTERVALS, 2)
    with capsys.disabled():
        print(f"\npage: median {np.median(intervals):.1f} ms, p95 {np.percentile(intervals, 95):.1f} ms", end="")
    page.locator(".stage[data-step='5']").wait_for()
    assert np.median(intervals) < 50

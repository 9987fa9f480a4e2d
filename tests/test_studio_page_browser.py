"""The studio's page in a browser: hands on what is finished, the wall, the replay, and names of all controls."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from studios import TINY, Opened, opened_studio

from plotart.export.read import read_drawing
from plotart.studio.wire import frame_header

#: So many bold strokes that some lie wherever an outline is drawn.
FULL = {**TINY, "strokes": {"count": 40, "length": 20, "economy": {"keep": 1, "price": 0}}}

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


def test_what_is_finished_is_seen_as_it_is_plotted(studio: Opened, open_page: OpenPage) -> None:
    """In a page that was open while it grew, too."""
    version = studio.new({**FULL, "page": {**FULL["page"], "cut": True}})
    page = open_page(f"v/{version}")
    studio.act(version, "draw")
    with page.expect_response(re.compile(r"/lines$"), timeout=60_000):
        studio.until(version, "done")
    drawing = read_drawing(studio.studio.folder / version / "plot.svg")
    lines = sum(len(layer.lines) for layer in drawing.layers)
    page.locator(f".stage[data-drawn='{lines}']").wait_for()
    frame = studio.ask("GET", f"/api/versions/{version}/lines").body
    header = frame_header(frame)
    points = np.frombuffer(frame[-8 * header["points"] :], np.float32).reshape(-1, 2)
    expected = np.concatenate([line for layer in drawing.layers for line in layer.lines])
    np.testing.assert_allclose(points, expected, atol=1e-3)
    assert points.min() > header["margin"]


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
    studio.wait(lambda: page.locator(".card").count() == 1)
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

"""A plot steered from the page, in a real browser, on boards that are not there."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals", allow_module_level=True)

from emulators.ebb import Ebb
from emulators.grbl import Grbl, Hook
from emulators.hpgl import Hpgl
from emulators.pseudo_terminal import PseudoTerminal
from studios import Opened, Player, opened_studio

from plotart import Run
from plotart.export.read import read_drawing
from plotart.export.svg import layer_svgs, plot_svg

#: Real seconds for one of a board's own: its carriage creeps, so that a slow machine can press buttons meanwhile.
SLOW = 3.0


@pytest.fixture(scope="module")
def studio(quickstart: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    folder = tmp_path_factory.mktemp("studio")
    for name in ("ebb", "grbl", "hpgl"):
        shutil.copytree(quickstart.path, folder / name)
        rule(folder / name)
    with opened_studio(folder, crew=Player) as opened:
        yield opened


@pytest.fixture
def open_page(browser: Any, studio: Opened) -> Iterator[Callable[[str], Any]]:
    """Opens a version's panel "Paper"; in the end, nothing may be on the console."""
    said: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})

    def opened(version: str) -> Any:
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{studio.address}/#/v/{version}")
        page.locator(".stage[data-drawn]").wait_for()
        page.get_by_role("tab", name="Paper").click()
        return page

    yield opened
    context.close()
    assert not said


def rule(run: Path) -> None:
    """Puts five lines of 20 mm per pen into the files that are plotted: what is drawn differs from processor to
    processor, and may leave a pen one line alone."""
    drawing = read_drawing(run / "plot.svg")
    ruled = replace(
        drawing,
        layers=tuple(
            replace(layer, lines=[np.array([[20, y], [40, y]]) for y in 20.0 + 3 * number + 20 * np.arange(5)])
            for number, layer in enumerate(drawing.layers)
        ),
    )
    written = layer_svgs(ruled)
    assert {path.name for path in run.glob("plot_??_*.svg")} == set(written)
    for name, text in {**written, "plot.svg": plot_svg(ruled)}.items():
        (run / name).write_text(text, encoding="utf-8")


def begin(page: Any, driver: str, port: str) -> None:
    page.get_by_label("Driver").select_option(driver)
    page.get_by_label("Port of the board").fill(port)
    page.get_by_role("button", name="Plot it").click()
    page.locator(".instructions").wait_for()


def answer(page: Any, words: str = "Go on") -> None:
    page.locator(".plotting").get_by_role("button", name=words, exact=True).click()


def press(page: Any, words: str) -> None:
    page.locator(".plot-controls").get_by_role("button", name=words, exact=True).click()


def state(page: Any, word: str) -> None:
    page.locator(f".plot-controls[data-state={word}]").wait_for()


def inked(page: Any) -> float:
    return float(page.get_attribute(".stage", "data-inked") or 0)


def standing(studio: Opened, version: str) -> dict[str, Any]:
    return dict(studio.ask("GET", f"/api/versions/{version}/plot").json)


def test_a_pen_is_steered_from_the_page(studio: Opened, open_page: Any) -> None:
    board, page = Ebb(pace=SLOW), open_page("ebb")
    with PseudoTerminal(board.receive) as port:
        begin(page, "ebb", port.name)
        answer(page)
        state(page, "draws")
        assert page.get_attribute(".stage", "data-plots") == "true"
        studio.wait(lambda: inked(page) > 8)
        page.locator(".carriage").wait_for()

        press(page, "Pause at once")
        state(page, "paused")
        assert not board.pen_down
        drawn = standing(studio, "ebb")["live"]["drawn_mm"]
        press(page, "Higher")
        page.locator(".plot-step output", has_text="32 %").wait_for()
        press(page, "Faster")
        page.locator(".plot-step output", has_text="110 %").wait_for()
        press(page, "Back 5 mm")
        studio.wait(lambda: drawn - standing(studio, "ebb")["live"]["drawn_mm"] > 4.9)
        assert standing(studio, "ebb")["live"]["speed"] == 1.1

        lines = standing(studio, "ebb")["live"]["lines"]
        page.get_by_label("To line", exact=True).fill(str(lines))
        press(page, "Go there")
        studio.wait(lambda: standing(studio, "ebb")["live"]["line"] == lines)
        press(page, "Go on")
        # What was skipped is not in ink.
        studio.wait(lambda: is_split(standing(studio, "ebb")["pens"][0]["inked"]))

        page.locator(".plotting .instructions").wait_for()  # the next pen
        last = page.locator(".plot-pens li").last
        last.get_by_role("button", name=re.compile("Go to")).click()
        studio.wait(lambda: standing(studio, "ebb")["pen"]["number"] == len(standing(studio, "ebb")["pens"]))
        assert [pen["status"] for pen in standing(studio, "ebb")["pens"]][:2] == ["done", "waiting"]
        answer(page, "Stop here")
        studio.wait(lambda: standing(studio, "ebb")["state"] == "stopped")
        assert page.get_attribute(".stage", "data-plots") == "false"


def test_a_line_is_gone_to_by_a_tap_on_the_sheet(studio: Opened, open_page: Any) -> None:
    with Grbl(pace=1 / SLOW) as board:
        page = open_page("grbl")
        begin(page, "grbl", board.name)
        answer(page)
        state(page, "draws")
        press(page, "Pause after this line")
        state(page, "paused")
        page.locator(".plot-step", has_text="Height of the lowered pen").wait_for()
        place = studio.ask("GET", "/api/versions/grbl/plot").json["live"]
        assert place["line"] < place["lines"]
        press(page, "Tap it on the sheet")
        x, y = last_point(studio, "grbl", place["pen"])
        paper = page.locator(".paper").bounding_box()
        page.mouse.click(paper["x"] + x * paper["width"], paper["y"] + y * paper["height"])
        studio.wait(lambda: standing(studio, "grbl")["live"]["line"] == place["lines"])
        press(page, "Go on")
        page.locator(".plotting .instructions").wait_for()
        answer(page, "Stop here")
        studio.wait(lambda: standing(studio, "grbl")["state"] == "stopped")


def test_a_carousel_is_filled_once_and_its_pens_have_one_height(studio: Opened, open_page: Any) -> None:
    with Hpgl(model="DPX-3300", reach=(0, 0, 12000, 8400), hooks=(Hook(5.0, lambda: time.sleep(5)),)) as board:
        page = open_page("hpgl")
        begin(page, "hpgl", board.name)
        pens = standing(studio, "hpgl")["pens"]
        filled = ", ".join(f"{pen['number']} {pen['name']}" for pen in pens)
        page.locator(".instructions", has_text=f"stalls, from which the plotter takes them: {filled}").wait_for()
        answer(page)
        state(page, "draws")
        assert page.locator(".plot-step", has_text="Height of the lowered pen").is_hidden()
        studio.wait(lambda: standing(studio, "hpgl")["state"] == "done", 120)
        assert board.taken == [pen["number"] for pen in pens]


def is_split(spans: list[list[float]]) -> bool:
    return len(spans) == 2 and spans[1][0] > spans[0][1] + 1


def last_point(studio: Opened, version: str, pen: int) -> tuple[float, float]:
    """A point on the last line of a pen, as shares of the page."""
    drawing = read_drawing(Path(studio.studio.folder, version, "plot.svg"))
    line = drawing.layers[pen - 1].lines[-1]
    x, y = line.mean(axis=0)
    return x / drawing.width, y / drawing.height

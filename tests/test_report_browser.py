"""The report in a browser: pens hidden, the plot replayed by mouse and keyboard, on a desk and on a phone."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsers import PHONE
from PIL import Image

from plotart.export.drawing import Drawing, Layer
from plotart.pens import Pen, PenSet
from plotart.plotter.machines import MACHINES
from plotart.reports.html import report_html
from plotart.reports.sheet import DrawingView
from plotart.runs.run import Run

PENS = PenSet([Pen("Red", "#ff0000", 1.0), Pen("Blue", "#0000ff", 1.0), Pen("Gel", "#00ff00", 1.0, ink="opaque")])

#: Intervals between frames, and what scripts take of each, in ms: from a script that runs before the page's own.
FRAME_TIMES = """
window.intervals = [];
window.scripts = [];
const ask = window.requestAnimationFrame.bind(window);
let before = 0;
window.requestAnimationFrame = (callback) => ask((stamp) => {
  if (before) window.intervals.push(stamp - before);
  before = stamp;
  const begin = performance.now();
  callback(stamp);
  window.scripts.push(performance.now() - begin);
});
"""


Open = Callable[..., Any]


@pytest.fixture
def open_page(browser: Any) -> Iterator[Open]:
    """Opens a page and waits until it is drawn; it must print nothing, fail in nothing and fetch nothing."""
    contexts, complaints = [], []

    def open_(path: Path, *, script: str = "", **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        requests: list[str] = []
        if script:
            page.add_init_script(script)
        page.goto(path.as_uri())
        drawn(page)
        assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def simple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pens, a broad line each across the page: red, blue and, over them, green from top to bottom."""
    lines = [np.array([[10.0, y], [90.0, y]]) for y in (30, 60)]
    lines.append(np.array([[50.0, 10.0], [50.0, 90.0]]))
    layers = tuple(Layer(pen.but(width=4.0), [line]) for pen, line in zip(PENS, lines, strict=True))
    html = report_html(
        name="simple",
        summary={},
        sheet=DrawingView(Drawing(100, 100, layers), "#ffffff", PENS),
        machine=MACHINES["axidraw-v3"],
    )
    path = tmp_path_factory.mktemp("pages") / "simple.html"
    path.write_text(html, encoding="utf-8")
    return path


def drawn(page: Any) -> None:
    page.wait_for_function(
        "!document.querySelector('.player') || document.querySelector('.player').dataset.complete === 'true'"
    )


def settled(page: Any) -> None:
    """Waits until what was done has been drawn: for two frames, and for the canvases to be complete."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    drawn(page)


def seek(page: Any, share: float) -> None:
    """Winds to a share of the plot's time, as a finger on the slider does."""
    # At once, as a browser does it: a frame in between would put the slider back to the time at hand.
    moved = "slider.value = share * slider.max; slider.dispatchEvent(new Event('input', {bubbles: true}))"
    page.locator(".slider").evaluate(f"(slider, share) => {{ {moved} }}", share)
    settled(page)


def state(page: Any) -> tuple[int, float]:
    """How many lines are finished, and the share of the time that has passed."""
    player, slider = page.locator(".player"), page.locator(".slider")
    return int(player.get_attribute("data-lines")), slider.evaluate("(slider) => slider.value / slider.max")


def pixel(page: Any, x_mm: float, y_mm: float) -> tuple[int, ...]:
    """The colour of the simple page's sheet, of 100 x 100 mm, at a place."""
    with Image.open(io.BytesIO(page.locator(".sheet").screenshot())) as image:
        return image.convert("RGB").getpixel((round(image.width * x_mm / 100), round(image.height * y_mm / 100)))


def ink(page: Any) -> int:
    """How many pixels of the sheet are not paper."""
    with Image.open(io.BytesIO(page.locator(".sheet").screenshot())) as image:
        return int((np.asarray(image.convert("L"), dtype=int) < 200).sum())


RED, BLUE, GREEN, PAPER = (255, 0, 0), (0, 0, 255), (0, 255, 0), (255, 255, 255)


def test_pens_are_hidden_and_shown_by_their_boxes(simple: Path, open_page: Open) -> None:
    page = open_page(simple)
    assert [pixel(page, *at) for at in ((20, 30), (20, 60), (50, 80))] == [RED, BLUE, GREEN]
    page.get_by_label("Red").uncheck()
    settled(page)
    assert [pixel(page, *at) for at in ((20, 30), (20, 60), (50, 80))] == [PAPER, BLUE, GREEN]
    page.get_by_label("Red").check()
    settled(page)
    assert pixel(page, 20, 30) == RED


def test_opaque_ink_covers_and_transparent_ink_filters(tmp_path: Path, open_page: Open) -> None:
    pens = PenSet(
        [Pen("Cyan", "#00ffff", 4.0), Pen("Yellow", "#ffff00", 4.0), Pen("Gel", "#ffffff", 4.0, ink="opaque")]
    )
    lines = [np.array([[10.0, 50], [90, 50]]), np.array([[30.0, 10], [30, 90]]), np.array([[70.0, 10], [70, 90]])]
    layers = tuple(Layer(pen.but(width=4.0), [line]) for pen, line in zip(pens, lines, strict=True))
    sheet = DrawingView(Drawing(100, 100, layers), "#ffffff", pens)
    path = tmp_path / "inks.html"
    path.write_text(report_html(name="a", summary={}, sheet=sheet, machine=MACHINES["axidraw-v3"]), encoding="utf-8")
    page = open_page(path)
    assert [pixel(page, *at) for at in ((30, 50), (70, 50), (50, 50))] == [GREEN, PAPER, (0, 255, 255)]


def test_the_slider_draws_and_takes_back(simple: Path, open_page: Open) -> None:
    page = open_page(simple)
    seen = []
    for share in (0, 0.3, 0.6, 1, 0.3):
        seek(page, share)
        seen.append(ink(page))
    assert seen[0] < 500  # the nib alone, at the corner of the page
    assert seen[0] < seen[1] < seen[2] < seen[3]
    assert seen[4] == seen[1]
    assert page.locator(".elapsed").text_content() != page.locator(".clock span").last.text_content()


def test_what_is_hidden_stays_hidden_in_the_replay(simple: Path, open_page: Open) -> None:
    page = open_page(simple)
    page.get_by_label("Red").uncheck()
    seek(page, 0.2)
    assert page.locator(".pen-name").text_content() == "Red"
    assert "hidden" in page.locator(".line-count").text_content()
    assert ink(page) == 0
    seek(page, 1)
    assert [pixel(page, *at) for at in ((20, 30), (20, 60))] == [PAPER, BLUE]


def test_play_goes_on_to_the_end_and_begins_again(simple: Path, open_page: Open) -> None:
    page = open_page(simple)
    assert page.locator(".player").get_attribute("data-state") == "paused"
    assert state(page) == (3, 1.0)
    page.get_by_label("Speed").select_option("1")  # nine seconds in all: there is time to pause
    page.get_by_role("button", name="Play").click()
    # Until the first frame the slider is where it was, at the end.
    page.wait_for_function("(({value, max}) => value > 100 && +value < +max)(document.querySelector('.slider'))")
    page.get_by_role("button", name="Pause").click()
    settled(page)
    paused = state(page)
    page.wait_for_timeout(100)
    assert state(page) == paused
    page.get_by_label("Speed").select_option("10")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.player').dataset.state === 'paused'")
    settled(page)
    assert state(page) == (3, 1.0)
    assert page.locator(".pen-name").text_content() == "Finished"


def test_the_keyboard_does_it_all(simple: Path, open_page: Open) -> None:
    page = open_page(simple)
    page.keyboard.press("Space")
    assert page.locator(".player").get_attribute("data-state") == "playing"
    page.keyboard.press("Space")
    assert page.locator(".player").get_attribute("data-state") == "paused"
    page.locator(".slider").focus()
    page.keyboard.press("Home")
    settled(page)
    assert state(page) == (0, 0.0)
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    settled(page)
    assert state(page)[1] == pytest.approx(3 / 200, abs=1e-6)
    page.keyboard.press("PageUp")
    settled(page)
    assert state(page)[1] == pytest.approx(3 / 200 + 1 / 20, abs=1e-6)
    page.keyboard.press("End")
    settled(page)
    assert state(page) == (3, 1.0)


def test_space_on_a_box_is_for_the_box(simple: Path, open_page: Open) -> None:
    page = open_page(simple)
    page.get_by_label("Blue").focus()
    page.keyboard.press("Space")
    settled(page)
    assert page.locator(".player").get_attribute("data-state") == "paused"
    assert pixel(page, 20, 60) == PAPER


def test_every_control_is_reached_by_tab_and_has_a_name(simple: Path, open_page: Open) -> None:
    page = open_page(simple)
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "() => { const e = document.activeElement, s = getComputedStyle(e);"
                "return [e.className || e.name || e.type, e.ariaLabel || e.labels?.[0]?.textContent || '',"
                "s.outlineStyle !== 'none' || e.matches('.slider, .segments *, .pens *')]; }"
            )
        )
    names = [name for name, *_ in reached]
    assert names[:6] == ["mat", "play", "slider", "checkbox", "checkbox", "checkbox"]
    assert names[6:9] == ["speed", "size", "checkbox"]
    for name, label, visible in reached[:9]:
        assert label, name
        assert visible, name


def test_travel_in_the_air_is_shown_on_demand(simple: Path, open_page: Open) -> None:
    page = open_page(simple)
    without = ink(page)
    page.get_by_label("Pen-up travel").check()
    settled(page)
    shown = ink(page)
    assert shown > without + 100
    page.get_by_label("Red").uncheck()
    page.get_by_label("Blue").uncheck()
    page.get_by_label("Gel").uncheck()
    settled(page)
    assert ink(page) == 0
    for pen in PENS:
        page.get_by_label(pen.name).check()
    page.get_by_label("Pen-up travel").uncheck()
    settled(page)
    assert ink(page) == without


def test_real_size_is_a_css_millimetre_to_a_millimetre(simple: Path, open_page: Open) -> None:
    page = open_page(simple)
    page.locator("[name=size][value=real]").check()
    settled(page)
    assert page.locator(".sheet").bounding_box()["width"] == pytest.approx(100 / 25.4 * 96, abs=0.1)
    assert pixel(page, 20, 30) == RED


def test_the_nib_is_where_the_line_ends(simple: Path, open_page: Open) -> None:
    page = open_page(simple)
    assert page.locator(".nib").is_hidden()
    # The red line from 10 to 90 mm: half of its time is half of its way.
    land, draw = page.evaluate("() => JSON.parse(document.querySelector('.player script').textContent).layers[0]")
    total = page.evaluate("() => Number(document.querySelector('.slider').max)")
    seek(page, (land + draw / 2) / total)
    sheet, nib = page.locator(".sheet").bounding_box(), page.locator(".nib").bounding_box()
    assert (nib["x"] + nib["width"] / 2 - sheet["x"]) / sheet["width"] == pytest.approx(0.5, abs=0.01)
    assert (nib["y"] + nib["height"] / 2 - sheet["y"]) / sheet["height"] == pytest.approx(0.3, abs=0.01)
    assert page.locator(".pen-name").text_content() == "Red"
    assert page.locator(".slider").get_attribute("aria-valuetext").endswith(", Red")
    assert pixel(page, 30, 30) == RED
    assert pixel(page, 70, 30) == PAPER


def test_nothing_moves_by_itself(simple: Path, open_page: Open) -> None:
    page = open_page(simple, reduced_motion="reduce")
    assert page.locator(".player").get_attribute("data-state") == "paused"
    assert state(page) == (3, 1.0)
    assert pixel(page, 20, 30) == RED


def test_a_phone_shows_it_all_without_scrolling_sideways(quickstart: Run, open_page: Open) -> None:
    page = open_page(quickstart.path / "report.html", **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("[name=size][value=real]").check()
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for target in page.locator(".play, .slider, .speed, .segments label, .pens label, .moves, summary").all():
        assert target.bounding_box()["height"] >= 40
        assert target.bounding_box()["width"] >= 40


def test_a_run_replays_all_of_its_lines(quickstart: Run, open_page: Open) -> None:
    page = open_page(quickstart.path / "report.html")
    assert state(page)[0] == sum(pen["strokes"] for pen in quickstart.summary["pens"])
    for share in (0, 0.5, 1):
        seek(page, share)
    assert page.locator(".chart").count() > 3


def test_lines_are_there_without_scripts_and_on_paper(simple: Path, browser: Any, open_page: Open) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(simple.as_uri())
    assert page.locator(".drawing").is_visible()
    assert not page.locator(".play").is_visible()
    assert pixel(page, 20, 30) == RED
    context.close()
    printed = open_page(simple)
    printed.get_by_label("Blue").uncheck()
    printed.emulate_media(media="print")
    assert printed.locator(".drawing").is_visible()
    assert not printed.locator(".play").is_visible()
    assert [pixel(printed, *at) for at in ((20, 30), (20, 60))] == [RED, PAPER]


def test_two_thousand_lines_replay_to_the_end(
    tmp_path: Path, open_page: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(0)
    pens = PenSet([Pen(name, name, 0.3) for name in ("black", "red", "blue", "green")])
    steps = random.normal(0, 0.6, (2000, 60, 2))
    lines = np.clip(np.cumsum(steps, axis=1) + random.uniform(10, 138, (2000, 1, 2)), 1, 147)
    layers = tuple(Layer(pen, list(lines[i::4])) for i, pen in enumerate(pens))
    sheet = DrawingView(Drawing(148, 148, layers), "#fbfaf5", pens)
    path = tmp_path / "many.html"
    path.write_text(report_html(name="many", summary={}, sheet=sheet, machine=MACHINES["axidraw-v3"]), encoding="utf-8")
    page = open_page(path, script=FRAME_TIMES)
    seek(page, 0.1)
    page.evaluate("() => { intervals.length = scripts.length = 0; }")
    page.locator(".play").click()
    page.wait_for_timeout(3000)
    page.locator(".play").click()
    settled(page)
    done, share = state(page)
    assert 200 < done < 2000
    times = page.evaluate("() => ({intervals, scripts})")
    with capsys.disabled():
        for name, values in times.items():
            print(f"\n{name}: median {np.median(values):.1f} ms, p95 {np.percentile(values, 95):.1f} ms", end="")
    seek(page, 1)
    assert state(page) == (2000, 1.0)
    assert share < 1

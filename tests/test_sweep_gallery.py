"""The gallery of a sweep: its text, and how it sorts and searches in a browser."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsers import PHONE
from PIL import Image

from plotart.reports.gallery import Card, gallery_html

PENS = [{"name": "Red", "color": "#c8102e"}, {"name": "<b>Blue", "color": "#1f4fa3"}]


def webp(color: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (226, 320), color).save(out, "WEBP")
    return out.getvalue()


def card(
    seed: int, motif: str, activation: float, *, seconds: float | None = 300.0, message: str = "", **line: float
) -> Card:
    name = f"seed-{seed:02d}_class-{motif}"
    figures = {"activation": activation, "retained": 0.9, "plot_seconds": seconds, "pens": PENS, **line}
    return Card(
        name=name,
        values={"seed": seed, "objective.0.class": motif},
        thumbnail=b"" if message else webp("#e8e2d0"),
        report="" if message else f"{name}/report.html",
        figures={} if message else figures,
        message=message,
    )


CARDS = [
    card(2, "star", 1.5, seconds=900.0, lines=64, lifts_per_m=9.84, overlaid=0.31, activation_per_metre=0.5),
    card(10, "fern", 3.25, lines=320, lifts_per_m=31.3, overlaid=0.06, activation_per_metre=2.41),
    card(1, "shell", -0.5, seconds=None),
    card(3, "star", 0, message="<i>no such file"),
]


def test_equal_runs_give_equal_pages() -> None:
    assert gallery_html("a", CARDS, 5) == gallery_html("a", CARDS, 5)


def test_texts_are_no_markup() -> None:
    page = gallery_html("<u>name", CARDS, 5)
    assert "<u>" not in page
    assert "<i>" not in page
    assert "<b>" not in page
    assert "failed: &lt;i&gt;no such file" in page


def test_a_name_that_no_file_can_hold_is_replaced() -> None:
    assert "<h1>half ?</h1>" in gallery_html("half \ud800", CARDS, 5)


def test_the_page_says_how_many_are_done() -> None:
    assert "3 of 5 runs · 1 failed · varied: seed, objective.0.class" in gallery_html("a", CARDS, 5)
    assert "2 runs · varied" in gallery_html("a", CARDS[:2], 2)
    assert "0 of 5 runs" in gallery_html("a", [], 5)


def test_what_lines_are_like_is_said_as_far_as_it_is_known() -> None:
    assert CARDS[0].line == "64 lines, 9.8 lifts per metre, 31% overlaid, 0.50 activation per metre"
    assert CARDS[2].line == ""
    page = gallery_html("a", CARDS, 5)
    assert page.count('<p class="line">') == 2


def test_folders_with_odd_names_are_linked() -> None:
    odd = Card(name="a", values={"name": "a#b"}, thumbnail=b"x", report="a#b/report.html", figures={})
    assert 'href="a%23b/report.html"' in gallery_html("a", [odd], 1)


def test_the_best_of_a_search_are_marked() -> None:
    best = replace(CARDS[1], figures={**CARDS[1].figures, "score": 0.734}, rank=0)
    other = replace(CARDS[0], figures={**CARDS[0].figures, "score": 0.512})
    page = gallery_html("a", [best, other], 2, searched=True, given_up=3)
    assert "2 runs · the best 1 first · 3 given up · searched: seed" in page
    assert page.count('class="best"') == page.count('title="the best"') == 1
    assert "<dt>score</dt><dd>0.73</dd>" in page
    assert 'data-key="score"' in page
    assert 'data-key="score"' not in gallery_html("a", CARDS, 5)


# --- in a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens the gallery; it must print nothing, fail in nothing and fetch nothing."""
    contexts, complaints, requests = [], [], []
    path = tmp_path / "index.html"
    path.write_text(gallery_html("stars and ferns", CARDS, 4), encoding="utf-8")

    def open_(**options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
    assert {url for url in requests if not url.startswith("data:")} == {path.as_uri()}


def seeds(page: Any) -> list[int]:
    """The seeds of the cards that are shown, in order."""
    script = "cards => cards.filter(c => !c.hidden).map(c => JSON.parse(c.dataset.order)['value:seed'])"
    found: list[int] = page.locator(".gallery > li").evaluate_all(script)
    return found


@pytest.mark.parametrize(
    ("label", "once", "twice"),
    [
        ("seed", [1, 2, 3, 10], [10, 3, 2, 1]),
        ("objective.0.class", [10, 1, 2, 3], [2, 3, 1, 10]),
        ("activation", [10, 2, 1, 3], [1, 2, 10, 3]),
        ("plot time", [10, 2, 1, 3], [2, 10, 1, 3]),
        ("lines", [2, 10, 1, 3], [10, 2, 1, 3]),
        ("lifts per metre", [2, 10, 1, 3], [10, 2, 1, 3]),
        ("overlaid", [10, 2, 1, 3], [2, 10, 1, 3]),
        ("crossings", [2, 10, 1, 3], [2, 10, 1, 3]),
        ("activation per metre", [10, 2, 1, 3], [2, 10, 1, 3]),
    ],
)
def test_cards_are_sorted_either_way(
    open_page: Callable[..., Any], label: str, once: list[int], twice: list[int]
) -> None:
    page = open_page()
    assert seeds(page) == [2, 10, 1, 3]
    button = page.locator(".sort").get_by_role("button", name=re.compile(rf"^{re.escape(label)}(, |$)"))
    button.click()
    assert seeds(page) == once
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert seeds(page) == twice
    assert page.locator("[aria-pressed=true]").count() == 1


def test_cards_are_sorted_by_keyboard(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.locator("#find").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert seeds(page) == [1, 2, 3, 10]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert seeds(page) == [10, 2, 1, 3]
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "activation, descending"


def test_cards_are_found_by_words(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.locator("#find").fill("star")
    assert seeds(page) == [2, 3]
    assert page.locator("#count").text_content() == "2 of 4 runs"
    page.locator("#find").fill("STAR blue")
    assert seeds(page) == [2]
    page.locator("#find").fill("")
    assert page.locator("#count").text_content() == "4 runs"


def test_nothing_is_wider_than_a_phone(open_page: Callable[..., Any]) -> None:
    page = open_page(**PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert (
        page.locator(".gallery").evaluate("list => getComputedStyle(list).gridTemplateColumns.split(' ').length") == 2
    )


def test_without_scripts_all_cards_are_there(open_page: Callable[..., Any]) -> None:
    page = open_page(java_script_enabled=False)
    assert page.locator(".gallery > li").count() == 4
    assert not page.locator(".tools").is_visible()


def test_pictures_lead_to_reports(open_page: Callable[..., Any]) -> None:
    page = open_page()
    links = page.locator("a.mount").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links == [card.report for card in CARDS if card.report]
    assert page.locator("img").evaluate_all("images => images.every(image => image.complete && image.naturalWidth)")

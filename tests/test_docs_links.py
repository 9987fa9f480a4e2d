"""Links of the docs lead somewhere, and every page can be reached."""

from __future__ import annotations

import re

import pytest
from pages import PAGES, ROOT, prose, read

#: [text](target) and ![text](target); not what only looks like one within backticks.
LINK = re.compile(r"\]\((?P<target>[^()\s]+(?:\([^()\s]*\))?)\)")


def links(page: str) -> list[str]:
    return [match["target"] for match in LINK.finditer(re.sub(r"`[^`]*`", "", prose(page)))]


def anchors(page: str) -> set[str]:
    """Those that GitHub gives to headings: in small letters, without punctuation, spaces as hyphens."""
    text = re.sub(r"^```.*?^```$", "", read(page), flags=re.DOTALL | re.MULTILINE)
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *$", text, flags=re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = base = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number = 0
        while anchor in found:
            number += 1
            anchor = f"{base}-{number}"
        found.add(anchor)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files_and_headings(page: str) -> None:
    folder = (ROOT / page).parent
    for target in links(page):
        if re.match(r"https?://", target):
            continue
        name, _, anchor = target.partition("#")
        path = (folder / name).resolve() if name else ROOT / page
        assert path.exists(), f"{page}: {target} is no file"
        assert path.is_relative_to(ROOT), f"{page}: {target} is not part of the project"
        if anchor:
            assert anchor in anchors(str(path.relative_to(ROOT))), f"{page}: {target} is no heading"


def test_every_page_is_in_the_index() -> None:
    index = {((ROOT / "docs") / target.partition("#")[0]).resolve() for target in links("docs/README.md")}
    pages = {ROOT / page for page in PAGES if page != "docs/README.md"}
    assert pages - index == set()


def test_every_picture_is_shown_and_none_is_large() -> None:
    shown = {((ROOT / page).parent / target).resolve() for page in PAGES for target in links(page)}
    pictures = [path for path in (ROOT / "docs" / "pictures").iterdir() if path.suffix in (".png", ".svg")]
    assert set(pictures) <= shown
    assert [path.name for path in pictures if path.stat().st_size > 150_000] == []


def test_anchors_are_those_of_github() -> None:
    assert anchors("docs/how-it-works.md") >= {"how-it-works", "the-picture", "the-pens", "sources"}

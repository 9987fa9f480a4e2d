"""The documentation as a site: every page has its place, and what is written in the build has all that there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from book.commands import commands, commands_page
from book.links import LostLink, led
from book.nav import NAV, places, staged_pages
from book.reference import PUBLIC, public_names, reference_pages
from book.works import FIGURES, gallery_pages, works
from pages import PAGES, ROOT

import plotart

PLACES = {
    "README.md": "index",
    "docs/pens.md": "pens",
    "configs": "gallery/configs",
    "configs/a.yaml": "gallery/configs#a",
}


def test_every_page_has_a_place_in_the_sidebar() -> None:
    named = [page for pages in NAV.values() for page in pages]
    assert len(named) == len(set(named))
    assert {page for page in named if not page.endswith("*")} == set(staged_pages().values()) - {"index"}
    assert set(PAGES) <= places().keys()


def test_pages_that_the_build_writes_are_listed_by_a_page_that_lists_them() -> None:
    written = {"commands": commands_page(), **reference_pages(), **gallery_pages()}
    found = {page.rstrip("*") for pages in NAV.values() for page in pages if page.endswith("*")}
    for index in [page for page in written if page.endswith("/index")]:
        (tree,) = re.findall(r"```\{toctree\}\n:hidden:\n\n(.*?)\n```", written[index], re.DOTALL)
        found |= {f"{index.removesuffix('index')}{name}" for name in tree.split()}
    assert found == written.keys()


def test_every_public_name_is_in_the_reference() -> None:
    pages = reference_pages()
    for module in PUBLIC:
        headings = set(re.findall(r"^## (.*)$", pages[f"api/{module}"], re.MULTILINE))
        assert {name.replace("_", "\\_") for name in public_names(module)} == headings
    assert set(public_names("plotart")) == set(plotart.__all__)
    assert set(re.findall(r"from (plotart[\w.]*) import", (ROOT / "docs/python.md").read_text())) - PUBLIC.keys() <= {
        "plotart.files.images"  # reads a picture, where an example needs one
    }


def test_every_command_is_on_the_page_of_commands() -> None:
    page = commands_page()
    for words, command in commands():
        (part,) = re.findall(rf"^##+ {' '.join(words)}$(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
        options = [name for each in command.params if not getattr(each, "hidden", False) for name in each.opts]
        assert all(name in part for name in options if name.startswith("-")), words
        assert command.help.split(".")[0].split("\n")[0][:30] in part


def test_a_work_has_a_page_with_its_pens_its_figures_and_its_config() -> None:
    pages = gallery_pages()
    for work in works():
        page = pages[f"gallery/{work.name}"]
        assert work.text.strip() in page
        assert all(name in page for name, _, _ in work.pens)
        assert all(work.told[column] in page for column in FIGURES)
        assert f"<dd>{work.config.seed}</dd>" in page
        assert ('class="player"' in page) == (work.drawing is not None)
    assert any(work.drawing for work in works())


def test_replays_take_little_room() -> None:
    sizes = [path.stat().st_size for path in (ROOT / "docs" / "gallery" / "replays").glob("*.svgz")]
    assert max(sizes) <= 100_000
    assert sum(sizes) <= 2_000_000


@pytest.mark.parametrize(
    ("page", "to", "text", "expected"),
    [
        ("docs/a.md", "a", "[x](pens.md#sets) `[x](y.md)`", "[x](pens.md#sets) `[x](y.md)`"),
        ("docs/tutorials/b.md", "tutorials/b", "[x](../../README.md#start)", "[x](../index.md#start)"),
        ("README.md", "index", "[x](docs/pens.md) [y](https://a.b/c)", "[x](pens.md) [y](https://a.b/c)"),
        ("docs/a.md", "a", "![x](p.png)\n```md\n[x](lost.md)\n```", "![x](files/docs/p.png)\n```md\n[x](lost.md)\n```"),
        ("README.md", "index", '<img alt="" src="docs/p.png">', '<img alt="" src="files/docs/p.png">'),
        (
            "docs/a.md",
            "a",
            "[x](../configs) [y](../configs/a.yaml)",
            "[x](gallery/configs.md) [y](gallery/configs.md#a)",
        ),
    ],
)
def test_links_lead_to_where_their_targets_are(page: str, to: str, text: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "p.png").touch()
    found, files = led(text, page=page, to=to, root=tmp_path, places=PLACES)
    assert found == expected
    assert files == ({"docs/p.png": "files/docs/p.png"} if "p.png" in text else {})


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LostLink, match=r"docs/a\.md: lost\.md is neither a page of the site nor a file"):
        led("[x](lost.md)", page="docs/a.md", to="a", root=tmp_path, places=PLACES)


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_asks_no_other_machine_for_anything(tmp_path: Path) -> None:
    for module in ("sphinx", "myst_parser", "furo", "sphinx_copybutton"):
        pytest.importorskip(module, reason="needs what builds the site: pip install 'plotart[docs]'")
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "make_site.py"), "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    pages = list((tmp_path / "html").rglob("*.html"))
    assert len(pages) > len(staged_pages()) + len(works())
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(?:https?:)?//", text), page
    for style in (tmp_path / "html" / "_static").rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text(encoding="utf-8")), style

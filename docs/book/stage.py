"""The site's sources, put together in a folder: pages of the repository, pages written here, what Sphinx needs."""

from __future__ import annotations

import shutil
from pathlib import Path

from book.commands import commands_page
from book.conf import DARK, LIGHT
from book.links import led
from book.nav import NAV, ROOT, places, staged_pages
from book.reference import reference_pages
from book.wordmark import wordmark
from book.works import gallery_files, gallery_pages

BOOK = Path(__file__).parent
REPLAY = ROOT / "plotart" / "reports" / "page"


def stage(folder: Path) -> None:
    """Fills `folder`, which must be empty or not there. Raises LostLink for a link that leads nowhere."""
    where = places()
    files = {path: f"files/{path}" for path in gallery_files()}
    for path, page in staged_pages().items():
        text, needed = led((ROOT / path).read_text(encoding="utf-8"), page=path, to=page, root=ROOT, places=where)
        files |= needed
        _write(folder / f"{page}.md", text + trees() if page == "index" else text)
    for page, text in written_pages().items():
        _write(folder / f"{page}.md", text)
    for path, to in files.items():
        (folder / to).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, folder / to)
    shutil.copytree(BOOK / "theme", folder / "_static")
    for name in ("player.css", "player.js"):
        shutil.copyfile(REPLAY / name, folder / "_static" / name)
    for name, colors in (("wordmark.svg", LIGHT), ("wordmark-dark.svg", DARK)):
        (folder / "_static" / name).write_text(wordmark(colors["ink"], "#f2635d"), encoding="utf-8")
    shutil.copyfile(BOOK / "conf.py", folder / "conf.py")


def written_pages() -> dict[str, str]:
    """Those that lie nowhere in the repository, Markdown."""
    return {"commands": commands_page(), **reference_pages(), **gallery_pages()}


def trees() -> str:
    """What makes the sidebar, at the end of the first page."""
    return "".join(
        "\n".join(
            ["\n", "```{toctree}", ":hidden:", f":caption: {part}", "", *(page.rstrip("*") for page in pages), "```"]
        )
        for part, pages in NAV.items()
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")

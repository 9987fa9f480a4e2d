"""The gallery: a page for each work, with its replay or its picture, its pens, its figures and its config."""

from __future__ import annotations

import gzip
import json
import re
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from markupsafe import Markup

from book.nav import ROOT
from plotart import Config, Drawing, Pen, machine, read_drawing
from plotart.reports.html import player_html
from plotart.reports.sheet import DrawingView

GALLERY, SHIPPED = ROOT / "docs" / "gallery", ROOT / "configs"

#: Columns of docs/gallery/works.md that are figures, as a work's page has them.
FIGURES = {
    "plot": "Time to plot",
    "lines": "Lines",
    "m": "Metres of line",
    "lifts/m": "Lifts per metre",
    "overlaid": "Overlaid",
    "crossings": "Crossings per 100 mm",
}


@dataclass(frozen=True)
class Work:
    """A config of configs/works, and what docs/gallery/works.md says of it, by column."""

    path: Path
    told: dict[str, str]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def title(self) -> str:
        return self.name.replace("-", " ").capitalize()

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def config(self) -> Config:
        return Config.load(self.path)

    @property
    def pens(self) -> list[tuple[str, str, float]]:
        """Name, colour and width of those that draw: a width stands behind each name in the table."""
        known = {pen.name: pen for pen in self.config.pens}
        names = [cell.rpartition(" ")[0] for cell in self.told["pens, mm"].split(", ")]
        return [_pen(known[name]) for name in names]

    @property
    def picture(self) -> str:
        return f"docs/gallery/works/{self.name}.png"

    @property
    def photographs(self) -> list[str]:
        """What it is drawn from, as paths in the repository."""
        files = (getattr(term, "file", None) for term in self.config.terms)
        return [Path(file).resolve().relative_to(ROOT).as_posix() for file in files if file is not None]

    @cached_property
    def drawing(self) -> Drawing | None:
        """What was plotted of it, where docs/gallery/replays has that."""
        path = GALLERY / "replays" / f"{self.name}.svgz"
        if not path.exists():
            return None
        with tempfile.TemporaryDirectory() as folder:
            plain = Path(folder, "plot.svg")
            plain.write_bytes(gzip.decompress(path.read_bytes()))
            return read_drawing(plain)

    @property
    def excitation(self) -> dict[str, str]:
        """What it is to the network, in words; nothing for those that are likenesses, or whose run isn't known."""
        found = json.loads((GALLERY / "replays" / "excitation.json").read_text(encoding="utf-8")).get(self.name)
        if found is None or not any(term.type == "excitation" for term in self.config.terms):
            return {}
        return {"Excitation": f"{found['plotted']:.2f}", "Survives on paper": f"{found['retained']:.0%}"}


def _pen(pen: Pen) -> tuple[str, str, float]:
    return pen.name, pen.color, pen.width


def works() -> list[Work]:
    """All of them, by name."""
    lines = (GALLERY / "works.md").read_text(encoding="utf-8").splitlines()
    (head,) = (line for line in lines if line.startswith("| work |"))
    rows = [dict(zip(_cells(head), _cells(line), strict=True)) for line in lines if line.startswith("| [")]
    told = {re.sub(r"^\[(.*?)\].*", r"\1", row["work"]): row for row in rows}
    return [Work(path, told[path.stem]) for path in sorted((SHIPPED / "works").glob("*.yaml"))]


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def gallery_pages() -> dict[str, str]:
    """Markdown of each page below gallery/, whose pictures are in files/."""
    found = works()
    pages = {f"gallery/{work.name}": work_page(work) for work in found}
    return {"gallery/index": _index(found), "gallery/configs": _configs(), **pages}


def gallery_files() -> list[str]:
    """The pictures of these pages, as paths in the repository."""
    shown = [path.relative_to(ROOT).as_posix() for path in GALLERY.glob("*.png")]
    return [*shown, *(path for work in works() for path in (work.picture, *work.photographs))]


def _index(found: list[Work]) -> str:
    tiles = "\n\n".join(f"[![{_plain(work)}](../files/{work.picture}) {work.title}]({work.name}.md)" for work in found)
    moving = [work for work in found if work.drawing is not None]
    replayed = ", ".join(f"[{work.title.lower()}]({work.name}.md)" for work in moving)
    tree = "\n".join(work.name for work in found)
    return f"""# Works

{len(found)} drawings, each by one command. A page has its picture, its pens, its figures and its config; these are
replayed, line by line: {replayed}.

<div class="works">

{tiles}

</div>

Other processors round differently: your machine draws a cousin of each, not its twin.

```{{toctree}}
:hidden:

{tree}
```
"""


def _plain(work: Work) -> str:
    return work.told["what it is"].replace("[", "").replace("]", "")


def work_page(work: Work) -> str:
    """Markdown."""
    width, height = work.config.page.width_height
    figures = {FIGURES[column]: cell for column, cell in work.told.items() if column in FIGURES}
    facts = {"Sheet": f"{width:g} × {height:g} mm", "Seed": str(work.config.seed), **figures, **work.excitation}
    pens = "\n".join(
        Markup(
            '<li><span class="swatch" style="background:{}"></span>{} <span class="nib-width">{:g} mm</span></li>'
        ).format(color, name, nib)
        for name, color, nib in work.pens
    )
    listed = "\n".join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*fact) for fact in facts.items())
    photographs = "\n\n".join(f"![What it is drawn from](../files/{path})" for path in work.photographs)
    origin = f'\n## The photograph\n\n<div class="photograph">\n\n{photographs}\n\n</div>\n' if photographs else ""
    return f"""# {work.title}

{work.told["what it is"]}.

{_shown(work)}

<ul class="pen-list">
{pens}
</ul>

<dl class="facts">
{listed}
</dl>

```sh
plotart generate configs/works/{work.path.name}
```

The time is that of the {work.config.export.machine}, without changes of pens. [The line](../line.md) says what the
other figures mean.

## The config

```yaml
{work.text.strip()}
```
{origin}"""


def _shown(work: Work) -> str:
    """Its replay, or its picture."""
    if work.drawing is None:
        return f'<div class="picture">\n\n![{_plain(work)}](../files/{work.picture})\n\n</div>'
    view = DrawingView(work.drawing, work.config.page.color, work.config.pens or None)
    replay = player_html(view, machine(work.config.export.machine))
    return f'````{{raw}} html\n<div class="replay">\n{replay.strip()}\n</div>\n````'


def _configs() -> str:
    """The page of the configs that are no works."""
    parts = [
        "# Configs to begin with\n\nThey lie in `configs/` of the repository, and each is drawn by one command. Copy "
        "the one that is nearest to what you want, and change it: [the config](../config.md) has every key."
    ]
    for path in sorted(SHIPPED.glob("*.yaml")):
        picture = GALLERY / f"{path.stem}.png"
        shown = f"![What came of it](../files/docs/gallery/{picture.name})\n\n" if picture.exists() else ""
        text = path.read_text(encoding="utf-8").strip()
        parts.append(
            f"## {path.stem}\n\n{shown}```sh\nplotart generate configs/{path.name}\n```\n\n```yaml\n{text}\n```"
        )
    return "\n\n".join(parts) + "\n"

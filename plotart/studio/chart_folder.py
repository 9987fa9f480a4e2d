"""Where charts lie: what is plotted of each, and what is known of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from plotart.color import parse_color, to_hex
from plotart.errors import InputError
from plotart.files.atomic import write_file
from plotart.geometry.page import Page
from plotart.geometry.units import to_mm
from plotart.schema.values import PAPER_MM

if TYPE_CHECKING:
    from plotart.calibration.chart import Chart

#: Endings of a chart's files: what is plotted, and what is known of it.
SVG, LAYOUT = ".svg", ".layout.json"


class ChartFolder:
    """The charts in a folder, one of the server's ways `below` /api. The same chart has the same id: that is made of
    what is on it."""

    def __init__(self, path: Path, below: str) -> None:
        self._path, self._below = path, below

    def put(self, chart: Chart) -> str:
        """Writes a chart; its id. Raises OutputError."""
        from plotart.calibration.chart_file import dump_chart
        from plotart.calibration.lines import chart_drawing
        from plotart.export.svg import plot_svg

        layout = dump_chart(chart)
        name = hashlib.sha256(layout.encode()).hexdigest()[:16]
        write_file(self.path(name, SVG), plot_svg(chart_drawing(chart)))
        write_file(self.path(name, LAYOUT), layout)
        return name

    def names(self) -> Sequence[str]:
        """The newest first."""
        found = [path.name.removesuffix(LAYOUT) for path in self._path.glob(f"*{LAYOUT}")]
        return sorted(found, key=lambda name: -self.path(name, LAYOUT).stat().st_mtime)

    def chart(self, name: str) -> Chart:
        """Raises InputError where there is none of that id."""
        from plotart.calibration.chart_file import read_chart

        self.svg(name)
        return read_chart(self.path(name, LAYOUT))

    def svg(self, name: str) -> Path:
        """The file of a chart. Raises InputError where there is none of that id."""
        if name not in self.names():
            raise InputError("There is no chart of that id.")
        return self.path(name, SVG)

    def path(self, name: str, ending: str) -> Path:
        return self._path / f"{name}{ending}"

    def told(self, name: str, chart: Chart) -> dict[str, Any]:
        """id, url of the SVG, title, width and height in mm, paper, pens."""
        return {
            "id": name,
            "url": f"/api/{self._below}/{quote(name)}{SVG}",
            "title": chart.file.title,
            "width": chart.page.width,
            "height": chart.page.height,
            "paper": chart.page.color,
            "pens": [{"name": pen.name, "color": to_hex(pen.rgb), "width": pen.width} for pen in chart.pens],
        }


def sheet(size: str, *, landscape: bool, margin: str, color: str) -> Page:
    """A sheet by its name. Raises InputError for what is none."""
    if size not in PAPER_MM:
        raise InputError(f"size {size[:40]}: no such sheet; allowed are {', '.join(PAPER_MM)}")
    width, height = sorted(PAPER_MM[size], reverse=landscape)
    edge = to_mm(margin)
    if not 0 <= edge < min(width, height) / 2:
        raise InputError(f"margin {margin}: allowed are 0 to less than {min(width, height) / 2:g} mm")
    return Page(width, height, edge, to_hex(parse_color(color)))

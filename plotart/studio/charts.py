"""Calibration in the page: charts to plot with the pens of a set, and what scans of them say of these pens."""

from __future__ import annotations

import threading
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotart.color import parse_color, to_hex
from plotart.errors import ImageError, InputError
from plotart.files.atomic import write_file
from plotart.pens.catalogue import dump_set, read_set, save_set
from plotart.studio.chart_folder import ChartFolder
from plotart.studio.chart_wish import ChartWish

if TYPE_CHECKING:
    from plotart.calibration.chart import Chart
    from plotart.calibration.measure import Measurement, PenReading

#: The ending of the file of what a scan said of a chart's pens.
MEASURED = ".measured.toml"

#: One scan is read at a time: a large one takes a gigabyte.
_reading = threading.Lock()


class Charts:
    """The charts in a folder. The same wish is the same chart."""

    def __init__(self, folder: Path) -> None:
        self._kept = ChartFolder(folder, "charts")

    def make(self, wish: ChartWish) -> dict[str, Any]:
        """The chart, as an SVG; what `listed` tells of it. Raises InputError for what can't be laid out."""
        from plotart.calibration.layout import lay_out

        chart = wish.laid_out(partial(lay_out, black_strip=wish.black_strip))
        return self._told(self._kept.put(chart), chart)

    def listed(self) -> list[dict[str, Any]]:
        """All of them, the newest first: id, url of the SVG, title, width and height in mm, paper, pens, and whether a
        scan of it was measured."""
        return [self._told(name, self._kept.chart(name)) for name in self._kept.names()]

    def svg(self, name: str) -> Path:
        """The file of a chart. Raises InputError where there is none of that id."""
        return self._kept.svg(name)

    def scan(self, name: str, picture: Path, *, paper: str | None = None) -> dict[str, Any]:
        """What a scan or photograph of the plotted chart says of its pens: beside what the set says, with warnings.

        paper  the colour of the bare paper; None is the chart's

        Raises InputError, ImageError where it can't be read as this chart.
        """
        from plotart.calibration.measure import measure
        from plotart.color import linear

        chart = self._kept.chart(name)
        light = None if paper is None else linear(parse_color(paper))
        with _reading:
            try:
                found = measure(picture, chart, paper=light)
            except ImageError as error:
                raise ImageError(str(error).replace(str(picture), "The picture")) from None
        on = to_hex(parse_color(paper or chart.page.color))
        file = found.pen_file(source=f"measured from a scan, relative to paper of {on}", date=date.today().isoformat())
        write_file(self._kept.path(name, MEASURED), dump_set(file))
        return _measured(found)

    def save(self, name: str, called: str, *, overwrite: bool = False) -> str:
        """Keep what the last scan said as a set of one's own; its name. Raises InputError."""
        self._kept.svg(name)
        measured = self._kept.path(name, MEASURED)
        if not measured.is_file():
            raise InputError("No scan of this chart was read yet.")
        save_set(read_set(measured), called, overwrite=overwrite)
        return called

    def _told(self, name: str, chart: Chart) -> dict[str, Any]:
        return {**self._kept.told(name, chart), "measured": self._kept.path(name, MEASURED).is_file()}


def _measured(found: Measurement) -> dict[str, Any]:
    return {
        "pens": [_read(reading) for reading in found.readings],
        "paper": found.chart.page.color,
        "dpi": round(found.dpi),
        "residual": round(found.residual, 3),
        "warnings": list(found.warnings),
    }


def _read(reading: PenReading) -> dict[str, Any]:
    """A pen as its set has it and as it was measured; `difference` is CIEDE2000 between their colours."""
    import torch

    from plotart.color.difference import srgb_difference

    nominal, pen = reading.nominal, reading.pen
    return {
        "name": nominal.name,
        "nominal": {"color": to_hex(nominal.rgb), "width": nominal.width, "ink": nominal.ink},
        "color": to_hex(pen.rgb),
        "width": pen.width,
        "ink": pen.ink,
        "difference": round(float(srgb_difference(torch.tensor(nominal.rgb), torch.tensor(pen.rgb))), 1),
        "widths": [round(width, 3) for width in reading.widths],
        "warnings": list(reading.warnings),
    }

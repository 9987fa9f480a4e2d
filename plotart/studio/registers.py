"""Pens in register, in the page: sheets of squares, what photographs of them say, and offsets kept in sets."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from plotart.color import to_hex
from plotart.errors import ImageError, InputError
from plotart.files.atomic import write_file
from plotart.pens.catalogue import keep_set, named_set
from plotart.pens.pen import FURTHEST, Pen
from plotart.studio.chart_folder import ChartFolder
from plotart.studio.chart_wish import ChartWish
from plotart.studio.words import plain

if TYPE_CHECKING:
    from plotart.calibration.register import Place

#: The ending of the picture of what was found.
FOUND = ".found.webp"

#: mm: the broadest nib that may be kept by hand.
BROADEST = 10.0

#: One photograph is read at a time: a large one takes a gigabyte.
_reading = threading.Lock()


class Registers:
    """The sheets of squares in a folder. The same wish is the same sheet."""

    def __init__(self, folder: Path) -> None:
        self._kept = ChartFolder(folder, "registers")

    def make(self, wish: ChartWish) -> dict[str, Any]:
        """The sheet, as an SVG, as `ChartFolder.told` has it. Raises InputError for what can't be laid out."""
        from plotart.calibration.register_chart import lay_out_register

        chart = wish.laid_out(lay_out_register)
        return self._kept.told(self._kept.put(chart), chart)

    def svg(self, name: str) -> Path:
        """The file of a sheet. Raises InputError where there is none of that id."""
        return self._kept.svg(name)

    def found(self, name: str) -> Path:
        """The picture of what the last photograph showed. Raises InputError where none was read."""
        self._kept.svg(name)
        path = self._kept.path(name, FOUND)
        if not path.is_file():
            raise InputError("No photograph of this sheet was read yet.")
        return path

    def read(self, name: str, photo: Path) -> dict[str, Any]:
        """Where each pen lands by a photograph or scan of the plotted sheet, against its first pen, and how broad its
        nib is; `picture` shows the squares as they were found.

        Raises InputError, ImageError where it can't be read as this sheet.
        """
        from plotart.calibration.register import read_register
        from plotart.calibration.scan import read_scan
        from plotart.studio.register_picture import register_picture

        chart = self._kept.chart(name)
        with _reading:
            try:
                found = read_register(photo, chart)
                picture = register_picture(found, read_scan(photo, chart))
            except ImageError as error:
                raise ImageError(plain(str(error).replace(str(photo), "The picture"))) from None
        path = write_file(self._kept.path(name, FOUND), picture)
        return {
            "pens": [_told(place) for place in found.places],
            "dpi": round(found.dpi),
            "residual": round(found.residual, 3),
            "warnings": list(found.warnings),
            "picture": f"/api/registers/{quote(name)}/found?at={path.stat().st_mtime_ns}",
        }

    def keep(self, name: str, of: str, offsets: Mapping[str, Any], nibs: Mapping[str, Any]) -> str:
        """Keeps in the set called `of` where pens of the sheet land, [right, down] mm against its first, and their nibs
        in mm, as they were read or corrected by hand; the set's name. Raises InputError."""
        first = self._kept.chart(name).pens[0].name
        file = named_set(of)
        file.pens.called(list(dict.fromkeys([first, *offsets, *nibs])))  # raises for what is no pen of the set
        right, down = file.pens.called([first])[0].lands

        def placed(pen: Pen) -> Pen:
            if pen.name in offsets and pen.name != first:
                way = offsets[pen.name]
                if not isinstance(way, list) or len(way) != 2:
                    raise InputError(f"{pen.name}: an offset is [right, down] in mm.")
                x, y = (_mm(pen.name, value, -FURTHEST, FURTHEST) for value in way)
                pen = pen.but(offset=(round(right + x, 3), round(down + y, 3)))
            return pen.but(width=_mm(pen.name, nibs[pen.name], 0.01, BROADEST)) if pen.name in nibs else pen

        keep_set(replace(file, pens=file.pens.with_pens([placed(pen) for pen in file.pens])), of)
        return of


def _mm(name: str, value: Any, least: float, most: float) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not least <= value <= most:
        raise InputError(f"{name}: found {str(value)[:40]}; allowed: {least:g} to {most:g} mm")
    return float(value)


def _told(place: Place) -> dict[str, Any]:
    pen = place.nominal
    return {
        "name": pen.name,
        "color": to_hex(pen.rgb),
        "width": pen.width,
        "offset": None if place.offset is None else [round(way, 3) for way in place.offset],
        "apart": None if place.apart is None else round(place.apart, 3),
        "nib": None if place.width is None else round(place.width, 3),
        "warnings": list(place.warnings),
    }

"""What a chart, or a register sheet, is to be of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from plotart.errors import PenError
from plotart.geometry.page import Page
from plotart.pens.catalogue import PenFile, named_set
from plotart.studio.chart_folder import sheet
from plotart.studio.words import plain

if TYPE_CHECKING:
    from plotart.calibration.chart import Chart


@dataclass(frozen=True)
class ChartWish:
    """A set by its name, all of its pens or those named, on a sheet by its name with so wide a margin, of a colour
    (None is that of the set, else white)."""

    set: str
    size: str = "a4"
    paper: str | None = None
    pens: tuple[str, ...] = ()
    landscape: bool = False
    margin: str = "10mm"
    black_strip: bool = False

    def laid_out(self, lay_out: Callable[[PenFile, Page], Chart]) -> Chart:
        """What `lay_out` makes of the set and the sheet. Raises InputError for what can't be laid out."""
        file = named_set(self.set)
        if self.pens:
            file = replace(file, pens=file.pens.called(list(self.pens)))
        color = self.paper or file.paper or "#ffffff"
        page = sheet(self.size, landscape=self.landscape, margin=self.margin, color=color)
        try:
            return lay_out(file, page)
        except PenError as error:
            raise PenError(plain(str(error))) from None

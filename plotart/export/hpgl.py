"""Drawings as HPGL, for the pen plotters that vpype knows."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from plotart.errors import DrawingError, InputError
from plotart.export.document import PX_PER_MM, to_document
from plotart.export.drawing import Drawing
from plotart.export.format import Format
from plotart.schema.values import TextLine

if TYPE_CHECKING:
    import vpype
    from vpype.config import PaperConfig, PlotterConfig

#: mm by which a sheet may differ from one that the plotter knows.
TOLERANCE = 0.5


class HpglFormat(Format):
    """HPGL for old pen plotters: plot.hpgl."""

    type: Literal["hpgl"] = Field(description="Which files these are.")
    device: TextLine = Field(description="A plotter that vpype knows, as in hp7475a, or one of your ~/.vpype.toml.")

    @classmethod
    def choices(cls) -> dict[str, list[str]]:
        return {"device": hpgl_devices()}

    def check(self, width: float, height: float) -> None:
        check_device(self.device, width, height)

    def write(self, drawing: Drawing) -> dict[str, str]:
        return {"plot.hpgl": to_hpgl(drawing, self.device)}

    def note(self, drawing: Drawing) -> str:
        """What vpype wants to be known of the plotter and its paper."""
        plotter, paper = _paper(self.device, drawing.width, drawing.height)
        info = " ".join(f"{plotter.info} {paper.info}".split())
        return info and f"{self.device}: {info}"


def hpgl_devices() -> list[str]:
    """The plotters of vpype's config, and those of a person's own ~/.vpype.toml."""
    import vpype

    return vpype.config_manager.get_plotter_list()


def hpgl_pens(device: str) -> int:
    """How many pens its carousel holds. Raises InputError when vpype knows no such plotter."""
    return int(_plotter(device).pen_count)


def check_device(device: str, width: float, height: float) -> None:
    """Raises InputError when vpype knows no such plotter, and DrawingError when it takes no sheet of that size, mm."""
    _paper(device, width, height)


def to_hpgl(drawing: Drawing, device: str, *, absolute: bool = False) -> str:
    """The drawing as HPGL, a pen of the plotter's carousel per layer; equal input gives equal bytes. `absolute`: every
    place is told from the origin, not from the place before.

    Raises InputError when vpype knows no such plotter, and DrawingError when it takes no sheet of the drawing's size,
    holds too few pens, or does not reach all that is drawn.
    """
    plotter, paper = _paper(device, drawing.width, drawing.height)
    if len(drawing.layers) > plotter.pen_count:
        raise DrawingError(
            f"the drawing has {len(drawing.layers)} layers, and {device} holds {plotter.pen_count} pens; "
            "allowed are as many layers as it has pens"
        )
    document = to_document(drawing)
    if not document.is_empty():
        _check_reach(document, device, paper)
    return _written(document, device, paper, absolute=absolute)


def _paper(device: str, width: float, height: float) -> tuple[PlotterConfig, PaperConfig]:
    """The plotter, and what it calls a sheet of `width` x `height` mm, however it lies."""
    plotter = _plotter(device)
    short, long = sorted((width, height))
    for paper in plotter.paper_configs:
        if paper.paper_size is not None:
            sides = sorted(side / PX_PER_MM for side in paper.paper_size)
            if abs(sides[0] - short) <= TOLERANCE and abs(sides[1] - long) <= TOLERANCE:
                return plotter, paper
    for paper in plotter.paper_configs:
        if paper.paper_size is None:  # takes the size of the page
            return plotter, paper
    allowed = ", ".join(_described(paper) for paper in plotter.paper_configs)
    raise DrawingError(f"{device} takes no sheet of {width:g} x {height:g} mm; allowed are {allowed}")


def _plotter(device: str) -> PlotterConfig:
    import vpype

    try:
        plotter = vpype.config_manager.get_plotter_config(device)
    except (ValueError, KeyError) as error:  # as of designmate in vpype 1.15
        raise InputError(
            f"vpype's description of {device} can't be used: {error}; allowed is another plotter"
        ) from None
    if plotter is None:
        raise InputError(f"vpype knows no HPGL plotter called {device!r}: there are {', '.join(hpgl_devices())}")
    return plotter


def _described(paper: PaperConfig) -> str:
    assert paper.paper_size is not None
    width, height = (round(side / PX_PER_MM, 1) for side in paper.paper_size)
    return f"{paper.name} ({width:g} x {height:g} mm)"


def _check_reach(document: vpype.Document, device: str, paper: PaperConfig) -> None:
    """Raises DrawingError when vpype would cut the drawing at the plotter's limits."""
    bounds, page = document.bounds(), document.page_size
    assert bounds is not None
    assert page is not None
    width, height = sorted(_extent(document, device, paper, bounds))
    wanted = sorted((bounds[2] - bounds[0], bounds[3] - bounds[1]))
    if wanted[0] - width > PX_PER_MM / 10 or wanted[1] - height > PX_PER_MM / 10:
        reach = sorted(_extent(document, device, paper, (0.0, 0.0, *page)), reverse=True)
        raise DrawingError(
            f"{device} does not reach all of the drawing: it draws on {reach[0] / PX_PER_MM:.1f} x "
            f"{reach[1] / PX_PER_MM:.1f} mm of a sheet of {_described_page(page)}; give the page a wider margin"
        )


def _described_page(page: tuple[float, float]) -> str:
    long, short = sorted((side / PX_PER_MM for side in page), reverse=True)
    return f"{long:.6g} x {short:.6g} mm"


def _extent(
    document: vpype.Document, device: str, paper: PaperConfig, box: tuple[float, float, float, float]
) -> tuple[float, float]:
    """Sides, in px, of what is left of a box of the page's (left, top, right, bottom, px) when it is plotted."""
    import vpype

    left, top, right, bottom = box
    probe = vpype.Document(page_size=document.page_size)
    # One line up and down and one to and fro: what is cut off their ends is what is out of reach.
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    probe.layers[1] = vpype.LineCollection(
        [[complex(left, middle_y), complex(right, middle_y)], [complex(middle_x, top), complex(middle_x, bottom)]]
    )
    plotter = vpype.config_manager.get_plotter_config(device)
    assert plotter is not None
    drawn = re.findall(r"PU(-?\d+),(-?\d+);PD(-?\d+),(-?\d+)", _written(probe, device, paper, absolute=True))
    x, y = ([int(line[axis]) for line in drawn for axis in axes] for axes in ((0, 2), (1, 3)))
    unit = plotter.plotter_unit_length
    return (max(x) - min(x)) * unit, (max(y) - min(y)) * unit


def _written(document: vpype.Document, device: str, paper: PaperConfig, *, absolute: bool = False) -> str:
    import vpype

    assert document.page_size is not None
    width, height = document.page_size
    text = io.StringIO()
    vpype.write_hpgl(
        text,
        document,
        paper.name,
        landscape=width > height,
        center=False,
        device=device,
        velocity=None,
        absolute=absolute,
        quiet=True,
    )
    return text.getvalue()

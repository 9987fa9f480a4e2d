"""What a machine reaches, and what keeps to its page."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from conftest import Cli
from drawings import PAGE, PENS, rosette

from plotart import Run
from plotart.errors import DrawingError
from plotart.export.drawing import Drawing, Layer
from plotart.export.layers import pen_layers
from plotart.export.read import read_drawing
from plotart.geometry.bezier import bezier_points
from plotart.geometry.page import Page
from plotart.pens import Pen
from plotart.plotter.machines import MACHINES, Machine
from plotart.plotter.travel import check_inside, check_travel, travel_problem

V3 = MACHINES["axidraw-v3"]
TINY = Machine("tiny", 100, 60)


def drawing(width: float, height: float, *points: tuple[float, float], name: str = "Red") -> Drawing:
    return Drawing(width, height, (Layer(Pen(name, "#ff0000", 0.3), [np.array(points, float)]),))


@pytest.mark.parametrize("page", [Page(210, 297), Page(297, 210), Page(148, 210), Page(310, 227)])
def test_pages_that_fit(page: Page) -> None:
    check_travel(page, V3)


def test_a_page_that_does_not_fit_says_by_how_much_and_what_helps() -> None:
    with pytest.raises(DrawingError, match=r"69\.0 mm too wide and 110\.0 mm too high for axidraw-v3") as found:
        check_travel(Page(297, 420), V3)
    assert "export.sheets: true splits the page into sheets" in str(found.value)
    with pytest.raises(DrawingError, match=r"drawing is 5\.0 mm too wide for tiny"):
        check_travel(Page(115, 50), TINY)


def test_of_a_drawing_only_what_is_drawn_counts() -> None:
    check_travel(drawing(297, 420, (20, 20), (200, 280)), V3)
    with pytest.raises(DrawingError, match=r"drawing is 12\.0 mm too high for axidraw-v3"):
        check_travel(drawing(297, 420, (20, 20), (200, 312)), V3)


@pytest.mark.parametrize("end", [(99.0, 59.0), (59.0, 99.0)])
def test_a_drawing_is_reached_either_way_round(end: tuple[float, float]) -> None:
    assert travel_problem(drawing(120, 120, (0, 0), end), TINY) is None
    assert travel_problem(drawing(120, 120, (0, 0), (70, 70)), TINY) is not None


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ((-3, 5), "3.00 mm left (Red)"),
        ((50, -1), "1.00 mm above (Red)"),
        ((82.5, 41), "2.50 mm right (Red), 1.00 mm b"),
    ],
)
def test_what_leaves_the_page_is_not_reached(end: tuple[float, float], words: str) -> None:
    with pytest.raises(DrawingError, match="leaves its page of 80 x 40 mm: it ends " + re.escape(words)):
        check_travel(drawing(80, 40, (10, 10), end), V3)


def test_an_empty_drawing_fits_everywhere() -> None:
    check_travel(Drawing(1000, 1000, ()), TINY)
    check_inside(Drawing(1000, 1000, ()), Page(1000, 1000, 10))


def test_inside_means_within_the_margins() -> None:
    page = Page(100, 80, margin=10)
    check_inside(drawing(100, 80, (10, 10), (90, 70)), page)
    with pytest.raises(DrawingError, match=r"margins of 10 mm: it ends 0\.50 mm right \(Blue\)"):
        check_inside(drawing(100, 80, (10, 10), (90.5, 70), name="Blue"), page)


def test_clipped_strokes_lie_inside_and_others_do_not() -> None:
    strokes = rosette()
    strokes.points[:] = strokes.points * 1.6 - 50  # some leave the page
    layers = tuple(
        Layer(pen.but(color="#000000"), [bezier_points(curve, 0.02) for curve in curves])
        for pen, curves in pen_layers(strokes, PENS, PAGE)
    )
    check_inside(Drawing(PAGE.width, PAGE.height, layers), PAGE)
    whole = Layer(Pen("all", "#000000", 0.3), [bezier_points(curve, 0.02) for curve in strokes.curves()])
    with pytest.raises(DrawingError, match="leaves the page's margins"):
        check_inside(Drawing(PAGE.width, PAGE.height, (whole,)), PAGE)


def test_a_run_s_plot_lies_inside_its_page(quickstart: Run) -> None:
    assert quickstart.page is not None
    check_inside(read_drawing(quickstart.path / "plot.svg"), quickstart.page)


# --- plotart stats ---------------------------------------------------------------------------------------------------


def test_stats_say_that_a_drawing_fits(quickstart: Run, cli: Cli) -> None:
    done = cli("stats", quickstart.path)
    assert done.status == 0
    assert "axidraw-v3 reaches all of it" in done.out
    swaps = len(quickstart.summary["pens"]) - 1
    assert f"{swaps} pen change{'' if swaps == 1 else 's'}\n" in done.out


def test_stats_say_that_a_drawing_does_not_fit_and_end_well(quickstart: Run, cli: Cli) -> None:
    done = cli("stats", quickstart.path, "--machine", "axidraw-minikit")
    assert done.status == 0
    assert re.search(r"does not fit: the drawing is [\d.]+ mm too (wide|high) .* for axidraw-minikit", done.out)


def test_stats_as_json_have_totals(quickstart: Run, cli: Cli) -> None:
    stats = json.loads(cli("stats", quickstart.path, "--json", "--machine", "axidraw-minikit").out)
    assert stats["fits"] is False
    assert "too high for axidraw-minikit" in stats["problem"]
    for key in ("strokes", "pen_down_mm", "pen_up_mm", "lifts", "refills"):
        assert stats[key] == pytest.approx(sum(pen[key] for pen in stats["pens"]))
    assert stats["pen_swaps"] == len(stats["pens"]) - 1
    assert json.loads(cli("stats", quickstart.path, "--json").out)["problem"] is None

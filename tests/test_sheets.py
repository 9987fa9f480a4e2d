"""Drawings on several sheets: nothing is lost, sheets fit the machine, neighbours agree."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from conftest import Golden
from small_runs import run_small, small

from plotart.errors import DrawingError
from plotart.export.drawing import Drawing, Layer
from plotart.export.read import read_drawing
from plotart.export.sheets import ARM, Sheet, overview_svg, split_sheets
from plotart.pens import Pen
from plotart.plotter.machines import MACHINES
from plotart.plotter.travel import check_travel


def length(lines: list[np.ndarray]) -> float:
    return sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines)


def drawing(width: float = 594, height: float = 420) -> Drawing:
    """Rings around the middle of an A2 sheet, and a frame."""
    turn = np.linspace(0, 2 * math.pi, 200)
    ring = np.column_stack([np.cos(turn), np.sin(turn)])
    rings = [ring * radius + (width / 2, height / 2) for radius in range(20, 200, 20)]
    frame = np.array([[15, 15], [width - 15, 15], [width - 15, height - 15], [15, height - 15], [15, 15]], dtype=float)
    ochre, black = Pen("Ochre", "#d9a021", 0.5), Pen("Black", "#111111", 0.3)
    return Drawing(width, height, (Layer(ochre, rings), Layer(black, [frame])))


def art(sheet: Sheet) -> list[np.ndarray]:
    """The lines of a sheet without its crosses, on the page."""
    lines = [line for layer in sheet.drawing.layers for line in layer.lines]
    count = 2 * len(sheet.marks)
    return [line + sheet.box[:2] for line in (lines[:-count] if count else lines)]


@pytest.mark.parametrize(("reach", "grid"), [((300, 218), (2, 3)), ((430, 297), (1, 3)), ((864, 594), (1, 1))])
def test_as_few_sheets_as_the_machine_takes(reach: tuple[float, float], grid: tuple[int, int]) -> None:
    sheets = split_sheets(drawing(), reach, overlap=10, margin=15)
    assert (max(s.row for s in sheets), max(s.column for s in sheets)) in (grid, grid[::-1])
    assert len(sheets) == grid[0] * grid[1]
    for sheet in sheets:
        sides = sorted((sheet.drawing.width, sheet.drawing.height))
        assert sides[1] <= max(reach) + 1e-9
        assert sides[0] <= min(reach) + 1e-9
        for layer in sheet.drawing.layers:
            for line in layer.lines:
                assert (line >= -1e-5).all()
                assert (line <= np.array([sheet.drawing.width, sheet.drawing.height]) + 1e-5).all()


def test_a_drawing_that_fits_is_one_sheet_as_it_is() -> None:
    (sheet,) = split_sheets(drawing(200, 150), (300, 218), overlap=10)
    assert len(sheet.marks) == 0
    assert [layer.name for layer in sheet.drawing.layers] == ["Ochre", "Black"]


def test_every_line_is_on_some_sheet_and_what_overlaps_on_both() -> None:
    whole = drawing()
    total = length([line for layer in whole.layers for line in layer.lines])
    sheets = split_sheets(whole, (300, 218), overlap=10, margin=15)
    assert sum(length(art(sheet)) for sheet in sheets) > total
    none = split_sheets(whole, (300, 218), overlap=0, margin=15)
    assert sum(length(art(sheet)) for sheet in none) == pytest.approx(total, rel=1e-5)


def test_neighbours_have_the_same_crosses_at_the_same_place_of_the_page() -> None:
    sheets = split_sheets(drawing(), (300, 218), overlap=10, margin=15)
    found: dict[tuple[float, float], int] = {}
    for sheet in sheets:
        for x, y in sheet.marks + sheet.box[:2]:
            key = (round(x, 6), round(y, 6))
            found[key] = found.get(key, 0) + 1
    edges = [n for (x, y), n in found.items() if min(x, y, 594 - x, 420 - y) < 15]
    assert edges
    assert set(edges) == {2}
    assert [n for (x, y), n in found.items() if min(x, y, 594 - x, 420 - y) > 15] == [4, 4]
    assert all(len(sheet.marks) >= 3 for sheet in sheets)


def test_crosses_are_drawn_by_the_last_pen() -> None:
    sheet = split_sheets(drawing(), (300, 218), overlap=10, margin=15)[0]
    last = sheet.drawing.layers[-1]
    assert last.name == "Black"
    assert [length([line]) for line in last.lines[-2 * len(sheet.marks) :]] == [2 * ARM] * (2 * len(sheet.marks))


def test_an_overlap_that_leaves_nothing() -> None:
    with pytest.raises(DrawingError, match="an overlap of 150 mm leaves too little"):
        split_sheets(drawing(), (300, 218), overlap=150)


def test_a_run_that_its_machine_does_not_reach(tmp_path: Path) -> None:
    with pytest.raises(DrawingError, match=r"page\.size: .* axidraw-v3: .*export\.sheets: true splits the page"):
        run_small(small("quickstart", "page.size=a3"), tmp_path / "whole")
    run = run_small(
        small("quickstart", "page.size=a3", "export.sheets=true", "strokes.length=90mm"), tmp_path / "sheets"
    )
    names = sorted(path.name for path in (run.path / "sheets").iterdir())
    assert "overview.svg" in names
    rows = run.summary["sheets"]
    assert len(rows) == 2
    # The time is that of the sheets, which is more than that of one large plot would be.
    assert run.summary["plot_seconds"] == pytest.approx(sum(row["seconds"] for row in rows), abs=0.2)
    for row in rows:
        found = read_drawing(run.path / row["file"])
        assert (found.width, found.height) == pytest.approx((row["width_mm"], row["height_mm"]), abs=0.01)
        check_travel(found, MACHINES["axidraw-v3"])
        stem = Path(row["file"]).stem
        assert len([name for name in names if name.startswith(f"{stem}_")]) == len(found.layers)
    # A later export for a machine that reaches all of it leaves no old sheets behind.
    again = run_small(
        small("quickstart", "page.size=a3", "export.machine=axidraw-v3-a3"), tmp_path / "sheets", existing="overwrite"
    )
    assert "sheets" not in again.summary
    assert list((again.path / "sheets").iterdir()) == []


def test_the_overview_shows_all_sheets(golden: Golden) -> None:
    whole = drawing()
    text = overview_svg(whole, split_sheets(whole, (300, 218), overlap=10, margin=15))
    assert text.count("<rect") == 7
    assert text.count("<text") == 6
    golden.check("overview.svg", text.replace("><", ">\n<") + "\n")

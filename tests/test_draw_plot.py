"""Finished strokes to the files of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from drawings import PAGE, PENS, bounds, handled, length, rosette

from plotart.canvas.renderer import Renderer
from plotart.export.format import Format
from plotart.export.line_figures import line_figures
from plotart.export.read import read_drawing
from plotart.geometry.strokes import Strokes, from_curves
from plotart.job.finish import Plot, draw_plot
from plotart.pens import Pen, PenSet
from plotart.plotter.machines import MACHINES
from plotart.runs.run import RunFolder


@dataclass(frozen=True)
class Options:
    merge: float = 0.1
    simplify: float = 0.02
    min_length: float = 0.0
    reloop: bool = True
    sort: bool = True
    remove_hidden: bool = False
    in_register: bool = True
    registration_marks: bool = False
    sheets: bool = False
    overlap: float = 10.0
    preview: int = 128
    formats: tuple[Format, ...] = ()


def draw(folder: Path, strokes: Strokes, pens: PenSet = PENS, *, progress: Any = None, **options: Any) -> Plot:
    run, renderer = RunFolder.create(folder), Renderer(64)
    return draw_plot(run, strokes, pens, PAGE, MACHINES["axidraw-v3"], renderer, Options(**options), progress=progress)


def across(*ys: float, pens: int = 1) -> Strokes:
    """Straight strokes of 80 mm at these heights, pens in turn."""
    curves = [np.linspace((30, y), (110, y), 4) for y in ys]
    return from_curves(curves, torch.eye(pens)[torch.arange(len(ys)) % pens])


def test_the_files_of_a_run(tmp_path: Path) -> None:
    plot = draw(tmp_path, rosette())
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "curves.svg",
        "plot.svg",
        "plot_01_yellow.svg",
        "plot_02_0-3-blue.svg",
        "plot_03_micron-01.svg",
        "plot_04_tusche-a-b.svg",
        "preview.png",
        "strokes.safetensors",
    ]
    assert [layer.name for layer in plot.drawing.layers] == ["Yellow", "0.3 blue", "Micron 01", 'Tusche "A" & <B>']
    used = [pen for pen in PENS if pen.name != "Unused"]
    assert [handled(layer.pen) for layer in plot.drawing.layers] == [handled(pen) for pen in used]
    assert list(plot.summary) == ["pens", "plot_seconds", "pen_swaps", "machine", "line"]
    assert plot.line == line_figures(plot.drawing)
    assert plot.summary["line"] == plot.line.as_dict()


def test_a_second_export_gives_the_same_bytes_and_leaves_no_file_of_the_first(tmp_path: Path) -> None:
    draw(tmp_path, rosette())
    (tmp_path / "plot_104_gold.svg").write_text("of a drawing with many refills")
    first = {path.name: path.read_bytes() for path in tmp_path.glob("*") if path.name != "plot_104_gold.svg"}
    draw(tmp_path, rosette())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


def test_registration_marks_are_in_the_pens_files_only(tmp_path: Path) -> None:
    draw(tmp_path / "bare", rosette())
    draw(tmp_path / "marked", rosette(), registration_marks=True)
    assert (tmp_path / "bare" / "plot.svg").read_bytes() == (tmp_path / "marked" / "plot.svg").read_bytes()
    files = sorted((tmp_path / "marked").glob("plot_*.svg"))
    boxes = [bounds([line for layer in read_drawing(file).layers for line in layer.lines]) for file in files]
    assert len(boxes) == 4
    assert all(box == boxes[0] for box in boxes)


def test_short_lines_that_are_left_out_are_counted(tmp_path: Path) -> None:
    short = np.linspace((40, 60), (41, 60), 4)
    strokes = from_curves([*across(50, 70).curves(), short], torch.zeros(3, 1))
    plot = draw(tmp_path, strokes, PenSet(PENS[:1]), min_length=5.0)
    assert plot.summary["dropped"] == 1
    assert length(plot.drawing.layers[0].lines) == pytest.approx(160, abs=0.1)


def test_what_opaque_ink_hides_is_left_out_and_measured(tmp_path: Path) -> None:
    pens = PenSet([Pen("Thin", "#2050a0", 0.3), Pen("Broad", "#ffffff", 2.0, "opaque")])
    plot = draw(tmp_path, across(50, 50, pens=2), pens, remove_hidden=True)
    assert plot.summary["hidden_mm"] == pytest.approx(80, abs=0.5)
    assert [layer.name for layer in plot.drawing.layers] == ["Broad"]


def test_a_drawing_that_has_left_the_paper(tmp_path: Path) -> None:
    plot = draw(tmp_path, across(500))
    assert plot.drawing.layers == ()
    assert plot.summary["line"] == {**dict.fromkeys(plot.summary["line"]), "lines": 0, "metres": 0.0}
    assert "<g" not in (tmp_path / "plot.svg").read_text()


def test_progress_is_told(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    draw(tmp_path, rosette(), progress=lambda done, total: heard.append((done, total)))
    assert heard
    assert heard[-1][0] == heard[-1][1]

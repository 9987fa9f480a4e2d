"""docs/recipes/vsketch: the sketch draws by plotart, in vsketch where it is installed, and in what stands in for it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import vpype
import vpype_cli

from plotart import read_drawing
from plotart.cli.vpype_plugin import plotart

SKETCH = Path(__file__).parent.parent / "docs" / "recipes" / "vsketch" / "sketch_motif.py"

PENS = ["Point 88 Black", "Point 88 Carmine", "Point 88 Blue"]


class Vsketch:
    """As much of vsketch's canvas as the sketch uses: lines in mm, in vpype's layers."""

    def __init__(self) -> None:
        self.document = vpype.Document()
        self.layer = 1

    def size(self, page: str, landscape: bool, center: bool) -> None:
        self.document.page_size = vpype.convert_page_size(page)

    def scale(self, unit: str) -> None:
        assert unit == "1mm"

    def random(self, highest: float) -> float:
        return 0.25 * highest

    def stroke(self, layer: int) -> None:
        self.layer = layer

    def polygon(self, line: np.ndarray) -> None:
        self.document.add([(line[:, 0] + 1j * line[:, 1]) * 96 / 25.4], self.layer)

    def vpype(self, pipeline: str) -> None:
        self.document = vpype_cli.execute(pipeline, self.document)


@pytest.fixture
def standing_in(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("vsketch")
    module.SketchClass, module.Vsketch, module.Param = object, Vsketch, lambda value, *limits, **about: value
    monkeypatch.setitem(sys.modules, "vsketch", module)
    monkeypatch.setitem(vpype_cli.cli.commands, "plotart", plotart)


def sketch_class() -> Any:
    spec = importlib.util.spec_from_file_location("sketch_motif", SKETCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.MotifSketch


def test_the_sketch_draws_with_its_pens(standing_in: None, capsys: pytest.CaptureFixture[str]) -> None:
    sketch, canvas = sketch_class()(), Vsketch()
    sketch.strokes, sketch.steps = 12, 5
    sketch.draw(canvas)
    sketch.finalize(canvas)
    layers = canvas.document.layers.values()
    assert {str(layer.property("vp_name")).split(" ", 1)[1] for layer in layers} <= set(PENS)
    assert canvas.document.bounds() is not None
    assert "reaches all of it" in capsys.readouterr().out


@pytest.mark.slow
def test_vsketch_saves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vsketch", reason="needs vsketch, on Python 3.11 or later: pip install vsketch")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    command = [sys.executable, "-m", "vsketch_cli", "save", "-d", str(tmp_path), "-s", "3"]
    done = subprocess.run([*command, str(SKETCH)], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    drawing = read_drawing(tmp_path / "motif_s3.svg")
    assert (drawing.width, drawing.height) == pytest.approx((105, 148), abs=0.01)
    assert {layer.name for layer in drawing.layers} <= set(PENS)
    assert "reaches all of it" in done.stdout

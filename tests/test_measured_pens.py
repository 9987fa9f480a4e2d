"""What was measured of pens together, from a set's file through a config and a run, to the finished run's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from plotart import Config, Page, load_run
from plotart.canvas import StrokeCanvas
from plotart.color import linear, parse_color
from plotart.geometry.strokes import from_curves
from plotart.job.build import build
from plotart.job.pens import build_pens
from plotart.runs.run import RunFolder
from plotart.runs.strokes_file import save_strokes

#: Yellow below cyan is green by their inks, but was measured as a dark blue, on paper that is not quite white.
PAPER, MEASURED = "#fbf7ee", linear(parse_color("#202070"))
SET = f"""
maker = "Somebody"
status = "measured"
paper = "{PAPER}"

[[pens]]
name = "Yellow"
code = "24"
color = "#f4d800"
width = 0.5

[[pens]]
name = "Cyan"
color = "#00b4e0"
width = 0.5

[[pens]]
name = "Grey"
color = "#707078"
width = 0.5

[[overprints]]
below = "Yellow"
above = "Cyan"
light = {list(MEASURED)}
"""

WAYS = ("desk.toml", {"set": "desk.toml"}, {"set": "desk.toml", "only": ["Cyan", "Yellow"]})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the set lies, and a picture of the colour that was measured; the current folder."""
    (tmp_path / "desk.toml").write_text(SET)
    (tmp_path / "bare.toml").write_text(SET.split("[[overprints]]")[0])
    Image.new("RGB", (32, 32), "#202070").save(tmp_path / "blue.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config(pens: Any) -> Config:
    return Config.from_dict(
        {
            "name": "config",
            "page": {"size": [60, 60], "margin": 5, "color": PAPER},
            "pens": pens,
            "palette": {"mode": "choose", "colors": 2},
            "strokes": {"count": 4},
            "render": {"resolution": 64},
            "objective": [{"type": "image", "file": "blue.png", "features": 0}],
        }
    )


@pytest.mark.parametrize("written", WAYS)
def test_a_config_keeps_them_and_so_does_the_one_of_the_run(written: Any, folder: Path) -> None:
    (folder / "config.yaml").write_text(config(written).dump())
    again = Config.load(folder / "config.yaml")
    assert again == config(written)
    for loaded in (config(written), again):
        pens = build_pens(loaded)
        below, above = pens.names.index("Yellow"), pens.names.index("Cyan")
        assert pens.over(below, above, linear(parse_color(PAPER))) == pytest.approx(MEASURED)
        assert [pens[below].maker, pens[below].code] == ["Somebody", "24"]


def test_a_run_chooses_by_them(folder: Path) -> None:
    def leaning(pens: str) -> set[str]:
        canvas = build(config(pens)).canvas
        assert isinstance(canvas, StrokeCanvas)
        favoured = canvas.strokes.logits[0] > canvas.strokes.logits[0].min()
        return {pen.name for pen, more in zip(canvas.palette.pens(), favoured, strict=True) if more}

    assert "Grey" in leaning("bare.toml")
    assert leaning("desk.toml") == {"Yellow", "Cyan"}


def test_a_finished_run_keeps_them(folder: Path) -> None:
    pens = build_pens(config("desk.toml"))
    line = torch.tensor([[10.0, 10.0], [20.0, 10.0], [30.0, 10.0], [40.0, 10.0]]).double().numpy()
    run = RunFolder.create(folder / "run")
    run.write("strokes.safetensors", save_strokes(from_curves([line], torch.zeros(1, 3)), pens, Page(60, 60)))
    run.write("summary.json", "{}")
    found = load_run(run.path).pens
    assert found == pens
    assert found is not None
    assert found.measured_on == linear(parse_color(PAPER))
    assert found.overprints == {("Yellow", "Cyan"): pytest.approx(MEASURED)}

"""Sheets of squares made in the page, photographs of them, and offsets kept in sets."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from scans import NOMINAL, TRUE, photographed, plot, save

from plotart.calibration.chart_file import read_chart
from plotart.errors import ImageError, InputError, PenError
from plotart.pens.catalogue import PenFile, named_set, save_set
from plotart.studio.chart_wish import ChartWish
from plotart.studio.registers import Registers

WISH = ChartWish("four", size="a6", margin="7mm", paper="#f7f3e8")
ASIDE = {"Black": (0.0, 0.0), "Red": (0.5, -0.3), "Blue": (-0.8, 0.2), "Gold": (0.15, 1.1)}


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set of one's own, called four."""
    monkeypatch.setenv("PLOTART_CONFIG", str(tmp_path / "config"))
    save_set(PenFile(NOMINAL, title="Four"), "four")


@pytest.fixture
def registers(tmp_path: Path) -> Registers:
    return Registers(tmp_path / "studio" / "registers")


def test_a_photograph_is_read_corrected_by_hand_and_kept(registers: Registers, tmp_path: Path) -> None:
    told = registers.make(WISH)
    assert told["url"] == f"/api/registers/{told['id']}.svg"
    assert registers.make(WISH)["id"] == told["id"]
    name = told["id"]
    with pytest.raises(InputError, match="No photograph"):
        registers.found(name)
    sheet = plot(read_chart(registers.svg(name).with_name(f"{name}.layout.json")), TRUE, tmp_path, shifts=ASIDE)
    read = registers.read(name, save(photographed(sheet.light, degrees=4), tmp_path / "photo.png"))
    for pen in read["pens"]:
        assert pen["offset"] == pytest.approx(ASIDE[pen["name"]], abs=0.04), pen["name"]
        assert pen["nib"] == pytest.approx(TRUE.called([pen["name"]])[0].width, rel=0.06)
    with Image.open(registers.found(name)) as picture:
        assert min(picture.size) > 200

    offsets = {pen["name"]: pen["offset"] for pen in read["pens"]}
    assert registers.keep(name, "four", {**offsets, "Blue": [-0.75, 0.25]}, {"Red": 0.61}) == "four"
    kept = {pen.name: pen for pen in named_set("four").pens}
    assert kept["Blue"].offset == (-0.75, 0.25)
    assert kept["Red"].offset == tuple(offsets["Red"])
    assert (kept["Red"].width, kept["Gold"].width) == (0.61, NOMINAL[3].width)
    assert kept["Black"].offset is None, "the first pen is what the others are told against"


def test_what_can_not_be_kept_or_read_is_refused(registers: Registers, tmp_path: Path) -> None:
    name = registers.make(WISH)["id"]
    with pytest.raises(PenError, match="Green"):
        registers.keep(name, "four", {"Green": [0, 0]}, {})
    with pytest.raises(InputError, match=r"Red: found 21; allowed: -20 to 20 mm"):
        registers.keep(name, "four", {"Red": [21, 0]}, {})
    with pytest.raises(InputError, match=r"Red: an offset is \[right, down\]"):
        registers.keep(name, "four", {"Red": 3}, {})
    with pytest.raises(InputError, match="no chart of that id"):
        registers.svg("nonsense")
    blank = tmp_path / "blank.png"
    Image.new("RGB", (800, 1100), "white").save(blank)
    with pytest.raises(ImageError, match=r"^The picture: found 0 of the chart's"):
        registers.read(name, blank)

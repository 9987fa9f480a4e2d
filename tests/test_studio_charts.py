"""Charts made in the page, scans of them, and the sets that come of these."""

from __future__ import annotations

from pathlib import Path

import pytest
from scans import NOMINAL, TRUE, plot, save

from plotart.calibration.chart_file import read_chart
from plotart.errors import ColorError, ImageError, InputError, PenError
from plotart.export.read import read_drawing
from plotart.pens.catalogue import PenFile, named_set, save_set
from plotart.studio.chart_wish import ChartWish
from plotart.studio.charts import Charts

WISH = ChartWish("four", size="a6", margin="7mm", paper="#f7f3e8")


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set of one's own, called four."""
    monkeypatch.setenv("PLOTART_CONFIG", str(tmp_path / "config"))
    save_set(PenFile(NOMINAL, title="Four"), "four")


@pytest.fixture
def charts(tmp_path: Path) -> Charts:
    return Charts(tmp_path / "studio" / "charts")


def scanned(charts: Charts, name: str, folder: Path) -> Path:
    """A scan of the chart as pens plotted it that are not what their set says."""
    layout = read_chart(charts.svg(name).with_name(f"{name}.layout.json"))
    return save(plot(layout, TRUE, folder).light, folder / "scan.png")


def test_a_chart_is_made_and_listed(charts: Charts) -> None:
    assert charts.listed() == []
    told = charts.make(WISH)
    assert told["url"] == f"/api/charts/{told['id']}.svg"
    assert (told["title"], told["width"], told["height"], told["paper"]) == ("Four", 105.0, 148.0, "#f7f3e8")
    assert [pen["name"] for pen in told["pens"]] == ["Black", "Red", "Blue", "Gold"]
    drawing = read_drawing(charts.svg(told["id"]))
    assert (drawing.width, drawing.height) == (105, 148)
    assert len(drawing.layers) == 2 * 4 - 1
    assert charts.make(WISH) == told
    other = charts.make(ChartWish("four", size="a5", pens=("Red", "Black"), landscape=True))
    assert (other["width"], other["height"]) == (210.0, 148.0)
    assert [pen["name"] for pen in other["pens"]] == ["Red", "Black"]
    assert {chart["id"] for chart in charts.listed()} == {told["id"], other["id"]}


def test_a_scan_says_what_the_pens_are(charts: Charts, tmp_path: Path) -> None:
    name = charts.make(WISH)["id"]
    with pytest.raises(InputError, match="No scan of this chart"):
        charts.save(name, "measured")
    found = charts.scan(name, scanned(charts, name, tmp_path))
    for told, nominal, true in zip(found["pens"], NOMINAL, TRUE, strict=True):
        assert told["name"] == nominal.name
        assert told["nominal"]["width"] == nominal.width
        assert told["width"] == pytest.approx(true.width, abs=0.05)
        assert told["difference"] > 0
    assert found["pens"][3]["ink"] == "opaque"
    assert charts.listed()[0]["measured"]
    assert charts.save(name, "measured") == "measured"
    kept = named_set("measured")
    assert kept.status == "measured"
    assert len(kept.pens.overprints) == 12
    assert [pen.width for pen in kept.pens] == [pen["width"] for pen in found["pens"]]
    with pytest.raises(PenError, match="is there already"):
        charts.save(name, "measured")
    assert charts.save(name, "measured", overwrite=True) == "measured"


def test_what_is_no_scan_of_the_chart(charts: Charts, tmp_path: Path) -> None:
    name = charts.make(WISH)["id"]
    other = charts.make(ChartWish("four", size="a6", margin="7mm", paper="#f7f3e8", pens=("Black", "Red")))["id"]
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ImageError, match=r"^The picture: no picture"):
        charts.scan(name, tmp_path / "text.png")
    with pytest.raises(ImageError, match=r"^The picture: "):
        charts.scan(other, scanned(charts, name, tmp_path))


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (ChartWish("../four"), "no set of pens is called"),
        (ChartWish("etch"), "no set of pens is called"),
        (ChartWish("four", size="etch"), "size etch: no such sheet"),
        (ChartWish("four", margin="150mm"), "margin 150mm: allowed are 0 to"),
        (ChartWish("four", margin="wide"), "'wide' is not a length"),
        (ChartWish("four", pens=("Etch",)), "no pen is called 'Etch'"),
        (ChartWish("stabilo-point-88", size="a6"), r"choose a larger page \(size\) or"),
    ],
)
def test_wishes_that_can_not_be_had(charts: Charts, wish: ChartWish, said: str) -> None:
    with pytest.raises(InputError, match=said):
        charts.make(wish)
    assert charts.listed() == []


def test_a_paper_that_is_no_colour(charts: Charts) -> None:
    with pytest.raises(ColorError):
        charts.make(ChartWish("four", paper="papyrus"))


@pytest.mark.parametrize("name", ["", "..", "../charts/x", "0" * 16])
def test_there_is_no_other_chart(charts: Charts, name: str, tmp_path: Path) -> None:
    charts.make(WISH)
    for call in (charts.svg, lambda one: charts.scan(one, tmp_path), lambda one: charts.save(one, "x")):
        with pytest.raises(InputError, match="There is no chart"):
            call(name)

"""What the studio offers to choose from."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import plotart
from plotart import Config
from plotart.errors import PenError
from plotart.networks import describe
from plotart.networks.best import read_best
from plotart.networks.weights_files import shipped_motif
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import PenFile, save_set, set_names
from plotart.studio.catalogue import catalogue, keep_set, starter_words, told_set

PAGE = Path(plotart.__file__).parent / "studio" / "page"
BLACK = {"name": "Black", "color": "#101010", "width": "0.3mm"}


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a person's own sets; empty."""
    monkeypatch.setenv("PLOTART_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config" / "pens"


def test_it_is_plain_data_and_needs_no_torch(tmp_path: Path) -> None:
    code = "import sys; from plotart.studio.catalogue import catalogue; catalogue(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == "False\n"
    found = catalogue()
    assert json.loads(json.dumps(found)) == found


def test_sets_are_those_that_there_are() -> None:
    found = {one["name"]: one for one in catalogue()["sets"]}
    assert found.keys() == set(set_names())
    assert not any(one["mine"] for one in found.values())
    pen = found["uni-posca-pc-1mr"]["pens"][0]
    assert pen.keys() == {"name", "color", "width", "ink", "opacity"}
    assert pen["ink"] == "opaque"


def test_ones_own_sets_are_marked_and_seen_at_once() -> None:
    catalogue()
    save_set(PenFile(PenSet([Pen("A", "red", 0.3)], paper="#eeeeee"), maker="Me"), "mine")
    found = next(one for one in catalogue()["sets"] if one["name"] == "mine")
    assert found["mine"]
    assert (found["title"], found["maker"], found["paper"]) == ("mine", "Me", "#eeeeee")
    assert found["pens"] == [{"name": "A", "color": "#ff0000", "width": 0.3, "ink": "transparent", "opacity": 1.0}]


def test_a_set_that_can_not_be_read_hides_no_other(own: Path) -> None:
    own.mkdir(parents=True)
    (own / "broken.toml").write_text("pens = [")
    found = catalogue()
    assert "broken" not in {one["name"] for one in found["sets"]}
    assert any("broken.toml" in problem for problem in found["problems"])


def test_sets_are_kept() -> None:
    told = keep_set("desk", [BLACK])
    assert told == told_set("desk")
    assert (told["mine"], told["pens"][0]["width"]) == (True, 0.3)
    with pytest.raises(PenError, match="is there already"):
        keep_set("desk", [BLACK])
    assert keep_set("desk", [{**BLACK, "width": 0.5}], overwrite=True)["pens"][0]["width"] == 0.5


@pytest.mark.parametrize(
    ("name", "pens", "said"),
    [
        ("../desk", [BLACK], "no name for a set"),
        (None, [BLACK], "A set has a name"),
        ("desk", "Black", "A set has a name"),
        ("desk", None, "A set has a name"),
        ("desk", [], "no pens|at least"),
        ("desk", [{**BLACK, "width": 99}], "width"),
        ("desk", [BLACK, BLACK], "Black"),
        ("desk", [3], "pens"),
    ],
)
def test_sets_that_are_none_are_refused(name: object, pens: object, said: str, own: Path) -> None:
    with pytest.raises(PenError, match=said):
        keep_set(name, pens)
    assert not own.exists() or not list(own.iterdir())


@pytest.mark.parametrize("name", ["/etc/passwd", "../x.toml", "pyproject.toml"])
def test_no_path_is_read_as_a_set(name: str) -> None:
    with pytest.raises(PenError, match="no set of pens is called"):
        told_set(name)


def test_papers_machines_looks_and_formats() -> None:
    found = catalogue()
    assert {"name": "letter", "width": 215.9, "height": 279.4} in found["papers"]
    assert {"name": "axidraw-v3", "width": 300, "height": 218} in found["machines"]
    for kind in ("looks", "formats"):
        assert all(one["about"].endswith(".") for one in found[kind])
    assert "engraving" in {one["name"] for one in found["looks"]}


def test_starters_can_be_loaded_and_say_what_they_are() -> None:
    found = {one["name"]: one for one in catalogue()["starters"]}
    assert found["quickstart"] == {
        "name": "quickstart",
        "title": "A first drawing",
        "about": "Flowers in four pens.",
    }
    assert all(one["title"] for one in found.values())
    assert not {"pixels", "vgg16-excitation"} & found.keys()
    assert "tiger" in found
    for name in ("quickstart", "snowflake", "cat"):
        Config.load(name)


@pytest.mark.parametrize(
    ("comment", "title", "about"),
    [
        ("Gel pens on black paper: opaque inks cover.", "Gel pens on black paper", "Opaque inks cover."),
        ("Which six of 37? The drawing decides.", "Which six of 37?", "The drawing decides."),
        ("Fine lines of 0.3 mm.", "Fine lines of 0.3 mm", ""),
        ("No end", "No end", ""),
        ("", "", ""),
    ],
)
def test_titles_of_starters(comment: str, title: str, about: str) -> None:
    assert starter_words(comment) == (title, about)


def test_targets_are_what_the_network_tells_apart_and_draws_best() -> None:
    found = catalogue()["targets"]
    assert {one["term"]["class"] for one in found if "class" in one["term"]} == set(describe("motif").classes)
    best = read_best(Path(plotart.__file__).parent / "networks" / "data" / "motif_best.json")
    assert all(target.term in [one["term"] for one in found] for target in best)
    Config.from_dict({"pens": [BLACK], "objective": [found[0]["term"]]})


def test_the_sheet_of_targets_is_of_the_shipped_network() -> None:
    """Run docs/gallery/targets.py after another network was trained."""
    data = json.loads((PAGE / "targets.json").read_text(encoding="utf-8"))
    with shipped_motif() as weights:
        assert data["weights_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert (PAGE / "targets.webp").stat().st_size < 600_000
    with Image.open(PAGE / "targets.webp") as sheet:
        picture = sheet.convert("L")
    for target in data["targets"]:
        x, y, size = target["x"], target["y"], data["size"]
        darkest, _ = picture.crop((x, y, x + size, y + size)).getextrema()
        assert darkest < 128, target["label"]

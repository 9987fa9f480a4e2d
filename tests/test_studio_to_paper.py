"""From a version to paper by the studio's server: figures, pictures, files, plots, charts, and what it refuses."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from plotters import install_module
from scans import NOMINAL, TRUE, plot, save
from studios import Opened, Player, opened_studio

from plotart import Run
from plotart.calibration.chart_file import parse_chart
from plotart.pens.catalogue import PenFile, save_set

ONE = "/api/versions/one"
INNER = "/api/versions/sweep/seed=3"


@pytest.fixture(scope="module")
def folder(quickstart: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two finished versions, one of them a sweep's, and one that is not drawn."""
    found = tmp_path_factory.mktemp("to-paper") / "outputs"
    for name in ("one", "sweep/seed=3"):
        shutil.copytree(quickstart.path, found / name)
    (found / "draft").mkdir()
    shutil.copy(quickstart.path / "config.yaml", found / "draft")
    (found / "one" / "letter.txt").write_text("mine")
    (found.parent / "secret.svg").write_text("<svg/>")
    return found


@pytest.fixture(scope="module")
def studio(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLOTART_CONFIG", str(tmp_path_factory.mktemp("config")))
        save_set(PenFile(NOMINAL, title="Four"), "four")
        with opened_studio(folder, crew=Player) as opened:
            yield opened


def get(studio: Opened, path: str) -> Any:
    found = studio.ask("GET", path)
    assert found.status == 200, found.body
    return found.json


@pytest.mark.parametrize("version", [ONE, INNER])
def test_figures_and_pictures_of_the_pens(studio: Opened, version: str) -> None:
    told = get(studio, f"{version}/paper")
    assert told.keys() == {"pens", "seconds", "swaps", "machine", "warnings"}
    for pen in told["pens"]:
        found = studio.ask("GET", pen["picture"])
        assert found.headers["content-type"] == "image/png"
        assert max(Image.open(io.BytesIO(found.body)).size) == 900
    assert studio.ask("GET", f"{version}/pens/99.png").status == 400


def test_a_picture_as_it_is_and_small(studio: Opened, folder: Path) -> None:
    assert studio.ask("GET", f"{ONE}/picture").body == (folder / "one" / "preview.png").read_bytes()
    small = studio.ask("GET", f"{INNER}/picture?size=60")
    assert small.headers["content-type"] == "image/webp"
    assert max(Image.open(io.BytesIO(small.body)).size) == 64
    assert studio.ask("GET", f"{ONE}/picture?size=0").status == 400
    assert studio.ask("GET", "/api/versions/draft/picture").status == 404


def test_the_replay_and_the_report(studio: Opened, folder: Path) -> None:
    report = studio.ask("GET", f"{INNER}/report")
    assert report.body == (folder / "sweep" / "seed=3" / "report.html").read_bytes()
    policy = report.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert policy.count("default-src") == 1
    player = studio.ask("GET", f"{INNER}/player")
    assert player.body in report.body
    assert "'self'" in player.headers["content-security-policy"]


@pytest.mark.parametrize("way", ["paper", "pens/1.png", "player", "report", "drawing.zip"])
def test_what_is_not_drawn_can_not_be_plotted(studio: Opened, way: str) -> None:
    found = studio.ask("GET", f"/api/versions/draft/{way}")
    assert (found.status, found.message) == (400, "It is not drawn to the end yet.")
    assert studio.ask("GET", f"/api/versions/none/{way}").status == 404
    for action in ("export", "plot"):
        assert studio.ask("POST", f"/api/versions/draft/{action}", {"formats": ["vpype-pens"]}).status == 400


def test_files_are_listed_and_taken_away(studio: Opened, folder: Path) -> None:
    listed = get(studio, f"{INNER}/files")["files"]
    assert {"plot.svg", "config.yaml", "report.html"} < {one["name"] for one in listed}
    for one in listed:
        found = studio.ask("GET", one["url"])
        assert (found.status, len(found.body)) == (200, one["bytes"])
        assert found.headers["content-disposition"].startswith("attachment")
    assert "letter.txt" not in {one["name"] for one in get(studio, f"{ONE}/files")["files"]}


@pytest.mark.parametrize(
    "name",
    [
        "letter.txt",
        "../../secret.svg",
        "..%2F..%2Fsecret.svg",
        "%2e%2e/%2e%2e/secret.svg",
        "/etc/passwd",
        "%2Fetc%2Fpasswd",
        "plot.svg/../../../../secret.svg",
        "checkpoints/",
        "plot.svg%00",
        "..\\..\\secret.svg",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["files", "exports"])
def test_no_other_file_is_given(studio: Opened, kind: str, name: str) -> None:
    found = studio.ask("GET", f"{ONE}/{kind}/{name}")
    assert found.status in (307, 400, 404), found.body
    assert b"mine" not in found.body
    assert b"<svg" not in found.body


def test_formats_are_written_and_taken_away(studio: Opened) -> None:
    wanted = {"formats": [{"type": "gcode", "profile": "gcodemm"}, "vpype-pens"]}
    done = studio.ask("POST", f"{INNER}/export", wanted)
    assert done.status == 200, done.body
    assert {"plot.gcode", "pens.toml"} < {one["name"] for one in done.json["files"]}
    for one in done.json["files"]:
        assert len(studio.ask("GET", one["url"]).body) == one["bytes"]
    with zipfile.ZipFile(io.BytesIO(studio.ask("GET", f"{INNER}/drawing.zip").body)) as pack:
        assert {"plot.svg", "plot.gcode", "curves.svg", "preview.png", "config.yaml"} < set(pack.namelist())


def test_other_settings_are_for_the_taking_alone(studio: Opened, folder: Path) -> None:
    before = (folder / "one" / "plot.svg").read_bytes()
    done = studio.ask("POST", f"{ONE}/export", {"overrides": ["export.simplify=2mm"]}).json
    (plotted,) = (one for one in done["files"] if one["name"] == "plot.svg")
    assert studio.ask("GET", plotted["url"]).body != before
    assert (folder / "one" / "plot.svg").read_bytes() == before
    for wrong, said in (
        ({"overrides": ["strokes.count=3"]}, "can only change export"),
        ({"overrides": "export.merge=1mm"}, "An export takes lists"),
        ({"formats": ["gcode"]}, "profile"),
        ({}, "takes 1 to"),
    ):
        refused = studio.ask("POST", f"{ONE}/export", wrong)
        assert refused.status == 400
        assert said in refused.message


def test_formats_that_there_are(studio: Opened) -> None:
    found = {one["name"]: one for one in get(studio, "/api/formats")["formats"]}
    assert "gcodemm" in found["gcode"]["choices"]["profile"]


def test_a_plot_is_begun_answered_and_stopped(
    studio: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = studio.ask("POST", f"{ONE}/plot", {})
    assert refused.status == 400
    assert refused.message.startswith("nothing that drives axidraw-v3 is installed")
    plotter = install_module(tmp_path / "axidraw", monkeypatch)
    assert get(studio, f"{ONE}/plot")["state"] == "none"
    for wrong in ({"pens": "1"}, {"pens": [None]}, {"driver": 3}, {"restart": 1}, {"machine": ["x"]}):
        assert studio.ask("POST", f"{ONE}/plot", wrong).status == 400
    begun = studio.ask("POST", f"{ONE}/plot", {"pens": [1]})
    assert begun.status == 201
    asks = studio.wait(lambda: found if (found := get(studio, f"{ONE}/plot"))["instructions"] else None)
    assert asks["answers"] == ["plot", "skip", "stop"]
    busy = studio.ask("POST", f"{INNER}/plot", {})
    assert "axidraw-v3 is plotting one" in busy.message
    assert studio.ask("POST", f"{ONE}/export", {"formats": ["vpype-pens"]}).message.startswith("It is being plotted")
    assert studio.ask("DELETE", ONE).status == 400
    assert studio.ask("POST", f"{ONE}/plot/pause").status == 400
    assert studio.ask("POST", f"{ONE}/plot/answer", {"answer": "home"}).status == 400
    assert studio.ask("POST", f"{ONE}/plot/answer", {"answer": "plot"}).status == 200
    done = studio.wait(lambda: found if (found := get(studio, f"{ONE}/plot"))["state"] == "done" else None)
    assert done["message"].startswith("Plotted: ")
    assert len(plotter.calls) == 1
    assert (folder / "one" / "plotting.json").is_file()


def test_charts_scans_and_sets(studio: Opened, folder: Path, tmp_path: Path) -> None:
    wish = {"set": "four", "size": "a6", "margin": "7mm", "paper": "#f7f3e8"}
    made = studio.ask("POST", "/api/charts", wish)
    assert made.status == 201, made.body
    chart = made.json
    assert studio.ask("GET", chart["url"]).headers["content-type"] == "image/svg+xml"
    assert [one["id"] for one in get(studio, "/api/charts")["charts"]] == [chart["id"]]
    layout = (folder / ".studio" / "charts" / f"{chart['id']}.layout.json").read_text(encoding="utf-8")
    picture = save(plot(parse_chart(layout, "chart"), TRUE, tmp_path).light, tmp_path / "scan.png").read_bytes()
    way = f"/api/charts/{chart['id']}"
    assert studio.ask("POST", f"{way}/save", {"name": "measured"}).status == 400
    measured = studio.ask("POST", f"{way}/scan", picture)
    assert measured.status == 200, measured.body
    assert [pen["name"] for pen in measured.json["pens"]] == ["Black", "Red", "Blue", "Gold"]
    refused = studio.ask("POST", f"{way}/scan", b"no picture")
    assert (refused.status, refused.message[:12]) == (400, "The picture:")
    kept = studio.ask("POST", f"{way}/save", {"name": "measured"})
    assert (kept.status, kept.json["status"], kept.json["mine"]) == (201, "measured", True)
    assert sorted(path.suffix for path in (folder / ".studio" / "charts").iterdir()) == [".json", ".svg", ".toml"]
    for wrong in (
        {},
        {"set": 3},
        {"set": "four", "size": 5},
        {"set": "four", "pens": "Black"},
        {"set": "four", "landscape": 1},
        {"set": "/etc/passwd"},
    ):
        assert studio.ask("POST", "/api/charts", wrong).status == 400
    assert studio.ask("GET", "/api/charts/..%2fnotes.svg").status in (400, 404)
    assert studio.ask("POST", "/api/charts/none/scan", b"x").status == 400


def test_the_catalogue_and_sets_of_ones_own(studio: Opened) -> None:
    found = get(studio, "/api/catalogue")
    assert found.keys() >= {"sets", "papers", "looks", "machines", "formats", "starters", "targets"}
    sheet = studio.ask("GET", found["targets"][0]["picture"])
    assert (sheet.status, sheet.headers["content-type"]) == (200, "image/webp")
    pens = [{"name": "Black", "color": "#101010", "width": 0.3}]
    assert studio.ask("POST", "/api/sets", {"name": "desk", "pens": pens}).status == 201
    assert "desk" in {one["name"] for one in get(studio, "/api/catalogue")["sets"]}
    again = studio.ask("POST", "/api/sets", {"name": "desk", "pens": pens})
    assert (again.status, "is there already" in again.message) == (400, True)
    assert studio.ask("POST", "/api/sets", {"name": "desk", "pens": pens, "overwrite": True}).status == 201
    for wrong in ({}, {"name": "../x", "pens": pens}, {"name": "x", "pens": {}}, {"name": "x", "pens": [{}]}):
        assert studio.ask("POST", "/api/sets", wrong).status == 400


def test_starters_of_the_catalogue_begin_versions(studio: Opened) -> None:
    names = [one["name"] for one in get(studio, "/api/catalogue")["starters"]]
    made = studio.ask("POST", "/api/versions", {"from": {"starter": names[0]}})
    assert made.status == 201, made.body
    assert studio.ask("DELETE", f"/api/versions/{made.json['id']}").status == 204


def test_messages_have_no_way_of_this_machine(studio: Opened, folder: Path) -> None:
    for way in (f"{ONE}/paper", f"{ONE}/plot", f"{ONE}/files", "/api/catalogue", "/api/charts", "/api/formats"):
        assert str(folder) not in json.dumps(get(studio, way))
    assert not re.search(r"/home|/root|/tmp", json.dumps(get(studio, "/api/catalogue")))


def test_the_report_plays_and_asks_for_nothing(studio: Opened, browser: Any) -> None:
    page = browser.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{studio.address}{ONE}/report")
    page.locator(".play").click()
    page.wait_for_function("document.querySelector('.play').getAttribute('aria-label') === 'Pause'")
    assert page.evaluate("origin") == "null"
    assert [url for url in asked if not url.endswith("/favicon.ico")] == [f"{studio.address}{ONE}/report"]
    assert said == []
    page.close()

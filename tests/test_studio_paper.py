"""What is to be plotted of a finished version: figures, pictures, warnings, and files to take away."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from small_runs import ALL_STAY, MOTLEY, run_small, small

from plotart import Run, stats
from plotart.errors import DrawingError, ImageError, InputError
from plotart.studio import paper as module
from plotart.studio.kept import Kept
from plotart.studio.paper import archive, export, files, formats, paper, pen_picture, replay, thumbnail


@pytest.fixture
def run(quickstart: Run, tmp_path: Path) -> Path:
    return Path(shutil.copytree(quickstart.path, tmp_path / "run"))


def drawn(overrides: list[str], tmp_path: Path) -> Path:
    return run_small(small("quickstart", ALL_STAY, *MOTLEY, *overrides), tmp_path / "run").path


def pixels(png: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


class TestFigures:
    def test_they_are_those_of_the_stats(self, quickstart: Run) -> None:
        told, found = paper(quickstart.path), stats(quickstart)
        assert [pen["name"] for pen in told["pens"]] == [pen.name for pen in found.pens]
        assert [pen["number"] for pen in told["pens"]] == [*range(1, len(found.pens) + 1)]
        assert {pen["width"] for pen in told["pens"]} == {0.8}
        for pen, of in zip(told["pens"], found.pens, strict=True):
            assert (pen["strokes"], pen["lifts"], pen["color"]) == (of.strokes, of.lifts, of.color)
            assert pen["metres"] == pytest.approx(of.pen_down_mm / 1000, abs=1e-3)
            assert pen["seconds"] == pytest.approx(of.seconds, abs=0.1)
        assert told["seconds"] == pytest.approx(found.seconds, abs=0.1)
        assert told["machine"] == "axidraw-v3"

    def test_unfinished_runs_and_pixels_have_none(self, run: Path, tmp_path: Path) -> None:
        (run / "summary.json").unlink()
        with pytest.raises(DrawingError, match="not finished"):
            paper(run)
        config = small("pixels", "optimize.steps=2")
        with pytest.raises(DrawingError, match="no lines to plot"):
            paper(run_small(config, tmp_path / "pixels").path)


class TestWarnings:
    def test_what_is_well_needs_none(self, tmp_path: Path) -> None:
        one = 'pens=[{name: Black, color: "#101010", width: 0.5}]'
        told = paper(drawn([one, "strokes.count=3", "strokes.length=90", "strokes.segments=1"], tmp_path))
        assert told["warnings"] == []

    @pytest.mark.parametrize(
        ("overrides", "said"),
        [
            (
                ["export.machine=axidraw-minikit", "export.sheets=true"],
                "It is too large for axidraw-minikit: 3 sheets of",
            ),
            (['pens.1={name: Dip, color: "#c8102e", width: 0.8, max_distance: 20mm}'], "Dip is filled anew"),
            (
                ["strokes.length=3mm", "strokes.count=60", "strokes.joining.weight=0", "optimize.rate.points=0.01"],
                "of the time; a larger export.merge",
            ),
            (
                [
                    'pens=[{name: Black, color: "#101010", width: 0.8}, {name: Sun, color: "#ffdd44", width: 0.8}]',
                    "export.order=given",
                ],
                "Sun is plotted after Black, which is darker: dark ink soils the nib of a light pen",
            ),
            (
                [
                    'pens=[{name: Black, color: "#101010", width: 0.8}, {name: Night, color: "#111111", width: 0.8}]',
                ],
                "look alike on this paper: they differ by",
            ),
            (["export.min_length=40mm"], "shorter than export.min_length left out."),
        ],
        ids=["sheets", "refills", "lifts", "order", "alike", "left out"],
    )
    def test_what_is_to_be_known(self, overrides: list[str], said: str, tmp_path: Path) -> None:
        warnings = paper(drawn(overrides, tmp_path))["warnings"]
        assert any(said in warning for warning in warnings), warnings

    def test_a_machine_that_does_not_reach_the_drawing(self, run: Path) -> None:
        config = run / "config.yaml"
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace("machine: axidraw-v3", "machine: axidraw-minikit"), encoding="utf-8")
        assert any("too high for axidraw-minikit" in warning for warning in paper(run)["warnings"])

    def test_pens_that_draw_next_to_nothing(self, run: Path) -> None:
        first, plot = paper(run)["pens"][0]["name"], run / "plot.svg"
        layers = plot.read_text(encoding="utf-8").split("</g>")
        head = layers[0].partition("<polyline")[0]
        layers[0] = f'{head}<polyline points="20.000,20.000 20.100,20.000"/>\n'
        plot.write_text("</g>".join(layers), encoding="utf-8")
        assert f"{first} draws less than 1% of the line." in paper(run)["warnings"]

    def test_a_pen_that_draws_nothing(self, tmp_path: Path) -> None:
        pens = 'pens=[{name: Black, color: "#101010", width: 0.8}, {name: Red, color: "#c8102e", width: 0.8}]'
        told = paper(drawn([pens, "strokes.count=1", "optimize.steps=2"], tmp_path))
        (drawing,) = (pen["name"] for pen in told["pens"])
        (idle,) = {"Black", "Red"} - {drawing}
        assert f"{idle} draws nothing." in told["warnings"]


class TestPictures:
    def test_each_pen_alone(self, quickstart: Run) -> None:
        pens = paper(quickstart.path)["pens"]
        bare = pixels(pen_picture(quickstart.path, 1))[0, 0]
        shown = [pixels(pen_picture(quickstart.path, pen["number"])) for pen in pens]
        inked = [(picture != bare).any(axis=-1) for picture in shown]
        assert all(picture.shape[0] == module.PEN_PX for picture in shown)
        assert all(ink.any() for ink in inked)
        whole = pixels((quickstart.path / "preview.png").read_bytes())
        assert abs(whole[0, 0] - bare).max() <= 1
        # The pens of this run are different ones: where only one has ink, it is of that pen's colour.
        for pen, picture in zip(pens, shown, strict=True):
            color = np.array([int(pen["color"][at : at + 2], 16) for at in (1, 3, 5)])
            inks, counts = np.unique(picture[(picture != bare).any(axis=-1)], axis=0, return_counts=True)
            assert abs(inks[counts.argmax()] - color).max() < 8

    def test_it_is_drawn_once_for_as_long_as_the_drawing_stays(
        self, run: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls = counted(monkeypatch, "_pen_picture")
        assert pen_picture(run, 1) == pen_picture(run, 1)
        assert len(calls) == 1
        (run / "plot.svg").write_text((run / "plot.svg").read_text(encoding="utf-8") + "\n", encoding="utf-8")
        pen_picture(run, 1)
        assert len(calls) == 2

    def test_there_is_no_other_pen(self, quickstart: Run) -> None:
        for number in (0, -1, 99):
            with pytest.raises(DrawingError, match=f"has no pen {number}"):
                pen_picture(quickstart.path, number)

    def test_thumbnails_are_as_large_as_asked_or_a_little_more(self, quickstart: Run, tmp_path: Path) -> None:
        preview = quickstart.path / "preview.png"
        assert max(Image.open(io.BytesIO(thumbnail(preview, 50))).size) == 64
        assert max(Image.open(io.BytesIO(thumbnail(preview, 10**9))).size) == max(Image.open(preview).size)
        (tmp_path / "none.png").write_bytes(b"no picture")
        with pytest.raises(ImageError, match="no picture"):
            thumbnail(tmp_path / "none.png", 64)

    def test_the_replay_is_that_of_the_report(self, quickstart: Run) -> None:
        assert replay(quickstart.path) in (quickstart.path / "report.html").read_text(encoding="utf-8")


class TestExport:
    def test_formats_come_beside_the_run(self, run: Path) -> None:
        before = (run / "plot.svg").read_bytes()
        taken = export(run, [{"type": "gcode", "profile": "gcodemm"}, "vpype-pens"], [], elsewhere=run.parent / "x")
        assert {"plot.gcode", "pens.toml"} < taken.files.keys()
        assert all(name.endswith(".gcode") or name == "pens.toml" for name in taken.files)
        assert all(path.parent == run for path in taken.files.values())
        assert taken.files.keys() < files(run).keys()
        assert (run / "plot.svg").read_bytes() == before
        assert not (run.parent / "x").exists()

    def test_other_settings_leave_the_run_as_it_is(self, run: Path, tmp_path: Path) -> None:
        before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
        taken = export(run, ["vpype-pens"], ["export.simplify=1mm"], elsewhere=tmp_path / "exports")
        assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
        assert {"plot.svg", "preview.png", "pens.toml"} < taken.files.keys()
        assert all(path.is_relative_to(tmp_path / "exports") for path in taken.files.values())
        assert len(taken.files["plot.svg"].read_bytes()) < len(before[run / "plot.svg"])
        again = export(run, [], ["export.merge=1mm"], elsewhere=tmp_path / "exports")
        assert "pens.toml" not in again.files

    @pytest.mark.parametrize(
        ("asked", "overrides", "said"),
        [
            ([], [], "takes 1 to"),
            (["gcode"] * 99, [], "takes 1 to"),
            (["gcode"], [], "profile"),
            ([{"type": "gcode", "profile": "etch"}], [], "no G-code profile is called 'etch'"),
            (["etch"], [], "etch"),
            ([3], [], "Formats are names"),
            ([], [3], "Overrides are texts"),
            ([], ["strokes.count=3"], "can only change export"),
            ([], ["export.order=given"], "can only change export"),
            ([], ["export.machine=etch"], "etch"),
        ],
    )
    def test_what_is_refused(self, run: Path, tmp_path: Path, asked: Any, overrides: Any, said: str) -> None:
        with pytest.raises(InputError, match=said):
            export(run, asked, overrides, elsewhere=tmp_path / "exports")
        assert not (run / "plot.gcode").exists()

    def test_messages_have_no_folder_of_this_machine(self, run: Path, tmp_path: Path) -> None:
        with pytest.raises(InputError) as error:
            export(run, [], ["export.machine=etch"], elsewhere=tmp_path / "exports")
        assert str(error.value).startswith('config.yaml (override "export.machine=etch"): export.machine: found "etch"')

    def test_formats_say_what_they_are_and_take(self) -> None:
        found = {one["name"]: one for one in formats()}
        assert {"gcode", "hpgl", "vpype-pens"} <= found.keys()
        assert "gcodemm" in found["gcode"]["choices"]["profile"]
        assert "hp7475a" in found["hpgl"]["choices"]["device"]
        assert found["vpype-pens"]["choices"] == {}
        assert all(one["missing"] is None and one["about"] for one in found.values())


class TestArchive:
    def test_it_has_what_is_plotted(self, run: Path) -> None:
        export(run, ["vpype-pens"], [], elsewhere=run)
        (run / "letter.txt").write_text("mine")
        parts = list(archive(run))
        with zipfile.ZipFile(io.BytesIO(b"".join(parts))) as pack:
            assert pack.testzip() is None
            names = set(pack.namelist())
            assert {"plot.svg", "curves.svg", "preview.png", "config.yaml", "pens.toml"} < names
            assert len([name for name in names if name.startswith("plot_")]) == len(paper(run)["pens"])
            assert "letter.txt" not in names
            assert pack.read("plot.svg") == (run / "plot.svg").read_bytes()
            assert 2 * pack.getinfo("plot.svg").compress_size < pack.getinfo("plot.svg").file_size
        assert len(parts) > 1


class TestKept:
    def test_values_stay_as_long_as_their_files(self, tmp_path: Path) -> None:
        kept: Kept[int] = Kept(2)
        made: list[int] = []

        def make() -> int:
            made.append(len(made))
            return made[-1]

        path = tmp_path / "a"
        assert [kept.get("a", [path], make) for _ in range(2)] == [0, 0]
        path.write_text("1")
        assert kept.get("a", [path], make) == 1
        assert kept.get("b", [], make) == 2
        assert kept.get("a", [path], make) == 1
        assert kept.get("c", [], make) == 3
        assert kept.get("a", [path], make) == 1
        assert kept.get("b", [], make) == 4  # the one that was asked for longest ago had to go

    def test_errors_are_not_kept(self) -> None:
        kept: Kept[int] = Kept(2)
        with pytest.raises(ZeroDivisionError):
            kept.get("a", [], lambda: 1 // 0)
        assert kept.get("a", [], lambda: 1) == 1


def counted(patch: pytest.MonkeyPatch, name: str) -> list[Any]:
    """The calls of a function of the module, which it does as before."""
    calls: list[Any] = []
    function: Callable[..., Any] = getattr(module, name)

    def call(*values: Any) -> Any:
        calls.append(values)
        return function(*values)

    patch.setattr(module, name, call)
    return calls

"""vpype plotart …: the same lines through both doors, pens on layers, and what vpype's line of commands allows."""

from __future__ import annotations

import importlib.metadata
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import vpype
import vpype_cli
from click.testing import CliRunner, Result
from conftest import Cli
from drawings import drawn, rosette
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import all_blocks
from small_runs import ALL_STAY, SMALL

from plotart import Run, read_drawing
from plotart.cli.vpype_plugin import plotart
from plotart.export.document import to_drawing
from plotart.export.svg import plot_svg
from plotart.pens.catalogue import PenFile, load_set, save_set

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent

Vpype = Callable[..., Result]


@pytest.fixture(scope="module", autouse=True)
def plugin() -> Iterator[None]:
    """vpype has the command of this source, whichever is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vpype_cli.cli.commands, "plotart", plotart)
        yield


@pytest.fixture
def vp() -> Vpype:
    """Runs vpype in this process: ``vp("read", path, "plotart", "stats")``."""
    return lambda *words: CliRunner().invoke(vpype_cli.cli, [str(word) for word in words])


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rosette in four pens, its lines in no good order, as plotart writes it."""
    return drawn(rosette()).save(tmp_path_factory.mktemp("sheet") / "sheet.svg")


def polylines(path: Path) -> list[list[str]]:
    """The points of each layer's lines as plot.svg has them, to the byte."""
    groups = re.findall(r"<g .*?</g>", plot_svg(read_drawing(path)), re.DOTALL)
    return [re.findall(r'points="([^"]*)"', group) for group in groups]


def written(path: Path) -> list[list[str]]:
    return [
        re.findall(r'points="([^"]*)"', group)
        for group in re.findall(r"<g .*?</g>", path.read_text(encoding="utf-8"), re.DOTALL)
    ]


def test_the_entry_point_is_the_command() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (name, value), *others = project["entry-points"]["vpype.plugins"].items()
    assert importlib.metadata.EntryPoint(name, value, "vpype.plugins").load() is plotart
    assert (name, others) == (plotart.name, [])


def test_vpype_starts_without_torch_and_without_the_command_line() -> None:
    slow = "('torch', 'numba', 'plotart.cli.app')"
    code = f"import sys, plotart.cli.vpype_plugin; print([m for m in {slow} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_config_is_drawn_to_the_lines_of_its_run(vp: Vpype, tmp_path: Path) -> None:
    overrides = [word for text in (*SMALL, ALL_STAY) for word in ("-o", text)]
    config, run, here = ROOT / "configs" / "quickstart.yaml", tmp_path / "run", tmp_path / "here.svg"
    done = vp("plotart", "generate", *overrides, "--out", run, config, "write", here)
    assert done.exit_code == 0, done.output
    assert polylines(here) == written(run / "plot.svg")

    # A finished run is read again, and vpype's own reader gives the same document.
    again, read = tmp_path / "again.svg", tmp_path / "read.svg"
    done = vp("plotart", "generate", *overrides, "--out", run, config, "write", again)
    assert done.exit_code == 0, done.output
    vp("read", run / "plot.svg", "write", read)
    bare = [re.sub(r"<metadata>.*?</metadata>", "", file.read_text(), flags=re.DOTALL) for file in (here, again, read)]
    assert bare[0] == bare[1] == bare[2]
    assert re.findall(r'inkscape:label="([^"]*)"', bare[0]) == re.findall(
        r'inkscape:label="([^"]*)"', (run / "plot.svg").read_text(encoding="utf-8")
    )


def test_a_drawing_comes_behind_layers_that_are_there(quickstart: Run, vp: Vpype, tmp_path: Path) -> None:
    config, out = quickstart.path / "config.yaml", tmp_path / "out.svg"
    generated = ["plotart", "generate", "--out", quickstart.path, config]
    done = vp("line", 0, 0, "10mm", "10mm", *generated, "layout", "a4", "write", out)
    assert done.exit_code == 0, done.output
    read = read_drawing(out)
    assert (read.width, read.height) == pytest.approx((210, 297), abs=0.01)
    assert [layer.name for layer in read.layers][1:] == list(quickstart.pens.names if quickstart.pens else ())
    assert "1: " not in out.read_text(encoding="utf-8")


def test_toolpath_gives_the_lines_of_plotart_export(vp: Vpype, cli: Cli, sheet: Path, tmp_path: Path) -> None:
    tidy = tmp_path / "tidy.svg"
    done = vp("read", sheet, "plotart", "toolpath", "write", tidy)
    assert done.exit_code == 0, done.output
    assert cli("export", sheet, "--out", tmp_path / "out").status == 0
    assert polylines(tidy) == written(tmp_path / "out" / "plot.svg")
    assert polylines(tidy) != written(sheet)


points = st.tuples(st.integers(1, 9), st.integers(1, 9))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(points, min_size=2, max_size=4, unique=True), min_size=1, max_size=6))
def test_documents_and_drawings_are_one(lines: list[list[tuple[int, int]]]) -> None:
    document = vpype.Document(page_size=(100, 100))
    document.add([[complex(*point) for point in line] for line in lines], 3)
    document.layers[3].set_property("vp_name", "3+s40 Brush")
    drawing = to_drawing(document)
    assert (drawing.layers[0].name, drawing.layers[0].pen.speed) == ("Brush", 40)
    again = drawing.layers[0].lines
    assert [len(line) for line in again] == [len(line) for line in lines]
    np.testing.assert_allclose(np.concatenate(again) * 96 / 25.4, np.concatenate(lines), atol=1e-9)


class TestPens:
    def test_a_set_on_layers(self, vp: Vpype, sheet: Path, tmp_path: Path) -> None:
        out = tmp_path / "out.svg"
        pens = load_set("uni-posca-pc-1mr").pens
        done = vp("read", sheet, "plotart", "penset", "-l", "2,4", "uni-posca-pc-1mr", "write", out)
        assert done.exit_code == 0, done.output
        read = read_drawing(out).layers
        assert [layer.name for layer in read] == ["Yellow", pens[0].name, "Micron 01", pens[1].name]
        assert read[3].width == pytest.approx(pens[1].width, abs=1e-3)

    def test_chosen_pens(self, vp: Vpype, sheet: Path, tmp_path: Path) -> None:
        out, names = tmp_path / "out.svg", load_set("uni-pin").pens.names
        chosen = ["-p", names[2], "-p", names[0]]
        done = vp("read", sheet, "plotart", "penset", "-l", "1,2", *chosen, "uni-pin", "write", out)
        assert done.exit_code == 0, done.output
        assert [layer.name for layer in read_drawing(out).layers][:2] == [names[2], names[0]]

    def test_layers_that_are_missing_leave_their_pens_out(self, vp: Vpype, sheet: Path, tmp_path: Path) -> None:
        out, names = tmp_path / "out.svg", load_set("uni-pin").pens.names
        assert vp("read", sheet, "ldelete", "1,3", "plotart", "penset", "uni-pin", "write", out).exit_code == 0
        assert [layer.name for layer in read_drawing(out).layers] == [names[1], names[3]]

    def test_too_few(self, vp: Vpype, sheet: Path) -> None:
        done = vp("read", sheet, "plotart", "penset", "-p", load_set("uni-pin").pens.names[0], "uni-pin")
        assert done.exit_code == 2
        assert "found 1 pens and layers up to 4" in done.output

    def test_layers_go_to_the_nearest_pens_and_meet_there(self, vp: Vpype, tmp_path: Path) -> None:
        out = tmp_path / "out.svg"
        lines = ["line", "-l", 1, "1cm", "1cm", "5cm", "1cm", "line", "-l", 2, "1cm", "2cm", "5cm", "2cm"]
        lines += ["line", "-l", 3, "1cm", "3cm", "5cm", "3cm", "pagesize", "a5"]
        colors = ["color", "-l", 1, "#c01020", "color", "-l", 2, "#101010", "color", "-l", 3, "#d01828"]
        done = vp(*lines, *colors, "plotart", "assign", _desk(), "write", out)
        assert done.exit_code == 0, done.output
        assert [(layer.name, len(layer.lines)) for layer in read_drawing(out).layers] == [("Red", 2), ("Fine", 1)]
        done = vp(*lines, *colors, "penwidth", "0.7mm", "plotart", "assign", "--apart", _desk(), "write", out)
        assert done.exit_code == 0, done.output
        assert len(read_drawing(out).layers) == 3

    def test_among_equal_colours_the_nib_decides(self, vp: Vpype, tmp_path: Path) -> None:
        out = tmp_path / "out.svg"
        lines = ["line", "1cm", "1cm", "5cm", "1cm", "color", "black", "penwidth", "0.9mm", "pagesize", "a5"]
        assert vp(*lines, "plotart", "assign", _desk(), "write", out).exit_code == 0
        assert read_drawing(out).layers[0].name == "Broad"


class TestHidden:
    LINES = ("line", "-l", 1, "1cm", "1cm", "5cm", "1cm", "line", "-l", 2, "2cm", "1cm", "3cm", "1cm", "pagesize", "a5")

    def test_opaque_ink_hides_what_is_below(self, vp: Vpype, tmp_path: Path) -> None:
        out = tmp_path / "out.svg"
        ink = ["penwidth", "0.5mm", "penwidth", "-l", 2, "2mm", "propset", "-l", 2, "plotart_ink", "opaque"]
        assert vp(*self.LINES, *ink, "plotart", "hidden", "write", out).exit_code == 0
        first, second = read_drawing(out).layers
        assert (len(first.lines), len(second.lines)) == (2, 1)

    def test_without_inks_nothing_is_hidden(self, vp: Vpype, tmp_path: Path) -> None:
        out = tmp_path / "out.svg"
        assert vp(*self.LINES, "penwidth", "2mm", "plotart", "hidden", "write", out).exit_code == 0
        assert [len(layer.lines) for layer in read_drawing(out).layers] == [1, 1]

    def test_an_ink_that_there_is_not(self, vp: Vpype) -> None:
        done = vp(*self.LINES, "propset", "-l", 2, "plotart_ink", "golden", "plotart", "hidden")
        assert done.exit_code == 2
        assert 'plotart hidden: layer 2: plotart_ink: found "golden"; allowed: transparent, opaque' in done.output


def test_a_brush_is_filled_again(vp: Vpype, tmp_path: Path) -> None:
    out = tmp_path / "out.svg"
    lines = ["line", "1cm", "1cm", "5cm", "1cm", "line", "1cm", "2cm", "5cm", "2cm", "pagesize", "a5"]
    far = ["name", "Brush", "propset", "-l", 1, "-t", "float", "plotart_max_distance", "50"]
    after = ["line", "-l", 2, "1cm", "3cm", "5cm", "3cm"]
    assert vp(*lines, *far, *after, "plotart", "toolpath", "write", out).exit_code == 0
    assert re.findall(r'inkscape:label="([^"]*)"', out.read_text(encoding="utf-8")) == [
        "1 Brush", "!2 Brush (refill 1)", "!3 Layer 2",
    ]  # fmt: skip


def test_stats_are_those_of_plotart(vp: Vpype, cli: Cli, sheet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    done = vp("read", sheet, "plotart", "stats", "-m", "nextdraw-8511")
    assert done.exit_code == 0, done.output
    ours = cli("stats", sheet, "--machine", "nextdraw-8511").out
    assert done.output.split() == ours.split()
    assert vp("read", sheet, "plotart", "stats", "-m", "plotter").exit_code == 2


def test_gcode(vp: Vpype, sheet: Path, tmp_path: Path) -> None:
    pytest.importorskip("vpype_gcode", reason="needs vpype-gcode: pip install 'plotart[gcode]'")
    done = vp("read", sheet, "plotart", "gcode", "-p", "gcodemm", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "out").glob("plot_*.gcode"))) == 4
    assert (tmp_path / "out" / "plot.gcode").read_text(encoding="utf-8").startswith("G21")


class TestTheLineOfCommands:
    def test_help_lists_commands(self, vp: Vpype) -> None:
        for words in (["plotart"], ["plotart", "--help"]):
            done = vp(*words)
            assert done.exit_code == 0
            assert re.search(r"^  toolpath +Put lines in order", done.output, re.MULTILINE)
        assert "CONFIG" in vp("plotart", "generate", "--help").output
        assert re.search(r"Plugins:\n\s+plotart ", vp("--help").output)

    @pytest.mark.parametrize("words", [["lines"], ["--fast"], ["toolpath", "--fast"]])
    def test_unknown_words(self, vp: Vpype, words: list[str]) -> None:
        assert vp("plotart", *words).exit_code == 2

    def test_nothing_to_draw(self, vp: Vpype) -> None:
        done = vp("line", 0, 0, 9, 9, "plotart", "stats")
        assert (done.exit_code, "give it a size first" in done.output) == (2, True)
        assert vp("pagesize", "a4", "plotart", "toolpath").exit_code == 2

    def test_in_blocks(self, vp: Vpype, tmp_path: Path) -> None:
        out = tmp_path / "out.svg"
        inner = ["line", "1cm", "1cm", "2cm", "1cm", "plotart", "penset", "-p", "Red", _desk(), "end"]
        assert vp("pagesize", "a5", "begin", "grid", "-o", "3cm", "3cm", 2, 2, *inner, "write", out).exit_code == 0
        (layer,) = read_drawing(out).layers
        assert (layer.name, len(layer.lines)) == ("Red", 4)


def command_lines() -> Iterator[str]:
    """Those of the docs and of the commands' help, from `vpype` on."""
    helps = [one.help or "" for one in (plotart, *plotart.commands.values())]
    for text in (*(block.text for block in all_blocks("sh")), *helps):
        for line in text.splitlines():
            if line.strip().startswith("vpype "):
                yield re.split(r"\s#\s", line)[0].strip()


@pytest.mark.parametrize("line", dict.fromkeys(command_lines()))
def test_command_lines_of_docs_and_help_are_what_vpype_takes(
    vp: Vpype, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr(vpype_cli.cli, "_result_callback", lambda processors, **options: None)  # nothing is run
    done = vp(*shlex.split(line)[1:])
    assert done.exit_code == 0, done.output


def _desk() -> str:
    """A set of its own: a red pen, and black ones of two widths."""
    from plotart.pens import Pen, PenSet

    pens = [Pen("Red", "#c8102e", 0.4), Pen("Fine", "#111111", 0.2), Pen("Broad", "#111111", 1.0)]
    save_set(PenFile(PenSet(pens)), "desk", overwrite=True)
    return "desk"

"""Inkscape's extension, run as Inkscape runs it: with its Python and its inkex, plotart in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import Cli

from plotart import read_drawing
from plotart.cli.inkscape import NAMESPACE, extensions_folder
from plotart.pens.catalogue import set_names
from plotart.plotter.machines import MACHINES

ROOT = Path(__file__).parent.parent

#: Where Debian, Fedora and Arch have the modules that come with Inkscape, and the Python that it runs extensions with.
INKEX = Path("/usr/share/inkscape/extensions")
PYTHON = "/usr/bin/python3"

#: As Inkscape 1.2 saves it: mm, a viewBox of its own, layers of which one is hidden and one is moved, nested groups
#: turned and scaled, a clone, a clip, a shape that is filled, and text.
DOCUMENT = ROOT / "tests" / "data" / "inkscape.svg"


def has_inkex() -> bool:
    here = {**os.environ, "PYTHONPATH": str(INKEX)}
    found = Path(PYTHON).is_file() and INKEX.is_dir()
    return found and subprocess.run([PYTHON, "-c", "import inkex"], env=here, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension as installed, which runs the plotart of this source."""
    from plotart.cli.inkscape import inkscape_install

    folder = tmp_path_factory.mktemp("inkscape") / "extensions"
    inkscape_install(folder)
    command = folder / "plotart_command.json"
    python, _, program = json.loads(command.read_text(encoding="utf-8"))
    command.write_text(json.dumps([python, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {program}"]))
    return folder


def run(extension: Path, document: Path, *words: str, saved: bool = True) -> subprocess.CompletedProcess[str]:
    if not has_inkex():
        pytest.skip(
            f"needs Inkscape with its Python modules in {INKEX}: "
            "apt install inkscape python3-cssselect python3-lxml python3-numpy"
        )
    place = {"DOCUMENT_PATH": str(document) if saved else "", "PYTHONPATH": str(INKEX)}
    command = [PYTHON, str(extension / "plotart_pens.py"), "--tab=export", *words, str(document)]
    return subprocess.run(command, env={**os.environ, **place}, capture_output=True, text=True)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return Path(shutil.copy(DOCUMENT, tmp_path / "poster.svg"))


class TestInstalling:
    def test_the_window_offers_the_sets_and_plotters_that_there_are(self, extension: Path) -> None:
        window = ElementTree.parse(extension / "plotart_pens.inx")
        values = {
            param.get("name"): [option.get("value") for option in param.iter(f"{{{NAMESPACE}}}option")]
            for param in window.iter(f"{{{NAMESPACE}}}param")
        }
        assert values["pens"] == ["", *set_names()]
        assert values["machine"] == [*MACHINES]

    def test_it_says_where(self, cli: Cli, tmp_path: Path) -> None:
        done = cli("inkscape", "install", "--folder", tmp_path / "there")
        assert done.status == 0
        assert f"Written to {tmp_path / 'there'}" in done.out
        assert sorted(path.name for path in (tmp_path / "there").iterdir()) == [
            "plotart_command.json", "plotart_pens.inx", "plotart_pens.py",
        ]  # fmt: skip

    @pytest.mark.skipif(sys.platform == "win32", reason="the program that stands in for Inkscape is a shell script")
    @pytest.mark.parametrize(("profile", "shut"), [("/home/me/.config/inkscape", False), ("/home/me/snap/x", True)])
    def test_inkscape_is_asked_for_its_folder(
        self, profile: str, shut: bool, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program = tmp_path / "inkscape"
        program.write_text(f"#!/bin/sh\necho {profile}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        if shut:
            done = cli("inkscape", "install")
            assert (done.status, "Snap or Flatpak" in done.err) == (2, True)
        else:
            assert extensions_folder() == Path(profile, "extensions")

    def test_without_inkscape_it_is_the_usual_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        monkeypatch.setenv("INKSCAPE_PROFILE_DIR", str(tmp_path))
        assert extensions_folder() == tmp_path / "extensions"


class TestRunning:
    def test_the_document_pen_by_pen(self, extension: Path, document: Path) -> None:
        before = document.read_bytes()
        done = run(extension, document, "--pens=stabilo-point-88")
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        folder = document.with_name("poster-pens")
        names = ["Point 88 Black", "Point 88 Carmine", "Point 88 Blue"]
        assert sorted(path.name for path in folder.iterdir()) == [
            "plot.svg", *(f"plot_{n:02d}_{name.lower().replace(' ', '-')}.svg" for n, name in enumerate(names, 1)),
        ]  # fmt: skip
        drawing = read_drawing(folder / "plot.svg")
        assert (drawing.width, drawing.height) == (148, 210)
        assert [layer.name for layer in drawing.layers] == names
        assert document.read_bytes() == before
        for name in names:
            assert f"{name}: 0:" in done.stderr
        assert "All pens: 0:" in done.stderr
        assert "2 pen changes" in done.stderr
        assert "Left out: text (turn it into paths: Path > Object to Path)" in done.stderr
        assert "Left out: a clip path (its lines are plotted whole" in done.stderr

    def test_other_folder_machine_and_tolerance(self, extension: Path, document: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        done = run(extension, document, f"--folder={out}", "--machine=nextdraw-8511", "--simplify=1", saved=False)
        assert done.returncode == 0, done.stderr
        assert "on nextdraw-8511" in done.stderr
        coarse = read_drawing(out / "plot.svg")
        assert max(len(line) for layer in coarse.layers for line in layer.lines) < 20

    def test_what_is_wrong_is_said(self, extension: Path, document: Path, tmp_path: Path) -> None:
        unsaved = run(extension, document, saved=False)
        assert "Save the document first" in unsaved.stderr
        wrong = run(extension, document, "--machine=axidraw-v9")
        assert "plotart says:" in wrong.stderr
        assert "axidraw-v9" in wrong.stderr
        alone = Path(shutil.copytree(extension, tmp_path / "alone"))
        (alone / "plotart_command.json").write_text('["/nowhere/python"]')
        lost = run(alone, document)
        assert "plotart is not found: /nowhere/python" in lost.stderr
        assert "plotart inkscape install" in lost.stderr

    @pytest.mark.slow
    def test_from_inkscape_itself(self, extension: Path, document: Path) -> None:
        missing = [program for program in ("inkscape", "xvfb-run") if shutil.which(program) is None]
        if missing:
            pytest.skip(f"needs {' and '.join(missing)}: apt install inkscape xvfb xauth")
        command = ["xvfb-run", "-a", "inkscape", "--batch-process", "--actions=plotart.pens.noprefs", str(document)]
        place = {**os.environ, "INKSCAPE_PROFILE_DIR": str(extension.parent)}
        inkscape = subprocess.Popen(command, env=place, stderr=subprocess.DEVNULL, start_new_session=True)
        try:  # it waits for somebody to close the window with the minutes
            wanted = document.with_name("poster-pens") / "plot.svg"
            until = time.monotonic() + 240
            while not wanted.is_file() and time.monotonic() < until:
                time.sleep(0.5)
            assert len(read_drawing(wanted).layers) == 4
        finally:
            os.killpg(inkscape.pid, signal.SIGTERM)
            inkscape.wait()

"""plotart palette choose and match, as a person calls them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import Cli
from PIL import Image

from plotart.pens.catalogue import load_set


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A sky over a meadow, and a sun."""
    image = np.zeros((40, 60, 3), dtype=np.uint8)
    image[:20], image[20:], image[5:12, 40:50] = (120, 170, 230), (90, 150, 60), (250, 220, 60)
    path = tmp_path / "photo.png"
    Image.fromarray(image).save(path)
    return path


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    pens = [("Yellow", "#ffda03"), ("Blue", "#2f6fd0"), ("Pink", "#ff81c0"), ("Black", "#1b1b1b"), ("Brown", "#6d4129")]
    text = "".join(f'[[pens]]\nname = "{name}"\ncolor = "{color}"\nwidth = 0.4\n' for name, color in pens)
    path = tmp_path / "mine.toml"
    path.write_text('title = "My drawer"\nmaker = "Several"\n' + text)
    return path


class TestChoose:
    def test_the_best_few_pens_are_listed_and_written(self, cli: Cli, photo: Path, mine: Path, tmp_path: Path) -> None:
        out, picture = tmp_path / "few.toml", tmp_path / "mixed.png"
        done = cli("palette", "choose", photo, "--pens", mine, "-n", 2, "--out", out, "--picture", picture)
        assert done.status == 0, done.err
        found = load_set(out)
        assert found.pens.names == ("Yellow", "Blue")
        assert (found.title, found.maker) == ("2 of My drawer", "Several")
        assert [done.out.index(name) for name in ("Yellow", "Blue")] == sorted(map(done.out.index, ("Yellow", "Blue")))
        assert "mean difference (CIEDE2000)" in done.out
        with Image.open(picture) as sheet:
            assert sheet.width > 2 * sheet.height / 3
            assert len(sheet.convert("RGB").getcolors(1 << 24) or ()) > 5

    def test_must_and_forbid(self, cli: Cli, photo: Path, mine: Path, tmp_path: Path) -> None:
        out = tmp_path / "few.toml"
        words = ("--must", "Pink", "--forbid", "Blue", "--forbid", "Yellow", "--out", out)
        assert cli("palette", "choose", photo, "--pens", mine, "-n", 2, *words).status == 0
        assert "Pink" in load_set(out).pens.names
        assert not {"Blue", "Yellow"} & set(load_set(out).pens.names)

    def test_dark_paper_needs_light_ink(self, cli: Cli, photo: Path, tmp_path: Path) -> None:
        out = tmp_path / "few.toml"
        words = ("--pens", "sakura-gelly-roll-moonlight", "-n", 3, "--paper", "#1b1b1b", "--out", out)
        assert cli("palette", "choose", photo, *words).status == 0
        assert all(pen.ink == "opaque" for pen in load_set(out).pens)

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("-n", 0), "0 pens can't be chosen: allowed are 1 to 5"),
            (("-n", 6), "6 pens can't be chosen: allowed are 1 to 5"),
            (("--must", "Puce"), "no pen is called 'Puce'"),
            (("--paper", "papyrus"), "--paper: 'papyrus' is not a colour"),
            (("--pens", "nobody"), "no set of pens is called 'nobody'"),
            (("--criterion", "best"), "'best' is not one of"),
            (("--out", "."), "is a folder"),
        ],
    )
    def test_what_is_wrong_is_said(
        self, cli: Cli, photo: Path, mine: Path, words: tuple[object, ...], message: str
    ) -> None:
        done = cli("palette", "choose", photo, "--pens", mine, *words)
        assert done.status == 2
        assert message in done.err

    def test_pictures_that_are_none(self, cli: Cli, mine: Path, tmp_path: Path) -> None:
        (tmp_path / "bad.png").write_bytes(b"no picture")
        for path in (tmp_path / "bad.png", tmp_path / "none.png"):
            done = cli("palette", "choose", path, "--pens", mine)
            assert (done.status, str(path) in done.err) == (2, True)


class TestMatch:
    def test_each_colour_has_its_pen(self, cli: Cli, mine: Path, tmp_path: Path) -> None:
        out = tmp_path / "matched.toml"
        done = cli("palette", "match", "royalblue, rgb(250, 200, 10),#ff88c0", "--pens", mine, "--out", out)
        assert done.status == 0, done.err
        assert load_set(out).pens.names == ("Blue", "Yellow", "Pink")
        assert "mean difference" in done.out

    def test_colours_of_a_set_or_a_file(self, cli: Cli, mine: Path) -> None:
        for colors in (mine, "uni-pin"):
            done = cli("palette", "match", colors, "--pens", "tombow-abt")
            assert done.status == 0, done.err
        assert "mean difference 0.0" in cli("palette", "match", mine, "--pens", mine).out

    def test_pens_that_look_alike_are_warned_of(self, cli: Cli, tmp_path: Path) -> None:
        path = tmp_path / "twins.toml"
        pens = "".join(f'[[pens]]\nname = "{name}"\ncolor = "{color}"\nwidth = 1\n' for name, color in
                       (("A", "#c8102e"), ("B", "#ca122f"), ("C", "#102ec8")))  # fmt: skip
        path.write_text(pens)
        assert "A and B look alike" in cli("palette", "match", "red,crimson", "--pens", path).out

    @pytest.mark.parametrize(
        ("colors", "message"),
        [
            ("red,blue,green,white,black,grey", "6 colours can't be matched to 5 pens"),
            ("red,bleu", "'bleu' is not a colour"),
            ("#12", "'#12' is not a colour"),
            ("nonsense", "no set of pens is called 'nonsense'"),
            ("none.toml", "none.toml: can't be read"),
        ],
    )
    def test_what_is_wrong_is_said(self, cli: Cli, mine: Path, colors: str, message: str) -> None:
        done = cli("palette", "match", colors, "--pens", mine)
        assert done.status == 2
        assert message in done.err


class TestOtherCommands:
    """What is wrong ends with status 2 and a line that says so, and nothing is written."""

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("palette", "extract", "PHOTO", "-n", 0), "ask for at least 1"),
            (("palette", "extract", "PHOTO", "-n", 4), "has 3 colours"),
            (("palette", "extract", "PHOTO", "-n", 2, "--width", "wide"), "--width: 'wide' is not a length"),
            (("palette", "extract", "PHOTO", "-n", 2, "--out", "x.txt"), "allowed is a name that ends in .toml"),
            (("palette", "extract", "PHOTO", "-n", 2, "--method", "magic"), "'magic' is not one of"),
            (("palette", "extract", "BAD", "-n", 2), "allowed is a picture"),
            (("palette", "show", "nobody"), "no set of pens is called 'nobody'"),
            (("palette", "show", "MINE", "--out", "x.jpg"), "allowed is a name that ends in .png"),
            (("palette", "show", "MINE", "--image", "BAD"), "allowed is a picture"),
            (("palette", "show", "MINE", "--paper", "none"), "--paper: 'none' is not a colour"),
            (("quantize", "PHOTO", "--palette", "nobody"), "no set of pens is called 'nobody'"),
            (("quantize", "BAD", "--palette", "MINE"), "allowed is a picture"),
            (("quantize", "PHOTO", "--palette", "BAD"), "can't be read (not UTF-8 text)"),
            (("quantize", "PHOTO", "--palette", "MINE", "--dither", "salt"), "'salt' is not one of"),
            (("palette", "chart", "MINE", "--size", "a0"), "--size a0: no such sheet"),
            (("palette", "chart", "MINE", "--pens", "Yellow,Puce"), "no pen is called 'Puce'"),
            (("palette", "chart", "MINE", "--out", "x.png"), "allowed is a name that ends in .svg"),
            (("palette", "chart", "stabilo-point-88", "--size", "a6"), "at most"),
            (("palette", "measure", "PHOTO", "--chart", "none.json"), "none.json"),
            (("pens", "show", "BAD"), "can't be read (not UTF-8 text)"),
            (("pens", "import", "BAD"), "bad.png"),
            (("pens", "export", "MINE", "--format", "gcode"), "'gcode' is not one of"),
        ],
    )
    def test_what_is_wrong_is_said(
        self,
        cli: Cli,
        photo: Path,
        mine: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        words: tuple[object, ...],
        message: str,
    ) -> None:
        bad = tmp_path / "bad.png"
        bad.write_bytes(b"\x89PNG\r\n\xff\xfe")
        monkeypatch.chdir(tmp_path)
        before = set(tmp_path.iterdir())
        named = {"PHOTO": photo, "MINE": mine, "BAD": bad}
        done = cli(*(named.get(str(word), word) for word in words))
        assert done.status == 2, done.out + done.err
        assert message in done.err
        assert "Traceback" not in done.err
        assert set(tmp_path.iterdir()) == before

    def test_a_scan_that_is_none_of_the_chart(self, cli: Cli, photo: Path, mine: Path, tmp_path: Path) -> None:
        chart = tmp_path / "chart.svg"
        assert cli("palette", "chart", mine, "--size", "a5", "--out", chart).status == 0
        done = cli("palette", "measure", photo, "--chart", chart.with_suffix(".layout.json"))
        assert done.status == 2
        assert "photo.png" in done.err

    def test_from_a_picture_to_a_config(self, cli: Cli, photo: Path, tmp_path: Path) -> None:
        """extract, match, choose, quantise and list: each takes what the one before wrote."""
        three, pens = tmp_path / "three.toml", tmp_path / "pens.toml"
        assert cli("palette", "extract", photo, "-n", 3, "--out", three).status == 0
        assert len(load_set(three).pens) == 3
        assert cli("palette", "match", three, "--pens", "stabilo-point-88", "--out", pens).status == 0
        assert cli("quantize", photo, "--palette", pens, "--out", tmp_path / "q.png").status == 0
        with Image.open(tmp_path / "q.png") as picture:
            assert picture.mode == "P"
            assert picture.size == (60, 40)
        config = tmp_path / "c.yaml"
        config.write_text("pens: pens.toml\nobjective: [{type: excitation, class: star}]\n")
        listed = cli("pens", "list", config)
        assert listed.status == 0, listed.err
        assert all(name in listed.out for name in load_set(pens).pens.names)


def test_generate_warns_of_pens_that_look_alike(cli: Cli, tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    twins = "[{name: One, color: '#c8102e', width: 1}, {name: Two, color: '#ca122f', width: 1}]"
    term = "[{type: excitation, class: star}]"
    config.write_text(f"pens: {twins}\nobjective: {term}\nstrokes: {{count: 4}}\noptimize: {{steps: 1}}\n")
    done = cli("generate", config, "--out", tmp_path / "run", "-o", "render.resolution=64", "-o", "export.preview=64")
    assert done.status == 0, done.err
    assert "look alike on this paper" in done.out

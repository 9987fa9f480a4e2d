"""plotart draw: a picture and a set of pens to a run, a sheet of looks, and what the pens can do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import Cli
from PIL import Image

from plotart import Config
from plotart.errors import ImageError, OptionError, UnitError
from plotart.job.draw import FREE, DrawOptions, draw_config, draw_looks, preview_tones
from plotart.pens.catalogue import load_set
from plotart.plugins import LOOKS

SET = "stabilo-point-88"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Red fades into blue, from left to right, darker downwards; wider than high."""
    x, y = np.meshgrid(np.linspace(0, 1, 60), np.linspace(0, 1, 40))
    light = np.stack([1 - x, 0.4 * np.ones_like(x), x], axis=-1) * (1 - 0.8 * y[..., None])
    path = tmp_path / "fading.jpg"
    Image.fromarray((light * 255).astype(np.uint8)).save(path)
    return path


def options(**changes: object) -> DrawOptions:
    return DrawOptions(**{"pens": SET, "size": (42.0, 28.0), "margin": 2.0, **changes})  # type: ignore[arg-type]


def test_of_many_pens_those_are_taken_that_draw_it_best(photo: Path) -> None:
    config = draw_config(photo, options(colors=3))
    assert len(config.pens) == 3
    assert {pen.name for pen in config.pens} < set(load_set(SET).pens.names)
    assert len(draw_config(photo, options(pens=load_set(SET).pens.pick([0, 5]))).pens) == 2


def test_pens_that_are_named_are_all_used(photo: Path, cli: Cli, tmp_path: Path) -> None:
    sheets = []
    for named in ((), ("--only", ",".join(load_set(SET).pens.names[:9]))):
        out = tmp_path / f"{len(sheets)}.png"
        assert cli("draw", photo, *named, "--size", "40x30", "--preview-tones", "--out", out).status == 0
        with Image.open(out) as sheet:
            sheets.append(sheet.height)
    assert sheets[1] > sheets[0]  # three pictures and nine pens are a row more than three and four


def test_a_margin_that_is_none_is_refused(photo: Path, cli: Cli) -> None:
    refused = cli("draw", photo, "--margin", "wide")
    assert refused.status == 2
    assert refused.err.startswith("error: --margin: ")


def test_a_named_sheet_lies_as_the_picture(photo: Path) -> None:
    assert draw_config(photo, options(size="a5")).page.width_height == (210, 148)


def test_the_config_is_one_that_a_file_can_have(photo: Path, tmp_path: Path) -> None:
    config = draw_config(photo, options(look="flow", attention=0.5, others={"look": {"angle": 10}}))
    path = tmp_path / "again.yaml"
    path.write_text(config.dump())
    assert Config.load(path) == config
    assert config.look is not None
    assert (config.look.type, config.look.angle) == ("flow", 10)


def test_strokes_may_begin_anyhow(photo: Path) -> None:
    assert draw_config(photo, options(look=FREE)).look is None


def test_without_steps_nothing_moves(photo: Path) -> None:
    config = draw_config(photo, options(steps=0))
    assert (config.optimize.rate.points, config.optimize.rate.logits) == (0, 0)


def test_all_looks_are_on_one_sheet(photo: Path) -> None:
    seen: list[str] = []
    sheet = draw_looks(photo, lambda look: options(look=look, colors=2), seen.append)
    assert tuple(seen) == LOOKS.names
    assert sheet.width > sheet.height
    assert len(sheet.getcolors(1 << 24) or ()) > 100


def test_the_pens_reach_is_shown_before_any_line_is_drawn(photo: Path) -> None:
    one, four = (preview_tones(draw_config(photo, options(colors=count))) for count in (1, 4))
    assert four.width * four.height > one.width * one.height  # a picture for each pen


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [({"look": "etching"}, OptionError, "look etching: no such look; allowed are hatch")],
)
def test_options_that_can_t_be(photo: Path, changes: dict[str, str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw_config(photo, options(**changes))


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.raises(ImageError, match=r"text\.jpg"):
        draw_config(tmp_path / "text.jpg", options())


@pytest.mark.parametrize(("text", "size"), [("A4", "a4"), ("200x150", (200, 150)), ("20cmx15cm", (200, 150))])
def test_sheets_as_people_write_them(text: str, size: object) -> None:
    from plotart.cli.options import size_option

    assert size_option(text) == size


@pytest.mark.parametrize("text", ["a9", "200", "axb", "200x", "200x150x10"])
def test_sheets_that_are_none(text: str) -> None:
    from plotart.cli.options import size_option

    with pytest.raises(UnitError, match=r"--size: found .*; allowed: a2"):
        size_option(text)

"""plotart palette extract --compare: all methods side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import Cli
from PIL import Image, features
from skimage import data

from plotart.quantize.extract import METHODS, extract
from plotart.reports.method_pictures import COLORS, LONGEST, NARROWEST, SHARES, TITLE, Panel, side_by_side
from plotart.reports.palette_pictures import GAP, GROUND, MARGIN

HERE = [method for method in METHODS if method != "libimagequant" or features.check_feature("libimagequant")]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(data.coffee()[::5, ::5]).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_all_methods_are_listed_with_their_errors_and_shown(cli: Cli, photo: Path, tmp_path: Path) -> None:
    done = cli("palette", "extract", photo, "-n", 7, "--compare", "--metric", "lab")
    assert done.status == 0, done.err
    rows = {line.split()[0]: line.split()[1:] for line in done.out.splitlines() if line.split()[0] in METHODS}
    assert list(rows) == HERE
    assert ("Left out: libimagequant" in done.out) == (len(HERE) < len(METHODS))
    image = torch.from_numpy(np.array(Image.open(photo))).permute(2, 0, 1)
    first = extract(image, 7, metric="lab")
    for method, (difference, ratio, error, _, used, alike, seconds) in rows.items():
        one = extract(image, 7, method=method, metric="lab")  # type: ignore[arg-type]
        assert float(difference) == pytest.approx(one.difference, abs=0.006)
        assert float(ratio) == pytest.approx(one.difference / first.difference, abs=0.006)
        assert float(error) == pytest.approx(one.error, rel=0.01)
        assert (int(used), int(alike)) == (one.used, len(one.near_duplicates))
        assert 0 <= float(seconds) < 60
    with Image.open(tmp_path / "photo-compared.png") as sheet:
        wide, high = image.shape[2] * 3, image.shape[1] * 3  # enlarged threefold, to 360 px
        assert sheet.width == 2 * MARGIN + 4 * wide + 3 * GAP
        assert sheet.height > 2 * (high + TITLE + COLORS + SHARES)
        pixels = np.asarray(sheet.convert("RGB"))
    shown = pixels[MARGIN + TITLE :][:high, MARGIN:][:, :wide]
    np.testing.assert_array_equal(shown[1::3, 1::3], image.permute(1, 2, 0).numpy())


def test_the_png_is_written_where_it_is_wanted_and_nothing_else(cli: Cli, photo: Path, tmp_path: Path) -> None:
    done = cli("palette", "extract", photo, "-n", 3, "--compare", "--out", tmp_path / "new" / "all.png")
    assert done.status == 0, done.err
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["all.png", "photo.png"]


@pytest.mark.slow
def test_methods_that_can_not_do_it_are_left_out_and_said_so(cli: Cli, photo: Path) -> None:
    done = cli("palette", "extract", photo, "-n", 257, "--compare")
    assert done.status == 0, done.err
    assert "Left out: octree: 257 colours were asked for; Pillow's methods find at most 256" in done.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--method", "som"], "--compare shows all methods; found --method som too"),
        (["--out", "all.toml"], "found .toml; allowed is a name that ends in .png"),
        (["-n", "99999"], "photo.png: the picture has"),
        (["-n", "0"], "photo.png: 0 colours were asked for"),
    ],
)
def test_what_is_wrong_ends_with_status_2(
    cli: Cli, photo: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    done = cli("palette", "extract", photo, "--compare", *words)
    assert done.status == 2
    assert message in " ".join(done.err.split())
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def test_the_loss_is_shown_of_learned_colours(cli: Cli, photo: Path) -> None:
    found = extract(torch.from_numpy(np.array(Image.open(photo))).permute(2, 0, 1), 4, method="learned")
    done = cli("palette", "extract", photo, "-n", 4, "--method", "learned")
    assert f"loss {found.losses[0]:.3g} at first, {found.losses[-1]:.3g} after {len(found.losses)} steps" in done.out


def panel(high: int, wide: int, title: str = "one") -> Panel:
    return Panel(
        title, torch.zeros(3, high, wide), torch.tensor([[1.0, 0, 0], [0, 0, 1]]), torch.tensor([0.75, 0.25]), ()
    )


def test_colours_are_of_one_width_above_their_shares() -> None:
    sheet = np.asarray(side_by_side(torch.zeros(3, 50, 90), [panel(50, 90)]))
    wide, high = 90 * 4, 50 * 4
    left, top = MARGIN + wide + GAP, MARGIN + TITLE + high + 10
    assert sheet[top + COLORS // 2, [left + 5, left + wide // 2 - 5, left + wide // 2 + 5]].tolist() == [
        [255, 0, 0], [255, 0, 0], [0, 0, 255],
    ]  # fmt: skip
    assert sheet[top + COLORS + SHARES // 2, left + round(0.7 * wide)].tolist() == [255, 0, 0]


@pytest.mark.parametrize(("high", "wide", "columns"), [(20, 900, 2), (900, 20, 4), (4000, 3000, 4), (1, 1, 4)])
def test_sheets_of_any_shape_have_room_for_all_and_free_margins(high: int, wide: int, columns: int) -> None:
    sheet = side_by_side(torch.zeros(3, high, wide), [panel(high, wide, f"method {number}") for number in range(5)])
    most = LONGEST * 1.6 if columns == 2 else LONGEST
    assert columns * NARROWEST < sheet.width <= 2 * MARGIN + columns * (most + GAP)
    pixels = np.asarray(sheet)
    ground = tuple(int(GROUND[k : k + 2], 16) for k in (1, 3, 5))
    for edge in (pixels[: MARGIN - 1], pixels[1 - MARGIN :], pixels[:, : MARGIN - 1], pixels[:, 1 - MARGIN :]):
        assert (edge == ground).all()


def test_pictures_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one is \[3, 4, 6\]; allowed is \[3, 4, 5\]"):
        side_by_side(torch.zeros(3, 4, 5), [panel(4, 6)])

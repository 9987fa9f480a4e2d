"""Strips of colours, pictures beside themselves, and the command that shows a set of pens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
import torch
import typer
from PIL import Image
from torch import Tensor
from typer.testing import CliRunner

from plotart.cli.palette_show import palette_show_command
from plotart.color.light import srgb_to_linear
from plotart.errors import OutputError
from plotart.quantize.quantization import quantize
from plotart.reports.palette_pictures import MARGIN, comparison, false_colors, palette_strip, percent


def colors(count: int) -> Tensor:
    """Multiples of 1/255, so that pictures hold them as they are."""
    return torch.randint(256, (count, 3), generator=torch.Generator().manual_seed(count)) / 255


def shown(picture: Image.Image) -> set[tuple[int, ...]]:
    return {tuple(color) for _, color in picture.getcolors(maxcolors=picture.width * picture.height) or []}


def bytes_of(palette: Tensor) -> set[tuple[int, ...]]:
    return {tuple(color) for color in (palette * 255).round().int().tolist()}


def compared(high: int, wide: int, count: int, **options: Any) -> Image.Image:
    image = torch.rand(3, high, wide, generator=torch.Generator().manual_seed(0))
    found = quantize(image, colors(count))
    return comparison(image, found.image, found.index, colors(count), found.usage, **options)


class TestStrip:
    @pytest.mark.parametrize("count", [1, 2, 5, 11, 16, 33, 64, 100, 256])
    def test_every_colour_is_there(self, count: int) -> None:
        assert bytes_of(colors(count)) <= shown(palette_strip(colors(count)))

    def test_margins_are_left_free(self) -> None:
        strip = np.asarray(palette_strip(colors(64), torch.full((64,), 1 / 64), [f"Pen {k}" for k in range(64)]))
        ground = strip[0, 0]
        for edge in (strip[:MARGIN], strip[-MARGIN:], strip[:, :MARGIN], strip[:, -MARGIN:]):
            assert (edge == ground).all()

    def test_the_bar_is_divided_by_shares(self) -> None:
        strip = np.asarray(palette_strip(torch.tensor([[1.0, 0, 0], [0, 0, 1]]), torch.tensor([0.25, 0.75])))
        row = strip[MARGIN + 20, MARGIN + 2 : -MARGIN - 2]
        assert (row == [255, 0, 0]).all(axis=1).mean() == pytest.approx(0.25, abs=0.01)
        assert (row == [0, 0, 255]).all(axis=1).mean() == pytest.approx(0.75, abs=0.01)

    def test_names_and_shares_are_written(self) -> None:
        bare = palette_strip(colors(4))
        named = palette_strip(colors(4), names=["Rötel", "Черный", "C", "D"])
        assert named.height > bare.height
        assert palette_strip(colors(4), torch.full((4,), 0.25)).height > bare.height

    def test_very_long_names_are_cut(self) -> None:
        strip = palette_strip(colors(8), names=["A pen of a name without end " * 5] * 8)
        right = np.asarray(strip)[:, -MARGIN:]
        assert (right == right[0, 0]).all()

    def test_colours_that_nothing_uses_can_be_drawn(self) -> None:
        assert bytes_of(colors(3)) <= shown(palette_strip(colors(3), torch.zeros(3)))

    def test_wrong_shapes_are_named(self) -> None:
        with pytest.raises(ValueError, match=r"palette is \[0, 3\]"):
            palette_strip(torch.zeros(0, 3))
        with pytest.raises(ValueError, match="3 shares for 4 colours"):
            palette_strip(colors(4), torch.zeros(3))
        with pytest.raises(ValueError, match="5 names for 4 colours"):
            palette_strip(colors(4), names=["x"] * 5)


class TestComparison:
    @pytest.mark.parametrize("count", [2, 16, 256])
    @pytest.mark.parametrize(("high", "wide"), [(40, 40), (10, 90), (120, 14), (1, 1)])
    def test_pictures_of_any_shape_and_number_of_colours_fit(self, high: int, wide: int, count: int) -> None:
        sheet = compared(high, wide, count, names=[f"Pen {k}" for k in range(count)])
        pixels = np.asarray(sheet)
        assert max(sheet.size) < 4500
        for edge in (pixels[:50], pixels[-50:], pixels[:, : MARGIN - 1], pixels[:, -MARGIN + 1 :]):
            assert (edge == pixels[0, 0]).all()

    def test_the_quantised_picture_is_shown_as_it_is(self) -> None:
        """Enlarged without new colours: the middle picture has those of the palette alone."""
        image = torch.from_numpy(skimage.data.chelsea()[::6, ::6].copy()).permute(2, 0, 1).float() / 255
        found = quantize(image, colors(5))
        sheet = comparison(image, found.image, found.index, colors(5), found.usage)
        third = (sheet.width - 2 * MARGIN) // 3
        middle = sheet.crop((MARGIN + third + 40, 150, MARGIN + 2 * third - 40, 250))
        assert shown(middle) <= bytes_of(colors(5))

    def test_the_map_has_its_key_in_the_strip(self) -> None:
        keys = {tuple(color) for color in false_colors(colors(9)).tolist()}
        sheet = compared(40, 40, 9)
        strip = sheet.crop((0, sheet.height - 330, *sheet.size))
        assert keys <= shown(strip)

    def test_large_pictures_are_reduced_in_linear_light(self) -> None:
        """A fine checkerboard of black and white becomes the grey of half the light, not of half the value."""
        board = (torch.arange(1760)[:, None] + torch.arange(1760)) % 2
        image = board.float().expand(3, -1, -1)
        ends = torch.tensor([[0.0, 0, 0], [1, 1, 1]])
        sheet = comparison(image, image, board, ends, torch.tensor([0.5, 0.5]))
        grey = np.asarray(sheet)[400, 400, 0] / 255
        assert float(srgb_to_linear(torch.tensor(grey))) == pytest.approx(0.5, abs=0.01)

    def test_wrong_shapes_are_named(self) -> None:
        image = torch.zeros(3, 4, 5)
        with pytest.raises(ValueError, match=r"index \[5, 4\]"):
            comparison(image, image, torch.zeros(5, 4, dtype=torch.int64), colors(2), torch.zeros(2))


class TestText:
    @pytest.mark.parametrize(
        ("share", "text"),
        [(0, "0 %"), (0.0001, "<0.1 %"), (0.003, "0.3 %"), (0.0996, "10 %"), (0.38, "38 %"), (1, "100 %")],
    )
    def test_shares_have_two_figures(self, share: float, text: str) -> None:
        assert percent(share) == text

    @pytest.mark.parametrize("count", [2, 16, 64, 256])
    def test_false_colours_are_all_different(self, count: int) -> None:
        assert len(np.unique(false_colors(colors(count)), axis=0)) == count

    def test_false_colours_are_as_light_as_those_they_stand_for(self) -> None:
        ramp = torch.linspace(0, 1, 12)[:, None].expand(12, 3)
        lightness = false_colors(ramp) @ [0.2126, 0.7152, 0.0722]
        assert np.corrcoef(lightness, np.arange(12))[0, 1] > 0.9


class TestCommand:
    @pytest.fixture
    def pens(self, tmp_path: Path) -> Path:
        path = tmp_path / "pens.toml"
        path.write_text(
            'title = "Mine [all]"\n[[pens]]\nname = "Black"\ncolor = "#1b1b1b"\nwidth = 0.5\n'
            '[[pens]]\nname = "White"\ncolor = "white"\nwidth = 0.8\nink = "opaque"\n',
            encoding="utf-8",
        )
        return path

    def run(self, *words: object) -> Any:
        app = typer.Typer()
        app.command()(palette_show_command)
        return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})

    def test_it_prints_the_pens_and_writes_nothing_by_itself(self, pens: Path) -> None:
        done = self.run(pens)
        assert done.exit_code == 0, done.output
        for word in ("Mine [all]", "Black", "#1b1b1b", "0.5 mm", "transparent", "White", "#ffffff", "0.8 mm", "opaque"):
            assert word in done.output
        assert [path.name for path in pens.parent.iterdir()] == ["pens.toml"]

    def test_it_writes_the_strip(self, pens: Path) -> None:
        done = self.run(pens, "--out", pens.parent / "new" / "strip.png")
        assert done.exit_code == 0, done.output
        with Image.open(pens.parent / "new" / "strip.png") as strip:
            assert (27, 27, 27) in shown(strip)

    def test_beside_a_picture_it_writes_the_comparison(self, pens: Path) -> None:
        Image.fromarray(skimage.data.chelsea()[::6, ::6]).save(pens.parent / "cat.jpg")
        done = self.run(pens, "--image", pens.parent / "cat.jpg")
        assert done.exit_code == 0, done.output
        assert (pens.parent / "cat-palette.png").is_file()

    def test_a_name_that_is_no_png_is_refused(self, pens: Path) -> None:
        for out in (pens.parent, pens.parent / "strip.svg"):
            assert isinstance(self.run(pens, "--out", out).exception, OutputError)

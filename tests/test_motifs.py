"""The motifs drawn by formula, and pictures of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from plotart.training.motifs import MOTIFS, draw_motif, picture
from plotart.training.motifs.picture import Manner

every_motif = pytest.mark.parametrize("name", MOTIFS)
MANNERS: tuple[Manner, ...] = ("pen", "paint")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def solid(pixels: NDArray[np.uint8]) -> float:
    """The share of pixels in the midst of 5 x 5 of one colour that is not the commonest, the paper."""
    _, color, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    squares = np.lib.stride_tricks.sliding_window_view(color.reshape(pixels.shape[:2]), (5, 5))
    middle = squares[:, :, 2, 2]
    return float(((squares == middle[:, :, None, None]).all(axis=(2, 3)) & (middle != counts.argmax())).mean())


def test_names_are_sorted_unique_and_many() -> None:
    assert list(MOTIFS) == sorted(set(MOTIFS))
    assert len(MOTIFS) >= 40


@every_motif
class TestDrawing:
    def test_it_draws_finite_paths_in_view(self, name: str) -> None:
        for seed in range(3):
            drawing = draw_motif(name, rng(seed))
            assert drawing
            for path in drawing:
                assert path.points.ndim == 2
                assert path.points.shape[1] == 2
                assert len(path.points) >= 2
                assert np.isfinite(path.points).all()
                assert (path.points.min(axis=0) < 1).all()
                assert (path.points.max(axis=0) > -1).all()

    def test_the_generator_alone_decides(self, name: str) -> None:
        first, again, other = (draw_motif(name, rng(seed)) for seed in (1, 1, 2))
        assert len(first) == len(again)
        for one, same in zip(first, again, strict=True):
            assert one.closed == same.closed
            assert np.array_equal(one.points, same.points)
        assert len(first) != len(other) or any(
            not np.array_equal(one.points, different.points) for one, different in zip(first, other, strict=True)
        )

    @pytest.mark.parametrize("manner", MANNERS)
    def test_its_pictures_show_something(self, name: str, manner: Manner) -> None:
        for seed in range(3):
            pixels = picture(name, rng(seed), 48, manner)
            assert pixels.shape == (48, 48, 3)
            assert pixels.dtype == np.uint8
            assert pixels.std(axis=(0, 1)).max() > 5

    def test_its_pictures_repeat_byte_for_byte(self, name: str) -> None:
        assert picture(name, rng(3), 32).tobytes() == picture(name, rng(3), 32).tobytes()


class TestManners:
    def test_paint_fills_areas_and_pens_draw_lines(self) -> None:
        filled = {manner: [solid(picture(name, rng(7), 48, manner)) for name in MOTIFS] for manner in MANNERS}
        assert np.quantile(filled["pen"], 0.9) == 0
        assert np.quantile(filled["paint"], 0.9) > 0.01

    @pytest.mark.parametrize("size", [16, 96])
    def test_any_size(self, size: int) -> None:
        assert picture("spiral", rng(), size).shape == (size, size, 3)

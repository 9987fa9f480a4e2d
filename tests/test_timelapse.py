"""The animation of how a drawing came about."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence
from small_runs import ALL_STAY, run_small, small

from plotart.job.timelapse import HELD_MS, LONG_SIDE, SHOWN_MS, animation
from plotart.optimize import Step


def frames(path: Path) -> list[tuple[np.ndarray, int]]:
    with Image.open(path) as image:
        return [(np.asarray(frame.convert("RGB")), frame.info["duration"]) for frame in ImageSequence.Iterator(image)]


def test_pictures_from_the_first_strokes_to_the_last(tmp_path: Path) -> None:
    run_small(small("quickstart", ALL_STAY, "export.timelapse=4", "optimize.rate.points=8"), tmp_path)
    pictures = frames(tmp_path / "timelapse.webp")
    assert [shown for _, shown in pictures] == [HELD_MS, SHOWN_MS, SHOWN_MS, HELD_MS]
    assert {picture.shape for picture, _ in pictures} == {(LONG_SIDE, round(LONG_SIDE * 148 / 210), 3)}
    changes = [np.abs(a.astype(int) - b).mean() for (a, _), (b, _) in pairwise(pictures)]
    assert min(changes) > 0.5
    # The last one is the drawing as the simulated plot shows it.
    with Image.open(tmp_path / "preview.png") as preview:
        small_preview = np.asarray(preview.convert("RGB").resize((45, 64)), dtype=int)
    last = np.asarray(Image.fromarray(pictures[-1][0]).resize((45, 64)), dtype=int)
    assert np.abs(last - small_preview).mean() < 6


def test_a_run_that_goes_on_has_the_pictures_from_before(tmp_path: Path) -> None:
    config = small("quickstart", "export.timelapse=6")
    whole = run_small(config, tmp_path / "whole")

    def stop(step: Step) -> None:
        if step.number == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_small(config, tmp_path / "parts", on_step=stop)
    parts = run_small(config, tmp_path / "parts", existing="resume")
    assert len(frames(whole.path / "timelapse.webp")) == 6
    names = ("timelapse.webp", "plot.svg")
    assert all((whole.path / name).read_bytes() == (parts.path / name).read_bytes() for name in names)


def test_pixels_are_enlarged_and_whole(tmp_path: Path) -> None:
    run_small(small("pixels", "export.timelapse=2"), tmp_path)
    (first, _), _ = frames(tmp_path / "timelapse.webp")
    assert max(first.shape) > LONG_SIDE / 2


def test_none_unless_asked_for(tmp_path: Path) -> None:
    run_small(small("quickstart", "export.timelapse=2"), tmp_path)
    run_small(small("quickstart"), tmp_path, existing="overwrite")
    assert not (tmp_path / "timelapse.webp").exists()
    assert list((tmp_path / "timelapse").iterdir()) == []


@pytest.mark.parametrize(("count", "shown"), [(1, [HELD_MS]), (2, [HELD_MS, HELD_MS])])
def test_few_pictures(count: int, shown: list[int], tmp_path: Path) -> None:
    paths = [tmp_path / f"{k}.png" for k in range(count)]
    for k, path in enumerate(paths):
        Image.new("RGB", (400, 300), (0, 90 * k, 200)).save(path)
    (tmp_path / "a.webp").write_bytes(animation(paths))
    with Image.open(tmp_path / "a.webp") as image:
        assert image.n_frames == count  # type: ignore[attr-defined]
    if count > 1:
        assert [duration for _, duration in frames(tmp_path / "a.webp")] == shown

"""Looks: lines as dense as the tones want, which move only in the ways that leave them what they are."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from plotart import Config, generate, load_run
from plotart.canvas.looks.look import Look, LookRequest
from plotart.canvas.looks.ripples import ripples
from plotart.canvas.looks.ruled import ruled
from plotart.canvas.looks.skeleton import traced
from plotart.canvas.looks.streamlines import END_AT, streamlines
from plotart.errors import ConfigError, ImageError, InputError
from plotart.geometry.bezier import bezier_points
from plotart.geometry.page import Page
from plotart.job.build import build
from plotart.plugins import LOOKS

SIDE, FINE, NIB = 40.0, 3.0, 0.4
LINED = ("hatch", "crosshatch", "engraving", "flow", "contour", "squiggle")


def disc(*, dark: float = 0.6, light: float = 0.1) -> np.ndarray:
    """A dark disc on a pale ground: shares to be inked."""
    y, x = (np.indices((round(SIDE * FINE),) * 2) + 0.5) / FINE - SIDE / 2
    return np.where(np.hypot(x, y) < SIDE / 3, dark, light)


def request(tones: np.ndarray, **others: Any) -> LookRequest:
    tones = tones if tones.ndim == 3 else tones[None]
    given = {"nibs": [NIB] * len(tones), "seed": 3, "focus": (SIDE / 2, SIDE / 2), **others}
    return LookRequest(tones, 1 - tones.max(axis=0), FINE, Page(SIDE, SIDE, 0.0), **given)


def metres(look: Look) -> float:
    curves = (bezier_points(curve, 0.02) for curve in look.strokes.curves())
    return sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in curves) / 1000


@pytest.mark.parametrize("name", LINED)
def test_lines_have_the_ink_that_the_tones_want(name: str) -> None:
    tones = disc(dark=0.5)
    wanted = tones.sum() / FINE**2 / NIB / 1000
    crossed = 1.25 if name in ("crosshatch", "engraving") else 1.0  # where lines cross, ink lies on ink
    assert metres(LOOKS.load(name)(request(tones))) == pytest.approx(wanted * crossed, rel=0.17)


@pytest.mark.parametrize("name", LOOKS.own)
def test_a_look_is_strokes_of_its_pens_where_there_is_tone(name: str) -> None:
    tones = np.stack([disc(light=0.0), disc(dark=0.3, light=0.0)])
    look = LOOKS.load(name)(request(tones))
    assert len(look.strokes)
    assert look.strokes.logits.shape[1] == 2
    middles = torch.stack([curve.mean(dim=0) for curve in _curves(look)]).numpy()
    assert (np.hypot(*(middles - SIDE / 2).T) < SIDE / 3 + 2).all()
    assert bool(torch.isfinite(look.ways.vectors).all())
    assert bool((look.ways.low <= look.ways.high).all())


@pytest.mark.parametrize("name", LOOKS.own)
def test_the_same_seed_gives_the_same_look(name: str) -> None:
    one, other = (LOOKS.load(name)(request(disc(light=0.0))) for _ in range(2))
    assert torch.equal(one.strokes.points, other.strokes.points)
    assert torch.equal(one.ways.vectors, other.ways.vectors)


def test_a_hatch_stays_straight_and_parallel_wherever_its_lines_go() -> None:
    look = LOOKS.load("hatch")(request(disc()))
    random = torch.Generator().manual_seed(0)
    lengths = look.ways.bounded(3 * torch.randn(len(look.ways), generator=random))
    points = look.ways.moved(look.strokes.points, lengths).reshape(-1, 4, 2)
    along = points[:, -1] - points[:, 0]
    across = torch.stack([-along[:, 1], along[:, 0]], dim=1) / along.norm(dim=1, keepdim=True)
    assert float(((points[:, 1:3] - points[:, :1]) * across[:, None]).sum(dim=-1).abs().max()) < 1e-4
    angles = torch.atan2(along[:, 1], along[:, 0]) % math.pi
    assert float(angles.max() - angles.min()) < 1e-3


@settings(max_examples=15, deadline=None)
@given(st.floats(0.08, 0.8), st.floats(0, 180))
def test_ruled_lines_cover_an_even_tone_s_share(tone: float, angle: float) -> None:
    pieces = ruled(np.full((150, 150), tone), 3.0, nib=0.4, pitch=0.5, angle=math.radians(angle), ends=2.0)
    covered = 0.4 * sum(float(np.hypot(*(line[-1] - line[0]))) for line in pieces) / 50**2
    assert covered == pytest.approx(tone, rel=0.08, abs=0.01)


def test_ripples_lie_as_far_apart_as_the_tone_wants() -> None:
    lines = ripples(np.full((150, 150), 0.2), 3.0, nib=0.4, source=(25.0, 25.0))
    radii = sorted(float(np.hypot(*(line - 25.0).T).mean()) for line in lines if (line[0] == line[-1]).all())
    assert np.diff(radii) == pytest.approx(2.0, abs=0.1)  # 0.4 mm / 0.2


def test_streamlines_keep_their_distance() -> None:
    directions = np.broadcast_to([1.0, 0.0], (120, 120, 2)).copy()
    lines = streamlines(directions, np.full((120, 120), 1.5), 3.0, np.random.default_rng(0))
    heights = np.sort([float(line[:, 1].mean()) for line in lines])
    assert len(lines) > 20
    assert np.diff(heights).min() > END_AT * 1.5


def test_a_skeleton_is_traced_once_through_every_pixel() -> None:
    skeleton = np.zeros((20, 20), bool)
    skeleton[10, 2:18] = True
    skeleton[2:18, 9] = True
    paths = traced(skeleton)
    seen = [tuple(point) for path in paths for point in path.tolist()]
    assert len(seen) == len(set(seen)) == int(skeleton.sum())
    assert max(len(path) for path in paths) == 16  # straight on where they cross


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    """A head, sort of: tones, edges, a colour."""
    y, x = np.indices((90, 70)) / 90
    head = np.hypot((x - 0.39) * 1.3, y - 0.45) < 0.3
    tones = np.where(head, 0.25 + 0.5 * x, 0.95)
    eyes = (np.hypot(x - 0.3, y - 0.4) < 0.04) | (np.hypot(x - 0.48, y - 0.4) < 0.04)
    grey = (np.where(eyes, 0.02, tones) * 255).astype(np.uint8)
    path = tmp_path / "portrait.png"
    Image.fromarray(np.stack([grey, grey, (grey * 0.8).astype(np.uint8)], axis=-1)).save(path)
    return path


def drawn(
    picture: Path, look: dict[str, Any] | None = None, term: dict[str, Any] | None = None, **others: Any
) -> Config:
    data = {
        "page": {"size": [50, 60], "margin": 4},
        "pens": [
            {"name": "Ochre", "color": "#c98a1b", "width": 0.8},
            {"name": "Black", "color": "#1b1b1b", "width": 0.8},
        ],
        "objective": [{"type": "image", "file": str(picture), "tones": {}, "features": 0, "sight": 1, **(term or {})}],
        "look": look or {"type": "hatch"},
        "render": {"resolution": 160},
        "optimize": {"steps": 12},
        **others,
    }
    return Config.from_dict(data, name="portrait")


@pytest.mark.parametrize("name", LOOKS.own)
def test_steps_bring_a_look_nearer_to_its_picture(portrait: Path, name: str, tmp_path: Path) -> None:
    run = generate(drawn(portrait, {"type": name}), out=tmp_path / "run", threads=1)
    activation = run.summary["activation"]
    assert activation["initial"] < activation["hard"]
    assert activation["plotted"] == pytest.approx(activation["hard"], abs=0.02)


def test_a_run_that_was_stopped_goes_on_to_the_same_bit(portrait: Path, tmp_path: Path) -> None:
    whole = generate(drawn(portrait), out=tmp_path / "whole", threads=1)
    config = drawn(portrait, optimize={"steps": 12, "checkpoint": 5})

    def stop(step: Any) -> None:
        if step.number == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(config, out=tmp_path / "parted", threads=1, on_step=stop)
    parted = generate(config, out=tmp_path / "parted", existing="resume", threads=1)
    assert torch.equal(whole.strokes.points, parted.strokes.points)
    assert (whole.path / "plot.svg").read_bytes() == (parted.path / "plot.svg").read_bytes()


@pytest.mark.parametrize("name", ["tour", "scribble"])
def test_a_pen_that_draws_one_line_is_lifted_once(portrait: Path, name: str, tmp_path: Path) -> None:
    run = generate(drawn(portrait, {"type": name}, seed=5), out=tmp_path / "run", threads=1)
    assert [pen["lifts"] for pen in run.summary["pens"]] == [1, 1]


def test_regions_have_lines_of_their_own(portrait: Path, tmp_path: Path) -> None:
    half = np.zeros((90, 70), np.uint8)
    half[:, :35] = 255
    Image.fromarray(half).save(tmp_path / "left.png")
    region = {"type": "stipple", "mask": str(tmp_path / "left.png")}
    strokes = build(drawn(portrait, {"type": "hatch", "angle": 90, "regions": [region]})).canvas.strokes
    curves = [curve for curve, pen in zip(strokes.curves(), strokes.pen.tolist(), strict=True) if pen == 0]
    lengths = np.array([np.hypot(*(curve[-1] - curve[0])) for curve in curves])
    middles = np.array([curve.mean(axis=0)[0] for curve in curves])
    assert lengths[middles < 21].max() < lengths[middles > 29].min()


def test_what_fades_has_less_ink(portrait: Path) -> None:
    plain, faded, masked = (
        build(drawn(portrait, term=term)).canvas.strokes for term in ({}, {"attention": 1.0}, {"background": "white"})
    )
    assert max(len(faded.points), len(masked.points)) < len(plain.points)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objective": [{"type": "excitation", "class": "leaf"}]}, "objective: found a look and no picture; allowed"),
        ({"palette": {"mode": "learned"}}, "palette.mode: found learned; allowed"),
        ({"strokes": {"symmetry": "mirror"}}, "strokes.symmetry: found mirror; allowed"),
        ({"look": {"type": "etching"}}, 'look.type: found "etching"; allowed'),
        ({"look": {"type": "hatch", "spacing": 0}}, "look.spacing: found 0; allowed"),
    ],
)
def test_looks_that_can_t_be(portrait: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        drawn(portrait, **changes)
    assert message in str(error.value)


def test_a_mask_of_another_shape_is_refused(portrait: Path, tmp_path: Path) -> None:
    Image.new("L", (50, 50)).save(tmp_path / "mask.png")
    with pytest.raises(
        ImageError, match=r"mask\.png: found a mask of 50 x 50 px; allowed is one of the picture's shape"
    ):
        build(drawn(portrait, term={"mask": str(tmp_path / "mask.png")}))


@pytest.mark.parametrize("name", LOOKS.own)
def test_a_white_picture_is_nothing_to_draw(name: str, tmp_path: Path) -> None:
    Image.new("RGB", (40, 40), "white").save(tmp_path / "white.png")
    with pytest.raises(InputError, match=r"nothing to draw in .*white\.png"):
        build(drawn(tmp_path / "white.png", {"type": name}))


def test_pens_that_do_not_show_on_the_paper_are_refused(portrait: Path) -> None:
    pens = [{"name": "White", "color": "#fbfbf8", "width": 0.8, "ink": "opaque"}]
    with pytest.raises(InputError, match="pens: found none that shows on paper of the colour #ffffff; allowed"):
        build(drawn(portrait, pens=pens))


@pytest.mark.parametrize("mode", ["CMYK", "I;16", "LA"])
def test_files_of_all_kinds_are_drawn(mode: str, tmp_path: Path) -> None:
    grey = np.linspace(0, 1, 40 * 50).reshape(50, 40)
    path = tmp_path / ("picture.tif" if mode == "CMYK" else "picture.png")
    if mode == "I;16":
        Image.fromarray((grey * 65535).astype(np.uint16)).save(path)
    else:
        Image.fromarray((grey * 255).astype(np.uint8)).convert(mode).save(path)
    assert len(build(drawn(path)).canvas.strokes)


@pytest.mark.parametrize("name", LOOKS.own)
@pytest.mark.parametrize("size", [(1, 1), (300, 2)])
def test_tiny_and_flat_pictures_make_a_drawing_or_say_why_not(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    Image.new("L", size, 90).save(tmp_path / "grey.png")
    config = drawn(tmp_path / "grey.png", {"type": name})
    if name == "edges":  # which an even picture has none of
        with pytest.raises(InputError, match="nothing to draw"):
            build(config)
    else:
        assert len(build(config).canvas.strokes)


def test_a_loaded_run_says_what_look_it_had(portrait: Path, tmp_path: Path) -> None:
    run = generate(drawn(portrait, {"type": "contour", "angle": 10}), out=tmp_path / "run", threads=1)
    config = Config.load(load_run(run.path).path / "config.yaml")
    assert config.look is not None
    assert (config.look.type, config.look.angle) == ("contour", 10)


def _curves(look: Look) -> list[torch.Tensor]:
    return [torch.from_numpy(curve) for curve in look.strokes.curves()]

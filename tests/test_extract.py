"""Palettes out of pictures: the histogram, each method, what is reported, and the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features
from skimage import data
from skimage.color import deltaE_ciede2000, lab2rgb, rgb2lab
from sklearn.cluster import KMeans
from torch import Tensor
from typer.testing import CliRunner

from plotart.cli import palette_extract
from plotart.color.spaces import METRICS, Metric, to_space
from plotart.errors import ColorError, ImageError, InputError, OutputError
from plotart.pens.catalogue import read_set
from plotart.quantize.extract import METHODS, Extraction, Method, extract, extract_palette
from plotart.quantize.histogram import cells, histogram
from plotart.quantize.kmeans import kmeans, lloyd, mean_squared, nearest, seed_centres, swapped
from plotart.quantize.learned_quantizer import LearnedQuantizer
from plotart.quantize.som import grey_ramp, self_organized, threaded

OWN: tuple[Method, ...] = ("kmeans", "learned", "som")
PILLOW: tuple[Method, ...] = ("median-cut", "maximum-coverage", "octree")


def picture(name: str, step: int = 2) -> Tensor:
    """[3, H, W] floats of one of scikit-image's pictures, every `step`-th pixel of it."""
    return torch.from_numpy(getattr(data, name)()[::step, ::step].copy()).permute(2, 0, 1).float() / 255


def of_colors(*colors: tuple[int, int, int]) -> Tensor:
    """A picture [3, 1, N] uint8."""
    return torch.tensor(colors, dtype=torch.uint8).T[:, None]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def least_error(image: Tensor, n: int, metric: Metric) -> float:
    """The mean squared error of scikit-learn's K-means on all pixels."""
    points = to_space(image.reshape(3, -1).T, metric).double().numpy()
    return float(KMeans(n, n_init=1, random_state=0).fit(points).inertia_) / len(points)


def looks(image: Tensor, palette: np.ndarray) -> float:
    """Mean CIEDE2000 of the pixels to the palette's nearest colours in Lab, all by scikit-image."""
    pixels, colors = rgb2lab(image.reshape(3, -1).T.double().numpy()), rgb2lab(palette.astype(np.float64))
    squared = ((pixels[:, None] - colors[None]) ** 2).sum(axis=2)
    return float(deltaE_ciede2000(pixels, colors[squared.argmin(axis=1)]).mean())


def smallest_difference(colors: Tensor) -> float:
    lab = rgb2lab(colors.double().numpy())
    between = deltaE_ciede2000(lab[:, None], lab[None])
    return float(between[np.triu_indices(len(lab), 1)].min())


def test_histogram_counts_the_distinct_colours_of_a_picture() -> None:
    image = data.chelsea()
    colors, counts = np.unique(image.reshape(-1, 3), axis=0, return_counts=True)
    for tensor in (torch.from_numpy(image.copy()), torch.from_numpy(image.copy()).float() / 255):
        found = histogram(tensor.permute(2, 0, 1))
        assert torch.equal((found.colors * 255).round().int(), torch.from_numpy(colors).int())
        assert found.counts.tolist() == counts.tolist()


def test_histogram_keeps_the_mean_of_floats_between_the_bytes() -> None:
    found = histogram(torch.tensor([0.3015, 0.3025, 0.9])[None, None].expand(3, 1, 3))
    assert found.counts.tolist() == [2, 1]
    torch.testing.assert_close(found.colors, torch.tensor([[0.302] * 3, [0.9] * 3]))


@pytest.mark.parametrize(
    "image",
    [
        torch.zeros(3, 4), torch.zeros(4, 4, 4), torch.zeros(1, 4, 4), torch.zeros(3, 0, 4), torch.zeros(2, 3, 4, 4),
        torch.zeros(3, 2, 2, dtype=torch.int64), torch.zeros(3, 2, 2, dtype=torch.bool),
        torch.full((3, 2, 2), float("nan")), torch.full((3, 2, 2), 255.0), torch.full((3, 2, 2), -0.5),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused(image: Tensor) -> None:
    with pytest.raises(ValueError, match="a picture"):
        extract_palette(image, 1)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), least=st.integers(1, 300))
def test_cells_keep_weight_and_mean(seed: int, least: int) -> None:
    points = torch.rand(700, 3, generator=generator(seed))
    weights = torch.rand(700, generator=generator(seed + 1), dtype=torch.float64)
    few, heavy = cells(points, weights, least)
    assert least <= len(few) <= 700
    torch.testing.assert_close(heavy.sum(), weights.sum())
    torch.testing.assert_close(heavy @ few.double(), weights @ points.double(), rtol=1e-5, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 40))
def test_nearest_is_that_of_brute_force(seed: int, n: int) -> None:
    points = torch.rand(200, 3, generator=generator(seed)) * 100
    centres = torch.rand(n, 3, generator=generator(seed + 1)) * 100
    squared = (points[:, None].double() - centres.double()).square().sum(dim=2)
    owner, found = nearest(points, centres)
    torch.testing.assert_close(found.double(), squared.amin(dim=1), rtol=1e-4, atol=1e-2)
    torch.testing.assert_close(squared.gather(1, owner[:, None])[:, 0], found.double(), rtol=1e-4, atol=1e-3)


def test_seeds_are_different_points_even_if_all_are_wanted() -> None:
    points = torch.rand(30, 3, generator=generator())
    seeds = seed_centres(points, torch.ones(30, dtype=torch.float64), 30, random=generator(1))
    assert torch.equal(seeds.unique(dim=0), points.unique(dim=0))


def test_lloyd_goes_where_scikit_learn_goes() -> None:
    points, weights = torch.rand(500, 3, generator=generator()), torch.rand(500, generator=generator(1)).double()
    start = points[:7].clone()
    ours = lloyd(points, weights, start, most=500, rest=0)
    theirs = KMeans(7, init=start.numpy(), n_init=1, tol=0, max_iter=500)
    theirs.fit(points.numpy(), sample_weight=weights.numpy())
    torch.testing.assert_close(ours, torch.from_numpy(theirs.cluster_centers_).float(), rtol=1e-4, atol=1e-4)


def test_lloyd_of_power_one_finds_the_geometric_median() -> None:
    points, weights = torch.rand(300, 3, generator=generator()) ** 3, torch.ones(300, dtype=torch.float64)
    median = lloyd(points, weights, torch.full((1, 3), 0.9), power=1, most=200, rest=0)
    pull = torch.nn.functional.normalize(points - median, dim=1).mean(dim=0)
    assert pull.norm() < 0.01
    mean = torch.nn.functional.normalize(points - points.mean(dim=0), dim=1).mean(dim=0)
    assert mean.norm() > 0.05


def test_lloyd_finds_work_for_centres_without_points() -> None:
    points = torch.rand(100, 3, generator=generator())
    centres = torch.cat([points[:3], torch.full((3, 3), 50.0)])
    owner = nearest(points, lloyd(points, torch.ones(100, dtype=torch.float64), centres))[0]
    assert len(owner.unique()) == 6


def test_a_swap_moves_the_centre_that_is_missed_least() -> None:
    points = torch.rand(400, 3, generator=generator())
    weights = torch.ones(400, dtype=torch.float64)
    centres = torch.cat([points[:5], points[:1] + 1e-3])
    moved, slot = swapped(points, weights, centres, *nearest(points, centres), random=generator())
    assert slot in (0, 5)
    others = [k for k in range(6) if k != slot]
    assert torch.equal(moved[others], centres[others])
    assert bool((points == moved[slot]).all(dim=1).any())


@pytest.mark.parametrize("metric", METRICS)
def test_kmeans_is_as_good_as_that_of_scikit_learn(metric: Metric) -> None:
    image = picture("chelsea")
    found = histogram(image)
    points = to_space(found.colors, metric)
    ours = mean_squared(points, found.counts, kmeans(points, found.counts, 12, random=generator()))
    # Other seeds of either end up to 1 % apart.
    assert ours <= 1.02 * least_error(image, 12, metric)


def test_the_learned_quantizer_takes_the_nearest_centre_and_teaches_it() -> None:
    quantizer = LearnedQuantizer(torch.tensor([[0.0, 0, 0], [1, 1, 1]]))
    colors = torch.tensor([[[0.1, 0.2, 0.0], [0.9, 0.9, 0.8]]])
    quantized = quantizer(colors)
    assert torch.equal(quantized, torch.tensor([[[0.0, 0, 0], [1, 1, 1]]]))
    (quantized - colors).square().sum().backward()
    assert quantizer.centres.grad is not None
    torch.testing.assert_close(quantizer.centres.grad, torch.tensor([[-0.2, -0.4, 0.0], [0.2, 0.2, 0.4]]))


@pytest.mark.parametrize(
    ("name", "n"), [("coffee", 4), ("coffee", 16), ("chelsea", 4), ("chelsea", 16), ("chelsea", 128)]
)
def test_learned_colours_end_no_worse_than_kmeans(name: str, n: int) -> None:
    image = picture(name, 4)
    assert extract(image, n, method="learned").error <= 1.01 * least_error(image, n, "oklab2")


def test_learned_colours_are_found_where_gradients_are_switched_off() -> None:
    with torch.no_grad():
        off = extract_palette(picture("chelsea", 8), 4, method="learned")
    assert torch.equal(off, extract_palette(picture("chelsea", 8), 4, method="learned"))


@pytest.mark.parametrize(("name", "metric"), [("astronaut", "lab"), ("chelsea", "oklab2")])
def test_the_map_is_nearly_as_good_as_kmeans_and_uses_all_of_64_units(name: str, metric: Metric) -> None:
    image = picture(name, 3)
    found = extract(image, 64, method="som", metric=metric)
    assert found.error <= 1.1 * least_error(image, 64, metric)
    assert (found.used, found.near_duplicates) == (64, ())


def test_neighbours_on_the_map_look_alike() -> None:
    for name in ("astronaut", "coffee"):
        colors = to_space(extract_palette(picture(name), 64, method="som"), "lab")
        by_lightness = colors[colors[:, 0].argsort()]
        assert colors.diff(dim=0).norm(dim=1).mean() < 0.8 * by_lightness.diff(dim=0).norm(dim=1).mean()
        assert colors[:16, 0].mean() > colors[-16:, 0].mean()


def test_a_map_of_greys_stays_a_ramp() -> None:
    greys = torch.linspace(0, 1, 200)[:, None].expand(200, 3)
    start = grey_ramp(8, "rgb")
    assert torch.equal(start[[0, -1]], torch.tensor([[1.0] * 3, [0.0] * 3]))
    units = self_organized(greys, torch.ones(200, dtype=torch.float64), start)
    torch.testing.assert_close(units, torch.linspace(15 / 16, 1 / 16, 8)[:, None].expand(8, 3), rtol=0, atol=0.02)


def test_units_that_moved_take_their_place_along_the_map() -> None:
    ramp = torch.linspace(0, 1, 9)[:, None].expand(9, 3)
    assert torch.equal(threaded(ramp[[7, 0, 1, 0, 2, 3, 4, 5, 6, 8]][[3, 2, 4, 5, 6, 7, 8, 9, 0]], [8]), ramp)
    assert torch.equal(threaded(ramp[[1, 2, 3, 0]], [3]), ramp[:4])
    assert torch.equal(threaded(ramp[[1, 0]], [0, 1]).sort(dim=0).values, ramp[:2])


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket", "immunohistochemistry"])
def test_kmeans_looks_closer_than_that_of_scikit_learn_in_lab(name: str) -> None:
    image = picture(name, 3)
    pixels = rgb2lab(image.reshape(3, -1).T.double().numpy())
    theirs = lab2rgb(KMeans(16, n_init=1, random_state=0).fit(pixels).cluster_centers_)
    assert looks(image, extract_palette(image, 16).numpy()) <= looks(image, theirs)


@pytest.mark.parametrize("method", OWN)
@pytest.mark.parametrize(("name", "n"), [("hubble_deep_field", 48), ("chelsea", 80)])
def test_no_colour_is_dead_and_no_two_look_the_same(method: Method, name: str, n: int) -> None:
    found = extract(picture(name, 5), n, method=method)
    assert found.colors.shape == (n, 3)
    assert (found.used, found.near_duplicates) == (n, ())
    assert smallest_difference(found.colors) >= 1


@pytest.mark.parametrize("method", OWN)
@pytest.mark.parametrize("metric", METRICS)
def test_a_picture_of_few_colours_gives_just_these(method: Method, metric: Metric) -> None:
    colors = ((250, 240, 230), (200, 30, 40), (40, 60, 160), (10, 12, 14))
    found = extract(of_colors(*colors, colors[0], colors[0]), 4, method=method, metric=metric)
    assert sorted((found.colors * 255).round().int().tolist()) == sorted(map(list, colors))
    assert sorted(found.shares.tolist()) == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])
    assert found.error == pytest.approx(0, abs=1e-5)
    assert found.difference == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("method", [*OWN, *PILLOW])
def test_a_uniform_picture_and_a_single_pixel_have_one_colour(method: Method) -> None:
    for image in (torch.full((3, 20, 30), 0.25), of_colors((64, 64, 64))):
        found = extract(image, 1, method=method)
        torch.testing.assert_close(found.colors, torch.full((1, 3), 0.25), rtol=0, atol=0.003)
        assert found.shares.tolist() == [1]
        with pytest.raises(InputError, match="the picture has 1 colour; 2 were asked for: ask for at most 1"):
            extract(image, 2, method=method)


@pytest.mark.parametrize("method", OWN)
def test_a_grey_picture_has_a_grey_palette(method: Method) -> None:
    grey = torch.from_numpy(data.camera()[::2, ::2].copy())[None].expand(3, -1, -1)
    found = extract(grey, 12, method=method)
    assert float((found.colors.amax(dim=1) - found.colors.amin(dim=1)).max()) < 0.005
    assert found.near_duplicates == ()


def test_colours_that_hardly_differ_stay_where_there_is_nothing_else() -> None:
    found = extract(of_colors(*((k, k, k) for k in range(100, 112))), 10)
    assert found.colors.shape == (10, 3)
    assert len(found.near_duplicates) > 0


def test_too_many_colours_or_none_are_refused() -> None:
    image = of_colors((0, 0, 0), (255, 0, 0), (0, 0, 255))
    with pytest.raises(InputError, match="the picture has 3 colours; 6 were asked for: ask for at most 3"):
        extract_palette(image, 6)
    for n in (0, -2):
        with pytest.raises(InputError, match=f"{n} colours were asked for: ask for at least 1"):
            extract_palette(image, n)
    with pytest.raises(InputError, match="at most 256"):
        extract_palette(picture("coffee"), 257, method="octree")


def test_unknown_methods_and_metrics_are_refused() -> None:
    image = of_colors((0, 0, 0), (255, 0, 0))
    with pytest.raises(InputError, match="'magic'; allowed: kmeans, learned, som"):
        extract_palette(image, 2, method="magic")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="'hsv'; allowed: rgb, linear, lab, oklab2"):
        extract_palette(image, 2, metric="hsv")  # type: ignore[arg-type]


@pytest.mark.parametrize("method", OWN)
def test_a_seed_gives_one_palette_whatever_the_number_of_threads(method: Method) -> None:
    image, threads = picture("coffee", 4), torch.get_num_threads()
    one = extract_palette(image, 24, method=method, seed=5)
    try:
        torch.set_num_threads(1)
        assert torch.equal(extract_palette(image, 24, method=method, seed=5), one)
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(extract_palette((image * 255).round().to(torch.uint8), 24, method=method, seed=5), one)


def test_random_numbers_of_others_are_left_alone() -> None:
    torch.manual_seed(3)
    wanted = torch.rand(4)
    torch.manual_seed(3)
    extract_palette(picture("chelsea", 8), 5, method="learned")
    assert torch.equal(torch.rand(4), wanted)


def test_figures_are_those_of_brute_force() -> None:
    image = picture("rocket", 6)
    found = extract(image, 9, metric="lab", seed=2)
    assert isinstance(found, Extraction)
    assert torch.equal(found.colors, extract_palette(image, 9, metric="lab", seed=2))
    pixels, colors = rgb2lab(image.reshape(3, -1).T.double().numpy()), rgb2lab(found.colors.double().numpy())
    squared = ((pixels[:, None] - colors[None]) ** 2).sum(axis=2)
    assert found.error == pytest.approx(float(squared.min(axis=1).mean()), rel=1e-3)
    assert found.difference == pytest.approx(looks(image, found.colors.numpy()), rel=1e-3)
    shares = np.bincount(squared.argmin(axis=1), minlength=9) / len(pixels)
    np.testing.assert_allclose(found.shares.numpy(), shares, atol=2e-4)
    assert list(colors[:, 0]) == sorted(colors[:, 0], reverse=True)


@pytest.mark.parametrize("method", PILLOW)
def test_pillows_methods_give_the_colours_of_pillows_picture(method: Method) -> None:
    image = data.coffee()
    kinds = {"median-cut": 0, "maximum-coverage": 1, "octree": 2}
    quantized = Image.fromarray(image).quantize(10, method=kinds[method]).convert("RGB")
    wanted = {color for _, color in quantized.getcolors() or []}
    found = extract_palette(torch.from_numpy(image.copy()).permute(2, 0, 1), 10, method=method)
    assert {tuple(color) for color in (found * 255).round().int().tolist()} == wanted


def test_libimagequant_works_or_says_that_it_is_missing() -> None:
    image = picture("coffee")
    if features.check_feature("libimagequant"):
        assert len(extract_palette(image, 8, method="libimagequant")) == 8
    else:
        with pytest.raises(InputError, match="libimagequant: this Pillow was built without it"):
            extract_palette(image, 8, method="libimagequant")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(data.coffee()[::4, ::4]).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def run(*words: object) -> str:
    """What the command prints; its errors are raised."""
    app = typer.Typer()
    app.command()(palette_extract.palette_extract_command)
    outcome = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"}, catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


def test_the_command_offers_all_methods_and_metrics() -> None:
    assert tuple(method.value for method in palette_extract.MethodName) == METHODS
    assert tuple(metric.value for metric in palette_extract.Metric) == METRICS


def test_the_command_shows_colours_and_writes_pens(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "five.toml"
    shown = run(photo, "-n", 5, "--width", "0.3mm", "--out", out)
    found = read_set(out)
    assert [pen.name for pen in found.pens] == [f"Colour {number}" for number in range(1, 6)]
    assert {pen.width for pen in found.pens} == {0.3}
    assert (found.kind, found.title) == ("palette", "5 colours of photo.png")
    assert found.source == "extracted from photo.png by kmeans"
    assert all(pen.color in shown for pen in found.pens)
    assert "5 of 5 colours used; no pair of them look the same" in shown
    shares = [float(word.rstrip("%")) for word in shown.split() if word.endswith("%")]
    assert sum(shares) == pytest.approx(100, abs=0.3)


def test_the_command_writes_nothing_unless_asked(photo: Path, tmp_path: Path) -> None:
    run(photo, "--method", "som", "--metric", "lab", "--seed", 3)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def test_what_shows_through_a_picture_is_the_paper(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert "#204060" in run(tmp_path / "clear.png", "-n", 1, "--paper", "#204060")


def test_colours_that_are_equal_as_hex_become_one_pen(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    colors = torch.tensor([[0.8, 0.8, 0.8], [0.5, 0.5, 0.5], [0.5001, 0.5, 0.5]])
    twice = Extraction(colors, torch.tensor([0.2, 0.3, 0.5]), 0.0, 0.0, 3, ((1, 2),), "kmeans", "oklab2")
    monkeypatch.setattr("plotart.quantize.extract.extract", lambda *_, **__: twice)
    shown = run(photo, "-n", 3, "--out", tmp_path / "two.toml")
    assert [pen.color for pen in read_set(tmp_path / "two.toml").pens] == ["#cccccc", "#808080"]
    assert "80.0%" in shown
    assert "3 colours are 2 in #rrggbb" in shown
    assert "1 pair of them look the same" in shown


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["--out", "."], OutputError, "is a folder"),
        (["--out", "pens.yaml"], OutputError, "found .yaml; allowed is a name that ends in .toml"),
        (["--width", "wide"], InputError, "--width: "),
        (["--width", "0mm"], InputError, "--width: found 0 mm; allowed: above 0, up to 50 mm"),
        (["--paper", "sky"], ColorError, "--paper: 'sky' is not a colour"),
        (["-n", "0"], InputError, "photo.png: 0 colours were asked for"),
        (["-n", "99999"], InputError, "photo.png: the picture has .* colours; 99999 were asked for"),
    ],
)
def test_wrong_options_are_explained(photo: Path, words: list[str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        run(photo, *words)


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    with pytest.raises(ImageError, match=r"text\.png"):
        run(tmp_path / "text.png")

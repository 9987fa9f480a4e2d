"""The cuda backend: on a GPU where there is one, and by Triton's interpreter on the CPU.

The interpreter has to be chosen before Triton is loaded, so that a process of its own runs the tests of drawing with
it: `test_drawing_by_the_interpreter`. It is slow: scenes are small, and the longest tests are left to `-m slow`.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from needs import GPU, LINUX, needs, needs_package
from torch import Tensor
from variants import Gradients, line, random_scene, scene_of

from plotart.errors import InputError
from plotart.render import cuda
from plotart.render.cuda import Capacity, ScenePlan, rasterize_cuda
from plotart.render.reference import rasterize_reference
from plotart.render.scene import Backend, Scene

INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
DEVICE = "cpu" if INTERPRETED else "cuda"

needs_triton = needs_package("triton", install="plotart[cuda]")
compiled_only = needs(f"{GPU}, or the compiler: the interpreter compiles nothing", not INTERPRETED)
slow_to_interpret = pytest.mark.slow if INTERPRETED else pytest.mark.skipif(False, reason="compiled code is fast")
gpu_only = needs(GPU, not INTERPRETED and torch.cuda.is_available())


@pytest.fixture(autouse=True)
def _plans_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test learns from another; and fewer programs where each operation is a call of Python's."""
    monkeypatch.setattr(ScenePlan, "_plans", type(ScenePlan._plans)())
    if INTERPRETED:
        monkeypatch.setattr(cuda, "LANES", 1024)
        monkeypatch.setattr(cuda, "BLOCK", 512)
    # Numpy would warn of lanes that are no numbers, and are then not selected.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        yield


def differentiate(scene: Scene, backend: Backend, upstream: Tensor | None = None) -> tuple[Tensor, Gradients]:
    """The image, and what comes back from `upstream` [H, W, 3]; by default random numbers, the same each time."""
    leaves = {name: getattr(scene, name).clone().requires_grad_() for name in Gradients._fields}
    image = backend(replace(scene, **leaves))
    if upstream is None:
        upstream = torch.randn(image.shape, generator=torch.Generator().manual_seed(0))
    gradients = torch.autograd.grad(
        image, list(leaves.values()), upstream.to(image), allow_unused=True, materialize_grads=True
    )
    return image.detach().cpu(), Gradients(*(gradient.cpu() for gradient in gradients))


def on_device(scene: Scene) -> Scene:
    """All but num_points, which may stay."""
    return replace(scene, **{name: getattr(scene, name).to(DEVICE) for name in Gradients._fields})


def double(scene: Scene) -> Scene:
    return replace(scene, **{name: getattr(scene, name).double() for name in Gradients._fields})


def relative(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).double().norm() / expected.double().norm().clamp_min(1e-9))


def assert_twins(scene: Scene, *, gradients: float, backend: Backend = rasterize_cuda) -> None:
    """Images agree but for single pixels, where two pieces are equally near; gradients within this relative norm."""
    expected_image, expected = differentiate(scene, rasterize_reference)
    image, found = differentiate(on_device(scene), backend)
    assert ((image - expected_image).abs() < 1e-4).float().mean() >= 0.995
    for name, own, wanted in zip(Gradients._fields, found, expected, strict=True):
        assert relative(own, wanted) <= gradients, name


@contextmanager
def no_waits() -> Iterator[None]:
    """Fails where the device is waited for: as the module counts it, and on a GPU as CUDA sees it."""
    before = cuda.host_syncs
    if DEVICE == "cuda":
        torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        if DEVICE == "cuda":
            torch.cuda.set_sync_debug_mode("default")
    assert cuda.host_syncs == before


def step(scene: Scene) -> tuple[Tensor, list[Tensor]]:
    """One step of an optimisation: leaves, image, gradients; all stay on the device."""
    leaves = [getattr(scene, name).detach().requires_grad_() for name in Gradients._fields]
    image = rasterize_cuda(replace(scene, **dict(zip(Gradients._fields, leaves, strict=True))))
    return image.detach(), list(torch.autograd.grad(image, leaves, torch.ones_like(image)))


SMALL: dict[str, Any] = {"size": (18, 24), "strokes": 4}


@needs(f"{GPU}; without one the interpreter draws", INTERPRETED or torch.cuda.is_available())
class TestDrawing:
    SCENES: ClassVar[dict[str, dict[str, Any]]] = {
        "thin": {"nib": (0.2, 0.9), "strokes": 6},
        "medium": {"nib": (0.9, 2.5)},
        "wide": {"nib": (3, 9), "ink": "opaque"},
        "filters": {"nib": (1, 6), "ink": "transparent"},
        "off canvas": {"nib": (0.3, 6), "strokes": 8, "outside": 0.6},
        "tiny": {"nib": (0.3, 4), "strokes": 8, "step": 0.4},
        "long": {"nib": (0.3, 3), "strokes": 2, "segments": 6, "step": 9},
    }

    @pytest.mark.parametrize(
        ("name", "oversample"),
        [*((name, 1) for name in SCENES), ("wide", 2), pytest.param("thin", 2, marks=slow_to_interpret)],
    )
    def test_images_and_slopes_agree_with_the_reference(self, name: str, oversample: int) -> None:
        assert_twins(random_scene(0, oversample=oversample, **SMALL | self.SCENES[name]), gradients=1e-3)

    @pytest.mark.parametrize(
        "change",
        [
            {"softness": 0.8},
            {"two_flux": True},
            {"size": (1, 1)},
            pytest.param({"oversample": 3}, marks=slow_to_interpret),
        ],
        ids=str,
    )
    def test_with_all_that_a_scene_can_have(self, change: dict[str, Any]) -> None:
        scene = random_scene(1, nib=(0.5, 4), oversample=2, **SMALL)
        # Some of what is let through, and some of what is thrown back.
        scene = replace(scene, reflectance=0.1 + 0.6 * scene.reflectance, transmittance=0.2 + 0.6 * scene.transmittance)
        assert_twins(replace(scene, **change), gradients=1e-3)

    def test_tiles_of_the_size_that_gpus_have(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cuda, "LANES", cuda.LANES_OF_WARP)
        assert_twins(random_scene(0, nib=(0.5, 3), strokes=3, size=(14, 18)), gradients=1e-3)

    @slow_to_interpret
    def test_straight_strokes_of_broad_nibs_agree_to_rounding(self) -> None:
        scene = random_scene(0, nib=(2.6, 6), segments=1, oversample=2, **SMALL)
        ends = scene.points.reshape(-1, 4, 2)[:, [0, 0, 3, 3]]
        ends = ends.lerp(ends[:, [3, 3, 0, 0]], torch.tensor([0, 1 / 3, 1 / 3, 0])[:, None])
        scene = replace(scene, points=ends.reshape(-1, 2))
        expected_image, expected = differentiate(double(scene), rasterize_reference)
        image, gradients = differentiate(on_device(scene), rasterize_cuda)
        assert float((image - expected_image).abs().max()) < 1e-5
        assert all(relative(*pair) < 1e-4 for pair in zip(gradients, expected, strict=True))

    @slow_to_interpret
    def test_what_lies_below_many_dark_strokes(self) -> None:
        """What they let through together is less than single precision knows; with one that is opaque, nothing."""
        scene = scene_of([line((2, 4 + k / 20), (14, 5 - k / 20)) for k in range(40)], 4.0, size=(9, 16))
        transmittance = torch.full((40, 3), 0.05)
        transmittance[:, 1], transmittance[25, 2] = 0.9, 0.0
        scene = replace(scene, transmittance=transmittance, reflectance=torch.full((40, 3), 0.05))
        for two_flux in (False, True):
            expected_image, expected = differentiate(double(replace(scene, two_flux=two_flux)), rasterize_reference)
            image, gradients = differentiate(on_device(replace(scene, two_flux=two_flux)), rasterize_cuda)
            torch.testing.assert_close(image.double(), expected_image, atol=1e-5, rtol=0)
            assert all(relative(*pair) < 1e-4 for pair in zip(gradients, expected, strict=True))

    def test_two_flux_between_white_layers(self) -> None:
        """Light that would never leave, were it not let out: in both layers' gradients too."""
        scene = scene_of([line((2, 4), (14, 5)), line((2, 7), (14, 3))], 3.0, size=(9, 16), color=(1.0, 0.99995, 0.9))
        scene = replace(scene, transmittance=torch.tensor([[0.0, 0.01, 0.02], [0.005, 0.0, 0.1]]), two_flux=True)
        assert_twins(scene, gradients=1e-3)

    def test_odd_strokes_have_finite_slopes(self) -> None:
        curves = [
            [(8.3, 7.9)] * 4,
            [(8.3, 7.9)] * 7,
            [(3.0, 4.0)] * 3 + [(12.0, 9.0)],
            [(3.0, 12.0), (13.0, 3.0), (3.0, 3.0), (13.0, 12.0)],
            [(3.0, 8.0), (18.0, 8.0), (18.0, 8.0), (3.0, 8.0)],
            [(1e6, 1e6), (1e6 + 5, 1e6), (1e6, 1e6 + 5), (1e6 + 9, 1e6)],
            [(-1e6, 8.0), (-3e5, 8.0), (3e5, 8.0), (1e6, 8.0)],
            [(-1e6, -1e6), (1e6, 1e6), (-1e6, 1e6), (8.0, 8.0)],
        ]
        nibs = torch.tensor([0.0, 0.4, 3.0, 1.0, 0.0, 5.0, 1.5, 1.0])
        scene = on_device(replace(scene_of(curves, 1.0), stroke_width=nibs))
        image, gradients = differentiate(scene, rasterize_cuda)
        assert all(bool(torch.isfinite(values).all()) for values in (image, *gradients))
        assert -1e-6 < float(image.min()) <= float(image.max()) < 1 + 1e-6

    def test_a_line_through_the_canvas_does_not_care_how_far_it_goes(self) -> None:
        near, far = (rasterize_cuda(on_device(scene_of([line((-x, 8.2), (x, 8.2))], 2.0))) for x in (1e2, 1e6))
        torch.testing.assert_close(far, near)

    def test_a_line_across_many_tiles_is_whole(self) -> None:
        """Rows of tiles are entered where the line is, not where its rectangle is."""
        for end in ((60.0, 40.0), (60.0, 3.0), (4.0, 40.0)):
            scene = scene_of([line((2.0, 2.0), end)], 0.7, size=(44, 64))
            torch.testing.assert_close(
                rasterize_cuda(on_device(scene)).cpu(), rasterize_reference(scene), atol=1e-4, rtol=0
            )

    def test_without_strokes_there_is_the_paper(self) -> None:
        scene = replace(scene_of([], 1.0), background=torch.rand(3))
        image, gradients = differentiate(on_device(scene), rasterize_cuda, torch.ones(16, 16, 3))
        torch.testing.assert_close(image, scene.background.expand(16, 16, 3))
        torch.testing.assert_close(gradients.background, torch.full((3,), 256.0))

    def test_strokes_off_the_canvas_have_slopes_of_zero(self) -> None:
        scene = scene_of([line((100, 100), (120, 90)), line((-50, 4), (-40, 4))], 3.0)
        image, gradients = differentiate(on_device(scene), rasterize_cuda)
        assert torch.equal(image, torch.ones(16, 16, 3))
        assert not any(gradient.any() for gradient in gradients[:4])

    @slow_to_interpret
    def test_the_same_bits_each_time_with_or_without_slopes(self) -> None:
        scene = on_device(random_scene(2, nib=(0.5, 4), **SMALL))
        first, again = differentiate(scene, rasterize_cuda), differentiate(scene, rasterize_cuda)
        assert torch.equal(rasterize_cuda(scene).cpu(), first[0])
        assert torch.equal(first[0], again[0])
        assert all(torch.equal(*pair) for pair in zip(first[1], again[1], strict=True))

    def test_upstream_may_lie_in_memory_as_it_likes(self) -> None:
        scene = on_device(random_scene(0, nib=(1, 3), strokes=2, size=(8, 12)))
        upstream = torch.randn(3, 8, 12, generator=torch.Generator().manual_seed(1)).permute(1, 2, 0)
        found, wanted = (differentiate(scene, rasterize_cuda, up)[1] for up in (upstream, upstream.contiguous()))
        assert all(torch.equal(*pair) for pair in zip(found, wanted, strict=True))

    @pytest.mark.parametrize("where", sorted({"cpu", DEVICE}))
    def test_no_step_but_the_first_waits(self, where: str) -> None:
        scene = on_device(random_scene(0, nib=(1, 3), strokes=3, size=(12, 16)))
        scene = replace(scene, num_points=scene.num_points.to(where))
        before = cuda.host_syncs
        step(scene)
        assert cuda.host_syncs > before
        moved = replace(scene, points=scene.points + 0.1)
        with no_waits():
            step(scene)
            found = step(moved)
        expected = differentiate(moved, rasterize_cuda, torch.ones(12, 16, 3))
        torch.testing.assert_close(found[0].cpu(), expected[0])

    @slow_to_interpret
    def test_num_points_that_change_are_another_scene(self) -> None:
        scene = on_device(replace(random_scene(0, nib=(1, 3), strokes=2), num_points=torch.tensor([4, 10])))
        scene = replace(scene, num_points=scene.num_points.to(DEVICE))
        step(scene)
        scene.num_points.copy_(torch.tensor([10, 4]))
        torch.testing.assert_close(
            rasterize_cuda(scene).cpu(),
            rasterize_reference(replace(scene, **{n: getattr(scene, n).cpu() for n in Gradients._fields})),
            atol=1e-4,
            rtol=0,
        )

    @staticmethod
    def crowd(pieces: int, entries: int) -> tuple[Scene, Tensor]:
        """A scene and its image; then all is as if scenes of its kind had never needed more capacity than this."""
        scene = on_device(random_scene(0, nib=(1, 3), strokes=4, size=(20, 28)))
        image, plan = rasterize_cuda(scene), ScenePlan.of(scene)
        plan.capacity = Capacity(pieces, entries, scene.points.device)
        return scene, image

    def test_an_image_without_slopes_is_whole_whatever_room_there_was(self) -> None:
        scene, expected = self.crowd(10, 8)
        assert torch.equal(rasterize_cuda(scene), expected)

    @pytest.mark.parametrize(("pieces", "entries"), [(64, 8), pytest.param(24, 1000, marks=slow_to_interpret)])
    def test_a_step_without_enough_room_is_told_of_and_the_next_is_whole(self, pieces: int, entries: int) -> None:
        scene, expected = self.crowd(pieces, entries)
        leaf = scene.points.clone().requires_grad_()
        image = rasterize_cuda(replace(scene, points=leaf))
        error = (image - expected).detach().abs()
        assert float(error.max()) > 0
        if pieces < 64:
            assert float(error.mean()) < 0.03, "curves are to be coarse, not missing"
        if DEVICE == "cuda":
            torch.cuda.synchronize()
        with pytest.warns(RuntimeWarning, match="coarsely or lacked ink"):
            (gradients,) = torch.autograd.grad(image.sum(), leaf)
        assert torch.isfinite(gradients).all()
        assert torch.equal(step(scene)[0], expected)

    @pytest.mark.parametrize("name", ["points", "stroke_width", "reflectance", "transmittance", "background"])
    def test_what_is_not_a_number_can_be_seen(self, name: str) -> None:
        """Nothing is asked of the device, so that this is how it comes to light."""
        scene = scene_of([line((1, 1), (9, 9))], 1.0, size=(10, 10))
        image = rasterize_cuda(on_device(replace(scene, **{name: torch.full_like(getattr(scene, name), math.nan)})))
        assert torch.isnan(image).any()

    def test_a_width_below_zero_can_be_seen(self) -> None:
        assert torch.isnan(rasterize_cuda(on_device(scene_of([line((1, 1), (9, 9))], -1.0, size=(10, 10))))).any()

    @pytest.mark.parametrize(("counts", "message"), [([4, 7], "8 rows, not 11"), ([3, 5], r"3 s \+ 1")])
    def test_num_points_fit_the_points(self, counts: list[int], message: str) -> None:
        scene = on_device(scene_of([line((1, 1), (9, 9)), line((1, 9), (9, 1))], 1.0))
        with pytest.raises(ValueError, match=message):
            rasterize_cuda(replace(scene, num_points=torch.tensor(counts, device=DEVICE)))

    def test_it_takes_single_precision(self) -> None:
        with pytest.raises(ValueError, match="float64"):
            rasterize_cuda(on_device(double(scene_of([line((1, 1), (9, 9))], 1.0))))


@gpu_only
@needs_triton
def test_a_step_can_be_captured_into_a_graph() -> None:
    scene = on_device(random_scene(0, nib=(1, 3), strokes=6))
    points = scene.points.clone().requires_grad_()
    scene, upstream = replace(scene, points=points), torch.ones(*scene.size, 3, device=DEVICE)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            torch.autograd.grad(rasterize_cuda(scene), points, upstream)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        image = rasterize_cuda(scene)
        (gradients,) = torch.autograd.grad(image, points, upstream)
    with torch.no_grad():
        points += 0.3
    graph.replay()
    expected = differentiate(scene, rasterize_cuda, upstream)
    assert torch.equal(image.cpu(), expected[0])
    assert torch.equal(gradients.cpu(), expected[1].points)


@compiled_only
@needs_triton
@pytest.mark.parametrize("which", ["not slow", pytest.param("slow", marks=pytest.mark.slow)])
def test_drawing_by_the_interpreter(which: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", __file__, "-k", "TestDrawing", "-m", which],
        env=os.environ | {"TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@compiled_only
@needs_triton
@needs(f"{LINUX}, where Triton compiles", sys.platform == "linux")
@pytest.mark.parametrize("two_flux", [False, True])
def test_kernels_compile_for_hopper(two_flux: bool) -> None:
    """The interpreter takes what the compiler does not. No GPU is needed for that."""
    from triton import compile as compile_kernel
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    from plotart.render import triton_kernels as kernels

    pointers = {
        "points stroke_width reflectance transmittance record length line entry paper image upstream saved_through"
        " by_entry by_paper by_cubic by_points by_width by_reflectance by_transmittance": "*fp32",
        "first_control first_cubic stroke_of_cubic offset extra reached stroke key piece stroke_of_entry home"
        " first_entry saved_hidden": "*i32",
        "wanted place need order": "*i64",
        "scale softness reach margin blur": "fp32",
        "cubics pieces capacity steps across down height width": "i32",
    }
    types = {name: kind for names, kind in pointers.items() for name in names.split()}
    constants = {"COLUMNS": 4, "ROWS": 3, "ACROSS": 3, "DOWN": 3, "LANES": 128, "PIXELS": 16}
    constants |= {"TWO_FLUX": two_flux, "GRADIENTS": True}
    constants |= {"TILE_WIDTH": 4.0, "TILE_HEIGHT": 4.0, "TOLERANCE": 0.1, "BLOCK": 64}
    for kernel in vars(kernels).values():
        if getattr(kernel, "do_not_specialize", None):
            given = {name: constants[name] for name in kernel.arg_names if name in constants}
            signature = {name: "constexpr" if name in given else types[name] for name in kernel.arg_names}
            source = ASTSource(fn=kernel, signature=signature, constexprs=given)
            compile_kernel(source, target=GPUTarget("cuda", 90, 32), options={"num_warps": 1, **cuda.EXACT})


def test_a_missing_triton_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "triton", None)
    monkeypatch.delitem(sys.modules, "plotart.render.triton_kernels", raising=False)
    monkeypatch.delattr("plotart.render.triton_kernels", raising=False)
    with pytest.raises(InputError, match=r"pip install 'plotart\[cuda\]'"):
        rasterize_cuda(scene_of([line((1, 1), (9, 9))], 1.0))


@compiled_only
@needs_triton
def test_it_takes_tensors_on_a_gpu() -> None:
    with pytest.raises(ValueError, match="found cpu"):
        rasterize_cuda(scene_of([line((1, 1), (9, 9))], 1.0))


def test_triton_is_not_loaded_before_it_is_needed() -> None:
    code = "import sys, plotart.render.cuda; assert 'triton' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)

"""A run computes where it is told to, all of it, and no step waits for that device.

torch's meta tensors stand in for those of a GPU: whatever would wait for their values raises, and so does what mixes
them with tensors of the host.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from needs import GPU, needs
from small_runs import small
from torch import Tensor

from plotart import Config
from plotart.canvas import Renderer
from plotart.errors import Diverged, InputError
from plotart.export.drawing import Drawing, Layer
from plotart.geometry.page import Page
from plotart.geometry.strokes import Strokes
from plotart.job.build import Parts, build, pick_device
from plotart.job.objective import Shared
from plotart.networks import VGG, describe
from plotart.optimize import Step, together
from plotart.optimize.adam import STEP
from plotart.optimize.soundness import BUNCH, Soundness
from plotart.pens import Pen
from plotart.plotter.simulate import simulate
from plotart.plugins import RENDERERS
from plotart.render import Scene

META = torch.device("meta")

#: All that a step may have to compute beside the networks.
TERMS = (
    "palette.noise=0.5",
    "objective=[{type: excitation, class: star}, {type: excitation, layer: conv2_1, channel: 3, cosine: 1}, "
    "{type: coverage, share: 0.2}, {type: overdraw}, {type: curvature}, {type: inside, weight: 1}, "
    "{type: length, weight: 1}, {type: smoothness, weight: 1}, {type: total_variation, weight: 1}]",
)
CASES = [("quickstart", TERMS), *((name, ()) for name in ("large", "choose-pens", "snowflake", "photograph", "pixels"))]


def plain(scene: Scene) -> Tensor:
    """A renderer that waits for nothing: the paper, a little of all that strokes have upon it."""
    ink = sum((values.sum() for values in (scene.points, scene.stroke_width, scene.reflectance)), scene.points.sum())
    return scene.background.expand(*scene.size, 3) + 1e-6 * (ink + scene.transmittance.sum())


def network(name: str, *, up_to: str | None = None, **_: Any) -> VGG:
    """Of the name's classes and layers, narrow, with random weights."""
    widths = ((8, 8),) * 6
    return VGG(name, widths, (0.5,) * 3, (0.25,) * 3, describe(name).heads, up_to=up_to)


@pytest.fixture
def parts_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Builds a shipped config, made small, on the meta device; what only the setup waits for is left out."""
    monkeypatch.setitem(RENDERERS._registered, "plain", plain)
    monkeypatch.setattr("plotart.job.objective.load_network", network)
    monkeypatch.setattr(Scene, "check", lambda scene: None)
    monkeypatch.setattr(Strokes, "__post_init__", lambda strokes: None)

    def parts(name: str, overrides: Sequence[str], shared: Shared | None = None) -> Parts:
        config: Config = small(
            name, *overrides, "render.backend=plain", "optimize.steps=60", "optimize.recycle.every=0"
        )
        return build(config.override("optimize.compile=false"), device=META, shared=shared)

    return parts


@pytest.mark.parametrize(("name", "overrides"), CASES, ids=[name for name, _ in CASES])
def test_a_step_computes_where_it_is_told_and_waits_for_nothing(
    parts_of: Any, name: str, overrides: Sequence[str]
) -> None:
    parts = parts_of(name, overrides)
    optimizer, canvas = parts.optimizer, parts.canvas
    steps = list(islice(optimizer.steps(), 2))
    assert len(steps) == 2
    devices = {steps[-1].figures.loss.device, canvas.device, canvas.paper.device, canvas.palette.inks().widths.device}
    devices |= {value.device for value in (*canvas.parameters().values(), *optimizer.soft_frame().idle.values())}
    devices |= {value.device for name, value in optimizer._adam.state().items() if not name.endswith(STEP)}
    assert devices == {META}


@pytest.mark.parametrize(("name", "overrides"), CASES, ids=[name for name, _ in CASES])
def test_steps_of_an_ensemble_wait_for_nothing(
    parts_of: Any, name: str, overrides: Sequence[str], passes: list[int]
) -> None:
    shared: Shared = {}
    optimizers = [parts_of(name, (*overrides, f"seed={seed}"), shared).optimizer for seed in range(3)]
    for _ in range(2):
        steps = together([optimizer.step() for optimizer in optimizers])
        assert [step.figures.loss.device for step in steps if isinstance(step, Step)] == [META] * 3
    views = optimizers[0].views.count
    assert [count for count in passes if count > views] == [3 * views] * 2


def test_the_stand_in_sees_what_waits(parts_of: Any) -> None:
    """The test above can fail: the figures of a step are what is waited for."""
    (step,) = islice(parts_of("quickstart", ()).optimizer.steps(), 1)
    with pytest.raises((RuntimeError, NotImplementedError), match="meta"):
        _ = step.loss


def test_on_a_gpu_values_are_looked_at_in_bunches(monkeypatch: pytest.MonkeyPatch) -> None:
    soundness = Soundness(torch.device("cuda"))
    soundness.watch(torch.tensor([1.0, torch.nan]), lambda: "it is not a number at step 1")
    for _ in range(BUNCH - 2):
        soundness.watch(torch.ones(()), lambda: "fine")
    with pytest.raises(Diverged, match="step 1"):
        soundness.watch(torch.ones(()), lambda: "fine")
    soundness.settle()


def test_on_the_host_values_are_looked_at_at_once() -> None:
    with pytest.raises(Diverged, match="at once"):
        Soundness(torch.device("cpu")).watch(torch.tensor(torch.inf), lambda: "at once")


def test_devices_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert [pick_device(name).type for name in ("auto", "cpu")] == ["cpu", "cpu"]
    with pytest.raises(InputError, match="no CUDA device"):
        pick_device("cuda")
    with pytest.raises(InputError, match="found 'tpu'; allowed are auto, cpu and cuda"):
        pick_device("tpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert [pick_device(name).type for name in ("auto", "cpu", "cuda")] == ["cuda", "cpu", "cuda"]


@pytest.mark.parametrize(("backend", "device"), [("cuda", "cpu"), ("cpu", "meta")])
def test_a_renderer_of_another_device_is_refused(backend: str, device: str) -> None:
    config = small("quickstart", f"render.backend={backend}")
    with pytest.raises(InputError, match=rf"render\.backend: found {backend}, .* {device}; .* --device {backend}"):
        build(config, device=torch.device(device))


def test_a_still_of_a_run_on_a_gpu_is_drawn_on_the_host() -> None:
    line = np.array([[2.0, 2.0], [8.0, 8.0]])
    drawing = Drawing(10, 10, (Layer(Pen("Black", "black", 1.0), [line]),))
    stills = [simulate(drawing, Page(10, 10, 0.0), Renderer(32, backend=name)) for name in ("auto", "cuda")]
    assert torch.equal(*stills)


@needs(GPU, torch.cuda.is_available())
def test_the_main_job_on_a_gpu(tmp_path: Path) -> None:
    from plotart import generate

    summary = generate(small("quickstart"), out=tmp_path / "run", device="cuda").summary
    assert (summary["device"], summary["renderer"]) == ("cuda", "cuda")
    assert summary["activation"]["plotted"] > summary["activation"]["blank"]

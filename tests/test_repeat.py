"""The same config, seed and machine give the same bytes, whatever else is set; and nothing else is touched."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from small_runs import run_small, small

from plotart import Config, load_run
from plotart.networks.precision import Precision
from plotart.runs.record import computing_with, cores

#: A run in a process of its own, which notes in a file what a run is not to touch, before and after.
CHILD = """
import json, logging, os, random, sys
config, out, threads = sys.argv[1:]
import numpy, torch
import plotart.reports.html
plotart.reports.html.metric_charts = lambda metrics: {}
from plotart import Config, generate
if threads != "none":
    torch.set_num_threads(int(threads))

def state():
    states = {
        "random": random.getstate(), "numpy": numpy.random.get_state(), "torch": torch.get_rng_state().tolist(),
        "threads": torch.get_num_threads(), "dtype": torch.get_default_dtype(), "grad": torch.is_grad_enabled(),
        "deterministic": torch.are_deterministic_algorithms_enabled(), "folder": os.getcwd(),
        # torch sets this one itself with the first optimiser.
        "env": {name: value for name, value in os.environ.items() if name != "TORCHINDUCTOR_CACHE_DIR"},
        "logging": [logging.root.level, logging.root.handlers, logging.getLogger("plotart").handlers],
    }
    return {name: repr(value) for name, value in states.items()}

before = state()
generate(Config.load(config), out=out)
with open(out + ".json", "w") as file:
    json.dump([name for name, value in state().items() if value != before[name]], file)
"""

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


def digests(folder: Path) -> dict[str, str]:
    """Of all that does not depend on time."""
    names = [path.name for path in folder.iterdir() if path.is_file()]
    kept = sorted(set(names) - {"summary.json", "report.html"})
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in kept}


@pytest.mark.parametrize("name", ["quickstart", pytest.param("choose-pens", marks=pytest.mark.slow)])
def test_threads_that_are_set_change_nothing_and_nothing_is_touched_or_printed(tmp_path: Path, name: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(small(name, "optimize.precision=float32", "augment.views=1").dump())
    found = []
    for count, set_in_torch in (("1", "none"), ("5", "none"), ("2", "5")):
        out = tmp_path / f"{count}-{set_in_torch}"
        words = [sys.executable, "-c", CHILD, str(config), str(out), set_in_torch]
        env = {**os.environ, **dict.fromkeys(THREADS, count)}
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
        assert (done.stdout, done.stderr) == ("", "")
        assert json.loads(Path(f"{out}.json").read_text()) == [], "what is not to be touched"
        assert load_run(out).summary["threads"] == cores()
        found.append(digests(out))
    assert found[1:] == found[:1] * 2


def test_threads_can_be_asked_for_and_are_kept_by_a_run_that_goes_on(tmp_path: Path) -> None:
    before = torch.get_num_threads()
    config = small("quickstart")

    def stop(_: object) -> None:
        assert torch.get_num_threads() == 3
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run_small(config, tmp_path, threads=3, on_step=lambda step: stop(step) if step.number == 3 else None)
    assert run_small(config, tmp_path, existing="resume").summary["threads"] == 3
    assert torch.get_num_threads() == before


def test_threads_are_given_back_after_an_error() -> None:
    before = torch.get_num_threads()
    with contextlib.suppress(RuntimeError), computing_with(before + 1):
        assert torch.get_num_threads() == before + 1
        raise RuntimeError
    assert torch.get_num_threads() == before


def test_summary_carries_what_a_repeat_needs(tmp_path: Path) -> None:
    run = run_small(small("quickstart"), tmp_path / "run")
    summary = run.summary
    assert summary["config_sha256"] == hashlib.sha256((run.path / "config.yaml").read_bytes()).hexdigest()
    assert (summary["seed"], summary["threads"], summary["device"]) == (1, cores(), "cpu")
    assert summary["versions"].keys() >= {"python", "plotart", "torch", "numpy", "numba", "vpype"}
    assert summary["processor"]
    (network,) = summary["networks"]
    assert (network["name"], len(network["weights_sha256"])) == ("motif", 64)
    other = run_small(small("quickstart", "seed=8"), tmp_path / "other").summary
    assert other["networks"] == summary["networks"]
    assert other["config_sha256"] != summary["config_sha256"]


@pytest.fixture
def suits(monkeypatch: pytest.MonkeyPatch) -> Callable[[Precision], None]:
    """Makes this a machine that a number type suits."""
    return lambda precision: monkeypatch.setattr("plotart.job.begin.precision_for", lambda device: precision)


def test_number_type_is_kept_by_the_config_of_the_run(tmp_path: Path, suits: Callable[[Precision], None]) -> None:
    """What suits a machine does not suit every other; a run is repeated as it was all the same."""
    suits(Precision(torch.bfloat16))
    first = run_small(small("quickstart"), tmp_path / "first")
    kept = Config.load(first.path / "config.yaml")
    assert kept.optimize.precision == "bfloat16"
    suits(Precision())
    assert digests(run_small(kept, tmp_path / "again").path) == digests(first.path)


def stop_at_three(step: object) -> None:
    if getattr(step, "number", 0) == 3:
        raise RuntimeError


@pytest.mark.parametrize("first", [Precision(torch.bfloat16), Precision(channels_last=False)], ids=str)
def test_run_that_goes_on_computes_as_it_began(
    tmp_path: Path, suits: Callable[[Precision], None], first: Precision
) -> None:
    suits(first)
    whole = run_small(small("quickstart"), tmp_path / "whole")
    with pytest.raises(RuntimeError):
        run_small(small("quickstart"), tmp_path / "run", on_step=stop_at_three)
    suits(Precision())
    again = run_small(small("quickstart"), tmp_path / "run", existing="resume")
    assert again.summary["networks"] == whole.summary["networks"]
    assert digests(again.path) == digests(whole.path)


#: Draws a picture that is not small, and prints digests of it and of the points' gradient, and what was compiled.
RENDERS = """
import hashlib, torch
from plotart.render import kernels, rasterize, transparent
torch.set_num_threads(2)
random = torch.Generator().manual_seed(0)
count = 60
middles, steps = torch.rand(count, 1, 2, generator=random) * 90, torch.randn(count, 10, 2, generator=random) * 6
points = (middles + steps).reshape(-1, 2).requires_grad_()
widths, colors = torch.rand(count, generator=random) + 0.2, torch.rand(count, 3, generator=random)
image = rasterize(points, torch.full((count,), 10), widths, *transparent(colors), size=(96, 68))
(image * torch.rand(image.shape, generator=random)).sum().backward()
print(*(hashlib.sha256(values.detach().numpy().tobytes()).hexdigest() for values in (image, points.grad)))
print(kernels.compiled())
"""


@pytest.mark.slow
def test_the_run_that_compiles_the_renderer_draws_what_later_ones_draw(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def draw() -> tuple[str, str]:
        done = subprocess.run([sys.executable, "-c", RENDERS], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        digests, compiled = done.stdout.splitlines()
        return digests, compiled

    (first, compiled), (later, compiled_again) = draw(), draw()
    assert first == later
    assert (compiled, compiled_again) == ("(6, 6)", "None")

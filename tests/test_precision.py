"""The number type that is fastest is measured once and remembered."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from small_runs import small

from plotart.job.build import build
from plotart.networks import VGG, precision
from plotart.networks.precision import CANDIDATES, EXACT, Precision, fastest


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLOTART_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "precision.json"


@pytest.fixture
def network() -> VGG:
    return VGG("toy", ((4,), (6,)), (0.5,) * 3, (0.25,) * 3, ("curl",))


def never(*_: object) -> None:
    raise AssertionError("measured again")


def test_measured_once_and_remembered(cache: Path, network: VGG, monkeypatch: pytest.MonkeyPatch) -> None:
    first = fastest(network, "conv2_1", size=(16, 24), views=2)
    assert first in CANDIDATES
    (key,) = json.loads(cache.read_text())
    assert "toy conv2_1 | 2 x 16 x 24" in key
    monkeypatch.setattr(precision, "_least", never)
    assert fastest(network, "conv2_1", size=(16, 24), views=2) == first
    with pytest.raises(AssertionError, match="measured again"):
        fastest(network, "conv2_1", size=(16, 16), views=2)


@pytest.mark.parametrize("text", ["", "[]", "{broken", '{"x": 3}'])
def test_a_damaged_memory_is_written_anew(cache: Path, network: VGG, text: str) -> None:
    cache.parent.mkdir()
    cache.write_text(text)
    assert fastest(network, "class", size=(16, 16), views=1) in CANDIDATES
    assert any("toy class" in key for key in json.loads(cache.read_text()))


def test_a_cache_that_cannot_be_written_costs_time_alone(
    tmp_path: Path, network: VGG, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PLOTART_CACHE", str(tmp_path / "file" / "cache"))
    assert fastest(network, "class", size=(16, 16), views=1) in CANDIDATES


def test_only_what_is_clearly_faster_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    half, clock = Precision(torch.bfloat16), [0.0]
    monkeypatch.setattr(precision.time, "perf_counter", lambda: clock[0])

    def take(seconds: float) -> Callable[[], None]:
        def step() -> None:
            clock[0] += seconds

        return step

    assert precision._least([(EXACT, take(20)), (half, take(5))]) == half
    assert precision._least([(EXACT, take(20)), (half, take(19))]) == EXACT
    assert precision._least([(EXACT, take(5)), (half, take(20))]) == EXACT


def test_the_config_may_say(cache: Path) -> None:
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        parts = build(small("quickstart", f"optimize.precision={name}"), device="cpu")
        assert [chosen.dtype for chosen in parts.optimizer.precision.values()] == [dtype]
    assert not cache.exists()
    build(small("quickstart"), device="cpu")
    assert cache.exists()

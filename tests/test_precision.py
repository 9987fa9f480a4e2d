"""The number type goes by what the device is, never by a stopwatch."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import torch
from small_runs import small

from plotart.job.build import build
from plotart.networks.precision import EXACT, NAMED, Precision, precision_for

HALF = NAMED["bfloat16"]


def taken(*overrides: str) -> set[Precision]:
    """What the networks of a small run compute in."""
    return set(build(small("quickstart", *overrides)).optimizer.precision.values())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLOTART_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_auto_reads_no_clock_and_remembers_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def clock(steps: list[float]) -> None:
        ticks = itertools.accumulate(itertools.cycle(steps))
        monkeypatch.setattr("time.perf_counter", lambda: next(ticks))

    found = []
    # Of three candidates in turn, now the first and now the last would have been the fastest.
    for steps in ([1.0, 9.0, 1.0, 9.0, 1.0, 1.0], [1.0, 1.0, 1.0, 9.0, 1.0, 9.0]):
        clock(steps)
        found.append(taken())
        assert not cache.exists()
    assert found[0] == found[1] == {precision_for(torch.device("cpu"))}


@pytest.mark.parametrize("name", NAMED)
def test_the_config_may_say(name: str) -> None:
    assert taken(f"optimize.precision={name}") == {NAMED[name]}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, EXACT),
        ({"avx2": True, "avx512_f": True, "avx512_vnni": True, "avx512_bf16": False, "amx_bf16": False}, EXACT),
        ({"amx_tile": True, "amx_int8": True}, EXACT),
        ({"neon": True, "architecture": "aarch64"}, EXACT),
        ({"avx512_bf16": True, "amx_bf16": False}, HALF),
        ({"amx_tile": True, "amx_bf16": True}, HALF),
    ],
)
def test_processors(monkeypatch: pytest.MonkeyPatch, told: dict[str, object], expected: Precision) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told)
    assert precision_for(torch.device("cpu")) == expected
    assert taken() == {expected}


def test_a_torch_that_tells_nothing_computes_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert precision_for(torch.device("cpu")) == EXACT


@pytest.mark.parametrize(
    ("capability", "expected"), [((7, 5), EXACT), ((8, 0), HALF), ((8, 9), HALF), ((9, 0), HALF), ((12, 0), HALF)]
)
def test_gpus(monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], expected: Precision) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert precision_for(torch.device("cuda")) == expected


def test_devices_that_are_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    assert precision_for(torch.device("mps")) == EXACT

"""Files that have digits of their SHA-256 in their names, as published weights do, are what the digits say."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import Cli

from plotart.errors import WeightsError
from plotart.networks import digests, load_network
from plotart.networks.published import PUBLISHED


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLOTART_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "cache"


def content(value: float) -> bytes:
    """A .pth of VGG16's first layer with that bias."""
    buffer = io.BytesIO()
    torch.save({"features.0.weight": torch.zeros(64, 3, 3, 3), "features.0.bias": torch.full((64,), value)}, buffer)
    return buffer.getvalue()


GOOD, OTHER = content(2.0), content(3.0)
DIGEST = hashlib.sha256(GOOD).hexdigest()
NAMED = f"vgg16-{DIGEST[:8]}.pth"


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    """GOOD is what is published as VGG16."""
    monkeypatch.setitem(PUBLISHED, "vgg16", replace(PUBLISHED["vgg16"], file=NAMED))


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def bias(weights: Path | None = None) -> float:
    return float(load_network("vgg16", weights=weights, up_to="conv1_1").get_parameter("conv1_1.bias")[0])


@pytest.mark.parametrize("folder", ["cache", "torch/hub/checkpoints"])
def test_published_files(tmp_path: Path, cli: Cli, folder: str) -> None:
    path = put(tmp_path / folder / "vgg16-397923af.pth", GOOD)
    with pytest.raises(WeightsError) as caught:
        load_network("vgg16", up_to="conv1_1")
    message = str(caught.value)
    for part in (str(path), DIGEST, "begins with 397923af", "https://download.pytorch.org/models/vgg16-397923af.pth"):
        assert part in message
    assert f"{path} is damaged or another file" in cli("doctor").out
    done = cli("networks", "fetch", "vgg16", "--up-to", "conv1_1")
    assert (done.status, done.err) == (2, f"error: {message}\n")


@pytest.mark.parametrize("folder", ["cache", "torch/hub/checkpoints"])
def test_published_file_that_is_right(tmp_path: Path, published: None, folder: str) -> None:
    put(tmp_path / folder / NAMED, GOOD)
    assert bias() == 2.0


def test_given_files(tmp_path: Path, cache: Path) -> None:
    assert bias(put(tmp_path / NAMED, GOOD)) == 2.0
    assert bias(put(tmp_path / f"anything-{DIGEST[:8]}.pth", GOOD)) == 2.0
    with pytest.raises(WeightsError, match=rf"{NAMED} is damaged or another file: its SHA-256 is .*; put a fresh copy"):
        bias(put(tmp_path / NAMED, OTHER))


@pytest.mark.parametrize("name", ["vgg16.pth", "vgg16-final.pth", "mine-2024-11.pth", "vgg16-397923af.pth.pth", "a.pt"])
def test_files_of_other_names_are_taken_as_they_are(tmp_path: Path, cache: Path, name: str) -> None:
    assert bias(put(tmp_path / name, OTHER)) == 3.0
    assert not cache.exists()


def test_a_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / NAMED, GOOD)
    bias(path)
    with monkeypatch.context() as patch:
        patch.setattr(digests.hashlib, "sha256", lambda: pytest.fail("read again"))
        assert bias(path) == bias(tmp_path / "." / NAMED) == 2.0
    # One that is not what it says stays that, however often it is asked for.
    put(path, OTHER)
    for _ in range(2):
        with pytest.raises(WeightsError, match="is damaged or another file"):
            bias(path)


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    """Another one of the same size and time in its place, or the same one with other bytes."""
    path = put(tmp_path / NAMED, GOOD)
    before = path.stat()
    bias(path)
    assert len(OTHER) == len(GOOD)
    other = put(tmp_path / "other.pth", OTHER)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(other, path)
    with pytest.raises(WeightsError, match="is damaged or another file"):
        bias(path)
    put(path, GOOD)
    assert bias(path) == 2.0
    put(path, OTHER)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(WeightsError, match="is damaged or another file"):
        bias(path)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: "",
        lambda text: "[]",
        lambda text: text[:-5],
        lambda text: "\0" + text,
        lambda text: json.dumps(dict.fromkeys(json.loads(text), 3)),
        lambda text: json.dumps({path: {"touched": [], "sha256": "0" * 64} for path in json.loads(text)}),
        lambda text: text.replace(DIGEST, DIGEST[::-1]).replace("touched", "size"),
    ],
)
def test_damaged_records_are_written_anew(tmp_path: Path, cache: Path, spoilt: Callable[[str], str]) -> None:
    path = put(tmp_path / NAMED, GOOD)
    bias(path)
    records = cache / "digests.json"
    text = records.read_text()
    records.write_text(spoilt(text))
    assert bias(path) == 2.0
    assert records.read_text() == text
    assert os.listdir(cache) == ["digests.json"]


def test_a_cache_that_cannot_be_written_costs_time_alone(tmp_path: Path, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    assert bias(put(tmp_path / NAMED, GOOD)) == 2.0

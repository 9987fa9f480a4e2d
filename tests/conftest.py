"""Options and fixtures that several test files share."""

from __future__ import annotations

import os

# Threads of OpenMP that wait spin by default; where other programs want the cores too, that makes small scenes, as
# tests have them, twenty times slower. It is read when the library is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import torch
from browsers import opened_browser
from small_runs import ALL_STAY, MOTLEY, run_small, small

from plotart.cli import main
from plotart.networks import VGG
from plotart.networks.vgg_layers import VGG16_WIDTHS
from plotart.runs.run import Run

pytest_plugins = ["no_skips"]


@dataclass(frozen=True)
class Golden:
    """Compares texts with the files of a folder; where `store` is set, writes them first."""

    folder: Path
    store: bool

    def check(self, name: str, text: str) -> None:
        """AssertionError when the text is not that of the file, line for line."""
        path = self.folder / name
        if self.store:
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: run pytest --store-golden, look at it and commit it"
        assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What plotart remembers in tests, and the pens that it finds, are not those of the person who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLOTART_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("PLOTART_CONFIG", str(tmp_path_factory.mktemp("config")))
        patch.setenv("PLOTART_STATE", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many images a network has looked at, pass by pass."""
    counts: list[int] = []
    features = VGG.features

    def counted(self: VGG, image: torch.Tensor, layers: Any, *, leak: float = 0.0) -> dict[str, torch.Tensor]:
        counts.append(len(image))
        return features(self, image, layers, leak=leak)

    monkeypatch.setattr(VGG, "features", counted)
    return counts


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store-golden", action="store_true", help="write what the tests make to tests/data/golden; look at it then"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(Path(__file__).parent / "data" / "golden", bool(request.config.getoption("--store-golden")))


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit status, and what it printed."""

    status: int
    out: str
    err: str


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs the program in this process: ``cli("stats", path, "--json")``. Reports come without their charts."""
    monkeypatch.setattr("plotart.reports.html.metric_charts", lambda metrics: {})
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object) -> Outcome:
        monkeypatch.setattr("sys.argv", ["plotart", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Outcome(ended.value.code, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def vgg16_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """torchvision's keys and shapes of VGG16 up to conv4_3, with random values."""
    shapes: dict[str, tuple[int, ...]] = {}
    incoming = 3
    for index, width in zip((0, 2, 5, 7, 10, 12, 14, 17, 19, 21), chain(*VGG16_WIDTHS[:4]), strict=True):
        shapes |= {f"features.{index}.weight": (width, incoming, 3, 3), f"features.{index}.bias": (width,)}
        incoming = width
    random = torch.Generator().manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "vgg16.pth"
    torch.save({name: torch.randn(shape, generator=random) * 0.03 for name, shape in shapes.items()}, path)
    return path


@pytest.fixture(scope="session")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A small finished run of configs/quickstart.yaml in which all strokes stay; not to be changed."""
    return run_small(
        small("quickstart", ALL_STAY, *MOTLEY), tmp_path_factory.mktemp("runs") / "quickstart", charts=True
    )


@pytest.fixture
def heeds_interrupts() -> Iterator[None]:
    """A shell that starts tests in the background lets them ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, or a skipped test; its driver's event loop is not to outlast the file that needs it."""
    yield from opened_browser()

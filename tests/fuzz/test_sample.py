"""Some hundreds of bad inputs of all kinds; `python -m fuzz` tries thousands, in a process that is watched."""

from __future__ import annotations

import os
import tempfile

import pytest

from fuzz.case import Seeds
from fuzz.seeds import make_seeds
from fuzz.trial import KINDS, Watch, attempt
from plotart.runs.run import Run


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory, quickstart: Run) -> Seeds:
    return make_seeds(tmp_path_factory.mktemp("fuzz") / "seeds", quickstart.path)


@pytest.fixture(scope="session")
def watch() -> Watch:
    return Watch()


@pytest.fixture
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts back, in the end, what trying an input changes in the process."""
    monkeypatch.setattr("plotart.reports.html.metric_charts", lambda metrics: {})
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())
    for name in ("PLOTART_CACHE", "PLOTART_CONFIG", "MPLCONFIGDIR", "COLUMNS"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.chdir(os.getcwd())


@pytest.mark.usefixtures("as_before")
@pytest.mark.parametrize("kind", KINDS)
def test_bad_input_ends_in_success_or_a_plain_message(
    kind: str, seeds: Seeds, watch: Watch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("input") / "it"
    for number in range(2 * KINDS[kind][1]):
        found = attempt(kind, number, folder, seeds, watch)
        assert found.fine, f"{kind}:{number}: {found.name}: {found.words!a}\n{found.detail}"
        if found.name != "done":
            assert found.detail.startswith(("error: ", "stopped: ", "Usage: ")), found.detail

"""A drawing is watched in a notebook: one output, updated in place."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from needs import needs_package
from small_runs import CONFIGS, SMALL, run_small, small

from plotart.errors import InputError, MissingError
from plotart.optimize import Figures, Step
from plotart.reports.notebook import LivePreview

Shown = list[tuple[str, str]]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """A notebook's IPython; what is displayed and what is updated, as HTML, in order."""
    found: Shown = []

    def display(page: SimpleNamespace, *, display_id: bool) -> SimpleNamespace:
        assert display_id
        found.append(("display", page.data))
        return SimpleNamespace(update=lambda page: found.append(("update", page.data)))

    install(monkeypatch, lambda: object(), display)
    return found


def install(patch: pytest.MonkeyPatch, get_ipython: Callable[[], object], display: Any) -> None:
    package, part = ModuleType("IPython"), ModuleType("IPython.display")
    vars(package).update(get_ipython=get_ipython, display=part)
    vars(part).update(HTML=lambda data: SimpleNamespace(data=data), display=display)
    patch.setitem(sys.modules, "IPython", package)
    patch.setitem(sys.modules, "IPython.display", part)


def captions(shown: Shown) -> list[str]:
    return [found for _, page in shown for found in re.findall("<figcaption>(.*)</figcaption>", page)]


def test_one_output_is_updated_in_place(shown: Shown, tmp_path: Path) -> None:
    run_small(small("quickstart"), tmp_path / "run", on_step=LivePreview(every=2))
    assert [kind for kind, _ in shown] == ["display", "update", "update", "update"]
    assert [text.split(",")[0] for text in captions(shown)] == [f"step {number} of 5" for number in (1, 2, 4, 5)]
    assert len({page for _, page in shown}) == 4  # each another picture


def test_it_says_loss_and_temperature_until_the_pens_are_fixed(shown: Shown, tmp_path: Path) -> None:
    run_small(small("quickstart"), tmp_path / "run", on_step=LivePreview(every=1))
    assert [bool(re.search(r"loss -?\d.*temperature \d\.\d\d, \d+% decided", text)) for text in captions(shown)] == [
        True, True, True, False, False
    ]  # fmt: skip
    assert [text.endswith("pens fixed") for text in captions(shown)] == [False, False, False, True, True]


def test_pictures_have_the_detail_that_is_asked_for(shown: Shown) -> None:
    details = []

    def picture(detail: float) -> torch.Tensor:
        details.append(detail)
        return torch.ones(1, 3, 4, 6)

    step = Step(1, 9, "soft", 0.5, 0.0, 0.05, 0, Figures(torch.tensor(1.5), {}, torch.ones(1, 1)), picture)
    LivePreview(detail=3.5, width=99)(step)
    assert details == [3.5]
    assert 'width="99"' in shown[0][1]


def test_pixels_can_be_watched_too(shown: Shown, tmp_path: Path) -> None:
    run_small(small("pixels"), tmp_path / "run", on_step=LivePreview(every=5))
    assert len(shown) == 2


def test_without_ipython_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", None)
    with pytest.raises(MissingError, match="pip install ipython"):
        LivePreview()


def test_outside_of_a_notebook_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, lambda: None, None)
    with pytest.raises(InputError, match="found a plain Python program"):
        LivePreview()


@pytest.mark.parametrize("options", [{"every": 0}, {"detail": 0.0}, {"width": 0}])
def test_numbers_are_above_0(shown: Shown, options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="above 0"):
        LivePreview(**options)


@needs_package("nbclient", "ipykernel", install="plotart[dev]")
def test_it_runs_in_a_notebook(tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    code = f"""
from plotart import Config, generate
from plotart.reports.notebook import LivePreview

config = Config.load({str(CONFIGS / "quickstart.yaml")!r}, {list(SMALL)!r})
run = generate(config, out={str(tmp_path / "run")!r}, on_step=LivePreview(every=2))
"""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
    (output,) = book.cells[0].outputs
    assert output.output_type == "display_data"
    assert "step 5 of 5" in output.data["text/html"]

"""Options and fixtures that several test files share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest


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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store-golden", action="store_true", help="write what the tests make to tests/data/golden; look at it then"
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(Path(__file__).parent / "data" / "golden", bool(request.config.getoption("--store-golden")))

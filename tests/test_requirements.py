"""What plotart needs is open upwards, and a set of versions that was tested is pinned beside it."""

from __future__ import annotations

import sys

import pytest
from packaging.requirements import Requirement
from pages import ROOT, blocks

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DIRECT = [Requirement(text) for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]


def pinned() -> dict[str, Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {requirement.name.lower().replace("_", "-"): requirement for requirement in found}


def test_no_version_is_shut_out_above() -> None:
    for requirement in DIRECT:
        assert [part.operator for part in requirement.specifier] == [">="], requirement


def test_every_package_is_pinned_within_its_bounds() -> None:
    pins = pinned()
    for pin in pins.values():
        (part,) = pin.specifier
        assert (part.operator, pin.url) == ("==", None)
        assert "+" not in part.version
    for requirement in DIRECT:
        (part,) = pins[requirement.name.lower().replace("_", "-")].specifier
        assert requirement.specifier.contains(part.version), requirement


@pytest.mark.parametrize("mark", ["run command", "test command"])
def test_the_readme_installs_what_was_tested(mark: str) -> None:
    (block,) = (block for block in blocks("README.md", "sh") if block.mark == mark)
    assert "pip install -c constraints.txt -e " in block.text

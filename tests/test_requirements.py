"""What plotart needs is open upwards, and a set of versions that was tested is pinned beside it."""

from __future__ import annotations

import sys

import pytest
import yaml
from packaging.requirements import Requirement
from pages import ROOT, blocks

import plotart

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DIRECT = [Requirement(text) for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]


def name_of(requirement: Requirement) -> str:
    return requirement.name.lower().replace("_", "-")


def pinned(file: str = "constraints.txt") -> dict[str, Requirement]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {name_of(requirement): requirement for requirement in found}


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
        (part,) = pins[name_of(requirement)].specifier
        assert requirement.specifier.contains(part.version), requirement


def test_the_oldest_versions_are_the_bounds() -> None:
    pins = pinned("constraints-oldest.txt")
    for requirement in DIRECT:
        (bound,) = requirement.specifier
        (pin,) = pins[name_of(requirement)].specifier
        assert (pin.operator, pin.version) == ("==", bound.version), requirement
        assert pins[name_of(requirement)].marker == requirement.marker


@pytest.mark.parametrize("mark", ["run command", "test command"])
def test_the_readme_installs_what_was_tested(mark: str) -> None:
    (block,) = (block for block in blocks("README.md", "sh") if block.mark == mark)
    assert "pip install -c constraints.txt -e " in block.text


def test_version_and_tools_are_the_same_wherever_they_are_told() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == plotart.__version__
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    (ruff,) = (repo["rev"] for repo in hooks if repo["repo"].endswith("/ruff-pre-commit"))
    assert pinned()["ruff"].specifier.contains(ruff.removeprefix("v"))

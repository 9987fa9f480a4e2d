"""What the docs show works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from plotart import Config

DOCS = Path(__file__).parent.parent / "docs"
OBJECTIVES = (DOCS / "objectives.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", OBJECTIVES, flags=re.DOTALL)


@pytest.mark.parametrize("block", blocks("yaml"))
def test_terms_in_the_docs_are_what_configs_take(block: str) -> None:
    found = yaml.safe_load(block)
    terms = found["objective"] if isinstance(found, dict) else found
    config = Config.from_dict({"pens": [{"name": "Black", "color": "black", "width": 0.5}], "objective": terms})
    assert len(config.objective) == len(terms)


def test_every_kind_of_term_is_in_the_docs() -> None:
    goals = {term["type"] for block in blocks("yaml") for term in _terms(block)}
    bounds = set(re.findall(r"^\| `(\w+)` \|", OBJECTIVES, flags=re.MULTILINE))
    kinds = set(Config.model_json_schema()["properties"]["objective"]["items"]["discriminator"]["mapping"])
    assert goals | bounds == kinds


def test_the_python_in_the_docs_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    exec(code, {})
    said = re.search(r"# (motif leaf .*)", code)
    assert said is not None
    assert capsys.readouterr().out.strip() == said[1]


def _terms(block: str) -> list[dict[str, str]]:
    found = yaml.safe_load(block)
    terms: list[dict[str, str]] = found["objective"] if isinstance(found, dict) else found
    return terms

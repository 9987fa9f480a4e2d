"""docs/objectives.md has every term, and says what they say of themselves."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from pages import blocks, read

from plotart import Config

PAGE = "docs/objectives.md"


def test_every_kind_of_term_is_on_the_page() -> None:
    goals = {term["type"] for block in blocks(PAGE, "yaml") for term in _terms(block.text)}
    bounds = set(re.findall(r"^\| `(\w+)` \|", read(PAGE), flags=re.MULTILINE))
    kinds = set(Config.model_json_schema()["properties"]["objective"]["anyOf"][0]["items"]["discriminator"]["mapping"])
    assert goals | bounds == kinds


def test_a_sum_says_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = blocks(PAGE, "python")
    exec(block.text, {})
    said = re.search(r"# (motif leaf .*)", block.text)
    assert said is not None
    assert capsys.readouterr().out.strip() == said[1]


def _terms(block: str) -> list[dict[str, Any]]:
    found = yaml.safe_load(block)
    terms: list[dict[str, Any]] | str = found["objective"] if isinstance(found, dict) else found
    return [] if isinstance(terms, str) else terms  # surprise is a word in place of terms

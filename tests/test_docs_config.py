"""docs/config.md has every key of a config, as the models that check configs have it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from config_reference import MODELS, PLACES, SCHEMA, UNITS, formats, table, terms
from pages import ROOT

PAGE = ROOT / "docs" / "config.md"
TABLE = re.compile(r"(<!-- keys of (\w+): written by [^\n]* -->\n)(.*?)(<!-- end of keys -->)", re.DOTALL)
PARTS = re.compile(r"(<!-- (terms|formats): written by [^\n]* -->\n)(.*?)(<!-- end of \2 -->)", re.DOTALL)


def test_the_tables_are_those_of_the_models(pytestconfig: pytest.Config) -> None:
    found = PAGE.read_text(encoding="utf-8")
    true = TABLE.sub(lambda match: match[1] + table(match[2]) + match[4], found)
    parts = {"terms": terms(), "formats": formats()}
    true, count = PARTS.subn(lambda match: match[1] + parts[match[2]] + match[4], true)
    assert count == 2
    if pytestconfig.getoption("--store-golden"):
        PAGE.write_text(true, encoding="utf-8")
    assert true == PAGE.read_text(encoding="utf-8"), "run pytest --store-golden tests/test_docs_config.py"


def test_every_model_has_one_table() -> None:
    others = [name for name in MODELS if not name.endswith(("Term", "Format"))]
    assert sorted(match[2] for match in TABLE.finditer(PAGE.read_text(encoding="utf-8"))) == sorted(others)


def test_keys_stand_where_the_models_have_them() -> None:
    def ways(node: dict[str, Any]) -> list[dict[str, Any]]:
        """What may be written there, null apart."""
        listed = node.get("anyOf") or node.get("oneOf") or [node]
        found = [MODELS[one["$ref"].split("/")[-1]] if "$ref" in one else one for one in listed]
        return [one for one in found if one.get("type") != "null"]

    def at(place: str) -> set[str]:
        here = ways(SCHEMA)
        for key in place.removesuffix(".").split("."):
            inner = [one.get("items") if key == "N" else one.get("properties", {}).get(key) for one in here]
            here = [way for node in inner if node is not None for way in ways(node)]
        return {str(one.get("title")) for one in here}

    for name, place in PLACES.items():
        if place:
            assert name in at(place)


def test_no_unit_is_of_a_key_that_is_gone() -> None:
    keys = {f"{model}.{key}" for model, found in MODELS.items() for key in found["properties"]}
    assert {key for found in UNITS.values() for key in found} <= keys

"""The studio's page: all texts that its scripts ask for are there, none is left over, nothing comes from elsewhere."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

PAGE = Path(str(files("plotart.studio") / "page"))
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(PAGE.glob("*.js"))}
TEXTS: dict[str, str] = json.loads((PAGE / "text.en.json").read_text(encoding="utf-8"))

#: t("key") and t(x ? "key" : "other"); t(`begin.${kind}`) and maybe("state", word), which are of all keys below one.
KEY = re.compile(r'\bt\((?:\w+ \? )?"([^"]+)"(?: : "([^"]+)")?')
BELOW = re.compile(r'\bt\(`([^`$]*)\$\{|\bmaybe\("([^"]+)"')


def asked() -> set[str]:
    return {key for text in SCRIPTS.values() for found in KEY.findall(text) for key in found if key}


def below() -> set[str]:
    pairs = [found for text in SCRIPTS.values() for found in BELOW.findall(text)]
    return {prefix or f"{word}." for prefix, word in pairs}


def test_every_text_that_is_asked_for_is_there() -> None:
    plain = {re.sub(r"\.(one|other)$", "", key) for key in TEXTS}
    assert len(asked()) > 100
    assert sorted(asked() - plain) == []
    assert [prefix for prefix in below() if not any(key.startswith(prefix) for key in TEXTS)] == []


def test_no_text_is_left_over() -> None:
    plain = {re.sub(r"\.(one|other)$", "", key) for key in TEXTS}
    assert [key for key in sorted(plain - asked()) if not key.startswith(tuple(below()))] == []


def test_a_number_of_things_has_both_forms() -> None:
    for key in TEXTS:
        if key.endswith(".one"):
            assert f"{key.removesuffix('.one')}.other" in TEXTS


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_module_imports_what_is_there_and_uses_it(name: str) -> None:
    for words, path in re.findall(r'^import (?:\{([^}]+)\} from )?"([^"]+)";', SCRIPTS[name], re.MULTILINE):
        if path == "/player.js":
            continue
        source = SCRIPTS[path.removeprefix("./")]
        rest = re.sub(r"^import .*$", "", SCRIPTS[name], flags=re.MULTILINE)
        for word in filter(None, map(str.strip, words.split(","))):
            there, _, here = word.partition(" as ")
            assert re.search(rf"^export (?:async )?(?:function|class|const) {there}\b", source, re.MULTILINE), word
            assert re.search(rf"\b{here or there}\b", rest), word


def test_data_never_becomes_html() -> None:
    for name, text in SCRIPTS.items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), name


def test_nothing_comes_from_elsewhere() -> None:
    allowed = {"http://www.w3.org/2000/svg"}
    for path in PAGE.iterdir():
        if path.suffix in {".js", ".css", ".html", ".svg"}:
            assert set(re.findall(r"https?://[^\s\"'`$)]+", path.read_text(encoding="utf-8"))) <= allowed, path.name

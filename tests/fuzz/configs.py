"""Configs and overrides: the shipped ones, spoilt as trees, as text and as bytes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from fuzz.case import Place, Seeds
from fuzz.mutate import NUMBERS, TEXTS, VALUES, spoilt_bytes, spoilt_text, spoilt_tree

CONFIGS = Path(__file__).parents[2] / "configs"

#: What makes a run as short as one can be, whatever else is in its config.
SHORT = (
    *("strokes.count=6", "strokes.segments=2", "render.resolution=48", "render.crop=null", "render.oversample=1"),
    *("augment.views=1", "augment.size=null", "optimize.steps=2", "optimize.compile=false", "export.preview=64"),
    *("export.timelapse=0", "optimize.precision=float32"),
)

_SNIPPETS = (
    *(
        "&a [*a]",
        "&a {b: *a}",
        "*b",
        "!!python/object/apply:os.system ['touch owned']",
        "!!binary aGk=",
        "!!set {a, b}",
    ),
    *("<<: {seed: 1}", "? [a, b]\n: c\n", "---\n", "...\n", "%YAML 9.9\n---\n", "%TAG ! x\n", "- - - - -", "[" * 2000),
    *("{a: " * 500, "\t", "extends: ../../../../etc/passwd\n", "extends: bad.yaml\n", "!!timestamp 2024-99-99"),
    *("!!int x", "!!float x", "!!null x", "!!omap [a: 1]", "!!python/name:os.system", "0o777", "1:60:99", "=", "| \n"),
    *("name: ../../x\n", "name: /tmp/x\n", "name: '...'\n", "seed: " + "9" * 5000 + "\n", "\x00", "\x85", "\ufeff"),
)


def config(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A config, read and its pens listed."""
    return ["pens", "list", str(_write(random, place))]


def generate(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A config, as short a run as can be."""
    tree = spoilt_tree(random, _tree(random.choice(_names())))
    if isinstance(tree, dict):
        if random.random() < 0.5:
            tree["name"] = random.choice(TEXTS)
        if random.random() < 0.3 and isinstance(tree.get("pens"), list):
            tree["pens"] = [{**pen, "name": random.choice(TEXTS)} for pen in tree["pens"] if isinstance(pen, dict)]
        if random.random() < 0.4:
            tree["export"] = spoilt_tree(random, _EXPORT)
    _copy_shipped(place)
    path = place.file("bad.yaml", yaml.safe_dump(tree, allow_unicode=random.random() < 0.5))
    return ["generate", str(path), *(word for text in SHORT for word in ("-o", text))]


def override(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A good config and up to three bad overrides, as short a run as can be."""
    path = place.file("good.yaml", (CONFIGS / "quickstart.yaml").read_bytes())
    words = []
    for _ in range(random.choice((1, 1, 2, 3))):
        key = ".".join(random.choice(_keys()))
        if random.random() < 0.2:
            key = random.choice((key + ".x", key + ".0", "objective.9.type", "", ".", "..", key[:-1], key.upper()))
        value = random.choice((*NUMBERS, *TEXTS, *map(str, VALUES), *_SNIPPETS))
        words += ["-o", f"{key}{random.choice(('=', '=', '=', ' = ', '', '=='))}{value}".replace("\0", "")]
    return ["generate", str(path), *words, *(word for text in SHORT for word in ("-o", text))]


_EXPORT = {
    "machine": "custom",
    "custom": {"travel": [100, 50], "speed_down": 50.0, "raise_time": 0.1, "acceleration_up": 100.0},
    "merge": 0.1,
    "simplify": 0.02,
    "min_length": 0.0,
    "remove_hidden": True,
    "in_register": False,
    "registration_marks": True,
    "sheets": True,
    "overlap": 10.0,
    "order": "given",
}


def _write(random: Random, place: Place) -> Path:
    name = random.choice(_names())
    _copy_shipped(place)
    way = random.randrange(10)
    if way < 5:
        text = yaml.safe_dump(spoilt_tree(random, _tree(name)), allow_unicode=random.random() < 0.5)
        return place.file("bad.yaml", text)
    if way < 8:
        return place.file("bad.yaml", spoilt_text(random, _text(name), _SNIPPETS))
    data = spoilt_bytes(random, _text(name).encode())
    if way == 9:
        data = _text(name).encode(random.choice(("utf-16", "utf-32", "utf-7", "cp037", "utf-8-sig")))
    return place.file(random.choice(("bad.yaml", "bad.yml", "bad", "..yaml", "[red].yaml", "b d'\".yaml")), data)


def _copy_shipped(place: Place) -> None:
    """What configs extend and draw after lies beside the bad one."""
    for path in CONFIGS.iterdir():
        (place.given / path.name).symlink_to(path)


@cache
def _names() -> list[str]:
    return sorted(path.name for path in CONFIGS.glob("*.yaml"))


@cache
def _text(name: str) -> str:
    return (CONFIGS / name).read_text(encoding="utf-8")


@cache
def _tree(name: str) -> Any:
    return yaml.safe_load(_text(name))


@cache
def _keys() -> list[tuple[str, ...]]:
    """The keys of a config with every default written out, lists by their numbers."""
    from plotart.config import Config

    def keys(value: Any, before: tuple[str, ...]) -> list[tuple[str, ...]]:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return [before, *(key for name, part in items for key in keys(part, (*before, str(name))))]

    return keys(yaml.safe_load(Config.load(CONFIGS / "quickstart.yaml").dump()), ())[1:]

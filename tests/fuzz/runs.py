"""Run folders with one file spoilt, and all that is done with a run folder."""

from __future__ import annotations

import json
import shutil
from random import Random

import yaml

from fuzz.case import Place, Seeds
from fuzz.mutate import NUMBERS, TEXTS, spoilt_bytes, spoilt_text, spoilt_tree
from fuzz.weights import spoilt_safetensors

_SNIPPETS = (*NUMBERS, *TEXTS, ",", '"', "\n", "step,loss\n", '{"a": 1}', "[" * 3000, '{"drawing": 1}')

_COMMANDS = (
    *(["stats", "RUN"], ["export", "RUN", "--out", "OUT"], ["report", "RUN", "--out", "OUT/r.html"]),
    *(["preview", "RUN", "--size", "64", "--out", "OUT/p.png"], ["plot", "RUN", "--dry-run"]),
    *(["export", "RUN", "--out", "OUT", "--gcode", "gcodemm", "--vpype-pens"], ["stats", "RUN", "--machine", "custom"]),
)
_FILES = (
    *("summary.json", "strokes.safetensors", "config.yaml", "metrics.csv", "plot.svg", "preview.png"),
    *("summary.json", "strokes.safetensors"),
)


def run(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A finished run with one of its files spoilt, and all that reads it."""
    folder = place.given / "run"
    shutil.copytree(seeds.run, folder)
    name = random.choice(_FILES)
    target = folder / name
    if random.random() < 0.05:
        target.unlink()
        if random.random() < 0.5:
            target.mkdir()
    else:
        target.write_bytes(_spoilt(random, name, target.read_bytes()))
    command, *words = random.choice(_COMMANDS)
    return [command, *(word.replace("RUN", str(folder)).replace("OUT", str(place.out)) for word in words)]


def resume(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A run that was stopped, with a file of it spoilt, gone on with."""
    shutil.copytree(seeds.stopped, place.out)
    checkpoints = sorted((place.out / "checkpoints").glob("*.safetensors"))
    target = random.choice((*checkpoints, checkpoints[-1], checkpoints[-1], place.out / "metrics.csv"))
    if random.random() < 0.1:
        target = place.out / "config.yaml"
    target.write_bytes(_spoilt(random, target.name, target.read_bytes()))
    return ["generate", str(seeds.stopped / "config.yaml"), "--resume", "--out", str(place.out)]


def _spoilt(random: Random, name: str, data: bytes) -> bytes:
    if random.random() < 0.2:
        return spoilt_bytes(random, data)
    if name.endswith(".safetensors"):
        return spoilt_safetensors(random, data)
    if name.endswith(".json"):
        return json.dumps(spoilt_tree(random, json.loads(data))).encode("utf-8", "surrogatepass")
    if name.endswith(".yaml") and random.random() < 0.7:
        return yaml.safe_dump(spoilt_tree(random, yaml.safe_load(data))).encode()
    if name.endswith(".png"):
        return spoilt_bytes(random, data, head=64)
    return spoilt_text(random, data.decode(), _SNIPPETS).encode("utf-8", "surrogatepass")

"""The export of a config by itself: as in the whole of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from plotart.config import Config, load_export
from plotart.errors import ConfigError

PEN = '{name: Black, color: "#1b1b1b", width: 0.3}'
REST = f"objective: [{{type: excitation, class: star}}]\npens: [{PEN}]\n"


def written(folder: Path, text: str, name: str = "run.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "export",
    [
        "",
        "export: {}\n",
        "export: {machine: nextdraw-2234, driver: ebb, merge: 1cm}\n",
        "export: {machine: custom, custom: {travel: [1m, 30cm], speed_up: 90}}\n",
        "export: {formats: [{type: gcode, profile: gcode}, {type: hpgl, device: hp7475a}]}\n",
    ],
)
def test_it_is_that_of_the_whole_config(tmp_path: Path, export: str) -> None:
    path = written(tmp_path, REST + export)
    assert load_export(path) == Config.load(path).export
    assert load_export(written(tmp_path, Config.load(path).dump())) == Config.load(path).export


def test_what_it_extends_counts(tmp_path: Path) -> None:
    written(tmp_path, f"{REST}export: {{machine: nextdraw-2234, overlap: 5}}\n", "base.yaml")
    path = written(tmp_path, "extends: base.yaml\nexport: {overlap: 7}\n")
    assert load_export(path) == Config.load(path).export
    assert (load_export(path).machine, load_export(path).overlap) == ("nextdraw-2234", 7.0)


@pytest.mark.parametrize(
    "text",
    [
        f"{REST}export: {{machine: nextdrow}}\n",
        f"{REST}seed: -1\nexport: {{machine: custom}}\n",
        f"{REST}export: 3\n",
        "seed: [\n",
        "extends: nowhere.yaml\n",
    ],
)
def test_what_is_wrong_is_said_as_of_the_whole_config(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as whole:
        Config.load(path)
    with pytest.raises(ConfigError) as part:
        load_export(path)
    assert str(part.value) == str(whole.value)


def test_what_is_wrong_elsewhere_does_not_matter(tmp_path: Path) -> None:
    assert load_export(written(tmp_path, "seed: -1\nexport: {machine: nextdraw-2234}\n")).machine == "nextdraw-2234"

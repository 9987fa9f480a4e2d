"""The config: defaults, round trips, files on files, overrides, and what every mistake is answered with."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from plotart.config import Config, config_schema
from plotart.errors import ConfigError
from plotart.geometry.units import MILLIMETRES
from plotart.networks import describe
from plotart.objectives.terms.excitation import ExcitationTerm
from plotart.schema.values import PAPER_MM

CONFIGS = Path(__file__).parent.parent / "configs"
PEN = {"name": "Black", "color": "#1b1b1b", "width": "0.5mm"}
TERM = {"type": "excitation", "class": "star"}
LEAST: dict[str, Any] = {"pens": [PEN], "objective": [TERM]}
LEAST_YAML = "pens: [{name: Black, color: black, width: 0.5}]\nobjective: [{type: excitation, class: star}]\n"
PEN_KEYS = "name, color, width, ink, opacity, reflectance, transmittance, maker, code, speed, height, "
PEN_KEYS += "delay, pause, max_distance, offset, well"
TOP_KEYS = "name, seed, canvas, page, pens, palette, strokes, render, look, objective, augment, optimize, "
TOP_KEYS += "text, guests, edition, export"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a file into a fresh current folder; messages then name it as it is given here."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str | bytes) -> Path:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def refusal(**changes: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        Config.from_dict({**LEAST, **changes}, name="x.yaml")
    return str(caught.value)


def load_refusal(path: Path, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        Config.load(path, overrides)
    return str(caught.value)


# --- what is right ---------------------------------------------------------------------------------------------------


def test_defaults() -> None:
    config = Config.from_dict(LEAST)
    assert (config.name, config.seed, config.canvas) == ("", 0, "strokes")
    assert (config.page.size, config.page.margin, config.page.width_height) == ("a5", 10.0, (148.0, 210.0))
    assert (config.pens[0].ink, config.pens[0].opacity, config.pens[0].width) == ("transparent", 1.0, 0.5)
    assert (config.palette.temperature.start, config.palette.temperature.end) == (1.0, 0.05)
    assert (config.strokes.length, config.augment.scale, config.optimize.rate.points) == (20.0, (0.8, 1.2), None)
    assert (config.render.softness, config.render.two_flux) == (0.0, False)
    assert (config.optimize.recycle.every, config.optimize.recycle.until) == (25, 0.6)
    assert (config.export.machine, config.export.merge, config.export.simplify) == ("axidraw-v3", 0.1, 0.02)
    term = config.objective[0]
    assert isinstance(term, ExcitationTerm)
    assert (term.class_, term.network, term.relu, term.weight, term.pooling) == ("star", "motif", False, 1.0, "max")


def test_is_frozen() -> None:
    config = Config.from_dict(LEAST)
    with pytest.raises(ValidationError):
        config.seed = 3
    assert hash(config) == hash(Config.from_dict(LEAST))


def test_does_not_change_its_input() -> None:
    data = {**LEAST, "strokes": {"svg": "a.svg"}}
    before = json.dumps(data)
    Config.from_dict(data)
    assert json.dumps(data) == before


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ({"size": "A4"}, (210.0, 297.0)),
        ({"size": "a4", "orientation": "landscape"}, (297.0, 210.0)),
        ({"size": ["30cm", 200]}, (300.0, 200.0)),
        ({"size": (200, "300mm"), "orientation": "landscape"}, (300.0, 200.0)),
    ],
)
def test_page_sizes(page: dict[str, Any], expected: tuple[float, float]) -> None:
    assert Config.from_dict({**LEAST, "page": page}).page.width_height == expected


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0, 1000, allow_nan=False),
    st.sampled_from(["", *MILLIMETRES]),
    st.sampled_from(["", " "]),
    st.booleans(),
)
def test_lengths_in_any_unit(number: float, unit: str, gap: str, capitals: bool) -> None:
    text = f"{number!r}{gap}{unit.upper() if capitals else unit}"
    config = Config.from_dict({**LEAST, "export": {"merge": text, "simplify": number}})
    assert math.isclose(config.export.merge, number * MILLIMETRES[unit or "mm"])
    assert config.export.simplify == number


LINES = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=12).filter(str.isprintable)
NAMES = st.one_of(
    LINES, st.sampled_from(["1e-3", "null", "yes", "0x10", "12:30:00", "2024-01-01", "#x", "- a", "~", "="])
)
UNIT = st.floats(0, 1, exclude_min=True)


@st.composite
def whole_configs(draw: st.DrawFn) -> dict[str, Any]:
    pen_names = draw(st.lists(NAMES.filter(str.strip), min_size=1, max_size=3, unique=True))
    targets: list[dict[str, Any]] = [{"class": "star"}, {"layer": "a"}, {"layer": "a", "channels": [3, 0]}]
    target = draw(st.sampled_from(targets))
    return {
        "name": draw(NAMES),
        "seed": draw(st.integers(0, 2**63 - 1)),
        "page": {"size": draw(st.sampled_from(["a3", "Letter", ["20cm", 150.5]])), "margin": draw(st.floats(0, 50))},
        "pens": [
            {"name": name, "color": "red", "width": draw(st.floats(1e-9, 20)), "opacity": draw(UNIT)}
            for name in pen_names
        ],
        "strokes": {"svg": draw(st.sampled_from([None, "~/a.svg", "b/ü 1.svg"]))},
        "objective": [
            {"type": "excitation", **target, "weight": draw(st.floats(allow_nan=False, allow_infinity=False))},
            {"type": "length", "weight": draw(UNIT)},
        ],
        "augment": {"scale": [draw(UNIT), 1], "size": draw(st.none() | st.integers(16, 4096))},
    }


@settings(deadline=None, max_examples=60)
@given(whole_configs())
def test_dump_loads_back(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]) -> None:
    config = Config.from_dict(data)
    path = tmp_path_factory.getbasetemp() / "dumped.yaml"
    path.write_text(config.dump(), encoding="utf-8")
    assert Config.load(path) == config


def test_dump_writes_everything_in_order() -> None:
    lines = Config.from_dict(LEAST).dump().splitlines()
    assert ", ".join(line.split(":")[0] for line in lines if line[0] not in " -") == TOP_KEYS
    assert "page: {size: a5, orientation: portrait, margin: 10.0, color: '#ffffff', cut: false}" in lines
    assert any("class: star" in line for line in lines)
    assert not any("class_" in line for line in lines)


def test_schema_documents_every_key() -> None:
    schema = config_schema()
    parts = {"Config": schema, **schema["$defs"]}
    for part, node in parts.items():
        assert node["description"], part
        for key, value in node["properties"].items():
            assert value.get("description") or "$ref" in value, f"{part}.{key}"
    margin = schema["$defs"]["PageConfig"]["properties"]["margin"]
    assert (margin["type"], margin["format"], margin["minimum"]) == (["number", "string"], "length", 0)
    assert "class" in schema["$defs"]["ExcitationTerm"]["properties"]
    assert "extends" in schema["properties"]
    json.dumps(schema)


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_configs(path: Path, tmp_path: Path) -> None:
    config = Config.load(path)
    assert config.name == path.stem
    for term in config.terms:
        if isinstance(term, ExcitationTerm) and term.class_:
            assert term.class_ in describe("motif").classes
    dumped = tmp_path / "other.yaml"
    dumped.write_text(config.dump(), encoding="utf-8")
    assert Config.load(dumped) == config


def test_exponents_are_numbers(write: Write) -> None:
    config = Config.load(write("x.yaml", LEAST_YAML + "palette: {sharpness: 1e-3, usage: 1E0}\nname: '1e5'\n"))
    assert (config.palette.sharpness, config.palette.usage, config.name) == (0.001, 1.0, "1e5")


def test_name_is_the_files(write: Write) -> None:
    assert Config.load(write("my drawing.yaml", LEAST_YAML)).name == "my drawing"


def test_byte_order_mark_and_anchors(write: Write) -> None:
    text = "\ufeffpens:\n- &a {name: A, color: red, width: 1}\n- {<<: *a, name: B}\n"
    text += "objective: [{type: excitation, layer: conv1_1}]"
    assert [pen.width for pen in Config.load(write("x.yaml", text)).pens] == [1.0, 1.0]


# --- files on files, paths, overrides --------------------------------------------------------------------------------


def test_extends(write: Write) -> None:
    write("base/base.yaml", LEAST_YAML + "seed: 1\npage: {margin: 5, color: red}\n")
    write("base/middle.yaml", "extends: base.yaml\nseed: 2\nstrokes: {svg: art/a.svg}\n")
    top = write(
        "top.yaml", "extends: base/middle.yaml\npage: {margin: 1cm}\npens: [{name: B, color: blue, width: 1}]\n"
    )
    config = Config.load(top)
    assert (config.name, config.seed, config.page.margin, config.page.color) == ("top", 2, 10.0, "red")
    assert [pen.name for pen in config.pens] == ["B"]
    assert config.strokes.svg == Path.cwd() / "base/art/a.svg"


def test_paths_count_from_where_they_are_named(write: Write, tmp_path: Path) -> None:
    text = LEAST_YAML.replace("class: star", "class: star, weights: ../w.safetensors")
    config = Config.load(write("sub/x.yaml", text), ["strokes.svg=a.svg"])
    assert isinstance(config.objective[0], ExcitationTerm)
    assert config.objective[0].weights == tmp_path / "w.safetensors"

    assert config.strokes.svg == tmp_path / "a.svg"
    assert Config.from_dict({**LEAST, "strokes": {"svg": "a.svg"}}, folder="/f").strokes.svg == Path("/f/a.svg")


def test_all_files_of_terms_count_from_the_file_that_names_them(tmp_path: Path) -> None:
    folder = tmp_path / "configs"
    folder.mkdir()
    terms = [
        {"type": "image", "file": "photo.jpg"},
        {"type": "style", "file": "~/model.png"},
        {"type": "diversity", "others": ["../outputs/a", "b.png"]},
        {"type": "excitation", "class": "star", "mask": "mask.png"},
        {"type": "excitation", "layer": "conv1_1", "direction": "along.txt"},
    ]
    path = folder / "x.yaml"
    path.write_text(json.dumps({**LEAST, "objective": terms}))
    image, style, diversity, masked, directed = Config.load(path).model_dump()["objective"]
    assert image["file"] == folder / "photo.jpg"
    assert style["file"] == Path("~/model.png").expanduser()
    assert diversity["others"] == (tmp_path / "outputs" / "a", folder / "b.png")
    assert (masked["mask"], directed["direction"]) == (folder / "mask.png", folder / "along.txt")


def test_overrides(write: Write) -> None:
    overrides = [
        "seed=3",
        "page.margin=1cm",
        "page.color=#fbfaf5",
        "objective.0.class=null",
        "objective.0.layer=conv4_2",
        "objective.0.channels=[1, 2]",
        "pens.0.width = 0.3mm",
        "augment.scale.1=1.5",
        "palette.temperature.end=1e-2",
        "name=a=b",
    ]
    config = Config.load(write("x.yaml", LEAST_YAML + "palette:\n"), overrides)
    assert Config.load(write("y.yaml", LEAST_YAML)).override(*overrides) == config
    assert (config.seed, config.page.margin, config.page.color, config.name) == (3, 10.0, "#fbfaf5", "a=b")
    assert isinstance(config.objective[0], ExcitationTerm)
    assert (config.objective[0].layer, config.objective[0].channels) == ("conv4_2", (1, 2))
    assert (config.pens[0].width, config.augment.scale, config.palette.temperature.end) == (0.3, (0.8, 1.5), 0.01)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", 'found the override "seed"; allowed: key=value, as in optimize.steps=100'),
        ("=3", 'found the override "=3"; allowed: key=value, as in optimize.steps=100'),
        ("seed=-1", "seed: found -1; allowed: a whole number from 0 to 9223372036854775807"),
        (
            "optimize.step=5",
            (
                'optimize.step: unknown key; did you mean "steps"? Allowed: steps, rate, decay, polish, '
                "project, recycle, precision, compile, leak, checkpoint"
            ),
        ),
        ("resolution=300", f'resolution: unknown key; did you mean "render.resolution"? Allowed: extends, {TOP_KEYS}'),
        ("pens.1.width=3", 'pens.1: found the index "1"; allowed: 0 to 0'),
        ("pens.black.width=3", 'pens.black: found the index "black"; allowed: 0 to 0'),
        ("render.resolution.x=3", "render.resolution.x: unknown key; render.resolution is 64"),
        ("pens=[", "line 1, column 2: invalid YAML: expected the node content, but found '<stream end>'"),
        ("extends=a.yaml", "extends: found an override; allowed: extends in a file only"),
    ],
)
def test_bad_overrides(write: Write, override: str, message: str) -> None:
    path = write("x.yaml", LEAST_YAML + "render: {resolution: 64}\n")
    assert load_refusal(path, override) == f"x.yaml (override {json.dumps(override)}): {message}"
    with pytest.raises(ConfigError) as refused:
        Config.load(path).override(override)
    # A config that is loaded extends nothing more.
    assert (
        str(refused.value)
        == f"x (override {json.dumps(override)}): {message.replace('Allowed: extends, ', 'Allowed: ')}"
    )


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_a_config_is_overridden_as_its_file_would_be(path: Path) -> None:
    config = Config.load(path)
    assert config.override() == config
    overrides = ["seed=7", "page.margin=3mm", "optimize.rate.points=0.2", "render.resolution=640"]
    assert config.override(*overrides[:2]).override(*overrides[2:]) == Config.load(path, overrides)


def test_each_problem_names_the_file_that_has_it(write: Write) -> None:
    write("base.yaml", LEAST_YAML + "seed: -1\npalette: {usage: -1}\n")
    top = write("top.yaml", "extends: base.yaml\npalette: {noise: -1}\nextend: 3\n")
    assert load_refusal(top, "render.oversample=9").splitlines() == [
        "base.yaml: seed: found -1; allowed: a whole number from 0 to 9223372036854775807",
        "top.yaml: palette.noise: found -1; allowed: a finite number from 0 to 1000",
        "base.yaml: palette.usage: found -1; allowed: a finite number of at least 0",
        'top.yaml (override "render.oversample=9"): render.oversample: found 9; allowed: a whole number from 1 to 8',
        f'top.yaml: extend: unknown key; did you mean "extends"? Allowed: extends, {TOP_KEYS}',
    ]


# --- files that are no config ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "found nothing at the top level; allowed: a mapping, as in seed: 7"),
        ("# nothing\n", "found nothing at the top level; allowed: a mapping, as in seed: 7"),
        ("- a\n", 'found ["a"] at the top level; allowed: a mapping, as in seed: 7'),
        ("seed: 1\nseed: 2\n", 'line 2, column 1: the key "seed" is given twice'),
        ("page: {size: a4,\n  size: a5}", 'line 2, column 3: the key "size" is given twice'),
        ("seed: [1\npage: 2", "line 2, column 5: invalid YAML: expected ',' or ']', but got ':'"),
        ("seed:\n\t- 1", "line 2, column 1: invalid YAML: found character '\\t' that cannot start any token"),
        (
            "seed: !!python/name:os.system x",
            (
                "line 1, column 7: invalid YAML: could not determine a constructor for "
                "the tag 'tag:yaml.org,2002:python/name:os.system'"
            ),
        ),
        ("seed: 1\nname: a\x07b", "line 2, column 8: found the character U+0007; allowed: printable text"),
        (b"seed: 1\nname: \xff\xfe", "line 2: found bytes that aren't UTF-8; allowed: UTF-8 text"),
        (
            "seed: 1\n---\nseed: 2\n",
            "line 2, column 1: invalid YAML: expected a single document in the stream, but found another document",
        ),
        ("seed: *a", "line 1, column 7: invalid YAML: found undefined alias 'a'"),
        ("seed: &a [*a]", "line 1, column 7: found an alias within what it stands for"),
        ("seed: " + "9" * 5000, "invalid YAML: a number or another value that can't be read"),
        ("name: !!bool maybe", "invalid YAML: a number or another value that can't be read"),
        ("name: !!timestamp soon", "invalid YAML: a number or another value that can't be read"),
        ("name: !!int ''", "invalid YAML: a number or another value that can't be read"),
        ("name: 2024-13-45", "invalid YAML: a number or another value that can't be read"),
        ("name: " + "[" * 1000, "invalid YAML: nested too deeply"),
        ("name: [" + "1," * 10_000 + "]", "found more than 10,000 values, aliases counted; allowed: fewer"),
        ("#" * 1_000_001, "found more than 1,000,000 bytes; allowed: a config file of at most that size"),
        ("extends: 3", "extends: found 3; allowed: the path of another config file"),
        ("extends: x.yaml", "extends: found a circle: x.yaml -> x.yaml; allowed: a file outside this chain"),
    ],
)
def test_files_that_are_no_config(write: Write, text: str | bytes, message: str) -> None:
    assert load_refusal(write("x.yaml", text)) == f"x.yaml: {message}"


def test_alias_bomb(write: Write) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "more than 10,000 values, aliases counted" in load_refusal(write("x.yaml", "\n".join(lines)))


def test_missing_files_and_folders(write: Write, tmp_path: Path) -> None:
    write("x.yaml", "extends: none.yaml")
    assert load_refusal(Path("none.yaml")) == "none.yaml: no such file"
    assert load_refusal(Path("x.yaml")) == "none.yaml: no such file (named by extends in x.yaml)"
    assert load_refusal(tmp_path) == f"{tmp_path}: found a folder; allowed: a YAML file"
    assert load_refusal(Path("x.yaml/y.yaml")) == "x.yaml/y.yaml: can't be read: Not a directory"
    assert "embedded null" in load_refusal(Path("a\0b"))


def test_chains_of_files(write: Write) -> None:
    write("a.yaml", "extends: b.yaml")
    write("b.yaml", "extends: ./c.yaml")
    write("c.yaml", "extends: ../" + Path.cwd().name + "/a.yaml")
    assert "c.yaml: extends: found a circle: a.yaml -> b.yaml -> c.yaml -> a.yaml" in load_refusal(Path("a.yaml"))
    write("0.yaml", LEAST_YAML)
    for number in range(1, 11):
        write(f"{number}.yaml", f"extends: {number - 1}.yaml")
    assert Config.load("9.yaml").pens[0].name == "Black"
    assert load_refusal(Path("10.yaml")) == (
        "1.yaml: extends: found a chain of more than 10 files; allowed: at most 10"
    )


# --- values that aren't allowed --------------------------------------------------------------------------------------

LENGTH = "in mm or with a unit as in 0.35mm"
COLOR = 'a colour: "#rrggbb" in quotes, "rgb(r, g, b)" with 0 to 255 or a CSS name'
SHEET = f"{', '.join(PAPER_MM)}, or a list of 2, each a length from 1 to 10000, {LENGTH}"
TERMS = (
    "coverage, curvature, diversity, excitation, image, inside, length, neat, overdraw, "
    "smoothness, style, text, total_variation"
)
TARGETS = "class, or layer (all its channels), or layer with channel, channels or direction"
TERM_KEYS = (
    "type, network, weights, pooling, layer, channel, channels, channel_weights, class, direction, color, "
    "over_nothing, cosine, position, region, mask, outside, relu, weight"
)
SEED = "a whole number from 0 to 9223372036854775807"
SHORT = "the page's short side, 148 mm (the page is 148 x 210 mm)"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": "4.5"}, f'seed: found "4.5"; allowed: {SEED}'),
        ({"seed": "4"}, f'seed: found "4"; allowed: {SEED}'),
        ({"seed": 4.0}, f"seed: found 4.0; allowed: {SEED}"),
        ({"seed": True}, f"seed: found true; allowed: {SEED}"),
        ({"seed": 10**5000}, f"seed: found a value that can't be shown (int); allowed: {SEED}"),
        ({"name": "a\nb"}, 'name: found "a\\nb"; allowed: one line of text'),
        ({"name": None}, "name: found null; allowed: one line of text"),
        ({"canvas": "paint"}, 'canvas: found "paint"; allowed: strokes, pixels'),
        ({"page": None}, "page: found null; allowed: a mapping with the keys size, orientation, margin, color, cut"),
        ({"page": {"size": "a9"}}, f'page.size: found "a9"; allowed: {SHEET}'),
        ({"page": {"size": [1, 2, 3]}}, f"page.size: found [1, 2, 3]; allowed: {SHEET}"),
        ({"page": {"size": [0, True]}}, f"page.size: found [0, true]; allowed: {SHEET}"),
        ({"page": {"margin": "-3mm"}}, f'page.margin: found "-3mm"; allowed: a length of at least 0, {LENGTH}'),
        ({"page": {"margin": "3 ells"}}, f'page.margin: found "3 ells"; allowed: a length of at least 0, {LENGTH}'),
        ({"page": {"margin": True}}, f"page.margin: found true; allowed: a length of at least 0, {LENGTH}"),
        ({"page": {"margin": math.nan}}, f"page.margin: found NaN; allowed: a length of at least 0, {LENGTH}"),
        ({"page": {"margin": "80mm"}}, f"page.margin: found 80 mm; allowed: less than half of {SHORT}"),
        ({"page": {"color": None}}, f"page.color: found null; allowed: {COLOR}"),
        ({"page": {"color": "blak"}}, f'page.color: found "blak"; allowed: {COLOR}'),
        ({"page": {"color": "rgb(300, 0, 0)"}}, f'page.color: found "rgb(300, 0, 0)"; allowed: {COLOR}'),
        (
            {"pens": []},
            (
                'pens: found no pens; allowed: at least one, as in {name: Black, color: "#1b1b1b", width: '
                "0.35mm}, or palette.mode: learned"
            ),
        ),
        (
            {"pens": ["Black"]},
            (f'pens.0: found "Black"; allowed: a mapping with the keys {PEN_KEYS}'),
        ),
        (
            {"pens": 3},
            f"pens: found 3; allowed: a list, each a mapping with the keys {PEN_KEYS}, or the name of a set of pens, "
            "or a mapping with the keys set, only, or a mapping with the keys pens, overprints, paper",
        ),
        ({"pens": {"set": "x", "other": 1}}, "pens.other: unknown key; allowed: set, only"),
        ({"pens": {"only": ["Black"]}}, "pens.set: found null; allowed: the name of a set of pens, or a TOML file"),
        (
            {"pens": [{**PEN, "reflectance": [0, 0, 0]}]},
            "pens.0: found one of reflectance and transmittance; allowed: both, as a measured ink has, or none",
        ),
        (
            {"pens": [{**PEN, "reflectance": [0, 0], "transmittance": [0, 0, 2]}]},
            "pens.0.reflectance: found [0, 0]; allowed: a list of 3, each a finite number from 0 to 1, or null\n"
            "x.yaml: pens.0.transmittance.2: found 2; allowed: a finite number from 0 to 1",
        ),
        ({"palette": {"mode": "choose"}}, "palette.colors: found 4; allowed: at most 1, as many as pens"),
        (
            {"palette": {"mode": "choose", "colors": 1, "must": ["Red"]}},
            'palette.must.0: found "Red"; allowed: pens: Black',
        ),
        ({"pens": [{**PEN, "name": ""}]}, 'pens.0.name: found ""; allowed: one line of text that isn\'t empty'),
        ({"pens": [{**PEN, "width": 0}]}, f"pens.0.width: found 0; allowed: a length above 0 and at most 50, {LENGTH}"),
        ({"pens": [{**PEN, "opacity": 2}]}, "pens.0.opacity: found 2; allowed: a finite number above 0 and at most 1"),
        (
            {"pens": [{**PEN, "width": "20cm"}]},
            f'pens.0.width: found "20cm"; allowed: a length above 0 and at most 50, {LENGTH}',
        ),
        (
            {"page": {"size": [30, 40]}, "pens": [{**PEN, "width": "3cm"}]},
            'pens.0.width: found 30 mm for the pen "Black"; allowed: less than the page\'s short side, 30 mm '
            "(the page is 30 x 40 mm)",
        ),
        ({"pens": [{**PEN, "name": " "}]}, 'pens.0.name: found " "; allowed: one line of text that isn\'t empty'),
        (
            {"pens": {"pens": [{**PEN, "width": 0}]}},
            f"pens.pens.0.width: found 0; allowed: a length above 0 and at most 50, {LENGTH}",
        ),
        ({"pens": {"pens": [PEN, PEN]}}, 'pens.pens.1.name: found "Black"; allowed: a name that no other pen has'),
        (
            {"pens": {"pens": [PEN], "overprints": [{"below": "Black", "above": "Red", "light": [0, 0, 0]}]}},
            'pens.overprints.0.above: found "Red"; allowed: pens: Black',
        ),
        (
            {"pens": {"pens": [PEN], "overprints": [{"below": "Black", "above": "Black", "light": [0, 0]}]}},
            "pens.overprints.0.light: found [0, 0]; allowed: a list of 3, each a finite number from 0 to 1",
        ),
        ({"pens": {"pens": [PEN], "paper": "papyrus"}}, f'pens.paper: found "papyrus"; allowed: {COLOR}, or null'),
        (
            {"pens": {"pens": [PEN], "papers": 1}},
            'pens.papers: unknown key; did you mean "paper"? Allowed: set, only, pens, overprints, paper',
        ),
        ({"pens": [PEN, PEN]}, 'pens.1.name: found "Black"; allowed: a name that no other pen has'),
        (
            {"pens": [], "palette": {"mode": "learned", "width": 150}},
            f"palette.width: found 150; allowed: a length above 0 and at most 50, {LENGTH}",
        ),
        ({"palette": {"colors": 65}}, "palette.colors: found 65; allowed: a whole number from 1 to 64"),
        ({"palette": {"temperature": {"end": 2}}}, "palette.temperature.end: found 2; allowed: at most start (1)"),
        (
            {"palette": {"temprature": 1}},
            (
                'palette.temprature: unknown key; did you mean "temperature"? Allowed: mode, '
                "colors, must, chosen, sparsity, width, ink, opacity, temperature, sharpness, noise, usage"
            ),
        ),
        ({"xyz": 1}, f"xyz: unknown key; allowed: {TOP_KEYS}"),
        ({"strokes": {"init": "svg"}}, "strokes.svg: found nothing; allowed: the path of an SVG file, as init is svg"),
        ({"strokes": {"svg": ""}}, 'strokes.svg: found ""; allowed: the path of a file, or null'),
        ({"strokes": {"svg": "~a\0"}}, 'strokes.svg: found "~a\\u0000"; allowed: the path of a file, or null'),
        ({"strokes": {"svg": "~\ud800"}}, 'strokes.svg: found "~\\ud800"; allowed: the path of a file, or null'),
        ({"strokes": {"svg": 3}}, "strokes.svg: found 3; allowed: the path of a file, or null"),
        ({"render": {"light": "gamma"}}, 'render.light: found "gamma"; allowed: linear, srgb'),
        (
            {"render": {"softness": "-1mm"}},
            ('render.softness: found "-1mm"; allowed: a length from 0 to 100, in mm or with a unit as in 0.35mm'),
        ),
        ({"render": {"two_flux": 1}}, "render.two_flux: found 1; allowed: true or false"),
        (
            {"optimize": {"recycle": 25}},
            ("optimize.recycle: found 25; allowed: a mapping with the keys every, until"),
        ),
        (
            {"optimize": {"recycle": {"every": -1, "until": 2}}},
            (
                "optimize.recycle.every: found -1; allowed: a whole number of at least 0\n"
                "x.yaml: optimize.recycle.until: found 2; allowed: a finite number from 0 to 1"
            ),
        ),
        ({"augment": {"scale": [1]}}, "augment.scale: found [1]; allowed: a list of 2, each a finite number above 0"),
        ({"augment": {"scale": [1, "2"]}}, 'augment.scale.1: found "2"; allowed: a finite number above 0'),
        ({"augment": {"scale": [2, 1]}}, "augment.scale: found [2.0, 1.0]; allowed: [least, greatest]"),
        ({"augment": {"size": 4.5}}, "augment.size: found 4.5; allowed: a whole number from 16 to 4096, or null"),
        ({"optimize": {"polish": 1}}, "optimize.polish: found 1; allowed: a finite number of at least 0 and below 1"),
        (
            {"optimize": {"rate": {"points": math.inf}}},
            ("optimize.rate.points: found Infinity; allowed: a finite number from 0 to 1000, or null"),
        ),
        ({"export": {"sort": "yes"}}, 'export.sort: found "yes"; allowed: true or false'),
        (
            {"objective": []},
            f"objective: found []; allowed: a list of at least 1, each a mapping with a type: {TERMS}, or surprise",
        ),
        ({"objective": [3]}, f"objective.0: found 3; allowed: a mapping with a type: {TERMS}"),
        ({"objective": [{}]}, f"objective.0.type: found nothing; allowed: {TERMS}"),
        ({"objective": [{"type": ["a"]}]}, f'objective.0.type: found ["a"]; allowed: {TERMS}'),
        (
            {"objective": [{"type": "inside", "weight": 1}]},
            ("objective: found inside; allowed: at least one goal: a term of type excitation, image, style or text"),
        ),
        (
            {"objective": [TERM, {"type": "length"}]},
            ("objective.1.weight: found nothing; allowed: a finite number of at least 0"),
        ),
        ({"objective": [{"type": "excitation"}]}, f"objective.0: found no target; allowed: {TARGETS}"),
        ({"objective": [{**TERM, "channel": 1}]}, f"objective.0: found class and channel; allowed: {TARGETS}"),
        ({"objective": [{"type": "excitation", "channel": 1}]}, f"objective.0: found channel; allowed: {TARGETS}"),
        (
            {"objective": [{**TERM, "class_": "x"}]},
            (f'objective.0.class_: unknown key; did you mean "class"? Allowed: {TERM_KEYS}'),
        ),
        (
            {"objective": [{"type": "excitation", "layer": "a", "channels": [-1]}]},
            ("objective.0.channels.0: found -1; allowed: a whole number of at least 0"),
        ),
        (
            {"objective": [{"type": "excitation", "layer": "a", "channels": []}]},
            (
                "objective.0.channels: found []; "
                "allowed: a list of at least 1, each a whole number of at least 0, or null"
            ),
        ),
        (
            {"objective": [{**TERM, "region": [0, 0, 9, 9], "mask": "m.png"}]},
            "objective.0: found region and mask; allowed: one of position, region and mask",
        ),
        (
            {"objective": [{**TERM, "outside": True}]},
            "objective.0.outside: found true without region or mask; allowed: a region or mask to be outside of",
        ),
        (
            {"objective": [{"type": "excitation", "layer": "a", "channels": [1, 2], "channel_weights": [1.0]}]},
            "objective.0.channel_weights: found 1 for 2 channels; allowed: one for each of channels",
        ),
        ({"objective": [{**TERM, "weight": math.nan}]}, "objective.0.weight: found NaN; allowed: a finite number"),
    ],
)
def test_values_that_are_not_allowed(changes: dict[str, Any], message: str) -> None:
    assert refusal(**changes) == f"x.yaml: {message}"


def test_objective_is_needed() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_dict({"pens": [PEN]})
    assert str(caught.value) == (
        "config: objective: found nothing; "
        f"allowed: a list of at least 1, each a mapping with a type: {TERMS}, or surprise"
    )


@pytest.mark.parametrize(("data", "found"), [(None, "null"), ([1], "[1]")])
def test_from_dict_wants_a_mapping(data: Any, found: str) -> None:
    with pytest.raises(ConfigError, match=r"^config: found .*; allowed: a mapping$") as caught:
        Config.from_dict(data)
    assert found in str(caught.value)


def test_keys_that_are_no_text() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_dict({**LEAST, 1: 2})  # type: ignore[dict-item]
    assert str(caught.value) == f"config: 1: unknown key; allowed: {TOP_KEYS}"


def test_all_problems_are_listed() -> None:
    message = refusal(seed=-1, page={"size": "a9", "colour": "red"}, pens=[{**PEN, "width": "wide"}])
    assert [line.split(": ")[1] for line in message.splitlines()] == [
        "seed",
        "page.size",
        "page.colour",
        "pens.0.width",
    ]
    message = refusal(
        page={"size": [30, 40]},
        pens=[{**PEN, "width": 40}],
        palette={"width": 35},
        objective=[{"type": "length", "weight": 1}],
    )
    assert [line.split(": ")[1] for line in message.splitlines()] == ["pens.0.width", "palette.width", "objective"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(sorted(config_schema()["properties"])), ANYTHING)
def test_nothing_but_config_errors(key: str, value: Any) -> None:
    try:
        Config.from_dict({**LEAST, key: value}, name="x.yaml")
    except ConfigError as error:
        message = str(error)
        assert message
        assert all(line.startswith(f"x.yaml: {key}") for line in message.split("\n"))
        assert not any(word in message for word in ("pydantic", "https:", "Input should", "function-"))


SET = """
title = "Two inks"
[[pens]]
name = "Black"
color = "#1b1b1b"
width = 0.35
[[pens]]
name = "White"
color = "white"
width = "0.5mm"
ink = "opaque"
reflectance = [0.7, 0.7, 0.7]
transmittance = [0.1, 0.1, 0.1]
"""


class TestSetsOfPens:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("PLOTART_CONFIG", str(tmp_path))
        (tmp_path / "pens").mkdir()
        (tmp_path / "pens" / "mine.toml").write_text(SET)
        return tmp_path / "pens"

    @pytest.mark.parametrize("written", ["mine", {"set": "mine"}])
    def test_by_name(self, written: object, folder: Path) -> None:
        config = Config.from_dict({**LEAST, "pens": written})
        assert [(pen.name, pen.width, pen.ink) for pen in config.pens] == [
            ("Black", 0.35, "transparent"),
            ("White", 0.5, "opaque"),
        ]
        assert config.pens[1].transmittance == (0.1, 0.1, 0.1)

    def test_by_file_beside_the_config(self, folder: Path) -> None:
        for pens in ("mine.toml", "{set: mine.toml, only: [White]}"):
            path = folder / "c.yaml"
            path.write_text(f"pens: {pens}\nobjective: [{{type: excitation, class: star}}]\n")
            assert Config.load(path).pens[-1].name == "White"

    def test_a_run_keeps_the_pens_themselves(self, folder: Path) -> None:
        config = Config.from_dict({**LEAST, "pens": "mine"})
        (folder / "mine.toml").unlink()
        (folder / "c.yaml").write_text(config.dump())
        assert Config.load(folder / "c.yaml") == config

    @pytest.mark.parametrize(
        ("written", "message"),
        [
            ("yours", "no set of pens is called 'yours'"),
            ({"set": "mine", "only": ["Red"]}, 'pens.only.0: found "Red"; allowed: Black, White'),
            ({"set": "mine", "only": []}, "pens.only: found []; allowed: a list of names of pens"),
            ({"set": "mine", "only": ["White", "White"]}, 'pens.only.1: found "White"; allowed: each pen once'),
        ],
    )
    def test_what_is_not_there_is_named(self, written: object, message: str, folder: Path) -> None:
        with pytest.raises(ConfigError, match=re.escape(message)):
            Config.from_dict({**LEAST, "pens": written})

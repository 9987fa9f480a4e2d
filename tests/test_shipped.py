"""The configs that come with plotart: found by name from any folder, described, shown, and written to begin with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from conftest import Cli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pages import ROOT
from PIL import Image
from small_runs import SMALL
from test_requirements import tomllib

from plotart import Config
from plotart.config.blocks import read_blocks
from plotart.config.new import Changes, new_config
from plotart.config.shipped import FIGURES, shipped_configs
from plotart.errors import ConfigError
from plotart.files.shipped import find_config, shipped_file, shipped_files, shipped_folder
from plotart.pens.catalogue import load_set

NAMES = list(shipped_files())

#: Without a small picture: one needs weights that do not come with plotart, the other draws no lines.
NOT_DRAWN = {"vgg16-excitation", "pixels"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_config_has_a_name_of_its_own() -> None:
    paths = [*shipped_folder().glob("*.yaml"), *shipped_folder().glob("works/*.yaml")]
    assert len(paths) == len(NAMES) > 50
    assert {path.parent.name for path in paths} == {"configs", "works"}


@pytest.mark.parametrize("given", ["tiger", "works/tiger", "Tiger"])
def test_names_lead_to_files(given: str) -> None:
    assert find_config(given) == shipped_file(given) == shipped_folder() / "works" / "tiger.yaml"
    assert Config.load(given).name == "tiger"


def test_a_file_of_a_name_comes_first(elsewhere: Path) -> None:
    own = Path("tiger.yaml")
    own.write_text("extends: quickstart\nseed: 77\n", encoding="utf-8")
    assert find_config("tiger") == own
    assert Config.load("tiger").seed == 77
    Path("tiger").write_text("extends: tiger.yaml\nseed: 78\n", encoding="utf-8")
    assert Config.load("tiger").seed == 78
    Path("labyrinth").mkdir()  # as a run's folder may be called
    assert find_config("labyrinth") == shipped_file("labyrinth")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("tigre", "tigre: no such file, and no config of that name comes with plotart; nearest: tiger"),
        ("xyzxyz", "plotart; plotart new lists them all"),
        ("configs/quickstart.yaml", "no such file; the config quickstart comes with plotart: give its name alone"),
        ("none.yaml", "none.yaml: no such file"),
    ],
)
def test_what_is_nowhere_is_refused(given: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Config.load(given)
    assert message in str(refused.value).replace("\\", "/")


def test_a_base_that_is_nowhere_is_refused() -> None:
    Path("mine.yaml").write_text("extends: quikstart\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.yaml: extends: quikstart: no such file.*nearest: quickstart"):
        Config.load("mine.yaml")


def test_each_is_described_and_shown_in_few_bytes() -> None:
    found = shipped_configs()
    assert [one.name for one in found] == NAMES
    for one in found:
        config = Config.load(one.path)
        assert (one.page.width_height, one.page.color) == (config.page.width_height, config.page.color)
        assert (tuple(one.pens) if one.pens is not None else ()) == tuple(config.pens)
        assert 10 < len(one.about) < 130
        assert not one.about.endswith(".")
        if one.name != "vgg16-excitation":
            assert one.draws_s is not None
            assert one.draws_s > 5
        if one.name in NOT_DRAWN:
            continue
        assert one.picture is not None
        assert one.picture.stat().st_size <= 15_000
        with Image.open(one.picture) as picture:
            assert max(picture.size) == 240
    pictures = {path.stem for path in (shipped_folder() / "thumbnails").glob("*.webp")}
    assert pictures == set(NAMES) - NOT_DRAWN
    assert json.loads((shipped_folder() / "thumbnails" / FIGURES).read_text(encoding="utf-8")).keys() <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_says_the_same_without_other_configs(name: str, elsewhere: Path) -> None:
    new = new_config(name, Changes(), elsewhere / f"{name}.yaml")
    written = new.write()
    assert "extends" not in yaml.safe_load(new.text)
    assert Config.load(written[0]).model_dump(
        exclude={"objective": {"__all__": {"file"}}, "guests": {"__all__": {"file"}}}
    ) == (Config.load(name).model_dump(exclude={"objective": {"__all__": {"file"}}, "guests": {"__all__": {"file"}}}))
    assert f"# From {name}, a config of plotart " in new.text
    for comment in re.findall(r"^# .*", shipped_file(name).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        assert comment in new.text
    for path in written[1:]:
        assert path.parent == elsewhere
        assert path.stat().st_size > 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([name for name in NAMES if name != "pixels"]),
    st.sampled_from([None, "stabilo-point-88", "uni-pin"]),
    st.sampled_from([None, "a4", "a3", (300.0, 250.0)]),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, "#123456"]),
)
def test_changes_are_in_what_is_written(
    name: str, pens: str | None, page: str | tuple[float, float] | None, landscape: bool | None, paper: str | None
) -> None:
    changes = Changes(pens, page, landscape, paper, "axidraw-se-a1")
    new = new_config(name, changes, Path("mine.yaml"))
    found, before = Config.from_dict(yaml.safe_load(new.text)), Config.load(name)
    assert found.name == "mine"
    assert found.page.size == (page or before.page.size)
    assert found.page.color == (paper or before.page.color)
    assert found.export.machine == "axidraw-se-a1"
    if pens is not None:
        assert set(found.pens) <= set(load_set(pens).pens)
        assert (
            len(found.pens) == len(before.pens)
            or before.palette.mode != "fixed"
            or len(load_set(pens).pens) < len(before.pens)
        )
    assert found.optimize == before.optimize


def test_pens_that_look_most_alike_take_the_place_of_those_of_a_config() -> None:
    new = new_config("edition", Changes(pens="uni-posca-pc-3m"), Path("edition.yaml"))
    assert yaml.safe_load(new.text)["pens"] == {
        "set": "uni-posca-pc-3m",
        "only": ["Posca 3M Black", "Posca 3M Red", "Posca 3M Blue", "Posca 3M Gold"],
    }
    assert {text["pen"] for text in yaml.safe_load(new.text)["text"]} == {"Posca 3M Black"}


def test_nothing_is_written_over(cli: Cli, elsewhere: Path) -> None:
    assert cli("new", "cat").status == 0
    assert sorted(path.name for path in elsewhere.iterdir()) == ["cat.jpg", "cat.yaml"]
    before = Path("cat.yaml").read_bytes()
    again = cli("new", "cat")
    assert (again.status, again.err) == (
        2, "error: cat.yaml: is there already; give another name with --out, or remove it\n"
    )  # fmt: skip
    assert Path("cat.yaml").read_bytes() == before
    assert cli("new", "cat", "--out", "other.yaml").status == 0  # its picture is there, and the same
    Path("cat.jpg").write_bytes(b"mine")
    refused = cli("new", "engraved-cat")
    assert refused.err == "error: cat.jpg: is there already, and engraved-cat.yaml needs another file of that name\n"
    assert not Path("engraved-cat.yaml").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tigre"], "no config called 'tigre' comes with plotart; nearest: tiger"),
        (["tiger", "--size", "a9"], "--size: found 'a9'; allowed: a2,"),
        (["tiger", "--machine", "loom"], 'export.machine: found "loom"; allowed: axidraw-v3,'),
        (["tiger", "--pens", "no-such-set"], "no set of pens is called 'no-such-set'"),
        (["--pens", "uni-pin"], "--machine change a config: give its name with them"),
        (["tiger", "--out", "tiger.txt"], "tiger.txt: found .txt; allowed is a name that ends in .yaml"),
    ],
)
def test_what_can_not_be_written_is_refused(cli: Cli, elsewhere: Path, words: list[str], message: str) -> None:
    done = cli("new", *words)
    assert done.status == 2
    assert message in done.err
    assert list(elsewhere.iterdir()) == []


def test_all_are_listed_with_pictures_and_without(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = cli("new")
    assert plain.status == 0
    assert "▀" not in plain.out
    listed = re.findall(r"^[\w-]+", plain.out, flags=re.MULTILINE)
    assert set(NAMES) <= set(listed)
    assert listed.index("quickstart") > listed.index("tiger")  # where a terminal ends
    assert "▀" in cli("new", "--pictures").out
    monkeypatch.setenv("COLUMNS", "70")
    assert max(map(len, cli("new", "--no-pictures").out.splitlines()[:-1])) <= 70


def test_a_page_shows_all(cli: Cli, elsewhere: Path) -> None:
    assert cli("new", "--page", "--out", "all.html").status == 0
    page = Path("all.html").read_text(encoding="utf-8")
    assert page.count("data:image/webp;base64,") == len(NAMES) - len(NOT_DRAWN)
    assert all(f"plotart new {name}</button>" in page for name in NAMES)
    assert re.findall(r"(?:src|href)=\"(?!data:)[^\"]*", page) == []


def test_a_name_is_drawn_from_any_folder(cli: Cli, elsewhere: Path) -> None:
    done = cli("generate", "quickstart", *(word for override in SMALL for word in ("-o", override)))
    assert done.status == 0, done.err
    assert (elsewhere / "outputs" / "quickstart" / "plot.svg").is_file()


def test_the_wheel_has_them_where_they_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"] == {"configs": "plotart/shipped"}
    installed = tmp_path / "plotart" / "shipped"
    installed.mkdir(parents=True)
    monkeypatch.setattr("plotart.files.shipped.files", lambda package: tmp_path / package)
    assert shipped_folder() == installed


def test_blocks_are_the_whole_of_a_file() -> None:
    text = shipped_file("quickstart").read_text(encoding="utf-8")
    head, blocks = read_blocks(text)
    joined = head + "".join(block.comment + block.text for block in blocks)
    assert joined.split() == text.split()
    assert {block.key: block.value for block in blocks} == yaml.safe_load(text)

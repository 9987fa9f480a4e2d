"""Pens of vpype and of tables, and the commands that list, show, import and export sets."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
import vpype
import vpype_cli
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from plotart.cli.pens import pens_app
from plotart.color import to_hex
from plotart.errors import OutputError, PenError, UnitError
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import MOST_PENS, PenFile, load_set, parse_set
from plotart.pens.formats import dump_drawingbot, dump_vpype, parse_drawingbot, parse_vpype, read_pens

DOCS = Path(__file__).parent.parent / "docs" / "pens.md"
QUICKSTART = Path(__file__).parent.parent / "configs" / "quickstart.yaml"
VPYPE = """
[pen_config.duo]
layers = [
    { layer_id = 3, name = "Ink", color = "navy", pen_width = "0.3mm" },
    { layer_id = 1, color = "#f80", pen_width = 2 },
    { layer_id = 2, name = "Plain", color = "rgb(1, 2, 3)" },
]
[pen_config.solo]
layers = [{ layer_id = 1, name = "Only", color = "red", pen_width = "0.1in" }]
"""


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a person's own sets; empty, not there yet."""
    monkeypatch.setenv("PLOTART_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path / "config" / "pens"


@pytest.fixture
def vpype_config(monkeypatch: pytest.MonkeyPatch) -> None:
    """vpype keeps what it has read of configs for good; here until the test ends."""
    monkeypatch.setattr(vpype.config_manager, "_config", copy.deepcopy(vpype.config_manager.config))


def pens(*args: object) -> Result:
    return CliRunner().invoke(pens_app, [str(arg) for arg in args])


LETTERS = st.characters(exclude_categories=("C", "Z")) | st.just(" ")
LINE = st.text(LETTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
COLORS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: to_hex((rgb[0] / 255, rgb[1] / 255, rgb[2] / 255)))
WIDTHS = st.integers(1, 5000).map(lambda n: n / 100)
PENS = st.lists(st.builds(Pen, LINE, COLORS, WIDTHS), min_size=1, max_size=5, unique_by=lambda pen: pen.name).map(
    PenSet
)


# vpype


@pytest.mark.usefixtures("vpype_config")
@pytest.mark.parametrize("name", ["stabilo-point-88", "uni-posca-pc-1mr", "sakura-pigma-micron-black"])
def test_vpype_reads_what_is_exported(name: str, tmp_path: Path) -> None:
    found = load_set(name)
    path = tmp_path / "pens.toml"
    path.write_text(dump_vpype(found, name), encoding="utf-8")
    document = vpype_cli.execute(f"pens {name}", global_opt=f"--config {path}")
    assert list(document.layers) == list(range(1, len(found.pens) + 1))
    for layer, pen in zip(document.layers.values(), found.pens, strict=True):
        assert layer.property(vpype.METADATA_FIELD_NAME) == pen.name
        assert layer.property(vpype.METADATA_FIELD_COLOR).as_hex() == pen.color
        assert layer.property(vpype.METADATA_FIELD_PEN_WIDTH) == pytest.approx(vpype.convert_length(f"{pen.width}mm"))


def test_vpypes_own_configuration_is_read_as_vpype_reads_it() -> None:
    bundled = Path(vpype.__file__).parent / "vpype_config.toml"
    found = read_pens(bundled, pick="cmyk", width=0.35)
    document = vpype_cli.execute("pens cmyk")
    assert found.title == "cmyk"
    assert [(pen.name, pen.color, pen.width) for pen in found.pens] == [
        (layer.property(vpype.METADATA_FIELD_NAME), layer.property(vpype.METADATA_FIELD_COLOR).as_hex(), 0.35)
        for layer in document.layers.values()
    ]


@pytest.mark.usefixtures("vpype_config")
def test_widths_names_and_order_are_read_as_vpype_reads_them(tmp_path: Path) -> None:
    found = parse_vpype(VPYPE, "v", pick="duo", width=0.7)
    assert [(pen.name, pen.color) for pen in found.pens] == [
        ("Layer 1", "#ff8800"),
        ("Plain", "#010203"),
        ("Ink", "#000080"),
    ]
    path = tmp_path / "v.toml"
    path.write_text(VPYPE)
    document = vpype_cli.execute("pens duo", global_opt=f"--config {path}")
    for number, pen in ((1, found.pens[0]), (3, found.pens[2])):
        width = document.layers[number].property(vpype.METADATA_FIELD_PEN_WIDTH)
        assert vpype.convert_length(f"{pen.width}mm") == pytest.approx(width)
    assert found.pens[1].width == 0.7
    assert {(pen.ink, pen.opacity) for pen in found.pens} == {("transparent", 1.0)}
    assert parse_vpype(VPYPE, "v", pick="solo").pens[0].width == pytest.approx(2.54)


@given(PENS, LINE)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_vpype_knows_of_pens_reads_back(some: PenSet, name: str) -> None:
    assert parse_vpype(dump_vpype(PenFile(some), name), "v").pens == some


LAYER = '[pen_config.a]\nlayers = [{ layer_id = 1, name = "A", color = "red", pen_width = "1mm" }]'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pens = []", "v: has no pen configuration"),
        ("pen_config = 3", "v: has no pen configuration"),
        (VPYPE, "v: found the pen configurations duo, solo; say which one (--set)"),
        ("[pen_config.a]", "v: pen_config.a: layers: allowed: tables"),
        ("[pen_config]\na = 3", "v: pen_config.a: layers: allowed: tables"),
        ("[pen_config.a]\nlayers = [3]", "v: pen_config.a: layers: allowed: tables"),
        ("[pen_config.a]\nlayers = []", "v: pen_config.a: no pens"),
        (LAYER.replace("1,", '"1",'), "v: pen_config.a: layers.1: layer_id: found '1'; allowed: whole numbers from 1"),
        (LAYER.replace("1,", "0,"), "v: pen_config.a: layers.1: layer_id: found 0"),
        (LAYER.replace("layer_id = 1, ", ""), "v: pen_config.a: layers.1: layer_id: found None"),
        (LAYER.replace("1,", "0x" + "f" * 5000 + ","), "v: pen_config.a: layers.1: layer_id: found a number of thous"),
        (LAYER.replace('"A"', '""'), "v: pen_config.a: layers.1: name: found ''; allowed: a line of text"),
        (LAYER.replace(', color = "red"', ""), "v: pen_config.a: layers.1: has no color"),
        (LAYER.replace("red", "ruby"), "v: pen_config.a: layers.1: color: 'ruby' is not a colour"),
        (LAYER.replace('"red"', "7"), "v: pen_config.a: layers.1: color: 7 is not a colour"),
        (LAYER.replace("1mm", "0mm"), "v: pen_config.a: layers.1: pen_width: '0mm' is a nib of 0 mm; allowed: above 0"),
        (LAYER.replace("1mm", "fine"), "v: pen_config.a: layers.1: pen_width: 'fine' is not a length"),
        (LAYER.replace('"1mm"', "0x" + "f" * 5000), "v: pen_config.a: layers.1: pen_width: found a number of thous"),
        (LAYER.replace("}]", "}, { layer_id = 1, color = 'red' }]"), "v: pen_config.a: layers.2: layer_id: found 1 a"),
        (LAYER.replace("}]", "}, { layer_id = 2, color = 'red', name = 'A' }]"), "v: pen_config.a: two pens are"),
    ],
)
def test_what_is_wrong_in_a_file_of_vpypes_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(PenError, match=re.escape(message)):
        parse_vpype(text, "v")


def test_a_configuration_that_is_not_there_is_named() -> None:
    with pytest.raises(PenError, match="no pen configuration is called 'trio': there are duo, solo"):
        parse_vpype(VPYPE, "v", pick="trio")


# Tables


def test_tables_are_read_whatever_the_order_of_their_columns() -> None:
    tables = (
        "[Pen Type],[Pen Name],[Red],[Green],[Blue],[Stroke]\nSakura,Ink,1,2,3,0.5\n\nuni,Sun,255,200,0,\n",
        "\ufeffstroke;NAME;weight;b;g;r;type\r\n0.5;Ink;100;3;2;1;Sakura\r\n;Sun;50;0;200;255;uni\r\n",
        "Brand\tColour\tpen_name\tStroke Size\nSakura\t#010203\tInk\t0.5\nuni\tffc800\tSun\n",
    )
    for table in tables:
        found = parse_drawingbot(table, "some/t.csv", width=0.8)
        assert [*found.pens] == [Pen("Ink", "#010203", 0.4, maker="Sakura"), Pen("Sun", "#ffc800", 0.8, maker="uni")]
        assert (found.title, found.maker, found.source) == ("t", "", "table of pens t.csv")


def test_pens_of_several_types_that_share_a_name_get_their_type_before_it() -> None:
    table = "type,name,colour\nA,Red,red\nB,Red,red\nB,Blue,blue\n"
    assert parse_drawingbot(table, "t").pens.names == ("A Red", "B Red", "Blue")


@given(PENS, LINE)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_tables_know_of_pens_reads_back(some: PenSet, maker: str) -> None:
    made = PenSet([Pen(pen.name, pen.color, pen.width, maker=maker) for pen in some])
    found = parse_drawingbot(dump_drawingbot(PenFile(made)), "t")
    assert found.maker == maker
    for pen, wanted in zip(found.pens, made, strict=True):
        assert (pen.name, pen.color, pen.maker) == (wanted.name, wanted.color, maker)
        assert pen.width == pytest.approx(wanted.width, rel=1e-5)


HEAD = "name,red,green,blue,stroke\nA,1,2,3,1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t: line 1: found nothing; allowed: names of columns, as [Pen Type], [Pen Name], [Red]"),
        ("Ink,1,2,3", "t: line 1: found Ink, 1, 2, 3; allowed: names of columns"),
        ("name,red,green\nInk,1,2", "t: line 1: found name, red, green; allowed: names of columns"),
        (HEAD.splitlines()[0], "t: no pens"),
        (HEAD + "B,1,2,256,1", "t: line 3: Blue: found '256'; allowed: 0 to 255"),
        (HEAD + "\n\nB,-1,2,3,1", "t: line 5: Red: found '-1'"),
        (HEAD + "B,1,2.5,3,1", "t: line 3: Green: found '2.5'"),
        (HEAD + "B,1", "t: line 3: Green: found ''"),
        (HEAD + ",1,2,3,1", "t: line 3: Pen Name: found ''; allowed: a line of text"),
        (HEAD + '"B\nC",1,2,3,1', "t: line 4: Pen Name: found 'B\\nC'"),
        (HEAD + "B,1,2,3,thick", "t: line 3: Stroke: found 'thick'; allowed: a number"),
        (HEAD + "B,1,2,3,0", "t: line 3: Stroke: 0 is a nib of 0 mm; allowed: above 0, up to 50 mm"),
        (HEAD + "B,1,2,3,nan", "t: line 3: Stroke: nan is a nib of nan mm"),
        (HEAD + "B,1,2,3,1e9", "t: line 3: Stroke: 1e9 is a nib of 5e+08 mm"),
        (HEAD + "A,1,2,3,1", "t: line 3: Pen Name: found 'A' a second time"),
        (HEAD + '"B,1,2,3,1', "t: line 3: not a line of a table"),
        ("name,colour\nA,reddish", "t: line 2: Colour: 'reddish' is not a colour"),
        (HEAD + "".join(f"{n},1,2,3,1\n" for n in range(MOST_PENS)), f"t: found more than {MOST_PENS} pens"),
    ],
)
def test_what_is_wrong_in_a_table_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(PenError, match=re.escape(message)):
        parse_drawingbot(text, "t")


def test_the_examples_in_the_docs_are_read() -> None:
    text = DOCS.read_text(encoding="utf-8")
    (toml,) = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    own = parse_set(toml, "docs").pens
    assert [(pen.name, pen.width, pen.ink) for pen in own] == [
        ("Black 05", 0.45, "transparent"),
        ("White gel", 0.4, "opaque"),
    ]
    (table,) = re.findall(r"```csv\n(.*?)```", text, flags=re.DOTALL)
    assert parse_drawingbot(table, "docs").pens[0] == load_set("uni-pin").pens.called(["Uni Pin 0.4 Black"])[0]


# Files and commands


def test_formats_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[[pens]]\nname = "A"\ncolor = "red"\nwidth = 0.3\nink = "opaque"\n')
    (tmp_path / "b.toml").write_text(LAYER)
    (tmp_path / "c.CSV").write_text(HEAD)
    (tmp_path / "d.cfg").write_text(LAYER)
    inks = {path.name: read_pens(path).pens[0].ink for path in tmp_path.iterdir() if path.is_file()}
    assert inks == {"a.toml": "opaque", "b.toml": "transparent", "c.CSV": "transparent", "d.cfg": "transparent"}
    with pytest.raises(PenError, match=r"a\.toml: holds one set"):
        read_pens(tmp_path / "a.toml", pick="b")
    with pytest.raises(PenError, match=r"c\.CSV: not TOML"):
        read_pens(tmp_path / "c.CSV", "toml")
    with pytest.raises(PenError, match=r"x\.csv: can't be read"):
        read_pens(tmp_path / "x.csv")


def test_the_list_names_every_set_with_its_colours() -> None:
    done = pens("list")
    assert done.exit_code == 0
    (line,) = (line for line in done.output.splitlines() if line.startswith("stabilo-point-88"))
    assert re.fullmatch(r"\S+ +STABILO point 88 +fineliner +37 +0\.4 mm +nominal +█{16} *", line)
    assert "0.1 to 0.8 mm" in done.output


def test_the_list_shows_names_whole_on_a_narrow_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "staedtler-triplus-fineliner" in pens("list").output


def test_the_list_of_a_config_is_its_pens_in_plotting_order() -> None:
    lines = pens("list", QUICKSTART).output.splitlines()
    assert [line.split()[2] for line in lines[1:]] == ["Ochre", "Red", "Blue", "Black"]
    assert "#c98a1b  0.8 mm  transparent" in lines[1]


def test_show_says_all_there_is_of_a_set() -> None:
    output = pens("show", "stabilo-point-88").output
    assert output.startswith("STABILO point 88\nmaker: STABILO\nkind: fineliner\nstatus: nominal\nsource: ")
    assert "licence: CC0-1.0" in output
    assert re.search(r"██ Point 88 Azure +57 +#069af3 +0\.4 mm +transparent +1 +xkcd: azure", output)
    assert "alike" not in output


def test_show_warns_of_pens_that_look_alike_but_not_of_one_ink_in_two_nibs(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    colors = (("A", "#101010", 0.3), ("B", "#111111", 0.3), ("C", "#101010", 0.5), ("[D]", "#ff0000", 0.3))
    path.write_text("".join(f'[[pens]]\nname = "{n}"\ncolor = "{c}"\nwidth = {w}\n' for n, c, w in colors))
    output = pens("show", path).output
    assert "2 pairs of pens look alike (less than 3 CIEDE2000 apart):" in output
    assert "A and B: 0." in output
    assert "A and C" not in output
    assert "██ [D]" in output
    assert "alike" not in pens("show", "sakura-pigma-micron-black").output


def test_pens_travel_to_vpype_and_back(own: Path, tmp_path: Path) -> None:
    file = tmp_path / "v.toml"
    assert pens("export", "uni-pin", "--out", file).output == f"Written to {file}\n"
    done = pens("import", file, "--as", "from-vpype")
    assert done.output.replace("\n", "") == (
        f"9 pens in {own}/from-vpype.toml; see them with: plotart pens show from-vpype"
    )
    wanted, found = load_set("uni-pin").pens, load_set("from-vpype").pens
    assert [(p.name, p.color, p.width) for p in found] == [(p.name, p.color, p.width) for p in wanted]
    assert pens("list").output.count("from-vpype") == 1


def test_pens_travel_to_tables_and_back(tmp_path: Path) -> None:
    file = tmp_path / "My Pens.csv"
    file.write_text(pens("export", "tombow-abt", "--format", "drawingbot").output, encoding="utf-8")
    assert pens("import", file).exit_code == 0
    wanted, found = load_set("tombow-abt").pens, load_set("my-pens").pens
    assert [(p.name, p.color, p.width, p.maker) for p in found] == [(p.name, p.color, p.width, p.maker) for p in wanted]


def test_plotarts_own_format_loses_nothing() -> None:
    text = pens("export", "uni-posca-pc-3m", "--format", "toml").output
    assert parse_set(text, "t") == load_set("uni-posca-pc-3m")


def test_imports_take_the_nib_and_overwrite_when_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(HEAD)
    assert pens("import", file, "--width", "0.1cm").exit_code == 0
    assert load_set("mine").pens.widths.tolist() == [1.0]
    assert "give the new one a name of its own with --as" in str(pens("import", file).exception)
    assert "is there already" in str(pens("import", file, "--as", "mine").exception)
    assert pens("import", file, "--as", "mine", "--overwrite").exit_code == 0
    assert load_set("mine").pens.widths.tolist() == [0.5]
    (tmp_path / "uni-pin.csv").write_text(HEAD)
    assert isinstance(pens("import", tmp_path / "uni-pin.csv").exception, PenError)


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (("show", "crayons"), PenError, "no set of pens is called 'crayons'"),
        (("export", "crayons"), PenError, "no set of pens is called 'crayons'"),
        (("import", "nowhere.csv"), PenError, "nowhere.csv: can't be read"),
        (("import", "nowhere.csv", "--width", "broad"), UnitError, "--width: 'broad' is not a length"),
        (("import", "nowhere.csv", "--width", "0"), UnitError, "--width: found 0 mm; allowed: above 0"),
        (("export", "uni-pin", "--out", "."), OutputError, ".: is a folder; give a file name"),
    ],
)
def test_what_is_wrong_in_a_command_is_said(words: tuple[str, ...], error: type[Exception], message: str) -> None:
    done = pens(*words)
    assert isinstance(done.exception, error)
    assert message in str(done.exception)

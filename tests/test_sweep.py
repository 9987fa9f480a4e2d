"""What a sweep varies, its cells and its record; engines are stood in for here."""

from __future__ import annotations

import csv
import io
import itertools
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pretended import FIGURES, Pretend
from rich.console import Console
from small_runs import CONFIGS

from plotart.cli.sweep_table import SweepTable
from plotart.config import Config
from plotart.errors import ConfigError, MissingError, OutputError
from plotart.runs.run import RunFolder
from plotart.sweep.grid import Cell, check_parts, grid
from plotart.sweep.loop import Again, Began
from plotart.sweep.record import Record
from plotart.sweep.run import sweep
from plotart.sweep.vary import parse_axes, parse_axis
from plotart.sweep.work import CellProgress, Failed, Finished, Outcome, Stopped

QUICKSTART = CONFIGS / "quickstart.yaml"


def cells_of(*vary: str, overrides: Sequence[str] = ()) -> tuple[Cell, ...]:
    return grid(QUICKSTART, parse_axes(vary), overrides)


# --- what is varied --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("seed=0..3", [0, 1, 2, 3]),
        ("seed=-1..1", [-1, 0, 1]),
        ("seed=7", [7]),
        ("seed=7..7", [7]),
        ("seed=3,5..7,9", [3, 5, 6, 7, 9]),
        ("palette.usage=0.1..0.5:5", [0.1, 0.2, 0.3, 0.4, 0.5]),
        ("page.margin=0..10:3", [0, 5, 10]),
        ("page.margin=0..1:3", [0.0, 0.5, 1.0]),
        ("page.margin=5mm,1cm", ["5mm", "1cm"]),
        ("objective.0.class=star,fern", ["star", "fern"]),
        ("page.color=#ffffff,#102030", ["#ffffff", "#102030"]),
        ("name='a, b',\"c\"", ["a, b", "c"]),
        ("page.size=[100, 80],a5", [[100, 80], "a5"]),
        ("optimize.polish=1e-1..3e-1:2", [0.1, 0.3]),
    ],
)
def test_values_are_read_as_overrides_are(word: str, values: list[Any]) -> None:
    axis = parse_axis(word)
    assert list(axis.values) == values
    assert [type(value) for value in axis.values] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["seed"], ["--vary seed: found no values", "KEY=VALUES"]),
        (["=3"], ["found no key"]),
        (["seed="], ["found no values"]),
        (["seed=1,,2"], ["nothing before or after a comma"]),
        (["seed=5..3"], ["5..3, which runs backwards"]),
        (["x=0.1..0.5"], ["0.1..0.5, which does not say how many values", "0.1..0.5:5"]),
        (["x=0.1..0.5:1"], ["1 values; allowed: 2 to 100,000"]),
        (["seed=0..100000"], ["more than 100,000 values"]),
        (["seed=1,2,1"], ["found 1 twice"]),
        (["seed=1..3,2"], ["found 2 twice"]),
        (["seed=1", "seed=2"], ["--vary seed: found the key 2 times"]),
        (["seed=[1"], ["invalid YAML"]),
    ],
)
def test_words_that_vary_nothing_are_refused(words: list[str], parts: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_axes(words)
    for part in parts:
        assert part in str(refused.value)


@given(st.integers(-1000, 1000), st.integers(1, 200))
def test_whole_ranges_have_both_ends(first: int, length: int) -> None:
    values = parse_axis(f"seed={first}..{first + length}").values
    assert values == tuple(range(first, first + length + 1))


@given(st.floats(-1e3, 1e3), st.floats(0.01, 1e3), st.integers(2, 40))
def test_even_ranges_have_both_ends_and_equal_steps(first: float, length: float, count: int) -> None:
    values = parse_axis(f"x={first!r}..{first + length!r}:{count}").values
    assert len(values) == count
    steps = [after - before for before, after in itertools.pairwise(values)]
    assert steps == pytest.approx([length / (count - 1)] * (count - 1), rel=1e-3, abs=1e-5)
    assert (values[0], values[-1]) == pytest.approx((first, first + length), rel=1e-6, abs=1e-9)


# --- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vary", "names"),
    [
        (["seed=9..10"], ["seed-09", "seed-10"]),
        (["objective.0.class=star,fern"], ["class-star", "class-fern"]),
        (["page.margin=5mm,0.5..1:2"], ["margin-5mm", "margin-0.5", "margin-1.0"]),
        (["objective.1.weight=1", "objective.2.weight=2"], ["objective.1.weight-1_objective.2.weight-2"]),
        (["name='../x','.. x'"], ["name-1-x", "name-2-x"]),
        (["page.size=[100, 80],a5"], ["size-100-80", "size-a5"]),
        (["seed=0,1", "objective.0.class=star,fern"], ["seed-0_class-star", "seed-0_class-fern", "seed-1_class-star"]),
    ],
)
def test_cells_are_named_by_what_is_varied(vary: list[str], names: list[str]) -> None:
    assert [cell.name for cell in cells_of(*vary)][: len(names)] == names


def test_cells_are_what_generate_would_draw() -> None:
    *_, last = cells_of("seed=0..2", "objective.0.class=star,fern", overrides=["page.size=a4"])
    assert last.config == Config.load(QUICKSTART, ["page.size=a4", "seed=2", "objective.0.class=fern"])
    assert last.values == {"seed": 2, "objective.0.class": "fern"}


def test_every_config_is_checked_before_any_is_drawn() -> None:
    with pytest.raises(ConfigError) as refused:
        cells_of("seed=1,-3,x", "page.margin=1,900")
    lines = str(refused.value).splitlines()
    assert len(lines) == len(set(lines)) == 3
    assert sum('override "seed=-3"' in line for line in lines) == 1
    assert sum('override "page.margin=900"' in line for line in lines) == 1


def test_one_key_is_not_both_varied_and_set() -> None:
    with pytest.raises(ConfigError, match="seed: found in -o and in --vary"):
        cells_of("seed=1,2", overrides=["seed=3"])


def test_what_does_not_exist_is_found_before_anything_is_drawn() -> None:
    with pytest.raises(Exception, match=r"class-unicorn: .*unicorn") as refused:
        check_parts(cells_of("seed=0..1", "objective.0.class=star,unicorn"))
    assert refused.typename == "NetworkError"


def test_cells_that_differ_by_seed_alone_are_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Config] = []
    monkeypatch.setattr("plotart.job.build.build", built.append)
    check_parts(cells_of("seed=0..20", "objective.0.class=star,fern"))
    assert len(built) == 2


# --- the sweep, with an engine that only pretends --------------------------------------------------------------------


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Pretend]:
    def use(say: Callable[[str, int], Outcome], **options: Any) -> Pretend:
        engine = Pretend(say, **options)
        monkeypatch.setattr("plotart.sweep.run.engine_of", lambda *args: engine)
        monkeypatch.setattr("plotart.sweep.loop.PAUSE", 0.0)
        monkeypatch.setattr("plotart.job.build.build", lambda config: None)
        return engine

    return use


def finish(folder: Path) -> Callable[[str, int], Outcome]:
    def say(cell: str, tries: int) -> Outcome:
        (folder / cell).mkdir(parents=True, exist_ok=True)
        (folder / cell / "summary.json").write_text("{}")
        number = float(cell.split("-")[-1]) if cell[-1].isdigit() else 0.0
        return Finished(cell, {**FIGURES, "activation": number})

    return say


def test_no_more_cells_at_once_than_workers(tmp_path: Path, pretend: Callable[..., Pretend]) -> None:
    engine = pretend(finish(tmp_path), workers=3)
    cells = cells_of("seed=0..9")
    record = sweep(cells, parse_axes(["seed=0..9"]), out=tmp_path)
    assert engine.most == 3
    assert engine.submitted == [cell.name for cell in cells]
    assert record.named("done") == [cell.name for cell in cells]


def test_lost_cells_are_tried_again_and_then_listed(tmp_path: Path, pretend: Callable[..., Pretend]) -> None:
    def say(cell: str, tries: int) -> Outcome:
        if cell == "seed-0" or (cell == "seed-1" and tries == 1):
            return Failed(cell, "the worker was killed", again=True)
        if cell == "seed-2":
            return Failed(cell, "no such file", again=False)
        return finish(tmp_path)(cell, tries)

    heard: list[Any] = []
    engine = pretend(say)
    record = sweep(
        cells_of("seed=0..3"),
        parse_axes(["seed=0..3"]),
        out=tmp_path,
        retries=2,
        on_event=lambda event, record: heard.append(event),
    )
    assert [engine.submitted.count(f"seed-{n}") for n in range(4)] == [3, 2, 1, 1]
    assert (record.named("failed"), record.named("done")) == (["seed-0", "seed-2"], ["seed-1", "seed-3"])
    assert record.entries["seed-0"].message == "the worker was killed (tried 3 times)"
    assert record.entries["seed-2"].message == "no such file"
    assert [event.cell for event in heard if isinstance(event, Again)].count("seed-0") == 2
    assert [event.tries for event in heard if isinstance(event, Began) and event.cell == "seed-1"] == [1, 2]
    page = (tmp_path / "index.html").read_text()
    assert "failed: no such file" in page


def test_failed_cells_are_tried_anew_by_the_next_sweep(tmp_path: Path, pretend: Callable[..., Pretend]) -> None:
    axes = parse_axes(["seed=0..2"])
    pretend(lambda cell, tries: Failed(cell, "oh", again=False) if cell == "seed-1" else finish(tmp_path)(cell, tries))
    sweep(cells_of("seed=0..2"), axes, out=tmp_path)
    engine = pretend(finish(tmp_path))
    record = sweep(cells_of("seed=0..2"), axes, out=tmp_path)
    assert engine.submitted == ["seed-1"]
    assert record.count("done") == 3
    assert record.entries["seed-1"].message == ""


def test_a_stop_lets_those_at_work_end_and_begins_no_others(
    tmp_path: Path, pretend: Callable[..., Pretend], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = pretend(lambda cell, tries: Stopped(cell))

    def hear(event: Any, record: Record) -> None:
        if isinstance(event, Began) and event.cell == "seed-1":
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        sweep(cells_of("seed=0..5"), parse_axes(["seed=0..5"]), out=tmp_path, on_event=hear)
    assert engine.submitted == ["seed-0", "seed-1"]
    assert {row["state"] for row in json.loads((tmp_path / "sweep.json").read_text())["cells"]} == {"unfinished"}


@pytest.mark.parametrize(
    ("vary", "overrides", "said"),
    [
        (["seed=0..4"], (), "seed was [0, 1, 2, 3] and is [0, 1, 2, 3, 4]"),
        (["seed=0..3", "page.margin=1"], (), "page.margin was not there and is [1]"),
        (["seed=0..3"], ["optimize.steps=7"], "optimize.steps was 160 and is 7"),
        (["seed=0..3"], ["objective.0.class=fern"], 'objective.0.class was "flower" and is "fern"'),
    ],
    ids=str,
)
def test_another_sweep_in_the_folder_is_refused(
    tmp_path: Path, pretend: Callable[..., Pretend], vary: list[str], overrides: Sequence[str], said: str
) -> None:
    pretend(finish(tmp_path))
    sweep(cells_of("seed=0..3"), parse_axes(["seed=0..3"]), out=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with pytest.raises(ConfigError) as refused:
        sweep(cells_of(*vary, overrides=overrides), parse_axes(vary), out=tmp_path)
    assert said in str(refused.value)
    assert "another folder with --out" in str(refused.value)
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}


def test_the_folder_of_a_single_run_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("mine")
    with pytest.raises(OutputError, match="holds a single run"):
        sweep(cells_of("seed=0"), parse_axes(["seed=0"]), out=tmp_path)


def test_damaged_records_are_refused(tmp_path: Path) -> None:
    (tmp_path / "sweep.json").write_text('{"vary": {')
    with pytest.raises(ConfigError, match=r"sweep\.json: can't be read as a sweep's record"):
        sweep(cells_of("seed=0"), parse_axes(["seed=0"]), out=tmp_path)


def test_records_that_lack_a_figure_are_refused_by_its_name(tmp_path: Path, pretend: Callable[..., Pretend]) -> None:
    axes = parse_axes(["seed=0..1"])
    pretend(finish(tmp_path))
    sweep(cells_of("seed=0..1"), axes, out=tmp_path)
    record = json.loads((tmp_path / "sweep.json").read_text())
    del record["cells"][0]["overlaid"]
    (tmp_path / "sweep.json").write_text(json.dumps(record))
    with pytest.raises(ConfigError, match=r"can't be read as a sweep's record \('overlaid'\)"):
        sweep(cells_of("seed=0..1"), axes, out=tmp_path)


def test_folders_that_were_taken_away_are_drawn_anew(tmp_path: Path, pretend: Callable[..., Pretend]) -> None:
    axes = parse_axes(["seed=0..2"])
    pretend(finish(tmp_path))
    sweep(cells_of("seed=0..2"), axes, out=tmp_path)
    (tmp_path / "seed-1" / "summary.json").unlink()
    engine = pretend(finish(tmp_path))
    sweep(cells_of("seed=0..2"), axes, out=tmp_path)
    assert engine.submitted == ["seed-1"]


def test_the_best_are_kept_and_the_others_shown(tmp_path: Path, pretend: Callable[..., Pretend]) -> None:
    axes = parse_axes(["seed=0..4"])
    pretend(finish(tmp_path))
    record = sweep(cells_of("seed=0..4"), axes, out=tmp_path)
    Image.new("RGB", (4, 4)).save(RunFolder(tmp_path).write("thumbnails/seed-0.webp", b""), "WEBP")
    assert sorted(record.keep_best(2)) == ["seed-0", "seed-1", "seed-2"]
    assert sorted(path.name for path in tmp_path.glob("seed-*")) == ["seed-3", "seed-4"]
    page = (tmp_path / "index.html").read_text()
    assert page.count("<li") == 5
    assert page.count("data:image/webp") == 1
    assert page.count("report.html") == 2
    engine = pretend(finish(tmp_path))
    assert sweep(cells_of("seed=0..4"), axes, out=tmp_path).keep_best(2) == []
    assert engine.submitted == []


def test_the_table_has_a_row_for_each_cell(tmp_path: Path, pretend: Callable[..., Pretend]) -> None:
    vary = ["seed=0..1", "page.size=a5,[100, 80]"]
    pretend(
        lambda cell, tries: Failed(cell, "oh, dear", again=False) if "a5" in cell else finish(tmp_path)(cell, tries)
    )
    sweep(cells_of(*vary), parse_axes(vary), out=tmp_path)
    with (tmp_path / "sweep.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["cell"] for row in rows] == [cell.name for cell in cells_of(*vary)]
    assert rows[1]["page.size"] == "[100, 80]"
    assert (rows[1]["state"], rows[1]["plot_seconds"]) == ("done", "120.0")
    assert (rows[1]["lines"], rows[1]["overlaid"], rows[1]["activation_per_metre"]) == ("3", "0.06", "11.29")
    assert (rows[0]["state"], rows[0]["activation"], rows[0]["message"]) == ("failed", "", "oh, dear")


def test_a_removal_that_was_cut_short_is_ended(
    tmp_path: Path, pretend: Callable[..., Pretend], monkeypatch: pytest.MonkeyPatch
) -> None:
    axes = parse_axes(["seed=0..2"])
    pretend(finish(tmp_path))
    record = sweep(cells_of("seed=0..2"), axes, out=tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", lambda path: (_ for _ in ()).throw(PermissionError(13, "denied")))
        with pytest.raises(OutputError, match=r"seed-1: can't be removed \(denied\)"):
            record.keep_best(1)
    assert sweep(cells_of("seed=0..2"), axes, out=tmp_path).keep_best(1) == ["seed-1", "seed-0"]
    assert [path.name for path in tmp_path.glob("seed-*")] == ["seed-2"]


def test_a_terminal_gets_a_table_that_fits_it(tmp_path: Path, pretend: Callable[..., Pretend]) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, height=10, color_system=None)
    cells = cells_of("seed=0..11")
    table = SweepTable(console, [cell.name for cell in cells])

    def hear(event: Any, record: Record) -> None:
        table.hear(event, record)
        if event == CellProgress("seed-05", 1, 5, 0.5):
            console.print(table._table())

    pretend(lambda cell, tries: Failed(cell, "oh", again=False) if cell == "seed-03" else finish(tmp_path)(cell, tries))
    with table:
        sweep(cells, parse_axes(["seed=0..11"]), out=tmp_path, on_event=hear)
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert "seed-05 1/5 0.500 drawing" in lines
    assert any("failed" in line and "seed-03" in line for line in lines)
    assert any(line.endswith("1 failed, 6 waiting, 1 under way") for line in lines), lines[-20:]
    assert "seed-00: begun" not in lines


def test_ray_that_is_missing_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingError, match=r"pip install 'plotart\[ray\]'"):
        sweep(cells_of("seed=0"), parse_axes(["seed=0"]), out=tmp_path / "out", engine="ray")
    assert not (tmp_path / "out").exists()


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_lists_what_failed_and_ends_with_status_1(
    tmp_path: Path, pretend: Callable[..., Pretend], cli: Any
) -> None:
    out = tmp_path / "[bold] out"
    pretend(lambda cell, tries: Failed(cell, "[/] oh", again=False) if "1" in cell else finish(out)(cell, tries))
    done = cli("sweep", QUICKSTART, "--vary", "seed=0..2", "--out", out, "--keep-best", 1)
    assert done.status == 1
    assert "seed-1: failed: [/] oh" in done.out
    assert "2 of 3 drawings are in" in done.out
    assert done.err == (
        "stopped: 1 of 3 drawings failed; nothing was removed for --keep-best; the same command tries them again\n"
    )
    assert (out / "seed-0").is_dir()


def test_the_command_keeps_the_best(tmp_path: Path, pretend: Callable[..., Pretend], cli: Any) -> None:
    out = tmp_path / "out"
    pretend(finish(out))
    done = cli("sweep", QUICKSTART, "--vary", "seed=0..2", "--out", out, "--keep-best", 1)
    assert (done.status, done.err) == (0, "")
    assert "seed-2: done, activation 2.000 (3 of 3)" in done.out
    assert "Removed 2 run folders" in done.out
    assert [path.name for path in out.glob("seed-*")] == ["seed-2"]


def test_the_command_says_how_to_go_on(tmp_path: Path, pretend: Callable[..., Pretend], cli: Any) -> None:
    def say(cell: str, tries: int) -> Outcome:
        signal.raise_signal(signal.SIGINT)
        return Stopped(cell)

    pretend(say)
    vary = "objective.0.class=star,fern"
    done = cli("sweep", QUICKSTART, "--vary", vary, "-o", "name='a b'", "--out", tmp_path / "o", "--workers", 1)
    assert done.status == 130
    expected = (
        f"plotart sweep {QUICKSTART} --vary {vary} -o 'name='\"'\"'a b'\"'\"'' --workers 1 --out {tmp_path / 'o'}"
    )
    assert expected in done.out


def test_what_is_wrong_is_said_before_a_folder_is_made(tmp_path: Path, cli: Any) -> None:
    done = cli("sweep", QUICKSTART, "--vary", "seed=0..3", "--vary", "optimise.steps=3", "--out", tmp_path / "o")
    assert done.status == 2
    assert 'did you mean "optimize"' in done.err
    assert not (tmp_path / "o").exists()

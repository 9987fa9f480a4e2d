"""Searches: what they choose from, what they try, which drawings they take for the best; nothing is drawn here."""

from __future__ import annotations

import csv
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from pretended import FIGURES, Pretend
from small_runs import CONFIGS

from plotart.config import Config
from plotart.errors import ConfigError, MissingError, OutputError, PlotartError
from plotart.export.line_figures import LineFigures
from plotart.runs.run import RunFolder
from plotart.sweep.keepsakes import thumbnail_name
from plotart.sweep.proposals import Told, propose
from plotart.sweep.ranking import POWERS, Drawn, View, marks, scale_of
from plotart.sweep.search import FAILING, Budget, powers_of, search
from plotart.sweep.space import Choices, Point, Space, Span, parse_space
from plotart.sweep.trials import Source, Trials
from plotart.sweep.work import CellProgress, Failed, Finished, Outcome, Stopped

QUICKSTART = CONFIGS / "quickstart.yaml"
WORDS = ["objective.0.class=star,fern", "strokes.length=10mm..40mm"]

optuna = pytest.importorskip("optuna", reason="needs Optuna: pip install 'plotart[search]'")


# --- what is chosen from ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "dimension"),
    [
        ("strokes.length=10mm..40mm", Span("strokes.length", 10, 40, "mm", whole=False, log=False)),
        ("strokes.length=10..40mm", Span("strokes.length", 10, 40, "mm", whole=False, log=False)),
        ("seed=0..999", Span("seed", 0, 999, "", whole=True, log=False)),
        ("x=0.1..0.5", Span("x", 0.1, 0.5, "", whole=False, log=False)),
        ("x=0.01..10:log", Span("x", 0.01, 10, "", whole=False, log=True)),
        ("x=1..100:log", Span("x", 1, 100, "", whole=True, log=True)),
        ("x=0.1..0.5:5", Choices("x", ("0.1", "0.2", "0.3", "0.4", "0.5"), ordered=True)),
        ("x=0..2,8", Choices("x", ("0", "1", "2", "8"), ordered=True)),
        ("x=8,3", Choices("x", ("8", "3"), ordered=False)),
        ("objective.0.class=star,fern", Choices("objective.0.class", ("star", "fern"), ordered=False)),
        ("x=3mm..3mm", Choices("x", ("3mm",), ordered=True)),
    ],
)
def test_words_are_read(word: str, dimension: Choices | Span) -> None:
    assert parse_space([word]).dimensions == (dimension,)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["x"], ["--search x: found no values"]),
        (["x=40mm..10mm"], ["--search x=40mm..10mm", "runs backwards"]),
        (["x=1cm..40mm"], ["found cm and mm; allowed: one unit"]),
        (["x=1mm..40"], ["found mm and no unit"]),
        (["x=0..1:log"], ["found 0 as the low end", "above 0"]),
        (["x=1,1"], ["--search x=1,1: found 1 twice"]),
        (["x=1", "x=2"], ["--search x: found the key 2 times"]),
    ],
)
def test_words_that_say_nothing_to_choose_from_are_refused(words: list[str], parts: list[str]) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_space(words)
    for part in parts:
        assert part in str(refused.value)


@given(st.floats(0.001, 1e4), st.floats(0.001, 1e4), st.floats(0, 1))
def test_what_is_found_in_a_span_lies_in_it_and_is_short(low: float, length: float, share: float) -> None:
    (span,) = parse_space([f"x={low!r}..{low + length!r}"]).dimensions
    text = span.text(low + share * length)
    assert low * (1 - 1e-9) <= float(text) <= (low + length) * (1 + 1e-9)
    assert span.text(span.ends[0]) == f"{low:.10g}"
    assert len(text) <= 15


def test_points_are_overrides_and_values() -> None:
    space = parse_space(WORDS)
    points = {"objective.0.class": 1, "strokes.length": 12.3456}
    assert space.overrides(points) == ["objective.0.class=fern", "strokes.length=12.35mm"]
    assert space.values(points) == {"objective.0.class": "fern", "strokes.length": "12.35mm"}
    assert [space.overrides(corner) for corner in space.corners] == [
        ["objective.0.class=star", "strokes.length=10mm"],
        ["objective.0.class=fern", "strokes.length=10mm"],
        ["objective.0.class=star", "strokes.length=40mm"],
    ]


# --- what is tried next ----------------------------------------------------------------------------------------------


def tried(
    space: Space, count: int, worth: Callable[[dict[str, Point]], float], seed: int = 0
) -> list[dict[str, Point]]:
    told: list[Told] = []
    for _ in range(count):
        points = propose(space, told, seed=seed, starts=6)
        if points is None:
            break
        told.append(Told(points, worth(points)))
    return [dict(one.points) for one in told]


def test_what_is_tried_draws_near_to_what_is_good() -> None:
    space = parse_space(["x=0.001..1000:log", "y=a,b,c,d"])

    def worth(points: dict[str, Point]) -> float:
        return -abs(np.log10(points["x"]) - 2) + (points["y"] == 2)

    found = [worth(points) for points in tried(space, 30, worth)]
    assert np.mean(found[-10:]) > np.mean(found[:6]) + 0.5


def test_nothing_is_tried_twice_and_all_in_the_end() -> None:
    space = parse_space(["x=0..3", "y=a,b"])
    found = tried(space, 20, lambda points: float(points["x"] == 1))
    assert sorted(space.overrides(points) for points in found) == sorted(
        [f"x={x}", f"y={y}"] for x in range(4) for y in "ab"
    )


def test_equal_seeds_try_the_same() -> None:
    space = parse_space(WORDS)
    first, same, other = (tried(space, 9, lambda points: points["strokes.length"], seed) for seed in (1, 1, 2))
    assert first == same != other


def test_what_is_under_way_is_not_tried_again() -> None:
    space = parse_space(["x=0..1"])
    (first,) = tried(space, 1, lambda points: 0.0)
    second = propose(space, [Told(first)], seed=0, starts=6)
    assert second is not None
    assert second["x"] == 1 - first["x"]


# --- what is the best ------------------------------------------------------------------------------------------------

CLEAN = LineFigures(10, 1.0, 10.0, 100.0, 0.0, 0.05, 1.0)


def drawn(gain: float, *, scale: str = "classes", direction: int = 0, line: LineFigures | None = CLEAN) -> Drawn:
    return Drawn(scale, gain, line, View(0.8, 0.9, np.eye(8)[direction]))


def test_a_twin_of_a_better_one_adds_nothing() -> None:
    best, twin, other = marks([drawn(10), drawn(9, direction=0), drawn(5, direction=1)], POWERS, 2)
    assert best.score > twin.score > other.score
    assert (best.rank, twin.rank, other.rank) == (0, None, 1)
    assert best.value == best.score
    assert twin.value == pytest.approx(0)
    assert other.value > 0.9 * other.score


def test_gains_of_other_layers_are_on_scales_of_their_own() -> None:
    one, other, half = marks([drawn(10), drawn(1000, scale="conv4_2"), drawn(500, scale="conv4_2")], POWERS, 3)
    assert one.score == other.score > half.score


def test_parts_that_do_not_count_change_nothing() -> None:
    tangled = LineFigures(10, 1.0, 90.0, 10.0, 0.5, 0.9, 30.0)
    two = [drawn(10, line=tangled), drawn(10, line=None)]
    gain = powers_of("gain=1,coverage=0,rhythm=0,cleanliness=0")
    assert [mark.score for mark in marks(two, gain, 1)] == [1, 1]
    unclean, of_pixels = marks(two, POWERS, 1)
    assert unclean.score < of_pixels.score


def test_activations_of_classes_can_be_compared_and_of_layers_not() -> None:
    def scale(*overrides: str) -> Any:
        return scale_of(Config.load(QUICKSTART, overrides))

    assert scale() == scale("objective.0.class=fern") == scale("seed=5", "objective.1.weight=3")
    layer = "objective.0={type: excitation, network: motif, layer: conv4_2, channel: 1}"
    assert scale() != scale(layer) == scale(layer, "objective.0.channel=2")
    assert scale() != scale("objective.0.weight=2")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("gain", "found no number for gain"),
        ("beauty=1", "found beauty; allowed: gain, coverage, rhythm, cleanliness"),
        ("gain=-1", "found -1 for gain; allowed: 0 to 1000"),
        ("gain=nan", "found nan for gain"),
        ("gain=0,coverage=0,rhythm=0,cleanliness=0", "nothing counts"),
    ],
)
def test_scores_that_say_nothing_are_refused(words: str, part: str) -> None:
    with pytest.raises(ConfigError) as refused:
        powers_of(words)
    assert part in str(refused.value)


def test_scores_keep_what_is_not_named() -> None:
    assert sum(POWERS.values()) == pytest.approx(1)
    assert powers_of("gain=0.4") == pytest.approx(POWERS)
    assert powers_of("rhythm=0")["gain"] == pytest.approx(0.4 / 0.9)


# --- the search, with an engine that only pretends -------------------------------------------------------------------


def finish(folder: Path) -> Callable[[str, int], Outcome]:
    """Draws nothing but a picture: long strokes are many lines, and excite more."""

    def say(cell: str, tries: int) -> Outcome:
        config = Config.load(folder / cell / "config.yaml")
        star, length = config.terms[0].model_dump(by_alias=True)["class"] == "star", config.strokes.length
        picture = Image.new("RGB", (32, 32), "white")
        for x in range(2, round(length * 0.7), 3):
            ImageDraw.Draw(picture).line((x, 3, x, 29) if star else (3, x, 29, x), fill="black")
        picture.save(RunFolder(folder).write(thumbnail_name(cell), b""), "WEBP")
        (folder / cell / "summary.json").write_text("{}")
        return Finished(cell, {**FIGURES, "activation": length})

    return say


class Drawing(Pretend):
    """Writes the configs of the cells that it is given, as runs do."""

    def __init__(self, folder: Path, say: Callable[[str, int], Outcome] | None = None, workers: int = 1) -> None:
        super().__init__(say or finish(folder), workers)
        self.folder = folder

    def submit(self, cell: str, config: Config, tries: int) -> None:
        RunFolder(self.folder).write(f"{cell}/config.yaml", config.dump())
        super().submit(cell, config, tries)


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Drawing]:
    def use(**options: Any) -> Drawing:
        engine = Drawing(tmp_path / "out", **options)
        monkeypatch.setattr("plotart.sweep.search.engine_of", lambda *args: engine)
        monkeypatch.setattr("plotart.sweep.loop.PAUSE", 0.0)
        monkeypatch.setattr("plotart.job.build.build", lambda config: None)
        return engine

    return use


def searched(tmp_path: Path, words: Sequence[str] = WORDS, **options: Any) -> Trials:
    options = {"budget": Budget(trials=8), "best": 2, **options}
    return search(Source(QUICKSTART), parse_space(words), out=tmp_path / "out", **options)


def points_of(found: Trials) -> list[dict[str, Point]]:
    return [trial.points for trial in found.trials.values()]


def test_the_best_are_written_first_and_can_be_drawn_again(tmp_path: Path, pretend: Callable[..., Drawing]) -> None:
    engine = pretend()
    found = searched(tmp_path)
    assert found.count("done") == len(engine.submitted) == 8
    first, second = found.chosen()
    out = tmp_path / "out"
    assert sorted(path.name for path in (out / "best").iterdir()) == ["1.yaml", "2.yaml"]
    for rank, name in enumerate((first, second), 1):
        cell = found.trials[name].cell
        assert cell is not None
        assert Config.load(out / "best" / f"{rank}.yaml") == cell.config
    page = (out / "index.html").read_text()
    assert "8 runs · the best 2 first · searched: objective.0.class, strokes.length" in page
    links = [page.index(f'href="{name}/report.html"') for name in (first, second)]
    assert links == sorted(links)
    assert all(links[1] < page.index(f'href="{name}/') for name in found.trials if name not in (first, second))
    with (out / "search.csv").open(newline="") as file:
        rows = {row["cell"]: row for row in csv.DictReader(file)}
    assert (rows[first]["rank"], rows[second]["rank"]) == ("1", "2")
    assert float(rows[first]["score"]) >= float(rows[second]["score"])
    assert rows[first]["strokes.length"].endswith("mm")


def test_what_is_done_is_not_drawn_again_and_more_can_be_asked_for(
    tmp_path: Path, pretend: Callable[..., Drawing]
) -> None:
    pretend()
    first = points_of(searched(tmp_path, budget=Budget(trials=3)))
    engine = pretend()
    assert points_of(searched(tmp_path, budget=Budget(trials=3))) == first
    assert engine.submitted == []
    found = searched(tmp_path, budget=Budget(trials=5))
    assert engine.submitted == ["trial-004", "trial-005"]
    assert points_of(found)[:3] == first


def test_a_search_that_was_stopped_tries_what_it_would_have_tried(
    tmp_path: Path, pretend: Callable[..., Drawing]
) -> None:
    calls: list[str] = []

    def stop(cell: str, tries: int) -> Outcome:
        calls.append(cell)
        if len(calls) == 4:
            signal.raise_signal(signal.SIGINT)
            return Stopped(cell)
        return finish(tmp_path / "out")(cell, tries)

    pretend(say=stop)
    with pytest.raises(KeyboardInterrupt):
        searched(tmp_path)
    states = [row["state"] for row in json.loads((tmp_path / "out" / "search.json").read_text())["trials"]]
    assert states == ["done", "done", "done", "unfinished"]
    engine = pretend()
    stopped = points_of(searched(tmp_path))
    assert engine.submitted[0] == "trial-004"
    for path in (tmp_path / "out").iterdir():
        path.rename(path.with_name(f"old-{path.name}"))
    pretend()
    assert points_of(searched(tmp_path)) == stopped


def test_what_is_at_hand_is_known_when_a_search_is_killed(tmp_path: Path, pretend: Callable[..., Drawing]) -> None:
    class Killed(BaseException):
        pass

    def kill(cell: str, tries: int) -> Outcome:
        if cell == "trial-004":
            record = (tmp_path / "out" / "search.json").read_bytes()
            (tmp_path / "killed.json").write_bytes(record)
            raise Killed
        return finish(tmp_path / "out")(cell, tries)

    engine = pretend(say=kill, workers=2)
    with pytest.raises(Killed):
        searched(tmp_path)
    (tmp_path / "killed.json").replace(tmp_path / "out" / "search.json")
    at_hand = Config.load(tmp_path / "out" / "trial-004" / "config.yaml")
    engine = pretend(workers=2)
    found = searched(tmp_path)
    assert engine.submitted[0] in ("trial-003", "trial-004")
    cell = found.trials["trial-004"].cell
    assert cell is not None
    assert cell.config == at_hand


def test_no_more_drawings_at_once_than_workers(tmp_path: Path, pretend: Callable[..., Drawing]) -> None:
    engine = pretend(workers=3)
    found = searched(tmp_path)
    assert engine.most == 3
    assert found.count("done") == 8
    assert len({json.dumps(points) for points in points_of(found)}) == 8


def test_time_that_is_up_ends_the_search_and_more_goes_on(
    tmp_path: Path, pretend: Callable[..., Drawing], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("plotart.sweep.search.time.monotonic", lambda: now[0])

    def take_time(cell: str, tries: int) -> Outcome:
        now[0] += 10
        outcome = finish(tmp_path / "out")(cell, tries)
        return Finished(cell, {**outcome.figures, "wall_seconds": 10.0})  # type: ignore[union-attr]

    engine = pretend(say=take_time)
    found = searched(tmp_path, budget=Budget(seconds=45))
    assert (found.count("done"), found.seconds, engine.stops) == (4, 40, 0)
    # Five seconds were left, in which no drawing gets done; they are not lost.
    engine = pretend(say=take_time)
    found = searched(tmp_path, budget=Budget(seconds=65))
    assert (found.count("done"), engine.submitted) == (6, ["trial-005", "trial-006"])

    def too_long(cell: str, tries: int) -> Outcome:
        now[0] += 100
        return Stopped(cell)

    engine = pretend(say=too_long)
    found = searched(tmp_path, budget=Budget(seconds=80))
    assert (found.count("done"), found.count("waiting")) == (6, 1)
    engine = pretend(say=take_time)
    found = searched(tmp_path, budget=Budget(seconds=180))
    assert engine.submitted[0] == "trial-007"


def test_what_is_behind_early_is_given_up_where_the_gain_counts(
    tmp_path: Path, pretend: Callable[..., Drawing]
) -> None:
    class Early(Drawing):
        """Tells what a drawing has reached in its first step and halfway; waits halfway whether it is dropped."""

        def submit(self, cell: str, config: Config, tries: int) -> None:
            super().submit(cell, config, tries)
            reached = 0.0 if cell == "trial-008" else float(cell[-1])
            self.answers[-2:-1] = [CellProgress(cell, 1, 10, 0.5, -1.0), CellProgress(cell, 5, 10, 0.5, reached)]
            self.last = self.answers.pop()

        def news(self, timeout: float) -> list[CellProgress | Outcome]:
            if self.answers:
                return super().news(timeout)
            return [Stopped(self.last.cell) if self.last.cell in self.dropped else self.last]  # type: ignore[list-item]

    for score, given_up in (("gain=3", ["trial-008"]), ("gain=0.1", [])):
        out = tmp_path / score
        engine = Early(out)
        pretend()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("plotart.sweep.search.engine_of", lambda *args, engine=engine: engine)
            found = search(
                Source(QUICKSTART), parse_space(WORDS), out=out, budget=Budget(trials=8), powers=powers_of(score)
            )
        assert engine.dropped == found.named("given up") == given_up
        assert ("1 given up" in (out / "index.html").read_text()) == bool(given_up)
        assert (
            Trials.open(out, Source(QUICKSTART), parse_space(WORDS), seed=0, powers=POWERS, best=1).named("given up")
            == given_up
        )


def test_values_that_do_not_go_together_are_a_failure_of_their_trial_alone(
    tmp_path: Path, pretend: Callable[..., Drawing]
) -> None:
    engine = pretend()
    # Each alone goes with the first of the other.
    found = searched(tmp_path, ["page.size=a4,a6", "page.margin=5mm,60mm"], budget=Budget(trials=4))
    assert found.count("done") == len(engine.submitted) == 3
    (failed,) = found.named("failed")
    assert "page.margin: found 60 mm" in found.trials[failed].entry.message
    assert "failed: " in (tmp_path / "out" / "index.html").read_text()
    assert Trials.open(
        tmp_path / "out",
        Source(QUICKSTART),
        parse_space(["page.size=a4,a6", "page.margin=5mm,60mm"]),
        seed=0,
        powers=POWERS,
        best=1,
    ).named("failed") == [failed]


def test_failure_after_failure_ends_the_search(tmp_path: Path, pretend: Callable[..., Drawing]) -> None:
    engine = pretend(say=lambda cell, tries: Failed(cell, "the disk is full", again=False))
    with pytest.raises(PlotartError, match=rf"{FAILING} drawings failed one after another.*the disk is full"):
        searched(tmp_path, budget=Budget(trials=50))
    assert len(engine.submitted) == FAILING


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"words": [WORDS[0], "strokes.length=10mm..50mm"]}, 'search.strokes.length was "10mm..40mm"'),
        ({"seed": 1}, "seed was 0 and is 1"),
    ],
)
def test_another_search_in_the_folder_is_refused(
    tmp_path: Path, pretend: Callable[..., Drawing], change: dict[str, Any], said: str
) -> None:
    pretend()
    searched(tmp_path, budget=Budget(trials=1))
    before = (tmp_path / "out" / "search.json").read_bytes()
    with pytest.raises(ConfigError) as refused:
        searched(tmp_path, **{"words": WORDS, **change})
    assert said in str(refused.value)
    assert (tmp_path / "out" / "search.json").read_bytes() == before


@pytest.mark.parametrize(("file", "what"), [("sweep.json", "sweep"), ("config.yaml", "single run")])
def test_the_folder_of_something_else_is_not_taken(tmp_path: Path, file: str, what: str) -> None:
    RunFolder(tmp_path / "out").write(file, "{}")
    with pytest.raises(OutputError, match=f"holds a {what}"):
        searched(tmp_path)


def test_damaged_records_are_refused(tmp_path: Path) -> None:
    RunFolder(tmp_path / "out").write("search.json", '{"seed": ')
    with pytest.raises(ConfigError, match=r"search\.json: can't be read as a search's record"):
        searched(tmp_path)


def test_what_can_not_be_drawn_is_said_before_anything_is(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"strokes\.length"):
        searched(tmp_path, ["strokes.length=0..40"])
    with pytest.raises(PlotartError, match="unicorn"):
        searched(tmp_path, ["objective.0.class=star,unicorn"])
    assert not list((tmp_path / "out").glob("trial*"))


def test_optuna_that_is_missing_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingError, match=r"pip install 'plotart\[search\]'"):
        searched(tmp_path)
    assert not (tmp_path / "out").exists()


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_lists_the_best(tmp_path: Path, pretend: Callable[..., Drawing], cli: Any) -> None:
    pretend()
    words = [word for one in WORDS for word in ("--search", one)]
    done = cli("sweep", QUICKSTART, *words, "--trials", 6, "--best", 2, "--out", tmp_path / "out")
    assert (done.status, done.err) == (0, "")
    assert "6 drawings in 0:0" in done.out
    assert "best/1.yaml to best/2.yaml" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--search", "seed=0..9"], "--search: found no end; allowed: --minutes 60, --trials 24, or both"),
        (["--search", "seed=0..9", "--vary", "seed=1,2", "--trials", "2"], "--search: found together with --vary"),
        (["--search", "seed=0..9", "--trials", "2", "--keep-best", "1"], "--keep-best: found together with --search"),
        (["--vary", "seed=0..9", "--minutes", "2"], "--minutes: found without --search"),
        (["--search", "seed=0..9", "--trials", "2", "-o", "seed=1"], "seed: found in -o and in --search"),
        ([], "nothing is varied; give --vary at least once, as in --vary seed=0..15, or --search"),
    ],
)
def test_what_does_not_go_together_is_refused(words: list[str], said: str, cli: Any, tmp_path: Path) -> None:
    done = cli("sweep", QUICKSTART, *words, "--out", tmp_path / "out")
    assert done.status == 2
    assert said in done.err
    assert not (tmp_path / "out").exists()


def test_the_command_says_how_to_go_on(tmp_path: Path, pretend: Callable[..., Drawing], cli: Any) -> None:
    def interrupted(cell: str, tries: int) -> Outcome:
        signal.raise_signal(signal.SIGINT)
        return Stopped(cell)

    pretend(say=interrupted)
    done = cli("sweep", QUICKSTART, "--search", "seed=0..9", "--minutes", 5, "--out", tmp_path / "out")
    assert done.status == 130
    assert f"Go on with:\n  plotart sweep {QUICKSTART} --search seed=0..9 --minutes 5.0" in done.out


def test_too_little_time_for_one_drawing_is_said(
    tmp_path: Path, pretend: Callable[..., Drawing], cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("plotart.sweep.search.time.monotonic", lambda: now[0])

    def too_long(cell: str, tries: int) -> Outcome:
        now[0] += 100
        return Stopped(cell)

    pretend(say=too_long)
    done = cli("sweep", QUICKSTART, "--search", "seed=0..9", "--minutes", 1, "--out", tmp_path / "out")
    assert done.status == 1
    assert "1 min is too short for one; allowed: more --minutes, and the same command goes on" in done.err

"""The engine of Ray's clusters, with a Ray that only pretends: what becomes of a sweep whose cluster is lost."""

from __future__ import annotations

import itertools
import math
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from pretended import FIGURES
from small_runs import CONFIGS

from plotart.errors import EngineLost
from plotart.runs.run import RunFolder
from plotart.sweep import over_ray
from plotart.sweep.grid import Cell, grid
from plotart.sweep.keepsakes import thumbnail_name
from plotart.sweep.loop import Began
from plotart.sweep.over_ray import Board, Head, Line, _task, _why
from plotart.sweep.record import RECORD
from plotart.sweep.run import sweep
from plotart.sweep.search import Budget, search
from plotart.sweep.space import parse_space
from plotart.sweep.trials import Source
from plotart.sweep.vary import parse_axes
from plotart.sweep.work import CellProgress, Failed, Finished, Outcome, Stopped, Task

AXES = parse_axes(["seed=0..3"])


class RayError(Exception):
    pass


@dataclass(eq=False)
class Reference:
    """Of what a task or an actor answers."""

    answer: Any


class PretendedRay(ModuleType):
    """A machine of two CPUs, on which a task is done as soon as it is asked for; after `lives` tasks all is gone."""

    def __init__(self, lives: float = math.inf) -> None:
        super().__init__("ray")
        self.lives, self.tasks, self.closed = lives, 0, False
        self.exceptions = SimpleNamespace(RayError=RayError)

    @property
    def gone(self) -> bool:
        return self.tasks > self.lives

    def is_initialized(self) -> bool:
        return False

    def init(self, **options: Any) -> None:
        pass

    def nodes(self) -> list[dict[str, Any]]:
        return [{"Alive": True, "Resources": {"CPU": 2.0}}]

    def get_runtime_context(self) -> Any:
        return SimpleNamespace(gcs_address="127.0.0.1:6379", get_node_id=lambda: "here")

    def remote(self, **options: Any) -> Callable[[Any], Any]:
        def of(what: Any) -> Any:
            if isinstance(what, type):
                return SimpleNamespace(remote=lambda: Actor(self, what()))
            return SimpleNamespace(remote=self._task(what))

        return of

    def _task(self, work: Callable[..., Any]) -> Callable[..., Reference]:
        def run(*given: Any) -> Reference:
            self.tasks += 1
            return Reference(None if self.gone else work(*given))

        return run

    def wait(self, references: list[Reference], **options: Any) -> tuple[list[Reference], list[Reference]]:
        return ([], references) if self.gone else (references, [])

    def get(self, reference: Any, timeout: float | None = None) -> Any:
        if self.gone:
            raise RayError("The actor is unavailable: socket closed\nand\nmuch\nmore")
        return [one.answer for one in reference] if isinstance(reference, list) else reference.answer

    def kill(self, actor: Any) -> None:
        assert not self.gone, "of a cluster that is gone nothing can be told to end"

    def shutdown(self) -> None:
        self.closed = True


class Actor:
    def __init__(self, ray: PretendedRay, what: Any) -> None:
        self._ray, self._what = ray, what

    def __getattr__(self, name: str) -> Any:
        return SimpleNamespace(remote=lambda *given: Reference(getattr(self._what, name)(*given)))


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[float], PretendedRay]:
    def use(lives: float = math.inf) -> PretendedRay:
        pretended = PretendedRay(lives)
        strategies = ModuleType("ray.util.scheduling_strategies")
        strategies.NodeAffinitySchedulingStrategy = lambda *given, **options: None  # type: ignore[attr-defined]
        for name, module in {"ray": pretended, "ray.util": ModuleType("ray.util")}.items():
            monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setitem(sys.modules, "ray.util.scheduling_strategies", strategies)
        monkeypatch.setattr("plotart.job.build.build", lambda config: None)
        return pretended

    return use


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cells that were drawn, which takes no time here."""
    done: list[str] = []

    def work(task: Task, tell: Callable[[CellProgress], bool]) -> Outcome:
        done.append(task.cell)
        (Path(task.folder) / task.cell).mkdir(exist_ok=True)
        (Path(task.folder) / task.cell / "summary.json").write_text("{}")
        return Finished(task.cell, dict(FIGURES))

    monkeypatch.setattr(over_ray, "work", work)
    return done


def cells() -> tuple[Cell, ...]:
    return grid(CONFIGS / "quickstart.yaml", AXES)


def test_a_sweep_whose_cluster_is_lost_goes_on_in_another(
    ray: Callable[..., PretendedRay], drawn: list[str], tmp_path: Path
) -> None:
    first = ray(lives=2)
    with pytest.raises(EngineLost) as lost:
        sweep(cells(), AXES, out=tmp_path, engine="ray")
    message = str(lost.value)
    assert len(message.splitlines()) == 1
    assert message.startswith("Ray's cluster at 127.0.0.1:6379 is gone: The actor is unavailable: socket closed.")
    assert "ray start --head" in message
    assert first.closed
    assert drawn == ["seed-0", "seed-1"]
    ray()
    begun: list[str] = []
    record = sweep(
        cells(),
        AXES,
        out=tmp_path,
        engine="ray",
        on_event=lambda event, record: begun.append(event.cell) if isinstance(event, Began) else None,
    )
    assert begun == ["seed-2", "seed-3"]
    assert drawn == ["seed-0", "seed-1", "seed-2", "seed-3"]
    assert record.count("done") == 4


def test_the_command_says_how_to_go_on_when_the_cluster_is_lost(
    ray: Callable[..., PretendedRay], drawn: list[str], tmp_path: Path, cli: Any
) -> None:
    ray(lives=2)
    words = ["sweep", CONFIGS / "quickstart.yaml", "--vary", "seed=0..3", "--engine", "ray", "--out", tmp_path / "o"]
    done = cli(*words)
    assert done.status == 1
    assert f"What is done is in {tmp_path / 'o'}. Go on with:\n  plotart sweep" in done.out
    assert done.err.startswith("stopped: Ray's cluster at 127.0.0.1:6379 is gone")
    assert len(done.err.splitlines()) == 1


def test_a_search_is_drawn_by_a_cluster_too(
    ray: Callable[..., PretendedRay], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("optuna", reason="needs Optuna: pip install 'plotart[search]'")

    def work(task: Task, tell: Callable[[CellProgress], bool]) -> Outcome:
        folder = RunFolder(Path(task.folder))
        folder.write(f"{task.cell}/config.yaml", task.config.dump())
        folder.write(f"{task.cell}/summary.json", "{}")
        Image.new("RGB", (8, 8), "white").save(folder.write(thumbnail_name(task.cell), b""), "WEBP")
        return Finished(task.cell, dict(FIGURES))

    monkeypatch.setattr(over_ray, "work", work)
    ray()
    source, space = Source(CONFIGS / "quickstart.yaml"), parse_space(["seed=0..9"])
    found = search(source, space, out=tmp_path, budget=Budget(trials=3), engine="ray")
    assert found.count("done") == 3


def test_a_head_is_lost_once_it_has_not_answered_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(step=over_ray.LOOK)
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    with socket.create_server(("127.0.0.1", 0)) as server:
        head = Head(f"127.0.0.1:{server.getsockname()[1]}")
        assert not any(head.lost for _ in range(20))
    lost = [head.lost for _ in range(20)]
    assert lost == sorted(lost)
    assert (lost[0], lost[-1]) == (False, True)


# --- workers ---------------------------------------------------------------------------------------------------------


class Answers:
    """A Ray whose board answers at once, or not at all."""

    exceptions = SimpleNamespace(RayError=RayError)

    def __init__(self) -> None:
        self.silent = self.dead = False

    def wait(self, references: list[Reference], **options: Any) -> tuple[list[Reference], list[Reference]]:
        return ([], references) if self.silent else (references, [])

    def get(self, references: list[Reference]) -> list[Any]:
        if self.dead:
            raise RayError("gone")
        return [reference.answer for reference in references]


AT = CellProgress("seed-0", 1, 5, 0.5)


def test_a_worker_stops_once_it_hears_nothing_of_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    time = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: time[0])
    answers, board = Answers(), Actor(PretendedRay(), Board())
    line = Line(answers, board)
    assert not line.stop(AT)
    time[0] += 10 * over_ray.ORPHANED  # a step that takes long is no silence
    assert not line.stop(AT)
    answers.silent = True
    assert not line.stop(AT)
    time[0] += over_ray.ORPHANED
    assert line.stop(AT)
    assert line.dead


def test_a_worker_stops_when_the_sweep_is_gone_or_says_so() -> None:
    answers, board = Answers(), Board()
    line = Line(answers, Actor(PretendedRay(), board))
    board.drop("seed-1")
    assert not line.stop(AT)
    board.drop("seed-0")
    assert line.stop(AT)
    assert not line.dead
    answers.dead = True
    assert line.stop(AT)
    assert line.dead


@pytest.mark.parametrize(("held_for", "tries", "works"), [(10.0, 1, 6), (1e9, 1, 61), (1e9, 2, 1)])
def test_a_folder_that_an_orphan_holds_is_waited_for(
    ray: Callable[..., PretendedRay],
    monkeypatch: pytest.MonkeyPatch,
    held_for: float,
    tries: int,
    works: int,
) -> None:
    pretended, time, tried = ray(), [0.0], []
    monkeypatch.setattr("time.monotonic", lambda: time[0])
    monkeypatch.setattr("time.sleep", lambda seconds: time.__setitem__(0, time[0] + seconds))

    def work(task: Task, tell: Callable[[CellProgress], bool]) -> Outcome:
        tried.append(time[0])
        held = time[0] < held_for
        return Failed(task.cell, "held", again=True, held=True) if held else Finished(task.cell, {})

    monkeypatch.setattr(over_ray, "work", work)
    (cell, *_) = cells()
    outcome = _task(Task(cell.name, cell.config, "/x", RECORD, 1, tries), Actor(pretended, Board()))
    assert len(tried) == works
    assert isinstance(outcome, Finished if held_for < 100 else Failed)


def test_a_worker_that_lost_the_sweep_is_no_stop_that_was_asked_for(
    ray: Callable[..., PretendedRay], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretended, board = ray(), Board()

    def work(task: Task, tell: Callable[[CellProgress], bool]) -> Outcome:
        return Stopped(task.cell) if tell(AT) else Finished(task.cell, {})

    monkeypatch.setattr(over_ray, "work", work)
    (cell, *_) = cells()
    task = Task(cell.name, cell.config, "/x", RECORD, 1)
    assert isinstance(_task(task, Actor(pretended, board)), Finished)
    board.ask_to_stop()
    assert _task(task, Actor(pretended, board)) == Stopped(cell.name)
    pretended.tasks, pretended.lives = 1, 0
    pretended.wait = lambda references, **options: (references, [])  # type: ignore[method-assign]
    lost = _task(task, Actor(pretended, board))
    assert isinstance(lost, Failed)
    assert lost.again


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("The node died\nand more", "The node died"),
        ("\x1b[36mray::_task()\x1b[39m (pid=1)\n  File x\n    y\nTypeError: no z", "TypeError: no z"),
        ("", "RayError"),
    ],
)
def test_what_ray_says_is_one_line(text: str, why: str) -> None:
    assert _why(RayError(text)) == why

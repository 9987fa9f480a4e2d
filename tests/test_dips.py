"""Pens that the plotter dips into a well, on boards that are not there."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

if sys.platform == "win32":
    pytest.skip("pseudo-terminals", allow_module_level=True)

from emulators.ebb import Ebb, pull_after
from emulators.fake import FakeBoard
from emulators.grbl import Grbl
from emulators.hpgl import UNIT, Hpgl
from emulators.pseudo_terminal import PseudoTerminal
from killed_plots import plot_and_kill
from on_board import MACHINE, cells, plotted, svg_of, times_drawn

from plotart.errors import DrawingError
from plotart.export.drawing import Drawing, Layer, Line
from plotart.export.hpgl_frame import device_frame
from plotart.export.polyline import length
from plotart.export.read import read_drawing
from plotart.export.refills import split_refills
from plotart.pens import Pen
from plotart.pens.well import Well
from plotart.plotter.boards.direct import DirectDriver
from plotart.plotter.boards.grbl import grbl
from plotart.plotter.boards.hpgl import hpgl
from plotart.plotter.boards.live import Live, LiveState
from plotart.plotter.boards.plotting import Job, plot_lines
from plotart.plotter.command_line import CommandLine
from plotart.plotter.dips import dips, stirring, wiping
from plotart.plotter.drivers import Code, Outcome, PlotOptions
from plotart.plotter.instructions import instructions
from plotart.plotter.machines import MACHINES, Machine
from plotart.plotter.motion import plot_stats
from plotart.plotter.plan import plan_svg
from plotart.plotter.session import Prompt, Session, Status
from plotart.plotter.timetable import timetable

WELL = Well(at=(150, 90), height=5, dwell=300, stir=4, wipe=(0, 12))
BRUSH = Pen("Brush", "#203040", 0.8, max_distance=70, well=WELL)
LINES = cells()[:12]

#: mm about the well in which no line lies.
ROOM = 15.0


def painting(pen: Pen = BRUSH, lines: list[Line] = LINES, size: tuple[float, float] = (100, 60)) -> Drawing:
    return Drawing(*size, (Layer(pen, lines),))


def apart(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """What was drawn on the paper, and what in the well."""
    near = [bool((np.abs(line - WELL.at) <= ROOM).all()) for line in lines]
    return [line for line, is_near in zip(lines, near, strict=True) if not is_near], [
        line for line, is_near in zip(lines, near, strict=True) if is_near
    ]


def assert_dipped(all_lines: list[Line], *, most: float = 70.0, twice: float = 0.0) -> list[Line]:
    """A dip comes first, and no filling is used for more than `most` mm; what was drawn on the paper."""
    used, first = np.inf, True
    for line in all_lines:
        _, dip = apart([line])
        if dip:
            used, first = 0.0, False
            continue
        assert not first
        used += length(line)
        assert used <= most + twice + 0.5
    return apart(all_lines)[0]


class TestWhen:
    @given(st.lists(st.floats(0.1, 200), min_size=1, max_size=30), st.floats(20, 300))
    @settings(max_examples=60, deadline=None)
    def test_no_filling_is_used_up_by_lines_that_were_cut_for_it(self, mm: list[float], filling: float) -> None:
        pen = BRUSH.but(max_distance=filling)
        lines = [np.array([[0.0, n], [along, n]]) for n, along in enumerate(mm)]
        (layer,) = split_refills(Layer(pen, lines))
        assert sum(map(length, layer.lines)) == pytest.approx(sum(mm))
        when = dips(layer.lines, pen)
        assert when[0] == 0
        for begin, end in zip(when, [*when[1:], len(layer.lines)], strict=True):
            assert sum(map(length, layer.lines[begin:end])) <= filling * 1.001
        fillings = len(split_refills(Layer(pen.but(well=None), lines)))
        assert len(when) <= fillings

    def test_a_pen_without_a_well_is_dipped_by_nobody(self) -> None:
        assert dips(LINES, BRUSH.but(well=None)) == []

    def test_a_well_needs_to_know_how_far_a_filling_goes(self) -> None:
        with pytest.raises(ValidationError):
            Pen("Brush", "#000000", 0.8, well=WELL)


class TestInFiles:
    def test_a_well_is_read_back_and_other_files_have_none(self, tmp_path: Path) -> None:
        path = painting().save(tmp_path / "brush.svg")
        assert read_drawing(path).layers[0].pen.well == WELL
        assert read_drawing(path).layers[0].pen.max_distance == 70
        assert "plotart:well" not in svg_of(painting(BRUSH.but(well=None)))

    def test_what_tells_of_no_well_is_refused(self, tmp_path: Path) -> None:
        path = painting().save(tmp_path / "brush.svg")
        path.write_text(path.read_text().replace("&quot;dwell&quot;", "&quot;dwel&quot;").replace('"dwell"', '"dwel"'))
        with pytest.raises(DrawingError, match=r"layer Brush: found plotart:well=.*tells of no well"):
            read_drawing(path)

    def test_a_well_out_of_reach_is_told_before_anything_moves(self, tmp_path: Path) -> None:
        path = painting().save(tmp_path / "brush.svg")
        with pytest.raises(DrawingError, match=r"the well of Brush takes from 150, 90 to 154, 102 mm from home"):
            plan_svg(path, MACHINES["axidraw-minikit"], PlotOptions(1))

    def test_the_makers_software_is_refused_before_anything_moves(self, tmp_path: Path) -> None:
        plan = plan_svg(painting().save(tmp_path / "brush.svg"), MACHINE, PlotOptions(1))
        session = Session.open(tmp_path, plan)
        with pytest.raises(DrawingError, match="Brush is dipped into a well, which axicli does not do"):
            session.check(plan.pens, CommandLine("axicli", "axidraw", "axicli"))
        session.check(plan.pens, DirectDriver("ebb", MACHINE))
        prompt = Prompt(plan.pens[0], first=False, status=Status.waiting, paused_mm=None, can_rehome=False)
        (said,) = instructions(plan, prompt, go_on="Enter", home="h")
        assert "Fill the well of Brush, 150 mm right and 90 mm down from home." in said


class TestEbb:
    @pytest.mark.parametrize("version", [(2, 5, 5), (3, 0, 2)])
    def test_it_dips_in_the_time_that_was_told(self, version: tuple[int, int, int]) -> None:
        drawing, board = painting(), Ebb(version)
        assert plotted(svg_of(drawing), board).finished
        drawn, dipped = apart(board.lines)
        assert len(dipped) == len(dips(LINES, BRUSH)) == 4
        np.testing.assert_allclose(times_drawn(LINES, drawn), 1, atol=0.03)
        assert_dipped(board.lines)
        meant = np.concatenate([stirring(WELL), wiping(WELL)[1:]])
        for line in dipped:
            assert length([line][0]) == pytest.approx(length(meant), abs=0.3)
            np.testing.assert_allclose(line[[0, -1]], meant[[0, -1]], atol=0.02)
        (pen,) = plot_stats(drawing, MACHINE).pens
        assert pen.dips == 4
        assert board.now == pytest.approx(pen.seconds, rel=0.03)
        assert board.at == (0, 0)
        assert board.said.count(f"SC,5,{9855 + 899}") == 4  # 5 % of the lift's travel, in the well alone
        assert not board.faults

    def test_on_a_page_that_lies_on_its_side_the_well_stays_where_it_is(self) -> None:
        drawing = painting(lines=[line[:, ::-1] for line in LINES], size=(60, 100))
        board = Ebb()
        assert plotted(svg_of(drawing), board).finished
        assert len(apart(board.lines)[1]) == 4
        assert board.now == pytest.approx(plot_stats(drawing, MACHINE).seconds, rel=0.03)

    def test_a_cable_pulled_at_any_command_of_a_dip_leaves_nothing_out(self, tmp_path: Path) -> None:
        whole = Ebb()
        plotted(svg_of(painting()), whole)
        lowered = f"SC,5,{9855 + 899}"
        second = [number for number, said in enumerate(whole.said) if said == lowered][1]
        for number in range(second - 6, second + 40, 5):
            board = Ebb(meanwhile=pull_after(number))
            options = PlotOptions(1, journal=tmp_path / f"{number}.log")
            outcome = plotted(svg_of(painting()), board, options=options)
            assert outcome.code == Code.LOST_USB
            board.meanwhile = lambda board, command: None
            assert outcome.paused is not None
            assert plotted(outcome.paused, board, options=options, resume=True).finished
            drawn = assert_dipped(board.lines)
            times = np.array(times_drawn(LINES, drawn))
            assert times.min() > 0.97, number
            assert (times > 1.03).sum() <= 1, number
            assert not board.pen_down

    def test_pause_and_back_dip_before_it_draws_on(self) -> None:
        board, done = Ebb(), list[str]()

        def tell(state: LiveState) -> None:
            if state.paused:
                live.go_on()
            elif state.line == 1 and "pause" not in done:
                done.append("pause")
                live.pause()
            elif state.line == 7 and "back" not in done:
                done.append("back")
                live.back(5)

        live = Live(tell=tell)
        assert plotted(svg_of(painting()), board, live=live).finished
        assert len(apart(board.lines)[1]) == 4 + 2
        assert_dipped(board.lines, twice=5)

    def test_a_stop_in_the_well_goes_on_with_a_dip(self) -> None:
        board = Ebb()

        def meanwhile(board: Ebb, command: str) -> None:
            if command.startswith("SM,") and board.pen_down and board.at == pytest.approx(WELL.at, abs=5):
                live.stop()

        live, board.meanwhile = Live(), meanwhile
        outcome = plotted(svg_of(painting()), board, live=live)
        assert outcome.code == Code.KEYBOARD
        assert apart(board.lines)[0] == []
        board.meanwhile = lambda board, command: None
        assert plotted(outcome.paused or "", board, resume=True).finished
        np.testing.assert_allclose(times_drawn(LINES, assert_dipped(board.lines)), 1, atol=0.03)


@pytest.mark.slow
def test_kills_at_random_moments_between_dips(tmp_path: Path) -> None:
    kills, seed = 0, 1
    while kills < 40:
        board = Ebb(pace=0.05)
        svg = tmp_path / f"{seed}.svg"
        svg.write_text(svg_of(painting(lines=cells())), encoding="utf-8")
        with PseudoTerminal(board.receive, seed=seed) as port:
            kills += plot_and_kill(svg, port.name, tmp_path / f"{seed}.log", seed=seed, most=20)
        board.settle()
        times = np.array(times_drawn(cells(), assert_dipped(board.lines, twice=24)))
        assert times.min() > 0.97, seed
        assert not board.faults
        seed += 1


def test_speed_and_time_left_heed_the_dips() -> None:
    board, states = FakeBoard(at=(0.0, 0.0)), list[LiveState]()
    machine = replace(MACHINE, raise_s=0.1, lower_s=0.1)
    job = Job(LINES, machine, well=WELL, dips=frozenset(dips(LINES, BRUSH)))
    assert plot_lines(job, board, Live(tell=states.append), place=(0.0, 0.0)).code == Code.FINISHED
    assert next(state.seconds_left for state in states if state.seconds_left) == pytest.approx(board.seconds)
    assert board.heights[-1] == (60.0, 30.0)


def test_the_replay_waits_while_the_pen_is_dipped() -> None:
    drawing = painting()
    times = timetable(drawing, MACHINE)
    assert times.seconds == pytest.approx(plot_stats(drawing, MACHINE).seconds)
    (layer,) = times.layers
    gaps = layer.lands[1:] - layer.lifts[:-1]
    assert set(np.flatnonzero(gaps > 2) + 1) == set(dips(LINES, BRUSH)[1:])


def driven(driver: DirectDriver, drawing: Drawing, port: str) -> tuple[Outcome, float]:
    """How it ended, and the seconds that were told first."""
    told: list[float] = []
    driver.live.tell = lambda state: told.append(state.seconds_left)
    return driver.plot(svg_of(drawing), PlotOptions(None, port=port), resume=False), max(told)


def test_grbl_dips_too() -> None:
    machine = Machine("custom", 300, 218, speed_down=50, speed_up=150, raise_s=0.13, lower_s=0.146)
    with Grbl() as emulator:
        outcome, told = driven(grbl(machine), painting(), emulator.name)
        assert outcome.finished
        drawn = [line * (1, -1) for line in emulator.drawn]
        assert emulator.busy == pytest.approx(told, rel=0.03)
    assert len(apart(drawn)[1]) == 4
    assert_dipped(drawn)


def test_an_old_pen_plotter_dips_too() -> None:
    machine = Machine("custom", 420, 297)
    lines = [np.add(line, 30) for line in LINES]
    drawing = painting(lines=lines, size=(297, 210))
    frame = device_frame("hp7475a", 297, 210)
    with Hpgl() as emulator:
        outcome, _ = driven(hpgl(machine), drawing, emulator.name)
        assert outcome.finished
        drawn = [frame.page(line / UNIT) for line in emulator.drawn[1]]
    assert len(apart(drawn)[1]) == 4
    np.testing.assert_allclose(times_drawn(lines, assert_dipped(drawn)), 1, atol=0.06)

"""Drawings under way: shown as they grow, changed, held, killed, and gone on with, by real workers."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from studios import TINY, Opened, opened_studio

from plotart import load_run
from plotart.studio.wire import frame_header

#: Long enough to be changed on the way.
LONG = {**TINY, "optimize": {"steps": 4000, "checkpoint": 50}}


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_studio(tmp_path_factory.mktemp("studio")) as opened:
        yield opened


@contextlib.contextmanager
def page(studio: Opened, version: str) -> Iterator[Any]:
    """A page that watches a version."""
    from websockets.sync.client import connect

    with connect(f"ws://127.0.0.1:{studio.port}/live", origin=studio.address, max_size=None) as socket:
        socket.send(json.dumps({"watch": version}))
        yield socket


def frames(socket: Any, seconds: float = 30) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Drawings as they come: header and the rest."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(TimeoutError):
            if isinstance(said := socket.recv(timeout=1), bytes):
                yield frame_header(said), said
    raise AssertionError("no such drawing came")


def points_of(header: dict[str, Any], frame: bytes) -> NDArray[np.float32]:
    return np.frombuffer(frame[-8 * header["points"] :], np.float32).reshape(-1, 2)


def test_a_drawing_is_seen_while_it_grows(studio: Opened) -> None:
    version = studio.new(LONG)
    with page(studio, version) as socket:
        studio.act(version, "draw")
        seen = []
        for header, frame in frames(socket):
            lines = header["strokes"]
            assert header["id"] == version
            assert header["page"] == [60.0, 40.0]
            length = 8 + int.from_bytes(frame[4:8], "little")
            assert len(frame) == length + lines * (4 + 4 + 4 + 4) + 8 * header["points"]
            assert np.isfinite(points_of(header, frame)).all()
            seen.append(header["step"])
            if len(seen) == 5:
                break
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]
    studio.act(version, "stop")
    assert studio.until(version, "stopped")["picture"]


def test_pause_step_and_go_on(studio: Opened) -> None:
    version = studio.new(LONG)
    with page(studio, version) as socket:
        studio.act(version, "draw")
        next(frames(socket))
        studio.act(version, "pause")
        studio.until(version, "paused")
        time.sleep(0.3)
        studio.ask("GET", "/api/versions")
        held = [header["step"] for header, _ in _those_that_wait(socket)][-1]
        studio.act(version, "step")
        assert next(frames(socket))[0]["step"] == held + 1
        studio.act(version, "go")
        assert next(header for header, _ in frames(socket) if header["step"] > held + 3)
    studio.act(version, "stop")
    studio.until(version, "stopped")


def test_a_pen_is_swapped_on_the_way(studio: Opened) -> None:
    """It goes on from the step it had come to."""
    version = studio.new(LONG)
    with page(studio, version) as socket:
        studio.act(version, "draw")
        step = next(header["step"] for header, _ in frames(socket) if header["step"] >= 20)
        changed = studio.act(version, "change", changes=[["pens.0.color", "#00aa00"]])
        assert changed.json["effect"] == "live"
        header = next(h for h, _ in frames(socket) if any(pen["color"] == "#00aa00" for pen in h["pens"]))
        assert header["step"] >= step
    studio.act(version, "stop")
    studio.until(version, "stopped")
    assert "#00aa00" in (studio.studio.folder / version / "config.yaml").read_text()


def test_what_can_t_change_on_the_way_begins_anew_and_says_so(studio: Opened) -> None:
    version = studio.new(LONG)
    with page(studio, version) as socket:
        studio.act(version, "draw")
        next(h for h, _ in frames(socket) if h["step"] >= 20)
        changed = studio.act(version, "change", changes=[["strokes.count", 5]])
        assert changed.json["effect"] == "begin"
        header = next(h for h, _ in frames(socket) if h["strokes"] == 5)
        assert header["step"] < 20
    studio.act(version, "stop")
    studio.until(version, "stopped")


def test_what_ended_unseen_is_shown_to_who_comes_later(studio: Opened) -> None:
    """Its lines are there for hands, and hands that came later are told apart from those that it was drawn with."""
    version = studio.new(draw=True)
    studio.until(version, "done")
    with page(studio, version) as socket:
        header, _ = next(frames(socket))
    assert (header["id"], header["step"]) == (version, TINY["optimize"]["steps"])
    studio.act(version, "hands", gone=[1])
    document = studio.card(version)["document"]
    assert (document["hands"]["gone"], document["drawn"]["gone"]) == ([1], [])


def test_a_finished_drawing_is_a_normal_run_and_stays(studio: Opened) -> None:
    version = studio.new(draw=True)
    assert studio.until(version, "done")["metres"] > 0
    folder = studio.studio.folder / version
    run = load_run(folder)
    assert run.summary["steps"] == TINY["optimize"]["steps"]
    assert len(studio.card(version)["losses"]) == TINY["optimize"]["steps"]
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert studio.act(version, "draw").json["id"] == version  # nothing has changed
    studio.act(version, "change", changes=[["pens.0.color", "#00aa00"]])
    drawn = studio.act(version, "draw").json
    assert drawn["effect"] == "live"
    other = drawn["id"]
    assert other != version
    assert studio.until(other, "done")["parent"] == version
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    # The same lines in another ink.
    assert "#00aa00" in (studio.studio.folder / other / "plot.svg").read_text()
    assert load_run(studio.studio.folder / other).strokes.points.equal(run.strokes.points)


def test_a_fault_is_told_in_words(studio: Opened) -> None:
    config = {**TINY, "objective": [{"type": "excitation", "network": "motif", "class": "no such thing"}]}
    version = studio.new(config, draw=True)
    message = studio.until(version, "failed")["message"]
    assert "no such thing" in message
    assert "Traceback" not in message


def test_a_killed_worker_is_told_and_gone_on_from(studio: Opened) -> None:
    version = studio.new(LONG, draw=True)
    folder = studio.studio.folder / version
    studio.wait(lambda: list(folder.glob("checkpoints/*.safetensors")))
    os.kill(studio.studio._crew._of(version).pid, signal.SIGKILL)  # type: ignore[union-attr]
    assert "worker ended" in studio.until(version, "failed")["message"]
    studio.act(version, "draw")
    assert studio.wait(lambda: studio.card(version)["step"]) >= 50
    studio.act(version, "stop")
    studio.until(version, "stopped")


def test_drawings_of_a_sweep_fill_the_wall(studio: Opened) -> None:
    version = studio.new()
    name = studio.ask("POST", "/api/sweeps", {"version": version, "axes": ["seed=0..1"]}).json["name"]
    cards = [studio.until(f"{name}/seed-{seed}", "done") for seed in (0, 1)]
    assert [card["name"] for card in cards] == ["seed 0", "seed 1"]
    assert {card["parent"] for card in cards} == {version}


@pytest.mark.parametrize("how", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGKILL])
def test_the_server_ends_and_its_drawing_goes_on_later(tmp_path: Path, how: signal.Signals) -> None:
    """By Ctrl-C, or killed: its worker leaves a checkpoint, and the next server goes on from it."""
    program = "from plotart.cli import main; main()"
    command = [sys.executable, "-c", program, "studio", str(tmp_path), "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1].rstrip("/")
        endless = {**LONG, "optimize": {"steps": 100_000, "checkpoint": 90_000}}
        body = json.dumps({"from": {"config": endless}, "draw": True})
        request = urllib.request.Request(f"{address}/api/versions", body.encode(), method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            version = json.loads(answer.read())["id"]
        end = time.monotonic() + 60
        while _step(address, version) < 5:
            assert time.monotonic() < end
            time.sleep(0.1)
        process.send_signal(how)
        process.wait(40)
    checkpoints = tmp_path / version / "checkpoints"
    end = time.monotonic() + 30
    while not (checkpoints.is_dir() and any(checkpoints.glob("*.safetensors"))):
        assert time.monotonic() < end, "no checkpoint was left"
        time.sleep(0.1)
    saved = int(max(checkpoints.glob("*.safetensors")).stem)
    assert saved >= 5
    end = time.monotonic() + 30
    while (tmp_path / version / ".plotart.lock").exists():  # the worker is still at its end
        assert time.monotonic() < end
        time.sleep(0.1)
    with opened_studio(tmp_path) as studio:
        assert studio.wait(lambda: studio.card(version)["step"]) >= saved
        studio.act(version, "stop")
        studio.until(version, "stopped")


def _step(address: str, version: str) -> int:
    with urllib.request.urlopen(f"{address}/api/versions/{version}", timeout=30) as answer:
        return int(json.loads(answer.read())["step"])


def _those_that_wait(socket: Any) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Drawings that have come already."""
    with contextlib.suppress(TimeoutError):
        while True:
            if isinstance(said := socket.recv(timeout=0.2), bytes):
                yield frame_header(said), said


def lines_of(header: dict[str, Any], frame: bytes) -> dict[int, NDArray[np.float32]]:
    """Control points by the stroke that a line stands for."""
    begin, count = 8 + int.from_bytes(frame[4:8], "little"), header["strokes"]
    ids = np.frombuffer(frame, "<u4", count, begin)
    counts = np.frombuffer(frame, "<u4", count, begin + 4 * count)
    parts = np.split(points_of(header, frame), np.cumsum(counts)[:-1])
    return dict(zip(ids.tolist(), parts, strict=True))


def flags_of(header: dict[str, Any], frame: bytes) -> dict[int, int]:
    begin, count = 8 + int.from_bytes(frame[4:8], "little"), header["strokes"]
    inks = np.frombuffer(frame, np.uint8, 4 * count, begin + 12 * count).reshape(-1, 4)
    return dict(zip(np.frombuffer(frame, "<u4", count, begin).tolist(), inks[:, 3].tolist(), strict=True))


def test_strokes_are_held_moved_and_taken_away_on_the_way(studio: Opened) -> None:
    version = studio.new({**LONG, "strokes": {**LONG["strokes"], "joining": {"weight": 0}}})
    with page(studio, version) as socket:
        studio.act(version, "draw")
        next(h for h, _ in frames(socket) if h["step"] >= 5)
        studio.act(version, "pause")
        studio.until(version, "paused")
        *_, (header, frame) = _those_that_wait(socket)
        before = lines_of(header, frame)
        inwards = np.where(before[1].mean(axis=0) < [30, 20], 1.0, -1.0).tolist()
        studio.act(version, "hands", held=[1, 2], gone=[3], moved={"strokes": [1], "by": inwards})
        header, frame = next((h, f) for h, f in frames(socket) if h["strokes"] == len(before) - 1)
        held = lines_of(header, frame)
        assert 3 not in held
        np.testing.assert_allclose(held[1], before[1] + inwards, atol=1e-4)
        np.testing.assert_allclose(held[4], before[4], atol=1e-4)
        assert {stroke for stroke, flag in flags_of(header, frame).items() if flag & 2} == {1, 2}
        studio.act(version, "go")
        after = next(lines_of(h, f) for h, f in frames(socket) if h["step"] >= header["step"] + 20)
        np.testing.assert_array_equal(after[1], held[1])
        assert not np.allclose(after[4], held[4], atol=1e-3)
        studio.act(version, "undo")
        back = next(lines_of(h, f) for h, f in frames(socket) if h["strokes"] == len(before))
        np.testing.assert_allclose(back[3], before[3], atol=1e-4)
    studio.act(version, "stop")
    studio.until(version, "stopped")


def test_what_is_pinned_stays_and_the_rest_is_drawn_anew(studio: Opened) -> None:
    version = studio.new(draw=True)
    studio.until(version, "done")
    strokes = load_run(studio.studio.folder / version).strokes
    drawn = studio.act(version, "anew", held=[0, 5]).json
    other = drawn["id"]
    assert other != version
    assert studio.until(other, "done")["parent"] == version
    anew = load_run(studio.studio.folder / other).strokes
    shared = {tuple(point) for point in strokes.points.tolist()} & {tuple(point) for point in anew.points.tolist()}
    assert shared, "what is pinned is where it was"
    assert len(shared) < len(strokes.points)
    assert studio.card(other)["document"]["hands"]["held"] == [0, 5]

"""The studio: versions of drawings, what can be done with them, and the workers that draw them.

A version that is drawn is never drawn over: what is changed of it afterwards becomes a new one. While it is under way,
a change goes to its worker, which goes on from the strokes as they are where it can, and begins anew where not.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from plotart.config import Config, files_named
from plotart.config.layers import put
from plotart.errors import ConfigError, InputError, OutputError
from plotart.files.atomic import write_file
from plotart.studio.begin import begun_from, check_paths
from plotart.studio.cards import Note, VersionState, figures_of
from plotart.studio.crew import Crew
from plotart.studio.document import Document, State
from plotart.studio.effects import Effect, effect_of
from plotart.studio.folder import StudioFolder, Version
from plotart.studio.handiwork import Handiwork, strokes_of
from plotart.studio.live import Hub
from plotart.studio.plots import Plots
from plotart.studio.sheet_looks import SheetLooks
from plotart.studio.take_out import take_out
from plotart.studio.turns import Live, next_turn, one_too_many

#: Seconds that a run has to end with a checkpoint.
PATIENCE = 20.0


@dataclass(frozen=True)
class Done:
    """What came of an action: the version to show now, what it did to the drawing, and a word about it."""

    version: Version
    effect: Effect = "nothing"
    message: str = ""


class Studio:
    """Everything that the page can do. Its methods can be called from any thread."""

    def __init__(self, folder: Path, *, crew: type[Crew] = Crew) -> None:
        """`crew` is of what kind the workers are. Raises OutputError."""
        self._kept = StudioFolder(folder)
        self._live: dict[str, Live] = {}
        self._faults: dict[str, str] = {}
        self._closing = False
        self._lock = threading.RLock()
        self._ended = threading.Condition(self._lock)
        self._crew = crew(self._heard, self._seen, self._pictured, self._lost)
        self.hub = Hub(self._crew.watch, self._newest)
        self.plots = Plots(self.tell, SheetLooks(self._kept.own / "looks"))

    @property
    def folder(self) -> Path:
        return self._kept.path

    @property
    def pictures(self) -> Path:
        return self._kept.pictures

    @property
    def own(self) -> Path:
        """Where the studio keeps what is its own."""
        return self._kept.own

    def tell(self, message: Mapping[str, Any]) -> None:
        """Say something to all open pages."""
        self.hub.tell(message)

    def open(self) -> None:
        """Have a worker ready, and go on with what was under way when the studio last ended."""
        self._crew.warm()
        threading.Thread(target=_schema, daemon=True).start()  # what checks configs takes a while to come
        with self._lock:
            for name, version in self._kept.versions().items():
                if self._kept.note(name).active and not version.done:
                    with contextlib.suppress(InputError):  # whose config can't be read any more
                        self._enqueue(version, "resume-changed", later="/" in name, paused=self._kept.note(name).paused)
            self._pump()

    def close(self) -> None:
        """Every run leaves a checkpoint, and what is plotted is paused; the next studio goes on with them."""
        with self._lock:
            self._closing = True
        self.plots.close()
        self._crew.end()

    # What there is.

    def version(self, name: str) -> Version:
        """Raises NoSuchVersion."""
        with self._lock:
            return self._kept.version(name)

    def cards(self) -> list[dict[str, Any]]:
        """All versions as the wall shows them, the newest first."""
        with self._lock:
            cards = [self.card(version) for version in self._kept.versions().values()]
        return sorted(cards, key=lambda card: (str(card["made"]), str(card["id"])), reverse=True)

    def card(self, version: Version) -> dict[str, Any]:
        with self._lock:
            note, live, figures = self._kept.note(version.id), self._live.get(version.id), figures_of(version.path)
            state, message = self._state_of(version, live)
            pens = [{"name": name, "color": color} for name, color in figures.pens] if figures else []
            return {
                "id": version.id,
                "name": note.name or (figures.name if figures else "") or version.path.name,
                "state": state,
                "step": live.step if live else figures.steps if figures else 0,
                "total": live.total if live else figures.steps if figures else 0,
                "message": message,
                "stars": note.stars,
                "note": note.note,
                "parent": note.parent,
                "made": note.made or _made(version.path),
                "metres": figures.metres if figures else None,
                "minutes": figures.minutes if figures else None,
                "excitation": figures.excitation if figures else None,
                "pens": pens,
                "picture": self._picture_url(version),
            }

    def document(self, version: Version) -> dict[str, Any]:
        """What the version is to be, for the page. Raises ConfigError."""
        with self._lock:
            document = self._kept.document(version)
            return {
                **document.state.dump(),
                "undo": document.can_undo,
                "redo": document.can_redo,
                "changed": document.changed and version.done,
                "drawn": document.drawn.hands.dump() if document.drawn is not None else None,
            }

    def resolved(self, version: Version) -> dict[str, Any]:
        """Its config with every default; files in the studio's folder as they lie in it. Raises ConfigError."""
        with self._lock:
            state = self._kept.document(version).state
        data = self._config(version, state).model_dump(mode="json", by_alias=True)
        return dict(_within(data, f"{self.folder}{os.sep}"))

    def picture(self, version: Version) -> Path | None:
        """The newest picture of it: of the plot, or of the strokes under way."""
        ways = (version.path / "preview.png", self._kept.kept_picture(version.id))
        return next((way for way in ways if way.is_file()), None)

    def exports(self, version: Version) -> Path:
        """Where files with other settings than the version's own are written."""
        return self._kept.exports(version.id)

    # What can be done.

    def create(self, wanted: Mapping[str, Any], *, draw: bool = False) -> Version:
        """A new version. Raises InputError."""
        with self._lock:
            source = wanted.get("version")
            if source is not None:
                parent = self._kept.version(str(source))
                state = State(self._kept.document(parent).state.config)
                return self._new(state, parent, draw=draw)
        config = begun_from(wanted, self._kept)
        data = config.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return self._new(State(data), None, draw=draw)

    def sweep(self, version: Version, axes: Sequence[str]) -> str:
        """A version for every combination of values, drawn one after another while nothing else is; the name that they
        have in common. Raises InputError."""
        from plotart.config.layers import dump_yaml
        from plotart.sweep.grid import grid
        from plotart.sweep.vary import parse_axes

        with self._lock:
            state = self._kept.document(version).state
            name = self._kept.free_id(f"{version.path.name}-sweep")
        base = write_file(self.own / "sweeps" / f"{name}.yaml", dump_yaml(state.config))
        cells = grid(base, parse_axes(list(axes)))
        if len(cells) > 500:
            raise InputError(f"That is {len(cells)} drawings; allowed are 500 at once.")
        with self._lock:
            for cell in cells:
                data = cell.config.model_dump(mode="json", by_alias=True, exclude_unset=True)
                words = ", ".join(f"{key} {value}" for key, value in cell.values.items())
                place = self._kept.place(f"{name}/{cell.name}")
                self._kept.begin(place, State(data), Note(parent=version.id, name=words))
                self._enqueue(place, "overwrite", later=True)
                self._tell_card(place)
            self._pump()
        return name

    def stop_sweep(self, name: str) -> None:
        """What is left of it is not drawn."""
        with self._lock:
            for each in [one for one in self._live if one.startswith(f"{name}/")]:
                self._stop(self._kept.version(each))

    def annotate(
        self, version: Version, *, stars: int | None = None, note: str | None = None, name: str | None = None
    ) -> None:
        """Raises InputError."""
        if stars is not None and not 0 <= stars <= 5:
            raise InputError("stars: allowed are 0 to 5")
        given = {"stars": stars, "note": note and note[:10_000], "name": name and name.strip()[:200]}
        with self._lock:
            now = self._kept.note(version.id)
            changes = {key: value for key, value in given.items() if value is not None}
            self._kept.set_note(version.id, now.but(**changes, made=now.made or _made(version.path)))
            self._tell_card(version)

    def discard(self, version: Version) -> None:
        """To the trash. Raises InputError if its run can't be ended, or it is being plotted."""
        if self.plots.is_live(version.id):
            raise InputError(f"{version.id} is being plotted; stop that first.")
        self.stop(version, wait=True)
        with self._lock:
            now = self._kept.note(version.id)
            self._kept.set_note(version.id, now.but(made=now.made or _made(version.path)))
            try:
                self._kept.discard(version)
            except OSError as error:
                raise OutputError(f"{version.id} can't be moved to the trash: {error.strerror or error}") from None
            self._faults.pop(version.id, None)
            self.tell({"type": "gone", "id": version.id})

    def restore(self, name: str) -> Version:
        """Out of the trash. Raises InputError."""
        with self._lock:
            version = self._kept.restore(name)
            self._tell_card(version)
            return version

    def draw(self, version: Version) -> Done:
        """Begin, or go on; of a version that is done, a new one with what was changed. Raises InputError."""
        with self._lock:
            live, document = self._live.get(version.id), self._kept.document(version)
            if live is not None and live.state == "paused":
                return self.go(version)
            if live is not None:
                return Done(version)
            config = self._config(version, document.state)
            if not version.done:
                before = self._drawn(version, document)
                effect = effect_of(before, config) if version.begun else "begin"
                self._enqueue(version, "overwrite" if effect == "begin" else "resume-changed")
                self._pump()
                return Done(version, effect)
            if not document.changed:
                return Done(version, "nothing", "It is drawn as it is. Change something, or begin a new version of it.")
            effect = effect_of(self._drawn(version, document), config, finished=True)
            other = self._branch(version, document.state, strokes=effect != "begin")
            self._pump()
            return Done(other, effect, "What was drawn stays as it is; this is a new version of it.")

    def anew(self, version: Version, held: Sequence[int]) -> Done:
        """A new version in which these strokes stay, and all others are drawn anew. Raises InputError."""
        with self._lock:
            if not version.begun:
                raise InputError("Nothing is drawn yet that could stay.")
            state = self._kept.document(version).state
            seed = int(state.config.get("seed", 0)) + 1
            hands = Handiwork(held=strokes_of(held), gone=state.hands.gone, moved=state.hands.moved)
            other = self._branch(version, State({**state.config, "seed": seed}, hands), strokes=True, anew=True)
            self._pump()
            return Done(other, "begin", "What is pinned stays, the rest is drawn anew, in a new version.")

    def pause(self, version: Version) -> Done:
        """After the step at hand; what waits will wait before its first."""
        with self._lock:
            live = self._live.get(version.id)
            if live is not None and live.state == "waiting":
                live.task = {**live.task, "paused": True}
            else:
                self._crew.order(version.id, "pause")
            return Done(version)

    def go(self, version: Version) -> Done:
        """After a pause."""
        with self._lock:
            live = self._live.get(version.id)
            if live is not None and live.state == "waiting":
                live.task = {**live.task, "paused": False}
            else:
                self._crew.order(version.id, "go")
            return Done(version)

    def step(self, version: Version) -> Done:
        """One step, and pause. A version that is not under way begins."""
        with self._lock:
            if version.id in self._live:
                self._crew.order(version.id, "step")
                return Done(version)
            if version.done:
                return Done(version, "nothing", "It is drawn.")
            self._enqueue(version, "resume-changed" if version.begun else "overwrite", paused=True)
            self._pump()
            return Done(version)

    def stop(self, version: Version, *, wait: bool = False) -> Done:
        """End the run, with a checkpoint; `wait` for that. Raises InputError if it does not end."""
        with self._lock:
            self._stop(version)
            if wait and not self._ended.wait_for(lambda: version.id not in self._live, PATIENCE):
                raise InputError(f"{version.id} is still being drawn; try again in a moment.")
            return Done(version)

    def change(self, version: Version, changes: Sequence[tuple[str, Any]]) -> Done:
        """Put values at dotted keys of the config, None takes a key out. Raises ConfigError; nothing is changed
        then."""
        with self._lock:
            document = self._kept.document(version)
            data = dict(document.state.config)
            for key, value in changes:
                keys = [part for part in key.split(".") if part]
                if not keys:
                    raise ConfigError("A change needs a key, as in pens.0.color.")
                data = take_out(data, keys) if value is None else put(data, keys, value, _schema(), version.id)
            return self._to(version, document, State(data, document.state.hands))

    def hands(self, version: Version, wanted: Mapping[str, Any]) -> Done:
        """Hold, free, remove or move strokes. Raises InputError."""
        with self._lock:
            document = self._kept.document(version)
            hands = document.state.hands.changed(wanted)
            return self._to(version, document, replace(document.state, hands=hands))

    def undo(self, version: Version) -> Done:
        """Raises InputError where nothing is left to undo."""
        with self._lock:
            document = self._kept.document(version)
            before = document.state
            document.undo()
            return self._follow(version, document, before)

    def redo(self, version: Version) -> Done:
        """Raises InputError where nothing was undone."""
        with self._lock:
            document = self._kept.document(version)
            before = document.state
            document.redo()
            return self._follow(version, document, before)

    # How.

    def _to(self, version: Version, document: Document, state: State) -> Done:
        before = document.state
        check_paths(state.config, self._kept, files_named(before.config))
        now, then = self._config(version, state), self._config(version, before)
        if state.hands == before.hands and effect_of(then, now) == "begin":
            state = State(state.config)  # other strokes: what hands did to these means nothing for them
        document.change(state)
        return self._follow(version, document, before)

    def _follow(self, version: Version, document: Document, before: State) -> Done:
        """Bring what is under way to the document's state."""
        live, now = self._live.get(version.id), self._config(version, document.state)
        effect = effect_of(self._config(version, before), now, finished=version.done)
        if effect in ("nothing", "export") and document.state.hands != before.hands:
            effect = "live"
        if live is not None and document.state != before:
            document.drawn = document.state
            document.keep()
            existing = (
                "overwrite"
                if effect == "begin" or (live.task["existing"] == "overwrite" and live.begun < live.task["serial"])
                else "resume-changed"
            )
            serial = live.task["serial"] + 1
            anew = live.task["anew"] and live.begun < live.task["serial"]
            live.task = {
                **live.task,
                "state": document.state.dump(),
                "existing": existing,
                "anew": anew,
                "serial": serial,
            }
            live.asked[serial] = live.task["state"]
            if live.state != "waiting":
                self._crew.order(version.id, "change", **live.task)
        elif live is None and not version.begun:
            write_config(version, document.state)
        self.tell({"type": "document", "id": version.id, "document": self.document(version)})
        self._tell_card(version)
        return Done(version, effect)

    def _new(self, state: State, parent: Version | None, *, draw: bool) -> Version:
        with self._lock:
            name = str(state.config.get("name") or "drawing")
            place = self._kept.place(self._kept.free_id(name))
            self._kept.begin(place, state, Note(parent=parent.id if parent else None))
            if draw:
                self._enqueue(place, "overwrite")
            self._tell_card(place)
            self._pump()
            return place

    def _branch(self, version: Version, state: State, *, strokes: bool, anew: bool = False) -> Version:
        """A new version of one that stays, with its strokes or without."""
        within, _, name = version.id.rpartition("/")
        place = self._kept.place(self._kept.free_id(_stem(name), within))
        note = self._kept.note(version.id)
        self._kept.begin(place, state if strokes else State(state.config), Note(parent=version.id, name=note.name))
        if strokes:
            self._kept.copy_strokes(version, place)
        self._enqueue(place, "resume-changed" if strokes else "overwrite", anew=anew)
        return place

    def _enqueue(
        self, version: Version, existing: str, *, anew: bool = False, paused: bool = False, later: bool = False
    ) -> None:
        document = self._kept.document(version)
        document.drawn = document.state
        document.keep()
        task = {
            "folder": str(version.path),
            "name": version.path.name,
            "base": str(self.folder),
            "state": document.state.dump(),
            "existing": existing,
            "serial": 1,
            "anew": anew,
            "paused": paused,
        }
        self._faults.pop(version.id, None)
        self._live[version.id] = Live(task, later=later, asked={1: document.state.dump()})
        self._kept.set_note(version.id, self._kept.note(version.id).but(active=True))
        self._tell_card(version)

    def _pump(self) -> None:
        """Give workers what waits, as far as there is room."""
        while (name := next_turn(self._live)) is not None:
            live = self._live[name]
            live.state = "drawing"
            if not live.later:
                self._make_way()
            self._crew.draw(name, live.task)
            self._tell_card(self._kept.version(name))

    def _make_way(self) -> None:
        """A sweep's drawing leaves a checkpoint, and waits for another turn."""
        for name, live in list(self._live.items()):
            if live.later and live.state == "drawing" and not live.again:
                live.again = True
                self._crew.order(name, "stop")

    def _let_go_of_the_oldest(self) -> None:
        """A paused drawing keeps its worker, and its memory: the first of too many leaves a checkpoint."""
        if (oldest := one_too_many(self._live)) is not None:
            self._crew.order(oldest, "stop")

    def _stop(self, version: Version) -> None:
        live = self._live.get(version.id)
        if live is None:
            return
        live.again = False
        if live.state == "waiting":
            self._end(version.id)
        else:
            self._crew.order(version.id, "stop")

    def _end(self, name: str, fault: str = "") -> None:
        """It is no longer under way."""
        live = self._live.pop(name, None)
        if live is not None and live.frame is not None:
            write_file(self._kept.kept_frame(name), live.frame)
        self._kept.set_note(name, self._kept.note(name).but(active=False))
        if fault:
            self._faults[name] = fault
        if live is not None and live.again:
            live.again = False
            live.state, live.task = "waiting", {**live.task, "existing": "resume-changed"}
            self._live[name] = live
            self._kept.set_note(name, self._kept.note(name).but(active=True))
        self._ended.notify_all()
        self._pump()

    def _heard(self, said: dict[str, Any]) -> None:
        """A worker's word."""
        name, kind = str(said["id"]), said["type"]
        with self._lock:
            live = self._live.get(name)
            if live is None or self._closing:  # what ends now goes on with the next studio
                return
            if kind in ("drawing", "paused"):
                live.state, live.begun = kind, int(said["serial"])
                self._kept.set_note(name, self._kept.note(name).but(paused=kind == "paused"))
                self._let_go_of_the_oldest()
                self._pump()
            elif kind == "progress":
                live.step, live.total = int(said["step"]), int(said["total"])
            elif kind in ("done", "stopped", "failed"):
                if kind == "done" and int(said["serial"]) < live.task["serial"]:
                    self._came_too_late(name, live.asked[int(said["serial"])])
                self._end(name, str(said.get("message", "")) if kind == "failed" else "")
            else:
                live.message = str(said.get("message", live.message))
                self.tell(said)
            with contextlib.suppress(InputError):  # moved away meanwhile
                self._tell_card(self._kept.version(name))

    def _came_too_late(self, name: str, drawn: dict[str, Any]) -> None:
        """The last change was asked for when its drawing was as good as finished: it is one of what is finished."""
        with contextlib.suppress(InputError):
            version = self._kept.version(name)
            document = self._kept.document(version)
            document.drawn = State.read(drawn)
            document.keep()
            self.tell({"type": "note", "id": name, "message": "It was finished before that change reached it."})
            self.tell({"type": "document", "id": name, "document": self.document(version)})

    def _seen(self, name: str, frame: bytes) -> None:
        with self._lock:
            if name in self._live:
                self._live[name].frame = frame
        self.hub.show(name, frame)

    def _pictured(self, name: str, picture: bytes) -> None:
        with self._lock, contextlib.suppress(InputError):
            write_file(self._kept.kept_picture(name), picture)
            self._tell_card(self._kept.version(name))

    def _lost(self, name: str, status: int) -> None:
        with self._lock:
            self._end(name, f"Its worker ended (status {status}). What it had saved is there: draw goes on from it.")
            with contextlib.suppress(InputError):
                self._tell_card(self._kept.version(name))

    def _newest(self, name: str) -> bytes | None:
        with self._lock:
            live = self._live.get(name)
            if live is not None:
                return live.frame
            kept = self._kept.kept_frame(name)
            with contextlib.suppress(InputError, OSError):  # no version any more, or none that was drawn here
                return kept.read_bytes() if self._kept.version(name).begun else None
            return None

    def _tell_card(self, version: Version) -> None:
        self.tell({"type": "card", "card": self.card(version)})

    def _state_of(self, version: Version, live: Live | None) -> tuple[VersionState, str]:
        if live is not None:
            return live.state, live.message
        if version.id in self._faults:
            return "failed", self._faults[version.id]
        if version.done:
            return "done", ""
        return ("stopped" if version.begun else "draft"), ""

    def _picture_url(self, version: Version) -> str | None:
        from urllib.parse import quote

        path = self.picture(version)
        if path is None:
            return None
        return f"/api/versions/{quote(version.id, safe='')}/picture?at={path.stat().st_mtime_ns}"

    def _drawn(self, version: Version, document: Document) -> Config:
        """The config that its drawing has."""
        return self._config(version, document.drawn or document.state)

    def _config(self, version: Version, state: State) -> Config:
        name = version.path.name
        try:
            return Config.from_dict(state.config, name=name, folder=self.folder)
        except ConfigError as error:  # the page knows what it is about
            raise ConfigError("\n".join(line.removeprefix(f"{name}: ") for line in str(error).splitlines())) from None


def write_config(version: Version, state: State) -> None:
    """The config of a version that is not drawn yet. Raises OutputError."""
    from plotart.config.layers import dump_yaml

    write_file(version.path / "config.yaml", dump_yaml(state.config))


def _stem(name: str) -> str:
    """cat-2 is a version of cat, as cat-3 will be."""
    stem, _, number = name.rpartition("-")
    return stem if stem and number.isdecimal() else name


def _within(data: Any, folder: str) -> Any:
    """Plain data in which paths below the folder count from it."""
    if isinstance(data, Mapping):
        return {key: _within(value, folder) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_within(value, folder) for value in data]
    return data.removeprefix(folder) if isinstance(data, str) else data


def _made(path: Path) -> str:
    from datetime import datetime, timezone

    try:
        seconds = (path / "config.yaml").stat().st_mtime
    except OSError:
        return ""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")


def _schema() -> dict[str, Any]:
    from plotart.config import config_schema

    return config_schema()

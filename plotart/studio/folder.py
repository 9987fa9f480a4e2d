"""The studio's folder: which versions lie in it, and what the studio keeps of its own.

A version is the folder of a run, right in the studio's or one further down, as a sweep's are. Only what is found there
has an id, so that no id leads anywhere else.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from plotart.errors import InputError
from plotart.files.atomic import replace, write_file
from plotart.files.names import file_name
from plotart.studio.cards import Note
from plotart.studio.document import Document, State

#: Letters of a version's name that its folder has at most: room is left for a number.
_LONGEST_NAME = 80


class NoSuchVersion(InputError):
    """There is no version of that id."""


@dataclass(frozen=True)
class Version:
    """A run's folder, and what it is called in the page."""

    id: str
    path: Path

    @property
    def done(self) -> bool:
        return (self.path / "summary.json").is_file()

    @property
    def begun(self) -> bool:
        """Whether a run has ever written something here."""
        return self.done or any((self.path / "checkpoints").glob("*.safetensors"))


class StudioFolder:
    """Versions by their ids, notes on them and their documents. Not to be used by two threads at once."""

    def __init__(self, path: Path) -> None:
        """The folder is made if need be. Raises OutputError."""
        self.path = path.absolute()
        self.own = self.path / ".studio"
        self.pictures = self.path / "pictures"
        self._documents: dict[str, Document] = {}
        self.notes = self._read_notes()
        if not self.own.is_dir():
            self._write_notes()

    def versions(self) -> dict[str, Version]:
        """All that there are."""
        found = {}
        for folder in _folders(self.path):
            inner = [folder] if (folder / "config.yaml").is_file() else list(_folders(folder))
            for each in inner:
                if (each / "config.yaml").is_file():
                    name = each.relative_to(self.path).as_posix()
                    found[name] = Version(name, each)
        return found

    def version(self, name: str) -> Version:
        """Raises NoSuchVersion."""
        found = self.versions().get(name)
        if found is None:
            raise NoSuchVersion(f"There is no version called {name!r}.")
        return found

    def free_id(self, name: str, within: str = "") -> str:
        """An id that no version has, of a name that people gave."""
        plain = file_name(name.replace(".", "-")[:_LONGEST_NAME], "drawing")
        taken = {one.lower() for one in os.listdir(self.path / within)} if (self.path / within).is_dir() else set()
        count, found = 1, plain
        while found.lower() in taken or found.lower() == "pictures":
            count += 1
            found = f"{plain}-{count}"
        return f"{within}/{found}" if within else found

    def place(self, name: str) -> Version:
        """The version of an id that is free, its folder not made yet."""
        return Version(name, self.path / name)

    def note(self, name: str) -> Note:
        return self.notes.get(name, Note())

    def set_note(self, name: str, note: Note) -> None:
        """On the disk when this returns. Raises OutputError."""
        if note != self.notes.get(name):
            self.notes[name] = note
            self._write_notes()

    def document(self, version: Version) -> Document:
        """What the version is to be; of one that the studio did not make, as its run has it. Raises ConfigError."""
        found = self._documents.get(version.id) or Document.read(self._document_path(version.id))
        if found is None:
            found = Document.begin(self._document_path(version.id), State(plain_config(version.path / "config.yaml")))
            found.drawn = found.state if version.begun else None
        self._documents[version.id] = found
        return found

    def begin(self, version: Version, state: State, note: Note) -> Document:
        """A new version that is not drawn yet. Raises OutputError."""
        from plotart.config.layers import dump_yaml

        write_file(version.path / "config.yaml", dump_yaml(state.config))
        document = Document.begin(self._document_path(version.id), state)
        document.keep()
        self._documents[version.id] = document
        self.set_note(version.id, note.but(made=note.made or datetime.now(timezone.utc).isoformat(timespec="seconds")))
        return document

    def copy_strokes(self, version: Version, other: Version) -> None:
        """Give `other` the checkpoints of a version, with what it takes to go on from them. Raises OSError."""
        shutil.copytree(version.path / "checkpoints", other.path / "checkpoints", dirs_exist_ok=True)
        for name in ("config.yaml", "metrics.csv"):
            if (version.path / name).is_file():
                shutil.copy2(version.path / name, other.path / name)

    def discard(self, version: Version) -> None:
        """To the trash, out of which it can come back. Raises OSError."""
        target = self._trash(version.id)
        if target.exists():
            shutil.rmtree(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        replace(version.path, target)
        self._documents.pop(version.id, None)

    def restore(self, name: str) -> Version:
        """Out of the trash. Raises NoSuchVersion, InputError if the name is taken by now."""
        source, target = self._trash(name), self.place(name)
        if name not in self.notes or not source.is_dir():
            raise NoSuchVersion(f"There is no version called {name!r} in the trash.")
        if target.path.exists():
            raise InputError(f"There is another version called {name!r} by now.")
        target.path.parent.mkdir(parents=True, exist_ok=True)
        replace(source, target.path)
        return target

    def kept_picture(self, name: str) -> Path:
        """Where the newest picture of a drawing under way is kept."""
        return self.own / "live" / f"{_digest(name)}.png"

    def kept_frame(self, name: str) -> Path:
        """Where the last lines of a drawing are kept, as the page draws them: hands take strokes by their numbers."""
        return self.own / "live" / f"{_digest(name)}.frame"

    def exports(self, name: str) -> Path:
        """Where files with other settings than the version's own are written."""
        return self.own / "exports" / _digest(name)

    def _trash(self, name: str) -> Path:
        return self.own / "trash" / _digest(name)

    def _document_path(self, name: str) -> Path:
        return self.own / "documents" / f"{_digest(name)}.json"

    def _read_notes(self) -> dict[str, Note]:
        try:
            data: dict[str, Any] = json.loads((self.own / "notes.json").read_text(encoding="utf-8"))
            return {name: Note(**values) for name, values in data.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _write_notes(self) -> None:
        data = {name: asdict(note) for name, note in self.notes.items()}
        write_file(self.own / "notes.json", json.dumps(data, indent=1, ensure_ascii=False))


def plain_config(path: Path) -> dict[str, Any]:
    """What is set in a config file, as plain data with absolute paths. Raises ConfigError."""
    from plotart.config import Config

    return dict(Config.load(path).model_dump(mode="json", by_alias=True, exclude_unset=True))


def _folders(path: Path) -> list[Path]:
    try:
        with os.scandir(path) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return []


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]

"""The configs that come with plotart: within the package once it is installed, in configs/ of a checkout."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from plotart.errors import ConfigError

#: What a config's file may be called; the first is that of the shipped ones.
SUFFIXES = (".yaml", ".yml")


def shipped_folder() -> Path:
    """Where they lie, with the pictures that they read."""
    package = Path(str(files("plotart")))
    installed = package / "shipped"
    return installed if installed.is_dir() else package.parent / "configs"


def shipped_files() -> dict[str, Path]:
    """Their files by name: those to start with, then the works, each in alphabetical order."""
    folder = shipped_folder()
    found = [*sorted(folder.glob("*.yaml")), *sorted((folder / "works").glob("*.yaml"))]
    return {path.stem: path for path in found}


def shipped_file(name: str) -> Path:
    """The file of a name such as ``quickstart``, ``tiger`` or ``works/tiger``. Raises ConfigError, which names those
    that are nearest."""
    there = shipped_files()
    found = there.get(_plain(name))
    if found is None:
        raise ConfigError(f"no config called {name!r} comes with plotart; {_nearest(name, there)}")
    return found


def find_config(given: str | os.PathLike[str], folder: Path = Path()) -> Path:
    """The file that is meant by a path from `folder`, or by a name: a file of that name there, with or without
    ``.yaml``, else the config of that name that comes with plotart. Raises ConfigError for a name that nothing has; a
    path with a suffix is given back as it is, whether it is there or not."""
    path = folder / given
    missing = _is_missing(path)
    if path.suffix in SUFFIXES or not (missing or path.is_dir()):
        return path
    beside = (path.with_name(f"{path.name}{suffix}") for suffix in SUFFIXES if path.name)
    if (here := next((file for file in beside if file.is_file()), None)) is not None:
        return here
    there = shipped_files()
    if (found := there.get(_plain(os.fspath(given)))) is not None:
        return found
    if path.suffix or not missing:
        return path
    unknown = f"{given}: no such file, and no config of that name comes with plotart"
    raise ConfigError(f"{unknown}; {_nearest(path.name, there)}")


def hint(missing: Path) -> str:
    """What to say of a file that is not there but is called like a config that comes with plotart; else nothing."""
    name = _plain(missing.stem)
    return f"; the config {name} comes with plotart: give its name alone" if name in shipped_files() else ""


def _plain(name: str) -> str:
    return name.lower().replace("\\", "/").removeprefix("works/")


def _nearest(name: str, there: Iterable[str]) -> str:
    near = get_close_matches(_plain(name), there, n=3, cutoff=0.6)
    return f"{'nearest: ' + ', '.join(near) + '; ' if near else ''}plotart new lists them all"


def _is_missing(path: Path) -> bool:
    """Whether nothing is there, at a path where something could be."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):  # what is wrong with it is said where it is read
        return False
    return False

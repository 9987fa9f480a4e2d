"""What a shell completes: names of configs, sets of pens, looks, machines, networks, drivers, and folders of runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from plotart.files.shipped import SUFFIXES, shipped_files
from plotart.plotter.machines import MACHINES
from plotart.plugins import DRIVERS, LOOKS, NETWORKS

#: From what is typed of a word to the words that it may become.
Complete = Callable[[str], list[str]]


def complete_shipped(incomplete: str) -> list[str]:
    return _begin(incomplete, shipped_files())


def complete_configs(incomplete: str) -> list[str]:
    """Configs in files, and those that come with plotart."""
    return [*_paths(incomplete, SUFFIXES), *complete_shipped(incomplete)]


def complete_pens(incomplete: str) -> list[str]:
    """Sets by name, and files of them."""
    from plotart.pens.catalogue import set_names

    return [*_begin(incomplete, set_names()), *_paths(incomplete, (".toml",))]


def complete_looks(incomplete: str) -> list[str]:
    return _begin(incomplete, [*LOOKS.names, "free"])


def complete_machines(incomplete: str) -> list[str]:
    return _begin(incomplete, MACHINES)


def complete_networks(incomplete: str) -> list[str]:
    return _begin(incomplete, NETWORKS.names)


def complete_drivers(incomplete: str) -> list[str]:
    return _begin(incomplete, ["auto", *DRIVERS.names])


def complete_runs(incomplete: str) -> list[str]:
    """Folders of runs, those in outputs/ before anything is typed; and SVGs."""
    return _paths(incomplete or f"outputs{os.sep}", (".svg",))


def _begin(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def _paths(incomplete: str, suffixes: tuple[str, ...]) -> list[str]:
    """Files with one of the suffixes, and folders, whose paths begin like this."""
    folder, start = os.path.split(incomplete)
    try:
        found = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
    except OSError:
        return []
    shown = (entry for entry in found if entry.name.startswith(start) and not entry.name.startswith("."))
    return [
        os.path.join(folder, entry.name)
        for entry in shown
        if entry.is_dir() or Path(entry.name).suffix.lower() in suffixes
    ]

"""Configs to start from: those that come with plotart."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from plotart.errors import InputError


def starter_paths() -> dict[str, Path]:
    """Their files by name; none where plotart was installed without them."""
    folder = Path(str(files("plotart"))).parent / "configs"
    found = [*sorted(folder.glob("*.yaml")), *sorted((folder / "works").glob("*.yaml"))]
    return {path.stem: path for path in found}


def starter_path(name: str) -> Path:
    """Raises InputError for a name that none has."""
    found = starter_paths().get(name)
    if found is None:
        raise InputError(f"No config called {name!r} comes with plotart.")
    return found

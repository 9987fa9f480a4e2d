"""Files that commands write, besides those of a run."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from plotart.cli.say import say
from plotart.errors import OutputError


def check_file(path: Path, suffix: str) -> None:
    """Raises OutputError if the path is a folder, or its name does not end in that suffix, as in ".png"."""
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; give a file name that ends in {suffix}")
    if path.suffix.lower() != suffix:
        raise OutputError(f"{path}: found {path.suffix or 'no suffix'}; allowed is a name that ends in {suffix}")


def write_file(console: Console, path: Path, content: str | bytes) -> None:
    """The whole file or nothing, and a line that says so. Raises OutputError."""
    from plotart.runs.run import RunFolder

    if path.is_dir():
        raise OutputError(f"{path}: is a folder; give a file name")
    RunFolder.create(path.parent).write(path.name, content)
    say(console, f"Written to {path}")

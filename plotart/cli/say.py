"""A line of plain text in the terminal."""

from __future__ import annotations

from rich.console import Console


def say(console: Console, line: str) -> None:
    """Prints a line as it is: no bracket is markup, no number has a colour, and paths are not wrapped."""
    console.print(line, soft_wrap=True, highlight=False, markup=False)

"""The command line: parse, build, run, print."""

from __future__ import annotations

from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """`plotart.cli.app.main`, whose commands are imported here, as vpype needs none of them for its own."""
    from plotart.cli.app import main as run

    run()

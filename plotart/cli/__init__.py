"""The command line: parse, build, run, print."""

from plotart.cli.app import main

__all__ = ["main"]

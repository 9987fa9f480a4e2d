"""What some tests need and not every machine has: the one place that says how it is named and how to get it.

A test that lacks something is skipped, with a reason that begins with "needs". Where PLOTART_NO_SKIPS=1 (`.ci/run` sets
it), only what no installation brings is a reason (`ELSEWHERE`); any other skip is a failure (`no_skips.py`).
"""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec

import pytest

#: What no installation brings, or at least not from PyPI and Debian.
GPU = "a GPU"
DIFFVG = "diffvg: github.com/BachiLi/diffvg"
LINUX = "Linux"
UNIX = "Linux or macOS"
ELSEWHERE = (GPU, DIFFVG, LINUX, UNIX)

#: Debian's packages of the programs that tests run.
DEBIAN = {"chromium": "chromium", "inkscape": "inkscape", "rsvg-convert": "librsvg2-bin"}


def needs(what: str, there: bool) -> pytest.MarkDecorator:
    """Skips where `what` is not there."""
    return pytest.mark.skipif(not there, reason=f"needs {what}")


def needs_package(*modules: str, install: str) -> pytest.MarkDecorator:
    """Skips where one of the modules can't be imported; `install` is what pip installs them by."""
    absent = [name for name in modules if find_spec(name) is None]
    return needs(f"{', '.join(absent or modules)}: pip install '{install}'", not absent)


def needs_program(name: str) -> pytest.MarkDecorator:
    """Skips where a program of `DEBIAN` is not on the path."""
    return needs(_program(name), shutil.which(name) is not None)


def program(name: str, *others: str) -> str:
    """The path of a program of `DEBIAN`, or of another name that it goes by; skips the test where there is none."""
    found = next(filter(None, map(shutil.which, (name, *others))), None)
    return found or pytest.skip(f"needs {_program(name)}")


def is_unix() -> bool:
    return sys.platform != "win32"


def _program(name: str) -> str:
    return f"{name} (Debian: {DEBIAN[name]})"

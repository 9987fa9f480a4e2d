"""What is checked before a release, session by session: ``nox --list``, ``nox -s lint types``, ``nox -s tests-3.12``.

On Linux without a GPU, PyTorch for the CPU alone saves 5 GB in each environment:

    PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu nox -s tests

What stands behind ``--`` goes to pytest: ``nox -s tests-3.10 -- tests/test_svg.py``.
"""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["lint", "types", "tests", "wheel", "sdist"]
nox.options.error_on_missing_interpreters = "CI" in os.environ

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
TESTED = ("-c", "constraints.txt")

#: The wheel has so many MB at most; nearly all of it is the network's weights.
WHEEL_MB = 12

#: A drawing that takes seconds.
SMALL = ("-o", "optimize.steps=10", "-o", "strokes.count=40")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The default tests, with the versions of constraints.txt."""
    session.install(*TESTED, "-e", ".[dev]")
    _pytest(session)


@nox.session(python=PYTHONS[0])
def oldest(session: nox.Session) -> None:
    """The tests with the oldest versions that pyproject.toml allows."""
    session.install("-c", "constraints-oldest.txt", "-e", ".[dev]")
    _pytest(session)


@nox.session(python=PYTHONS[-1])
def newest(session: nox.Session) -> None:
    """The tests with whatever is newest today."""
    session.install("--upgrade", "-e", ".[dev]")
    _pytest(session)


@nox.session(python="3.11")
def ray(session: nox.Session) -> None:
    """Sweeps on a cluster of Ray's, on this machine."""
    session.install(*TESTED, "-e", ".[dev,ray]")
    session.run("pytest", "-m", "slow or not slow", "tests/test_sweep_ray.py")


@nox.session
def lint(session: nox.Session) -> None:
    session.install(*TESTED, "ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(python="3.11")
def types(session: nox.Session) -> None:
    session.install(*TESTED, "-e", ".[dev]")
    session.run("mypy")


@nox.session(python="3.11")
def docs(session: nox.Session) -> None:
    """The site, as strictly as it is published."""
    session.install(*TESTED, "-e", ".[docs]")
    session.run("python", "docs/make_site.py", *session.posargs)


@nox.session(python=PYTHONS)
def wheel(session: nox.Session) -> None:
    """The wheel alone, in an environment without anything else, draws."""
    built = _built(session)
    found = next(built.glob("*.whl"))
    session.run("check-wheel-contents", str(found))
    if found.stat().st_size > WHEEL_MB * 1e6:
        session.error(f"{found.name} has {found.stat().st_size / 1e6:.1f} MB; allowed are {WHEEL_MB}")
    empty = built / "empty"
    session.run("python", "-m", "venv", str(empty))
    programs = empty / ("Scripts" if os.name == "nt" else "bin")
    constraints = Path("constraints.txt").resolve()
    with session.chdir(built):  # the checkout's own package is out of sight there
        session.run(str(programs / "pip"), "install", "-c", str(constraints), str(found), external=True)
        session.run(str(programs / "plotart"), "generate", "quickstart", *SMALL, "--out", "drawing", external=True)
    if not (built / "drawing" / "plot.svg").is_file():
        session.error("no plot.svg was drawn")


@nox.session(python="3.11")
def sdist(session: nox.Session) -> None:
    """The tests, out of the source archive."""
    built = _built(session)
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        archive.extractall(built, filter="data")
    with session.chdir(next(path for path in built.iterdir() if path.is_dir())):
        session.install(*TESTED, "-e", ".[dev]")
        _pytest(session)


def _pytest(session: nox.Session) -> None:
    session.run("pytest", *(session.posargs or ("-n", "2", "--dist", "worksteal")))


def _built(session: nox.Session) -> Path:
    """A folder of its own with the wheel and the source archive, whose descriptions are checked."""
    folder = Path(session.create_tmp()).resolve() / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    session.install("build", "twine", "check-wheel-contents")
    session.run("python", "-m", "build", "--outdir", str(folder))
    session.run("twine", "check", "--strict", *map(str, folder.glob("*")))
    return folder

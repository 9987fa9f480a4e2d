"""Imports point one way, nothing heavy is imported before it is needed, and importing does nothing else."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest

import plotart
from plotart.cli.app import PLACES
from plotart.config import Config

PACKAGE = Path(plotart.__file__).parent

#: Parts import from those above them, never from their own row: siblings don't know each other.
ROWS = (
    ("errors",),
    ("color", "plugins"),
    ("files", "render"),
    ("networks", "geometry"),
    ("schema", "quantize"),
    ("pens", "objectives"),
    ("palette", "export", "runs"),
    ("config", "canvas", "calibration"),
    ("optimize", "plotter"),
    ("reports",),
    ("job",),
    ("sweep",),
    ("studio",),
    ("cli", "training"),
)
ROW = {part: row for row, parts in enumerate(ROWS) for part in parts}
KNOW_CONFIG = {"job", "sweep", "studio", "cli", "training"}

#: What only the parts that need it may import, and within functions alone: each takes from a tenth of a second to two.
SLOW = {
    "torch",
    "numba",
    "jinja2",
    "matplotlib",
    "vpype",
    "vpype_cli",
    "svgelements",
    "scipy",
    "skimage",
    "contourpy",
    "svgwrite",
    "shapely",
}
#: Modules, and rooms with all of theirs, that are there before anything slow is.
LIGHT = (
    "plotart.errors",
    "plotart.plugins",
    "plotart.color.rgb",
    "plotart.files",
    "plotart.geometry.bezier",
    "plotart.geometry.fixed",
    "plotart.geometry.units",
    "plotart.geometry.page",
    "plotart.networks.best",
    "plotart.networks.description",
    "plotart.networks.motif_header",
    "plotart.networks.own",
    "plotart.networks.published",
    "plotart.networks.source",
    "plotart.networks.vgg_layers",
    "plotart.networks.weights_files",
    "plotart.objectives.color_groups",
    "plotart.objectives.term_config",
    "plotart.objectives.terms",
    "plotart.objectives.tones",
    "plotart.schema",
    "plotart.pens",
    "plotart.export.document",
    "plotart.export.line_figures",
    "plotart.export.overlaid",
    "plotart.export.read",
    "plotart.export.read_painting",
    "plotart.export.svg_layers",
    "plotart.config",
    "plotart.runs.metrics",
    "plotart.runs.run",
    "plotart.runs.stop",
    "plotart.runs.omp",
    "plotart.plotter",
    "plotart.job.by_hand",
    "plotart.job.machine",
    "plotart.job.pens",
    "plotart.job.plotting",
    "plotart.job.source",
    "plotart.job.stats",
    "plotart.sweep",
    "plotart.cli",
)
#: vpype imports its plugin itself, when all of it is there.
NOT_LIGHT = ("plotart.sweep.atlas", "plotart.sweep.likeness", "plotart.plotter.simulate", "plotart.cli.vpype_plugin")


PEN = {"name": "Black", "color": "#1b1b1b", "width": 0.3}
SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="148mm" height="210mm" viewBox="0 0 148 210">
<g stroke="#1b1b1b" stroke-width="0.3" fill="none"><polyline points="20,20 60,20 60,80"/></g></svg>"""


def is_light(module: str) -> bool:
    return f"{module}.".startswith(tuple(f"{light}." for light in LIGHT)) and module not in NOT_LIGHT


def part_of(module: str) -> str:
    """Of ``plotart.render.cpu``: render."""
    return module.split(".")[1]


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        names = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(names[:-1] if names[-1] == "__init__" else names)
        if name != "plotart":
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.AST, *, deep: bool = True) -> Iterator[str]:
    """Names of the modules that are imported anywhere, or (not `deep`) when the module itself is."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            # `from plotart.render import bands` may mean a module: its longest name that is one.
            for alias in node.names:
                if (node.module, alias.name) == ("plotart", "__version__"):
                    continue  # a fact about the package, and no part of it
                longer = f"{node.module}.{alias.name}"
                is_module = PACKAGE.parent.joinpath(*longer.split(".")).with_suffix(".py").is_file()
                yield longer if is_module else str(node.module)
        elif deep or not isinstance(node, (ast.FunctionDef, ast.If)):
            yield from imports(node, deep=deep)


MODULES = dict(modules())


def test_every_part_has_its_row() -> None:
    assert {part_of(name) for name in MODULES} == ROW.keys()


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_one_way(name: str) -> None:
    own = part_of(name)
    for module in imports(MODULES[name]):
        # `from plotart import generate` in the command line is what a person would write.
        if module.split(".")[0] != "plotart" or (module == "plotart" and own == "cli"):
            continue
        other = part_of(module)
        assert other == own or ROW[other] < ROW[own], f"{name} imports {module}"
        if other == "config":
            assert own in {"config", *KNOW_CONFIG}, f"{name} imports {module}"


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {name: {module for module in imports(tree) if module in MODULES} - {name} for name, tree in MODULES.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_the_top_level_can_be_taken_in_at_a_glance() -> None:
    assert len(ROW) + 1 <= 26


@pytest.mark.parametrize("name", [name for name in MODULES if is_light(name)])
def test_light_modules_import_nothing_slow_at_once(name: str) -> None:
    assert SLOW.isdisjoint(module.split(".")[0] for module in imports(MODULES[name], deep=False))


def test_importing_has_no_side_effects(tmp_path: Path) -> None:
    code = """
import json, logging, os, signal, sys, threading

def state():
    handlers = [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    return [dict(os.environ), os.getcwd(), handlers, threading.active_count(), list(logging.root.handlers)]

before = state()
import plotart
after_plotart = sorted(sys.modules)
import plotart.cli
after_cli = sorted(sys.modules)
print(json.dumps([after_plotart, after_cli, state() == before]))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    with_plotart, with_cli, unchanged = json.loads(done.stdout)
    assert unchanged
    assert [name for name in with_plotart if name.startswith("plotart")] == ["plotart"]
    assert SLOW.isdisjoint(with_cli)
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


#: Commands that only say what there is, and those that read a drawing, which svgelements does.
QUICK = (
    ("--help",),
    *((name, "--help") for name in PLACES),
    ("schema",),
    ("networks", "list", "--classes"),
    ("pens", "list"),
    ("pens", "list", "run/config.yaml"),
    ("align", "show", "stabilo-point-88"),
)
READING = (("stats", "run/plot.svg"), ("stats", "run", "--json"), ("plot", "run", "--dry-run"))
READERS = {"svgelements", "shapely"}

RUN = """
import contextlib, io, json, sys
from plotart.cli import main
slow, allowed, commands = json.load(sys.stdin)
for words in commands:
    sys.argv = ["plotart", *words]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main()
    print(json.dumps([words, sorted(set(slow) & set(sys.modules) - set(allowed))]))
"""


@pytest.mark.parametrize(("commands", "allowed"), [(QUICK, set()), (READING, READERS)], ids=["quick", "reading"])
def test_quick_commands_load_nothing_slow(
    commands: tuple[tuple[str, ...], ...], allowed: set[str], tmp_path: Path
) -> None:
    """One process for all: what a command loads stays, so that the first that loads it shows."""
    run = tmp_path / "run"
    run.mkdir()
    config = Config.from_dict({"objective": [{"type": "excitation", "class": "star"}], "pens": [PEN]}, name="run")
    (run / "config.yaml").write_text(config.dump())
    for name in ("plot.svg", "plot_01_black.svg"):
        (run / name).write_text(SVG)
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=tmp_path,
        input=json.dumps([sorted(SLOW), sorted(allowed), commands]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert found == [[[*words], []] for words in commands]


def test_public_names_are_sorted_and_lead_somewhere() -> None:
    assert plotart.__all__ == sorted(plotart.__all__)
    for name in plotart.__all__:
        value = getattr(plotart, name)
        assert not isinstance(value, ModuleType)
        assert value.__name__ == name
        assert value.__module__ in MODULES


def test_no_part_has_the_name_of_something_public() -> None:
    """As soon as it is imported, it would stand in its place."""
    assert {part_of(name) for name in MODULES}.isdisjoint(plotart.__all__)


def test_public_names_are_those_that_type_checkers_see() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    (checking,) = (node for node in tree.body if isinstance(node, ast.If))
    found = [node for node in checking.body if isinstance(node, ast.ImportFrom)]
    seen = {alias.name: node.module for node in found for alias in node.names}
    assert seen == {name: f"plotart.{home}" for name, home in plotart._HOME.items()}
    assert seen.keys() == set(plotart.__all__)


def test_other_names_are_unknown() -> None:
    with pytest.raises(AttributeError, match="module 'plotart' has no attribute 'draw'"):
        importlib.import_module("plotart").draw  # noqa: B018

"""plotart inkscape: the extension for Inkscape, put where Inkscape looks for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated
from xml.etree import ElementTree

import typer

from plotart.errors import OutputError
from plotart.files.atomic import write_file
from plotart.pens.catalogue import load_set, set_names
from plotart.plotter.machines import MACHINES

inkscape_app = typer.Typer(
    help="Inkscape's menu for plotart: the open document pen by pen.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

NAMESPACE = "http://www.inkscape.org/namespace/inkscape/extension"

#: Seconds that Inkscape may take to say where its settings are.
PATIENCE = 30


@inkscape_app.callback()
def _() -> None:
    """A group, whose commands have names though there is but one."""


@inkscape_app.command("install")
def inkscape_install(
    folder: Annotated[
        Path | None, typer.Option(help="Inkscape's folder of extensions.  [default: the one of your account]")
    ] = None,
) -> None:
    """Put the extension where Inkscape looks for it: Extensions > Plotter > Pen by pen with plotart.

    Run it again after you have made a set of pens, or have moved plotart to another place.

    **Example**

        plotart inkscape install
    """
    target = folder or extensions_folder()
    source = files("plotart") / "cli" / "inkscape_extension"
    command = [sys.executable, "-c", "from plotart.cli import main; main()"]
    write_file(target / "plotart_pens.inx", _with_choices((source / "plotart_pens.inx").read_text(encoding="utf-8")))
    write_file(target / "plotart_pens.py", (source / "plotart_pens.py").read_text(encoding="utf-8"))
    write_file(target / "plotart_command.json", json.dumps(command) + "\n")
    typer.echo(f"Written to {target}")
    typer.echo("Start Inkscape anew; it is in its menu as Extensions > Plotter > Pen by pen with plotart.")


def extensions_folder() -> Path:
    """Where a person's own extensions lie, as Inkscape says, or where it has them if it is not to be found.

    Raises OutputError for an Inkscape that is shut off from other programs.
    """
    inkscape = shutil.which("inkscape")
    if inkscape is None:
        return _usual_folder()
    asked = subprocess.run(
        [inkscape, "--user-data-directory"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE
    )
    profile = Path(asked.stdout.strip().splitlines()[-1]) if asked.stdout.strip() else _usual_folder().parent
    if {"snap", ".var"} & {*profile.parts}:
        raise OutputError(
            f"{profile}: Inkscape of Snap or Flatpak can't start other programs, plotart among them; allowed is one "
            "from your system's packages or from inkscape.org, or its folder of extensions with --folder"
        )
    return profile / "extensions"


def _usual_folder() -> Path:
    if own := os.environ.get("INKSCAPE_PROFILE_DIR"):
        return Path(own, "extensions")
    if sys.platform == "win32":
        return Path(os.environ["APPDATA"], "inkscape", "extensions")
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/org.inkscape.Inkscape/config/inkscape/extensions"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "inkscape", "extensions")


def _with_choices(text: str) -> str:
    """The extension's window with the sets of pens and the plotters that there are to choose from."""
    ElementTree.register_namespace("", NAMESPACE)
    root = ElementTree.fromstring(text)
    sets = {name: f"{load_set(name).title or name}" for name in set_names()}
    for param, choices in (("pens", sets), ("machine", {name: name for name in MACHINES})):
        group = root.find(f".//{{{NAMESPACE}}}param[@name='{param}']")
        assert group is not None
        for value, words in choices.items():
            ElementTree.SubElement(group, f"{{{NAMESPACE}}}option", {"value": value}).text = words
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"

"""Inkscape's extension: the open document pen by pen, by `plotart export`.

Inkscape runs it in a Python of its own, where plotart is not: the command line that `plotart inkscape install` left in
plotart_command.json, beside this file, is run as another process.
"""

from __future__ import annotations

import json
import os
import subprocess
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import inkex

COMMAND = Path(__file__).parent / "plotart_command.json"

INSTALL = "Install plotart (pip install plotart), then run in a terminal:\n\n    plotart inkscape install"

#: What a person can do about what plotart leaves out, by how plotart calls it.
ADVICE = {
    "text": "turn it into paths: Path > Object to Path",
    "a clip path": "its lines are plotted whole: Object > Clip > Release, then Path > Cut Path",
    "a mask": "its lines are plotted whole: Object > Mask > Release",
    "dashes": "their lines are plotted whole: Extensions > Modify Path > Convert to Dashes",
    "what fills": "`plotart repen` draws it as hatches",
}


class PenByPen(inkex.EffectExtension):
    def add_arguments(self, pars: ArgumentParser) -> None:
        pars.add_argument("--tab")
        pars.add_argument("--pens", default="")
        pars.add_argument("--machine", default="axidraw-v3")
        pars.add_argument("--folder", default="")
        pars.add_argument("--simplify", type=float, default=0.02)
        pars.add_argument("--merge", type=float, default=0.1)

    def effect(self) -> None:
        folder = self._folder()
        options = {"machine": self.options.machine, "simplify": self.options.simplify, "merge": self.options.merge}
        words = ["export", str(self.options.input_file), "--out", str(folder), "--json"]
        words += [word for key, value in options.items() for word in ("-o", f"export.{key}={value}")]
        words += ["--pens", self.options.pens] if self.options.pens else []
        self.msg(told(json.loads(run(words)), folder))

    def _folder(self) -> Path:
        if self.options.folder:
            return Path(self.options.folder).expanduser()
        document = self.document_path()
        if not document:
            raise inkex.AbortExtension("Save the document first, or choose a folder: the files go beside it.")
        return Path(document).with_name(Path(document).stem + "-pens")


def run(words: list[str]) -> str:
    """What plotart prints. Raises AbortExtension, which Inkscape shows, where it can't be run or says what is wrong."""
    try:
        command = json.loads(COMMAND.read_text(encoding="utf-8"))
    except OSError:
        command = ["plotart"]
    # Inkscape tells its own Python where its modules are, which are not those of plotart's.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment |= {"PYTHONIOENCODING": "utf-8", "COLUMNS": "200"}
    try:
        done = subprocess.run(
            [*command, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # else Windows opens a terminal
        )
    except OSError as error:
        raise inkex.AbortExtension(f"plotart is not found: {command[0]} ({error.strerror}).\n\n{INSTALL}") from None
    if done.returncode != 0:
        raise inkex.AbortExtension(f"plotart says:\n\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def told(found: dict[str, Any], folder: Path) -> str:
    """What came of it, in lines."""
    lines = [f"Written to {folder}", ""]
    for pen in found["pens"]:
        lines.append(f"{pen['name']}: {minutes(pen['seconds'])}, {pen['pen_down_mm'] / 1000:.2f} m")
    swaps = found["pen_swaps"]
    changes = f", {swaps} pen change{'s' * (swaps != 1)}" if swaps else ""
    lines += [f"All pens: {minutes(found['plot_seconds'])} on {found['machine']}{changes}", ""]
    for name in found.get("left_out", ()):
        advice = next((f" ({words})" for start, words in ADVICE.items() if name.startswith(start)), "")
        lines.append(f"Left out: {name}{advice}")
    return "\n".join(lines).rstrip()


def minutes(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d} min"


if __name__ == "__main__":
    PenByPen().run()

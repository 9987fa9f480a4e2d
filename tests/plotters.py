"""Stand-ins for the software of AxiDraw and NextDraw, which behave as its documentation and its code say.

Each plot takes the next word of a list, or finishes: button, keyboard, wait (for Ctrl-C), usb, offline, refuse,
interrupt, break.
"""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

#: What both stand-ins do: they read the next word, note what they were given, and write their mark into the SVG.
COMMON = """
import json, os, re, signal, sys, time
from pathlib import Path

HERE = Path({folder!r})
CODES = {{"finish": 0, "refuse": 0, "button": 102, "keyboard": 103, "wait": 103, "usb": 104, "offline": 101}}
SAID = {{
    "button": "Plot paused by button press.",
    "keyboard": "Plot paused by keyboard interrupt.",
    "wait": "Plot paused by keyboard interrupt.",
    "usb": "Error: USB connection to AxiDraw lost. [Position: 12.500 mm]",
    "offline": "Failed to connect to AxiDraw.",
    "refuse": "This document does not have valid dimensions.",
}}

def next_word():
    words = json.loads((HERE / "words.json").read_text())
    (HERE / "words.json").write_text(json.dumps(words[1:]))
    return words[0] if words else "finish"

def note(call):
    calls = json.loads((HERE / "calls.json").read_text())
    (HERE / "calls.json").write_text(json.dumps([*calls, call]))

def marked(svg, word):
    svg = re.sub(r"<plotdata[^>]*/>", "", svg)
    distance, x, y = (-25400, 0.0, 0.0) if word == "finish" else (12500, 31.5, 40.25)
    mark = (f'<plotdata application="axidraw" model="1" layer="-1" pause_dist="{{distance}}" '
            f'pause_ref="{{distance}}" last_x="{{x}}" last_y="{{y}}" rand_seed="1" row="0"/>')
    return svg.replace("</svg>", mark + "</svg>")

def wait_for_interrupt():
    stopped = []
    signal.signal(signal.SIGINT, lambda *_: stopped.append(True))
    (HERE / "waiting").touch()
    while not stopped:
        time.sleep(0.01)
"""

MODULE = """
class Options:
    mode = "plot"

class Errors:
    code = 0

class AxiDraw:
    def __init__(self):
        self.options, self.errors, self.keyboard_pause = Options(), Errors(), False
        self.user_message_fun = print

    def plot_setup(self, svg_input=None):
        self.options = Options()
        self.svg = svg_input

    def plot_run(self, output=False):
        word = next_word()
        note({"svg": self.svg, **vars(self.options), "keyboard_pause": self.keyboard_pause})
        if word == "interrupt":
            raise KeyboardInterrupt
        if word == "break":
            raise RuntimeError("device reports readiness to read but returned no data")
        if word == "keyboard":
            stopped = []
            signal.signal(signal.SIGINT, lambda *_: stopped.append(True))  # as the module does, for good
            os.kill(os.getpid(), signal.SIGINT)
            assert stopped
        if word == "wait":
            wait_for_interrupt()
        self.errors.code = CODES[word]
        if word in SAID:
            self.user_message_fun(SAID[word])
        written = self.svg if word in ("offline", "refuse") else marked(self.svg, word)
        return written if output else None

NextDraw = AxiDraw
"""

PROGRAM = """
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("svg_in")
for name in ("model", "reordering", "speed_pendown", "speed_penup"):
    parser.add_argument("--" + name, type=int)
parser.add_argument("--mode")
parser.add_argument("--output_file")
given = parser.parse_args()
svg = Path(given.svg_in).read_text(encoding="utf-8")
word = next_word()
note({"svg": svg, **{key: value for key, value in vars(given).items() if value is not None}})
if word == "break":
    os.kill(os.getpid(), signal.SIGKILL)
if word == "wait":
    wait_for_interrupt()
if word in SAID:
    print(SAID[word], file=sys.stderr)
if word not in ("offline", "refuse"):
    Path(given.output_file).write_text(marked(svg, word), encoding="utf-8")
sys.exit(1 if CODES[word] >= 100 else 0)
"""


@dataclass(frozen=True)
class Plotter:
    """A stand-in that writes what it is given into its folder."""

    folder: Path

    def will(self, *words: str) -> None:
        (self.folder / "words.json").write_text(json.dumps(words))

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What each plot was given: its options, and the SVG."""
        found: list[dict[str, Any]] = json.loads((self.folder / "calls.json").read_text())
        return found

    @property
    def waits(self) -> bool:
        return (self.folder / "waiting").exists()


def install_module(folder: Path, patch: pytest.MonkeyPatch, name: str = "pyaxidraw") -> Plotter:
    """pyaxidraw or nextdraw on the path for modules."""
    plotter = _plotter(folder)
    text = COMMON.format(folder=str(folder)) + MODULE
    home = folder / "modules"
    (home / name).mkdir(parents=True)
    (home / name / "__init__.py").write_text("" if name == "pyaxidraw" else text)
    if name == "pyaxidraw":
        (home / name / "axidraw.py").write_text(text)
    patch.syspath_prepend(str(home))
    for module in (name, f"{name}.axidraw"):
        # Noted as absent, so that the stand-in does not stay when the test is over.
        patch.setitem(sys.modules, module, sys)
        patch.delitem(sys.modules, module)
    return plotter


def install_program(folder: Path, patch: pytest.MonkeyPatch, name: str = "axicli") -> Plotter:
    """axicli or the command nextdraw on the path for programs."""
    plotter = _plotter(folder)
    path = folder / "programs" / name
    path.parent.mkdir()
    path.write_text(f"#!{sys.executable}\n{COMMON.format(folder=str(folder))}{PROGRAM}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    patch.setenv("PATH", str(path.parent))
    return plotter


def _plotter(folder: Path) -> Plotter:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "calls.json").write_text("[]")
    (folder / "words.json").write_text("[]")
    return Plotter(folder)

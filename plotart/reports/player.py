"""The drawing with its replay: the sheet, a slider over the time of the plot, and a switch for each pen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

import numpy as np

from plotart.plotter.machines import Machine
from plotart.plotter.timetable import LayerTimes, timetable
from plotart.reports.replay import Ink, Sheet, drawing_svg

_PLAY = '<path d="M7 4.5v15L19.5 12z"/>'
_PAUSE = '<path d="M6 4.5h4.2v15H6zM13.8 4.5H18v15h-4.2z"/>'
_SPEEDS = {"fit": "Whole plot in 30 s", "1": "As it is plotted", "10": "10 times faster", "60": "60 times faster"}


def player_html(sheet: Sheet, machine: Machine) -> str:
    """A <figure> of the sheet, replayed by page/player.js with the machine's times; without scripts, the lines."""
    drawing, inks, times = sheet.drawing, sheet.inks, timetable(sheet.drawing, machine)
    labels = [escape(layer.name) for layer in drawing.layers]
    total = round(times.seconds * 1000)
    data = {"total": total, "layers": _steps(times.layers)}
    style = (
        f"--aspect:{drawing.width / drawing.height:.5f};--real-width:{drawing.width:g}mm;--paper:{sheet.paper};"
        f"--pencil:{'#ffffffb0' if sheet.dark else '#26324da0'}"
    )
    return (
        f'<figure class="player" style="{style}">\n'
        '<div class="mat" tabindex="0" role="group" aria-label="The drawing: space plays and pauses, arrow keys wind">'
        f'<div class="sheet">{drawing_svg(sheet, labels)}\n<div class="nib" hidden></div></div></div>\n'
        f"{_controls(_strip(times.layers, inks), total)}{_pens(sheet, inks, labels)}{_options()}"
        f'<script type="application/json">{json.dumps(data, separators=(",", ":"))}</script>\n'
        f"<figcaption>The lines as they are plotted, in the time of the {escape(machine.name)}. "
        "At real size a millimetre of paper is a millimetre of your browser.</figcaption></figure>\n"
    )


def _steps(layers: Sequence[LayerTimes]) -> list[list[int]]:
    """Per layer and line, two numbers in ms: how long the pen is in the air before it, and how long it draws it."""
    found, clock = [], 0
    for layer in layers:
        ends = np.round(np.column_stack([layer.lands, layer.lifts]).ravel() * 1000).astype(np.int64)
        found.append(np.diff(ends, prepend=clock).tolist())
        clock = int(ends[-1]) if len(ends) else clock
    return found


def _strip(layers: Sequence[LayerTimes], inks: Sequence[Ink]) -> str:
    """The plot's time from left to right in the colours of the inks."""
    ends = [float(layer.lifts[-1]) for layer in layers]
    shares = np.diff(ends, prepend=0.0)
    return "".join(
        f'<span style="--pen:{ink.color};flex:{share:.3f}"></span>' for share, ink in zip(shares, inks, strict=True)
    )


def _controls(strip: str, total: int) -> str:
    return (
        '<div class="controls">\n<button type="button" class="play" aria-label="Play">'
        f'<svg class="when-paused" viewBox="0 0 24 24" aria-hidden="true">{_PLAY}</svg>'
        f'<svg class="when-playing" viewBox="0 0 24 24" aria-hidden="true">{_PAUSE}</svg></button>\n'
        f'<div class="timeline"><div class="strip" aria-hidden="true">{strip}<span class="veil"></span></div>'
        f'<input type="range" class="slider" min="0" max="{total}" value="{total}" step="any" autocomplete="off" '
        'aria-label="Time of the plot"></div>\n'
        f'<div class="clock"><span class="elapsed">{clock(total)}</span> <span>/ {clock(total)}</span></div>\n'
        '<p class="pen-now"><span class="swatch" hidden></span><span class="pen-name" role="status"></span>'
        '<span class="line-count"></span></p>\n</div>\n'
    )


def _options() -> str:
    speeds = "".join(f'<option value="{value}">{words}</option>' for value, words in _SPEEDS.items())
    return (
        '<div class="options">\n'
        f'<select class="speed" aria-label="Speed" autocomplete="off">{speeds}</select>\n'
        '<fieldset class="segments" aria-label="Size"><label><input type="radio" name="size" value="fit" checked '
        'autocomplete="off"><span>Fitted</span></label><label><input type="radio" name="size" value="real" '
        'autocomplete="off"><span>Real size</span></label></fieldset>\n'
        '<label class="choice moves"><input type="checkbox" autocomplete="off">Pen-up travel</label>\n</div>\n'
    )


def _pens(sheet: Sheet, inks: Sequence[Ink], labels: Sequence[str]) -> str:
    pens = {number: (ink, label) for number, ink, label in zip(sheet.numbers, inks, labels, strict=True)}
    boxes = "".join(
        f'<li><label><input type="checkbox" data-toggles="{number}" checked autocomplete="off">'
        f'<span class="swatch" style="background:{ink.color}"></span>{label}</label></li>'
        for number, (ink, label) in pens.items()
    )
    return f'<ul class="pens" aria-label="Pens shown">{boxes}</ul>\n'


def clock(ms: int) -> str:
    """12:05, or 1:12:05 from an hour on; as page/player.js writes it."""
    hours, rest = divmod(ms // 1000, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"

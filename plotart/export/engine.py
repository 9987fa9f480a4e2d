"""vpype, the engine of some of what is done to lines: millimetres in, millimetres out, and nothing else disturbed."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from plotart.export.drawing import Line
from plotart.geometry.units import MILLIMETRES

#: mm in vpype's unit, the CSS pixel.
PX = MILLIMETRES["px"]


def run_vpype(command: str, lines: Sequence[Line]) -> list[Line]:
    """Lines [n, 2] in mm through a vpype pipeline that works on one layer, such as ``linemerge -t 0.1mm``."""
    import vpype
    import vpype_cli

    document = vpype.Document()
    document.layers[1] = vpype.LineCollection((line[:, 0] + 1j * line[:, 1]) / PX for line in lines)
    with undisturbed():
        done = vpype_cli.execute(command, document, global_opt="--seed 0")
    return [np.column_stack([line.real, line.imag]) * PX for line in done.layers[1]]


def load_vpype() -> None:
    """vpype gives the root logger a handler when it is loaded first; leave logging as it was."""
    with undisturbed():
        import vpype  # noqa: F401


@contextmanager
def undisturbed() -> Iterator[None]:
    """vpype's `execute` seeds the global generators and sets the root logger's level and handlers; undo that."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    state, numpy_state = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)
        root.setLevel(level)
        root.handlers[:] = handlers

"""Plotting through AxiDraw's or NextDraw's Python module, which have the same interface.

Source: https://axidraw.com/doc/py_api/ and https://bantam.tools/nd_py/
"""

from __future__ import annotations

import importlib
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from plotart.errors import MissingError, PlotterError
from plotart.plotter.drivers import Code, Outcome, PlotOptions
from plotart.plotter.progress_mark import is_finished, paused_mm


@dataclass(frozen=True)
class PythonModule:
    """A class with `plot_setup` and `plot_run`, in a module that is imported when it plots."""

    name: str
    software: str
    module: str
    class_name: str

    def plot(self, svg: str, options: PlotOptions, *, resume: bool) -> Outcome:
        plotter = self._plotter()
        messages: list[str] = []
        plotter.user_message_fun = messages.append
        try:
            try:
                plotter.plot_setup(svg)
            except KeyboardInterrupt:
                return Outcome(Code.KEYBOARD)
            for name, value in options.settings(resume=resume).items():
                setattr(plotter.options, name, value)
            # Ctrl-C pauses as the plotter's button does: the pen is raised, and the progress is in the SVG.
            plotter.keyboard_pause = True
            with _own_interrupt():
                written = str(plotter.plot_run(True))
            code = int(plotter.errors.code)
        except Exception as error:
            raise PlotterError(f"{self.name} broke down ({type(error).__name__}: {error})") from error
        said = tuple(line.strip() for text in messages for line in str(text).splitlines() if line.strip())
        if code == Code.FINISHED:
            return Outcome(Code.FINISHED if is_finished(written) else Code.NOT_PLOTTED, None, said)
        return Outcome(code, written if paused_mm(written) is not None else None, said)

    def _plotter(self) -> Any:
        try:
            return getattr(importlib.import_module(self.module), self.class_name)()
        except (ImportError, AttributeError) as error:
            raise MissingError(
                f"--driver {self.name}: the Python module {self.module} can't be used ({error}); install it anew"
            ) from None


@contextmanager
def _own_interrupt() -> Iterator[None]:
    """What Ctrl-C did before: the module takes it over and does not give it back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

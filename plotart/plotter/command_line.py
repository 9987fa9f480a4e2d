"""Plotting through AxiDraw's or NextDraw's command-line program, which take the same options.

Source: https://axidraw.com/doc/cli_api/ and https://bantam.tools/nd_cli/
"""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from plotart.errors import MissingError, PlotterError
from plotart.plotter.drivers import Code, Outcome, PlotOptions
from plotart.plotter.progress_mark import is_finished, paused_mm
from plotart.runs.stop import asked_to_stop

#: Words in the program's messages, in lower case, that tell why it stopped; its exit status does not.
REASONS: tuple[tuple[str, Code], ...] = (
    ("failed to connect", Code.NOT_CONNECTED),
    ("usb connection", Code.LOST_USB),
    ("loss of power", Code.LOST_POWER),
    ("homing failed", Code.HOMING_FAILED),
    ("paused by keyboard interrupt", Code.KEYBOARD),
    ("paused by user input", Code.KEYBOARD),
    ("paused programmatically", Code.PAUSE_IN_FILE),
    ("paused by button press", Code.BUTTON),
)

#: Seconds between two looks at whether someone pressed Ctrl-C.
GLANCE = 0.2


@dataclass(frozen=True)
class CommandLine:
    """A program that takes an SVG and options as ``--name value``."""

    name: str
    software: str
    program: str

    def plot(self, svg: str, options: PlotOptions, *, resume: bool) -> Outcome:
        with TemporaryDirectory(prefix="plotart-") as folder:
            drawing, written = Path(folder, "plot.svg"), Path(folder, "progress.svg")
            drawing.write_text(svg, encoding="utf-8")
            settings = options.settings(resume=resume)
            words = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
            status, said, asked = self._run([self.program, str(drawing), *words, "--output_file", str(written)])
            output = written.read_text(encoding="utf-8") if written.is_file() else ""
        paused = output if paused_mm(output) is not None else None
        messages = tuple(line.strip() for line in said.splitlines() if line.strip())
        if status == 0 and is_finished(output):
            return Outcome(Code.FINISHED, None, messages)
        reason = next((code for words, code in REASONS if words in said.lower()), None)
        if reason is None and asked:
            reason = Code.KEYBOARD
        if reason is None and status < 0:
            raise PlotterError(f"{self.name} was ended by signal {-status}")
        return Outcome(reason or (Code.BUTTON if paused else status or Code.NOT_PLOTTED), paused, messages)

    def _run(self, command: list[str]) -> tuple[int, str, bool]:
        """Exit status, what was printed, and whether Ctrl-C was pressed.

        It makes the program pause and write its progress; a second one ends it.
        """
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise MissingError(
                f"--driver {self.name}: {self.program} can't be started ({error.strerror or error}); install it anew"
            ) from None
        with process, asked_to_stop() as request:
            passed_on = False
            try:
                while True:
                    try:
                        said, _ = process.communicate(timeout=GLANCE)
                        return process.returncode, said, request.asked
                    except subprocess.TimeoutExpired:
                        # In a terminal the program has had Ctrl-C already; a second one changes nothing for it. On
                        # Windows, where a process alone can't be sent one, that has to do.
                        if request.asked and not passed_on and sys.platform != "win32":
                            process.send_signal(signal.SIGINT)
                            passed_on = True
            except BaseException:
                process.terminate()
                raise

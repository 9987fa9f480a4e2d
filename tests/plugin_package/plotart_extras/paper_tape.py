"""A driver: writes down what it is given, and moves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plotart.plotter.drivers import Code, Outcome, PlotOptions
from plotart.plotter.machines import Machine


@dataclass(frozen=True)
class PaperTape:
    machine: str
    name: str = "paper-tape"
    software: str = "paper-tape"

    def plot(self, svg: str, options: PlotOptions, *, resume: bool) -> Outcome:
        with Path("tape.txt").open("a") as tape:
            tape.write(f"{self.machine} {options.settings(resume=resume)} {len(svg)}\n")
        return Outcome(Code.FINISHED)


def paper_tape(machine: Machine) -> PaperTape:
    return PaperTape(machine.name)

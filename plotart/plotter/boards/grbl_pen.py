"""How a board with Grbl lowers and raises its pen: a servo on the spindle's pin, by M3 and S, or the Z axis."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from plotart.export.gcode_habits import GcodeHabits
from plotart.plotter.machines import Machine

#: % of the lift's travel that stand for the values of the profile; live changes go on along the line through both.
UP, DOWN = 60.0, 30.0

_WORDS = {letter: re.compile(rf"{letter}\s*([+-]?\d+\.?\d*|[+-]?\.\d+)", re.IGNORECASE) for letter in "SZ"}
_DWELL = re.compile(r"^\s*G0?4\b", re.IGNORECASE)
_RELATIVE = re.compile(r"\bG91\b", re.IGNORECASE)


@dataclass(frozen=True)
class GrblPen:
    """Commands that lower and raise the pen, each with the wait for a servo behind it, if there is one.

    letter      S or Z, whose value is the height; None where it can't be told, or is relative
    low, high   its values for DOWN and UP
    least, most its values that the board takes
    """

    lower: tuple[str, ...]
    lift: tuple[str, ...]
    letter: str | None
    low: float = 0.0
    high: float = 0.0
    least: float = -1e9
    most: float = 1e9

    @classmethod
    def of_profile(cls, habits: GcodeHabits, machine: Machine, settings: Mapping[int, float]) -> GrblPen:
        """The pen of a G-code profile. Where it turns a servo and does not wait for that, the machine's times to raise
        and lower the pen are waited for."""
        relative = any(_RELATIVE.search(line) for line in (*habits.lower, *habits.lift))
        low, high = (_value("S", lines) for lines in (habits.lower, habits.lift))
        if low is not None:
            lower, lift = _waited(habits.lower, machine.lower_s), _waited(habits.lift, machine.raise_s)
            if high is None:  # raised by M5
                return cls(lower, lift, None)
            return cls(lower, lift, "S", low, high, settings.get(31, 0.0), settings.get(30, 1000.0))
        low, high = (_value("Z", lines) for lines in (habits.lower, habits.lift))
        if low is None or high is None or relative:
            return cls(habits.lower, habits.lift, None)
        return cls(habits.lower, habits.lift, "Z", low, high)

    @classmethod
    def servo(cls, machine: Machine, settings: Mapping[int, float]) -> GrblPen:
        """A servo on the spindle's pin that is up at the lowest spindle speed ($31) and down at the highest ($30)."""
        least, most = settings.get(31, 0.0), settings.get(30, 1000.0)
        lower = _waited((f"M3 S{most:g}",), machine.lower_s)
        return cls(lower, _waited((f"M3 S{least:g}",), machine.raise_s), "S", most, least, least, most)

    @property
    def by_spindle(self) -> bool:
        return self.letter == "S" or any("M3" in line.upper() for line in self.lower)

    def value(self, height: float) -> float:
        """S or Z for a height in % of the lift's travel."""
        value = self.low + (height - DOWN) / (UP - DOWN) * (self.high - self.low)
        return min(max(value, self.least), self.most)

    def lowered(self, height: float) -> tuple[str, ...]:
        """The commands that lower the pen to this height."""
        return self._at(self.lower, height)

    def raised(self, height: float) -> tuple[str, ...]:
        """The commands that raise the pen to this height."""
        return self._at(self.lift, height)

    def _at(self, lines: tuple[str, ...], height: float) -> tuple[str, ...]:
        if self.letter is None:
            return lines
        word = f"{self.letter}{self.value(height):.3f}".rstrip("0").rstrip(".")
        return tuple(_WORDS[self.letter].sub(word, line) for line in lines)


def _value(letter: str, lines: tuple[str, ...]) -> float | None:
    """The last value of a word in the lines."""
    found = [float(match[1]) for line in lines if (match := _WORDS[letter].search(line)) is not None]
    return found[-1] if found else None


def _waited(lines: tuple[str, ...], seconds: float) -> tuple[str, ...]:
    if any(_DWELL.match(line) for line in lines) or seconds <= 0:
        return lines
    return (*lines, f"G4 P{seconds:.3f}")

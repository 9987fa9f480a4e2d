"""A board with Grbl 1.1 or grblHAL on a pseudo-terminal: it parses, plans, moves, and fails as the firmware does.

Time is the machine's own. It stands still while the computer could still send, so that a slow test changes no plot,
and runs as fast as it can be computed otherwise: when the planner is full, when a line waits for the motion before it
(G4, M3, M5), when the computer asks for the status, or after PATIENCE.

Sources: https://github.com/gnea/grbl/tree/master/doc/markdown (interface, commands, settings, jogging),
https://github.com/gnea/grbl/tree/master/doc/csv (codes), and for grblHAL https://github.com/grblHAL/core/wiki.
"""

from __future__ import annotations

import math
import re
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emulators.serial_end import SerialEnd

#: What Grbl has after `$RST=$` with an Arduino's defaults, but for a plotter's steps, speeds and travel.
SETTINGS: dict[int, float] = {
    0: 10,
    1: 25,
    2: 0,
    3: 0,
    4: 0,
    5: 0,
    6: 0,
    10: 1,
    11: 0.010,
    12: 0.002,
    13: 0,
    20: 0,
    21: 0,
    22: 0,
    23: 0,
    24: 25,
    25: 500,
    26: 250,
    27: 1,
    30: 1000,
    31: 0,
    32: 0,
    100: 80,
    101: 80,
    102: 250,
    110: 9000,
    111: 9000,
    112: 1500,
    120: 800,
    121: 800,
    122: 200,
    130: 300,
    131: 218,
    132: 20,
}
WHOLE = {0, 1, 2, 3, 4, 5, 6, 10, 13, 20, 21, 22, 23, 26, 30, 31, 32}

#: Longest line in characters; more is error 11.
LINE = 80

#: Real seconds for which a board that has not all it could have waits for the computer.
PATIENCE = 0.03

#: Seconds of the machine's time between two status reports that a waiting computer asks for.
BLINK = 0.05

#: The share of the servo's way at which the pen touches the paper.
TOUCH = 0.9

_WORD = re.compile(r"([A-Z])([+-]?(?:\d+\.?\d*|\.\d+))?")
#: Groups of which a line may have one.
_GROUPS = {
    "motion": {"G0", "G1"},
    "plane": {"G17", "G18", "G19"},
    "distance": {"G90", "G91"},
    "feed": {"G93", "G94"},
    "units": {"G20", "G21"},
    "coordinates": {"G54", "G55", "G56", "G57", "G58", "G59"},
    "other": {"G4", "G10", "G53", "G92", "G92.1"},
    "stop": {"M0", "M1", "M2", "M30"},
    "spindle": {"M3", "M4", "M5"},
    "coolant": {"M7", "M8", "M9"},
}

Vector = NDArray[np.float64]


@dataclass(eq=False)
class Block:
    """A straight move in the planner, mm and seconds."""

    target: Vector
    way: Vector
    left: float
    programmed: float
    rapid: float
    acceleration: float
    corner: float
    is_rapid: bool
    entry: float = 0.0


@dataclass
class Fault:
    """Something that befalls the board once it has drawn so many mm.

    kind  reset (as by its button or a dip of power), alarm, error, cable, dead (no power), door
    code  of the alarm or error
    """

    kind: str
    at_mm: float
    code: int = 0
    lost: tuple[float, float] = (0.0, 0.0)


@dataclass
class Hook:
    """A call at so many mm drawn, after which the board waits for what the computer has to say to that."""

    at_mm: float
    call: Callable[[], None]


class GrblError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(f"error:{code}")
        self.code = code


@dataclass
class _Modal:
    motion: str = "G0"
    inches: bool = False
    relative: bool = False
    feed: float = 0.0
    speed: float = 0.0
    spindle: str = "M5"
    coordinates: int = 0
    g92: Vector = field(default_factory=lambda: np.zeros(3))


class Grbl(SerialEnd):
    """The board, and what its pen drew.

    settings  that differ from SETTINGS, by number
    hal       speaks as grblHAL does, which has larger buffers
    lift      "spindle": a servo on the spindle's pin, down from `down_speed` on; "z": down at Z 0 and below
    servo_s   seconds of the servo from up to down
    at        where the carriage stands at first, in machine coordinates
    pace      seconds of the machine's time a real second; None = as fast as it can be computed
    """

    def __init__(
        self,
        *,
        settings: Mapping[int, float] | None = None,
        hal: bool = False,
        lift: str = "spindle",
        down_speed: float = 500,
        servo_s: float = 0.1,
        at: tuple[float, float, float] = (0.0, 0.0, 0.0),
        faults: tuple[Fault, ...] = (),
        hooks: tuple[Hook, ...] = (),
        pieces: int = 0,
        seed: int = 0,
        pace: float | None = None,
    ) -> None:
        super().__init__(pieces=pieces, seed=seed)
        self.settings = {**SETTINGS, **(settings or {})}
        self.hal, self.lift, self.down_speed, self.servo_s, self.pace = hal, lift, down_speed, servo_s, pace
        self.rx_size, self.planner_size = (1024, 35) if hal else (128, 15)
        self.faults, self.hooks = deque(sorted(faults, key=lambda f: f.at_mm)), deque(hooks)
        self.now = 0.0
        #: Seconds in which the carriage or the servo moved, or the board dwelt.
        self.busy = 0.0
        self.drawn_mm = 0.0
        self.lines_taken: list[str] = []
        self.overflowed = False
        self.resets = 0
        self.dead = False
        self._position = np.array(at, dtype=np.float64)
        self._wcs = [np.zeros(3) for _ in range(6)]
        self._servo = 0.0
        self._was_down = False
        self._trace: list[list[tuple[float, float]]] = []
        self._error = 0
        self._state = "Alarm" if self._setting(22) else "Idle"
        self._clear()
        self._greeting = True

    # -- what tests look at

    @property
    def drawn(self) -> list[Vector]:
        """Lines [n, 2] in mm of machine coordinates that the pen drew."""
        return [np.array(line) for line in self._trace if len(line) > 1]

    @property
    def position(self) -> tuple[float, float, float]:
        x, y, z = (float(value) for value in self._position)
        return x, y, z

    @property
    def pen_is_down(self) -> bool:
        return self._position[2] <= 1e-9 if self.lift == "z" else self._servo >= TOUCH

    @property
    def state(self) -> str:
        return self._state

    @property
    def stands(self) -> bool:
        """Whether it has done all that it was sent."""
        return not (self._moves() or self._task or self._can_parse() or self._blocks)

    # -- the loop

    def step(self) -> None:
        if self.dead:
            self._over.wait(PATIENCE)
            return
        if self._greeting:
            self._greeting = False
            self._greet()
        waits = self._task is not None or self._can_parse()
        data = self.receive(0 if waits else PATIENCE)
        for byte in data:
            self._take(byte)
        if self._parse():
            return
        if self._moves() and (waits or not data or self._asked):
            self._asked = False
            self._advance(None if waits and self.pace is None else BLINK)

    def _moves(self) -> bool:
        runs = bool(self._blocks) and self._state in ("Run", "Hold:1", "Door:2", "Jog")
        return runs or self._dwell > 0 or self._servo != self._servo_target

    def _can_parse(self) -> bool:
        return b"\n" in self._rx and not self._suspended and not self._critical

    @property
    def _suspended(self) -> bool:
        return self._state.startswith(("Hold", "Door", "Sleep"))

    def _take(self, byte: int) -> None:
        """Real-time commands act at once; all else goes into the receive buffer, or is lost when that is full."""
        char = bytes([byte])
        if char == b"?":
            self._report()
            self._asked = True
        elif byte == 0x18:
            self._reset()
        elif self._critical:
            return
        elif char == b"!":
            if self._state == "Run":
                self._state = "Hold:1"
            elif self._state == "Jog":
                self._cancel_jog()
            elif self._state == "Idle":
                self._state = "Hold:0"
        elif char == b"~":
            if self._state in ("Hold:0", "Door:0"):
                self._state = "Run" if self._blocks else "Idle"
                self._replan()
        elif byte == 0x84:
            self._open_door()
        elif byte == 0x85:
            self._cancel_jog()
        elif 0x90 <= byte <= 0x9D:
            self._override(byte)
        elif byte >= 0x80:
            return
        elif len(self._rx) >= self.rx_size:
            self.overflowed = True
        else:
            self._rx += b"\n" if char == b"\r" else char

    def _override(self, byte: int) -> None:
        change = {0x91: 10, 0x92: -10, 0x93: 1, 0x94: -1}
        if byte == 0x90:
            self._feed_override = 100
        elif byte in change:
            self._feed_override = min(max(self._feed_override + change[byte], 10), 200)
        elif byte in (0x95, 0x96, 0x97):
            self._rapid_override = {0x95: 100, 0x96: 50, 0x97: 25}[byte]
        self._ov_in = 0
        self._replan()

    def _parse(self) -> bool:
        """Goes on with the line at hand, or begins the next; whether anything came of it."""
        if self._suspended or self._critical:
            return False
        if self._task is None:
            end = self._rx.find(b"\n")
            if end < 0:
                return False
            line = bytes(self._rx[:end]).decode("ascii", "replace")
            del self._rx[: end + 1]
            self._task = self._execute(line)
        try:
            next(self._task)
        except StopIteration:
            self._task = None
            self._say("ok")
        except GrblError as error:
            self._task = None
            self._say(f"error:{error.code}")
        else:
            return False
        return True

    # -- lines

    def _execute(self, line: str) -> Generator[None, None, None]:
        self.lines_taken.append(line)
        text = re.sub(r"\([^)]*\)|;.*|[\s/]", "", line).upper()
        if len(text) >= LINE:
            raise GrblError(11)
        if not text:
            return
        if self._error:
            code, self._error = self._error, 0
            raise GrblError(code)
        if text.startswith("$"):
            yield from self._system(text)
        elif self._state in ("Alarm", "Jog"):
            raise GrblError(9)
        else:
            yield from self._block(text)

    def _system(self, text: str) -> Generator[None, None, None]:
        if text == "$$":
            for number in sorted(self.settings):
                value = self.settings[number]
                self._say(f"${number}={value:.0f}" if number in WHOLE else f"${number}={value:.3f}")
        elif text == "$I":
            for said in self._build():
                self._say(said)
        elif text == "$#":
            self._say_offsets()
        elif text == "$G":
            feed, modal = self._modal.feed * 60, self._modal
            self._say(f"[GC:{modal.motion} G54 G17 G21 G90 G94 {modal.spindle} M9 T0 F{feed:.0f} S{modal.speed:.0f}]")
        elif text == "$X":
            if self._state == "Alarm":
                self._say("[MSG:Caution: Unlocked]")
                self._state = "Idle"
        elif text == "$H":
            yield from self._home()
        elif text.startswith("$J="):
            yield from self._jog(text[3:])
        elif self._state not in ("Idle", "Alarm"):
            raise GrblError(8)
        elif text == "$SLP":
            self._say("[MSG:Sleeping]")
            self._modal.spindle = "M5"
            self._state = "Sleep"
        elif (found := re.fullmatch(r"\$(\d+)=([\d.]+)", text)) and int(found[1]) in self.settings:
            self.settings[int(found[1])] = float(found[2])
        else:
            raise GrblError(3)

    def _build(self) -> tuple[str, ...]:
        if not self.hal:
            return "[VER:1.1h.20190830:]", "[OPT:V,15,128]"
        return (
            "[VER:1.1f.20240801:]",
            "[OPT:VNMSL,35,1024,3,0]",
            "[NEWOPT:ENUMS,RT-,SD]",
            "[FIRMWARE:grblHAL]",
            "[DRIVER:ESP32]",
        )

    def _say_offsets(self) -> None:
        for number, offset in enumerate(self._wcs):
            self._say(f"[G{54 + number}:{_triple(offset)}]")
        self._say(f"[G92:{_triple(self._modal.g92)}]")
        self._say("[TLO:0.000]")

    def _home(self) -> Generator[None, None, None]:
        if not self._setting(22):
            raise GrblError(5)
        self._state = "Home"
        mask, pull_off = int(self.settings[23]), self.settings[27]
        for axis in (2, 0, 1):
            travel = self.settings[130 + axis]
            self._dwell += travel / (self.settings[25] / 60)
            self._position[axis] = -travel + pull_off if mask >> axis & 1 else -pull_off
        while self._dwell > 0:
            yield
        self._planned = self._position.copy()
        self._state = "Idle"

    def _jog(self, text: str) -> Generator[None, None, None]:
        words = _words(text)
        if self._state not in ("Idle", "Jog"):
            raise GrblError(8)
        if "F" not in words:
            raise GrblError(22)
        relative = "G91" in words.get("G", ()) or self._modal.relative
        if set(words) - set("GXYZF") or set(words.get("G", ())) - {"G20", "G21", "G53", "G90", "G91"}:
            raise GrblError(16)
        target = self._target(words, machine="G53" in words.get("G", ()), relative=relative)
        if self._setting(20) and self._beyond(target):
            raise GrblError(15)
        while len(self._blocks) >= self.planner_size:
            yield
        self._add(target, float(words["F"][0]) / 60, is_rapid=False)
        if self._blocks:
            self._state = "Jog"

    def _cancel_jog(self) -> None:
        if self._state == "Jog":
            self._state = "Hold:1"
            self._jog_ends = True

    def _block(self, text: str) -> Generator[None, None, None]:
        words = _words(text)
        codes = words.get("G", ()) + words.get("M", ())
        for group in _GROUPS.values():
            if len(set(codes) & group) > 1:
                raise GrblError(21)
        if set(codes) - set().union(*_GROUPS.values()) or set(words) - set("GMFSPXYZNTL"):
            raise GrblError(20)
        modal = self._modal
        axes = set(words) & set("XYZ")
        if "N" in words and not 1 <= float(words["N"][0]) <= 9_999_999:
            raise GrblError(27)
        for code in codes:
            if code in ("G20", "G21"):
                modal.inches = code == "G20"
            elif code in ("G90", "G91"):
                modal.relative = code == "G91"
            elif code in _GROUPS["motion"]:
                modal.motion = code
        if "F" in words:
            modal.feed = float(words["F"][0]) * (25.4 if modal.inches else 1) / 60
        if "S" in words:
            modal.speed = float(words["S"][0])
        spindle = next((code for code in codes if code in _GROUPS["spindle"]), modal.spindle)
        if spindle != modal.spindle or ("S" in words and spindle != "M5"):
            yield from self._drained()
            modal.spindle = spindle
        if "G4" in codes:
            if "P" not in words:
                raise GrblError(28)
            yield from self._drained()
            self._dwell = float(words["P"][0])
            while self._dwell > 0:
                yield
            return
        for code in codes:
            if code in _GROUPS["coordinates"]:
                modal.coordinates = int(code[1:]) - 54
                self._wco_in = 0
        if "G10" in codes:
            if "L" not in words or "P" not in words:
                raise GrblError(28)
            yield from self._drained()
            offset = self._wcs[(int(words["P"][0]) or modal.coordinates + 1) - 1]
            for axis in axes:
                at = "XYZ".index(axis)
                value = float(words[axis][0])
                offset[at] = value if words["L"][0] == "2" else self._planned[at] - modal.g92[at] - value
            self._wco_in = 0
        elif "G92" in codes:
            if not axes:
                raise GrblError(26)
            for axis in axes:
                at = "XYZ".index(axis)
                modal.g92[at] = self._planned[at] - self._wcs[modal.coordinates][at] - float(words[axis][0])
            self._wco_in = 0
        elif "G92.1" in codes:
            modal.g92[:] = 0
            self._wco_in = 0
        elif axes:
            if modal.motion == "G1" and not modal.feed:
                raise GrblError(22)
            yield from self._line(self._target(words, machine="G53" in codes, relative=modal.relative))
        elif "P" in words or "L" in words:
            raise GrblError(36)
        if "M2" in codes or "M30" in codes:
            yield from self._drained()
            self._modal = _Modal(g92=modal.g92)

    def _line(self, target: Vector) -> Generator[None, None, None]:
        if self._setting(20) and self._beyond(target):
            while self._blocks:
                yield
            self._alarm(2)
            yield
        while len(self._blocks) >= self.planner_size:
            yield
        self._add(target, self._modal.feed, is_rapid=self._modal.motion == "G0")

    def _drained(self) -> Generator[None, None, None]:
        while self._blocks:
            yield

    def _target(self, words: Mapping[str, tuple[str, ...]], *, machine: bool, relative: bool) -> Vector:
        target = self._planned.copy()
        scale = 25.4 if self._modal.inches else 1.0
        for axis in set(words) & set("XYZ"):
            at, value = "XYZ".index(axis), float(words[axis][0]) * scale
            target[at] = value + (0 if machine else self._planned[at] if relative else self._offset[at])
        return target

    def _beyond(self, target: Vector) -> bool:
        travel = np.array([self.settings[130 + axis] for axis in range(3)])
        return bool((target > 1e-9).any() or (target < -travel - 1e-9).any())

    # -- the planner

    def _add(self, target: Vector, feed: float, *, is_rapid: bool) -> None:
        steps = np.array([self.settings[100 + axis] for axis in range(3)])
        target = np.round(target * steps) / steps
        way = target - self._planned
        length = float(np.linalg.norm(way))
        if not length:
            return
        way = way / length
        rapid = self._along(way, 110) / 60
        corner = math.inf
        if not self._blocks:
            corner = 0.0
        else:
            turn = -float(self._last_way @ way)
            if turn > 0.999999:
                corner = 0.0
            elif turn >= -0.999999:
                aside = way - self._last_way
                sine = math.sqrt((1 - turn) / 2)
                most = self._along(aside / np.linalg.norm(aside), 120)
                corner = most * self.settings[11] * sine / (1 - sine)
        self._blocks.append(
            Block(target, way, length, rapid if is_rapid else feed, rapid, self._along(way, 120), corner, is_rapid)
        )
        self._last_way, self._planned = way, target
        if self._state == "Idle":
            self._state = "Run"
        self._replan()

    def _along(self, way: Vector, first: int) -> float:
        """A limit of each axis as it limits a move in this direction."""
        return min(self.settings[first + axis] / abs(way[axis]) for axis in range(3) if way[axis])

    def _nominal(self, block: Block) -> float:
        share = self._rapid_override if block.is_rapid else self._feed_override
        return max(min(block.programmed * share / 100, block.rapid), 1 / 60)

    def _replan(self) -> None:
        """Entry speeds, squared: backward from rest at the end, then forward from the speed that there is."""
        blocks = self._blocks
        if not blocks:
            return
        most = [0.0] + [
            min(one.corner, self._nominal(before) ** 2, self._nominal(one) ** 2)
            for before, one in zip(list(blocks), list(blocks)[1:], strict=False)
        ]
        following = 0.0
        for block, limit in zip(reversed(blocks), reversed(most), strict=True):
            following = min(limit, following + 2 * block.acceleration * block.left)
            block.entry = following
        blocks[0].entry = self._speed**2
        for before, one in zip(list(blocks), list(blocks)[1:], strict=False):
            one.entry = min(one.entry, before.entry + 2 * before.acceleration * before.left)

    def _advance(self, most: float | None) -> None:
        """Lets time pass: until the move at hand ends, and for so many seconds at most."""
        left = math.inf if most is None else most
        before = self.now
        while left > 0 and self._moves():
            seconds = self._until_next(left)
            self._pass(seconds)
            left -= seconds
            if self._befall() or (most is None and not self._blocks):
                break
            if most is None and self._finished:
                self._finished = False
                break
        if self.pace is not None:
            self._over.wait((self.now - before) / self.pace)

    def _until_next(self, most: float) -> float:
        """Seconds until the next thing happens: a phase of the move ends, the servo passes the paper, a dwell ends."""
        times = [most]
        if self._dwell > 0:
            times.append(self._dwell)
        if self._servo != self._servo_target:
            sign = 1 if self._servo_target > self._servo else -1
            marks = [self._servo_target, TOUCH + (0 if sign > 0 else -1e-6)]
            times += [(m - self._servo) * sign * self.servo_s for m in marks if (m - self._servo) * sign > 1e-12]
        if self._blocks and self._state in ("Run", "Hold:1", "Door:2", "Jog"):
            acceleration, until, length = self._phase()
            if self.pen_is_down and (gap := self._next_mm() - self.drawn_mm) < length:
                until = min(until, _seconds(gap, self._speed, acceleration))
            times.append(until)
        return max(min(times), 1e-9)

    def _next_mm(self) -> float:
        return min([f.at_mm for f in [*self.faults][:1]] + [h.at_mm for h in [*self.hooks][:1]], default=math.inf)

    def _phase(self) -> tuple[float, float, float]:
        """The acceleration of the move's present phase, its seconds, and its mm."""
        block, speed = self._blocks[0], self._speed
        a = block.acceleration
        if self._state in ("Hold:1", "Door:2"):
            length = min(speed**2 / (2 * a), block.left)
            return -a, _seconds(length, speed, -a), length
        nominal = self._nominal(block)
        exit_square = self._blocks[1].entry if len(self._blocks) > 1 else 0.0
        if speed > nominal + 1e-9:
            length = min((speed**2 - nominal**2) / (2 * a), block.left)
            return -a, _seconds(length, speed, -a), length
        braking = max(speed**2 - exit_square, 0.0) / (2 * a)
        if braking >= block.left - 1e-9:
            return -a, _seconds(block.left, speed, -a), block.left
        peak = min(nominal, math.sqrt(max((speed**2 + exit_square) / 2 + a * block.left, 0.0)))
        if peak > speed + 1e-9:
            length = min((peak**2 - speed**2) / (2 * a), block.left)
            return a, (peak - speed) / a, length
        length = block.left - max(speed**2 - exit_square, 0.0) / (2 * a)
        return 0.0, length / speed, length

    def _pass(self, seconds: float) -> None:
        self.now += seconds
        self.busy += seconds
        if self._dwell > 0:
            self._dwell = 0.0 if self._dwell - seconds < 1e-9 else self._dwell - seconds
        was_down = self.pen_is_down
        if self._blocks and self._state in ("Run", "Hold:1", "Door:2", "Jog"):
            acceleration, _, _ = self._phase()
            block = self._blocks[0]
            length = min(max(self._speed * seconds + acceleration * seconds**2 / 2, 0.0), block.left)
            self._speed = max(self._speed + acceleration * seconds, 0.0)
            block.left -= length
            self._position = block.target - block.way * block.left if block.left > 1e-7 else block.target.copy()
            if was_down:
                self._draw(length)
            if block.left <= 1e-7:
                self._blocks.popleft()
                self._finished = True
                if not self._blocks:
                    self._speed = 0.0
                    if self._state in ("Run", "Jog"):
                        self._state = "Idle"
            if self._state in ("Hold:1", "Door:2") and self._speed < 1e-6:
                self._held()
        self._turn_servo(seconds)

    def _held(self) -> None:
        self._speed = 0.0
        if self._jog_ends:
            self._jog_ends = False
            self._blocks.clear()
            self._planned = self._position.copy()
            self._state = "Idle"
        else:
            self._state = "Hold:0" if self._state == "Hold:1" else "Door:1"
            if self._blocks:
                self._replan()

    @property
    def _servo_target(self) -> float:
        down = self._modal.spindle != "M5" and self._modal.speed >= self.down_speed
        return float(down) if self.lift == "spindle" else 0.0

    def _turn_servo(self, seconds: float) -> None:
        gap = self._servo_target - self._servo
        turn = seconds / self.servo_s if self.servo_s else 1.0
        self._servo = self._servo_target if abs(gap) <= turn + 1e-9 else self._servo + math.copysign(turn, gap)
        self._touch()

    def _touch(self) -> None:
        if self.pen_is_down and not self._was_down:
            self._trace.append([(float(self._position[0]), float(self._position[1]))])
        self._was_down = self.pen_is_down

    def _draw(self, length: float) -> None:
        self.drawn_mm += length
        if self._trace:
            self._trace[-1].append((float(self._position[0]), float(self._position[1])))

    # -- what goes wrong

    def _befall(self) -> bool:
        """Whether something befell the board at this place."""
        if self.hooks and self.drawn_mm >= self.hooks[0].at_mm - 1e-9:
            self.hooks.popleft().call()
            self._hear_out()
            return True
        if not self.faults or self.drawn_mm < self.faults[0].at_mm - 1e-9:
            return False
        fault = self.faults.popleft()
        if fault.kind == "cable":
            self.pull()
            self.dead = True
        elif fault.kind == "dead":
            self.dead = True
        elif fault.kind == "error":
            self._error = fault.code
        elif fault.kind == "door":
            self._open_door()
        elif fault.kind == "alarm":
            self._lose(fault)
            self._alarm(fault.code)
        elif fault.kind == "reset":
            self._lose(fault)
            self._position[:] = 0
            self._state = "Alarm" if self._setting(22) else "Idle"
            self._clear()
            self._greet()
        else:
            raise ValueError(fault.kind)
        return True

    def _hear_out(self) -> None:
        """Takes what the computer sends until it has said what is no line and no question, a second at most."""
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            data = self.receive(0.05)
            for byte in data:
                self._take(byte)
            if any(byte in b"!~\x18" or byte > 0x80 for byte in data):
                return

    def _lose(self, fault: Fault) -> None:
        """Steps that are lost as the motors stop at once: the carriage is not where the board thinks it is."""
        self._position[:2] += fault.lost

    def _open_door(self) -> None:
        self._state = "Door:2" if self._speed else "Door:1"

    def _alarm(self, code: int) -> None:
        self._blocks.clear()
        self._speed, self._dwell = 0.0, 0.0
        self._planned = self._position.copy()
        self._state = "Alarm"
        self._say(f"ALARM:{code}")
        if code in (1, 2):
            self._critical = True
            self._say("[MSG:Reset to continue]")
        else:
            self._clear()
            self._greet()

    def _reset(self) -> None:
        """Ctrl-X: in motion the steppers are killed, which is alarm 3."""
        if self._state in ("Run", "Home", "Jog", "Hold:1"):
            self._say(f"ALARM:{6 if self._state == 'Home' else 3}")
            self._state = "Alarm"
        elif self._state == "Sleep":  # nothing held the carriage
            self._state = "Alarm"
        elif self._state != "Alarm":
            self._state = "Idle"
        self._clear()
        self._greet()

    def _clear(self) -> None:
        self._rx = bytearray()
        self._blocks: deque[Block] = deque()
        self._task: Generator[None, None, None] | None = None
        self._modal = _Modal()
        self._planned = self._position.copy()
        self._last_way = np.zeros(3)
        self._speed = self._dwell = 0.0
        self._feed_override = self._rapid_override = 100
        self._wco_in = 0
        self._ov_in = 1
        self._critical = self._asked = self._finished = self._jog_ends = False
        self._touch()

    def _greet(self) -> None:
        self.resets += 1
        help_ = "'$' or '$HELP' for help" if self.hal else "'$' for help"
        self._say("")
        self._say(f"{'GrblHAL 1.1f' if self.hal else 'Grbl 1.1h'} [{help_}]")
        if self._state == "Alarm":
            self._say("[MSG:'$H'|'$X' to unlock]")

    # -- what is said

    @property
    def _offset(self) -> Vector:
        return self._wcs[self._modal.coordinates] + self._modal.g92

    def _setting(self, number: int) -> bool:
        return bool(self.settings[number])

    def _report(self) -> None:
        if self._critical:
            return
        scale = 1 / 25.4 if self._setting(13) else 1.0
        mask = int(self.settings[10])
        name, place = ("MPos", self._position) if mask & 1 else ("WPos", self._position - self._offset)
        fields = [self._state, f"{name}:{_triple(place * scale)}"]
        if mask & 2:
            fields.append(f"Bf:{self.planner_size - len(self._blocks)},{self.rx_size - len(self._rx)}")
        fields.append(f"FS:{self._speed * 60 * scale:.0f},{self._modal.speed:.0f}")
        if self._wco_in == 0:
            fields.append(f"WCO:{_triple(self._offset * scale)}")
            self._wco_in = 30 if self._blocks else 10
        else:
            self._wco_in -= 1
            if self._ov_in == 0:
                fields.append(f"Ov:{self._feed_override},{self._rapid_override},100")
                self._ov_in = 20 if self._blocks else 10
            else:
                self._ov_in -= 1
        self._say(f"<{'|'.join(fields)}>")

    def _say(self, text: str) -> None:
        self.send(text.encode() + b"\r\n")


def _words(text: str) -> dict[str, tuple[str, ...]]:
    """Values by letter; those of G and M with the letter and without leading zeros, "G1"."""
    found: dict[str, tuple[str, ...]] = {}
    at = 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            raise GrblError(1)
        letter, value = match[1], match[2]
        if value is None:
            raise GrblError(2)
        if letter in "GM":
            value = f"{letter}{float(value):g}"
        elif letter in found:
            raise GrblError(25)
        found[letter] = (*found.get(letter, ()), value)
        at = match.end()
    return found


def _seconds(length: float, speed: float, acceleration: float) -> float:
    """Seconds for so many mm from this speed on."""
    if not acceleration:
        return length / speed
    root = math.sqrt(max(speed**2 + 2 * acceleration * length, 0.0))
    return 2 * length / (speed + root) if speed + root else math.inf


def _triple(values: Any) -> str:
    return ",".join(f"{value:.3f}" for value in values)

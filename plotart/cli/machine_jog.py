"""`plotart machine jog`: a carriage led by the keys of a terminal."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console

from plotart.cli.keys import ReadKeys
from plotart.cli.say import say

if TYPE_CHECKING:
    from plotart.plotter.boards.hand import Hand

#: mm of a step, by its key.
STEPS = {"1": 0.1, "2": 1.0, "3": 10.0, "4": 50.0}

#: Right and down, by an arrow's name.
WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}

#: % of the lift's travel by which a key changes the height.
HIGHER = 1.0

#: Seconds between two looks at whether Ctrl-C was pressed.
GLANCE = 0.1

KEYS = "Keys: arrows walk, 1 2 3 4 steps of 0.1, 1, 10, 50 mm, p pen up or down, u d height, h home, q ends."


class Jog:
    """What the keys do; `up` and `down` are the pen's heights, % of the lift's travel."""

    def __init__(self, hand: Hand, *, up: float, down: float) -> None:
        self.hand, self.up, self.down = hand, up, down
        self.step = STEPS["3"]
        self.said = ""

    def press(self, key: str) -> bool:
        """Does what a key stands for, others do nothing; whether it goes on."""
        hand, self.said = self.hand, ""
        if key in WAYS:
            right, down = WAYS[key]
            self.said = hand.step(right * self.step, down * self.step)
        elif key in STEPS:
            self.step = STEPS[key]
        elif key == "p" and hand.pen_is_down:
            hand.pen_up()
        elif key == "p":
            hand.pen_down()
        elif key in ("u", "d"):
            self._lift(HIGHER if key == "u" else -HIGHER)
        elif key == "h":
            hand.home()
        return key != "q"

    def _lift(self, by: float) -> None:
        if self.hand.pen_is_down:
            self.down = min(max(self.down + by, 0.0), 100.0)
            self.hand.board.set_heights(down=self.down)
        else:
            self.up = min(max(self.up + by, 0.0), 100.0)
            self.hand.board.set_heights(up=self.up)

    def words(self) -> str:
        x, y = self.hand.place
        pen, height = ("down", self.down) if self.hand.pen_is_down else ("up", self.up)
        return f"{x:7.2f}, {y:7.2f} mm   step {self.step:g} mm   pen {pen} at {height:g} %   {self.said}"


def jog_by_keys(console: Console, jog: Jog, read: ReadKeys) -> None:
    """Until q, Ctrl-C, or the end of the terminal; the pen is up then."""
    say(console, KEYS)
    goes_on = True
    while goes_on and not jog.hand.asked():
        console.print(f"\r{jog.words()}", end="\x1b[K", highlight=False, markup=False, soft_wrap=True)
        try:
            pressed = read(GLANCE)
        except EOFError:
            break
        # A key that is held repeats while the carriage walks: the repeats count once, so that it stands when the key is
        # let go.
        for key, _ in groupby(pressed):
            goes_on = jog.press(key.lower()) and goes_on
        if pressed:
            jog.hand.wait()
    console.print()
    jog.hand.pen_up()

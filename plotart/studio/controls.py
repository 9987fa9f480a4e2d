"""What a person asks of a pen that moves, as requests have it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, get_args

from plotart.errors import InputError

if TYPE_CHECKING:
    from plotart.plotter.apart import Reins
    from plotart.plotter.boards.live import LiveState

#: pause ("now", or "line" for the end of the line), go, speed (share of the planned one), height (% of the lift's
#: travel of the lowered pen), back (mm), line (number, from 1). Which of them there are is the board's to say.
Control = Literal["pause", "go", "speed", "height", "back", "line"]

#: mm that a pen goes back at most at a time.
FURTHEST_BACK = 1000.0


def offered(state: LiveState | None) -> list[Control]:
    """What can be asked of what stands so; of a driver that tells nothing, nothing."""
    if state is None:
        return []
    return [one for one in get_args(Control) if one != "height" or state.heights]


def ask_for(control: object, value: object, *, state: LiveState | None, reins: Reins) -> None:
    """Raises InputError for what can't be asked for now."""
    from plotart.plotter.boards.live import FASTEST, SLOWEST

    allowed = offered(state)
    if state is None or control not in allowed:
        raise InputError(
            f"control: found {str(control)[:40]!r}; allowed are {', '.join(allowed) or 'none with this driver, now'}"
        )
    if control == "pause":
        if value not in ("now", "line"):
            raise InputError(f"pause: found {str(value)[:40]!r}; allowed are now, line")
        reins.ask("pause", now=value == "now")
    elif control == "go":
        reins.ask("go_on")
    elif control == "speed":
        reins.ask("set_speed", share=_number(control, value, SLOWEST, FASTEST))
    elif control == "height":
        reins.ask("set_heights", down=_number(control, value, 0, 100))
    elif control == "back":
        reins.ask("back", mm=_number(control, value, 0, FURTHEST_BACK))
    else:
        reins.ask("skip_to", line=int(_number(control, value, 1, state.lines)) - 1)


def _number(name: Any, value: object, least: float, most: float) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not least <= value <= most:  # type: ignore[arg-type,operator]
        raise InputError(f"{name}: found {str(value)[:40]}; allowed: {least:g} to {most:g}")
    return float(value)  # type: ignore[arg-type]

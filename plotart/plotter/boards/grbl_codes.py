"""What Grbl's and grblHAL's numbers mean, in plain words, and what a person can do about it.

Sources: https://github.com/gnea/grbl/tree/master/doc/csv and https://github.com/gnea/grbl/wiki/Grbl-v1.1-Configuration;
from 39 and from alarm 10 on those of https://github.com/grblHAL/core (errors.h, alarms.h).
"""

from __future__ import annotations

from collections.abc import Mapping

#: `error:N`, by its number: why a line was refused.
ERRORS: Mapping[int, str] = {
    1: "a word without its letter",
    2: "a number is missing or can't be read",
    3: "the board does not know this $ command",
    4: "a value below 0 where none may be",
    5: "homing is switched off ($22=0)",
    6: "the step pulse is shorter than 3 microseconds ($0)",
    7: "its memory of settings can't be read, so it took the defaults: check them with $$",
    8: "this $ command is taken only when nothing moves",
    9: "the board is locked by an alarm: home it with $H, or unlock it with $X",
    10: "soft limits need homing ($22=1)",
    11: "the line is longer than the board takes",
    12: "the setting makes more steps a second than the board can",
    13: "the safety door is open",
    14: "the start-up line is longer than the board keeps",
    15: "the way leads out of the machine's travel ($130, $131)",
    16: "a jog that is none",
    17: "laser mode needs a spindle with PWM",
    18: "the board was reset",
    19: "a value must be above 0",
    20: "the board does not know this command",
    21: "two commands that exclude each other",
    22: "no feed rate was given",
    23: "a whole number is needed",
    24: "two commands that both move an axis",
    25: "a word comes twice",
    26: "a move without a place to go to",
    27: "the line number is out of range",
    28: "a value is missing",
    29: "there is no such coordinate system",
    30: "G53 takes straight moves alone",
    31: "axes where no move is",
    32: "an arc without its axes",
    33: "a place that can't be gone to",
    34: "an arc with a radius that can't be",
    35: "an arc without its centre",
    36: "a word that belongs to nothing",
    37: "a tool offset for another axis than its own",
    38: "a tool number that is too high",
    39: "a value out of range",
    40: "a tool change is waited for",
    41: "the spindle does not run",
    43: "the feed rate is above the highest",
    44: "the spindle speed is out of range ($30, $31)",
    45: "a limit switch is pressed",
    46: "the machine must be homed first ($H)",
    50: "the emergency stop is pressed",
    51: "a motor reports a fault",
    52: "the setting's value is out of range",
    53: "the setting is switched off",
    79: "not taken before the emergency stop is released and the board reset",
}

#: `ALARM:N`, by its number: what happened.
ALARMS: Mapping[int, str] = {
    1: "a limit switch was hit, and the motors stopped at once",
    2: "a move would have left the machine's travel (soft limits, $20), and was not made",
    3: "the board was reset while it moved, and the motors stopped at once",
    4: "the probe was not as it should be before probing",
    5: "the probe met nothing",
    6: "the board was reset while it looked for its home",
    7: "the safety door was opened while the board looked for its home",
    8: "homing did not come free of the limit switch: a larger pull-off ($27) may help, or see to the wiring",
    9: "homing met no limit switch: see to the switches and their wiring, and that $130 and $131 are the travel",
    10: "the emergency stop is pressed, or a second motor of the axis met no switch",
    11: "the machine must be homed first",
    12: "a limit switch is pressed: move the carriage off it by hand",
    13: "the probe was touched",
    14: "the spindle did not come to its speed",
    15: "homing met only one of an axis' two switches",
    16: "the board's test of itself failed",
    17: "a motor reports a fault",
    18: "homing failed",
}

#: Alarms after which the board still knows where the carriage is.
PLACE_IS_KNOWN = frozenset({2, 4, 5, 13})

#: `$N`, by its number: what it sets, and its unit; x, y, z are those of the axes.
SETTINGS: Mapping[int, str] = {
    0: "length of a step's pulse, microseconds",
    1: "wait before the motors are let go when they stand, ms; 255 = never",
    2: "axes whose step pulse is inverted",
    3: "axes that run the other way round",
    4: "inverted enable pin",
    5: "inverted limit switches",
    6: "inverted probe",
    10: "what status reports hold",
    11: "junction deviation, mm: the lower, the slower are corners",
    12: "how far arcs may stray, mm",
    13: "reports in inches",
    20: "soft limits",
    21: "limit switches stop the machine",
    22: "homing",
    23: "axes that home towards the low end",
    24: "homing's slow speed, mm/min",
    25: "homing's fast speed, mm/min",
    26: "wait for the switches, ms",
    27: "pull-off from the switches, mm",
    30: "highest spindle speed; a servo's one end",
    31: "lowest spindle speed; a servo's other end",
    32: "laser mode",
    100: "steps/mm, x",
    101: "steps/mm, y",
    102: "steps/mm, z",
    110: "top speed, mm/min, x",
    111: "top speed, mm/min, y",
    112: "top speed, mm/min, z",
    120: "acceleration, mm/s², x",
    121: "acceleration, mm/s², y",
    122: "acceleration, mm/s², z",
    130: "travel, mm, x",
    131: "travel, mm, y",
    132: "travel, mm, z",
}


def explain_error(code: int) -> str:
    """`error:N` in words."""
    return f"error {code}: {ERRORS.get(code, 'a code that plotart does not know')}"


def explain_alarm(code: int) -> str:
    """`ALARM:N` in words, and what to do."""
    what = ALARMS.get(code, "a code that plotart does not know")
    place = (
        "it still knows where the carriage is"
        if code in PLACE_IS_KNOWN
        else "it may be wrong about where the carriage is: put it home again"
    )
    return f"alarm {code}: {what}; {place}"


def explain_setting(number: int, value: float) -> str:
    """A setting as `$$` tells it, in words."""
    return f"${number}={value:g} ({SETTINGS.get(number, 'a setting of this firmware')})"

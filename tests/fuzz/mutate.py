"""Good data spoilt, by a random generator that tells how: bytes, texts, and trees as YAML, TOML and JSON hold them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any

#: Numbers at which programs stumble, as text.
NUMBERS = (
    *("0", "-0", "-1", "1", "2", "255", "256", "65535", "65536", "2147483647", "2147483648", "4294967296"),
    *("9223372036854775807", "9223372036854775808", "1e308", "-1e308", "1e309", "1e-320", "0.1", "-0.5", "3.7"),
    *("nan", "inf", "-inf", "NaN", "Infinity", "1e", "0x10", "1_000", "--1", "1,5", "9" * 400, "1e99999"),
)

#: Texts at which programs stumble: paths, markup, control characters, several scripts, names that systems keep.
TEXTS = (
    *("", " ", ".", "..", "...", "../../x", "/", "/etc/passwd", "/tmp/x", "a/b", "a\\b", "C:\\x", "~", "~root", "%"),
    *("CON", "nul.txt", "COM1", "aux", "x" * 300, "x" * 5000, "\0", "a\0b", "\n", "a\r\nb", "\x1b[31m", "\u202e"),
    *("\ud800", "é", "ß", "İ", "日本", "🖊", "\ufeff", "{}", "%s", "[red]", "[/]", "[link=x]", "<b>", "&amp;", "]]>"),
    *("'", '"', "`id`", "$(id)", "${HOME}", "*", "?", "null", "true", "no", "!!python/object", "2024-13-45", "=1+1"),
    *("a4", "black", "#fff", "#ffffff", "rgb(1,2,3)", "hsl(400,1%,1%)", "5mm", "-5mm", "1e9m", "1 furlong", "mm"),
)

#: Values of several kinds.
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**63, 2**64, 10**30, -(10**400), 0.0, -0.0, 0.5, 1e308, -1e308, 1e-320),
    *(float("nan"), float("inf"), float("-inf"), [], {}, [[]], [None], [1, 2], [1, 2, 3], ["a"], {"a": 1}, {"": None}),
    *({"set": "../x"}, [[[[1]]]], [0.5] * 5, [1e999] * 3, ["x"] * 70),
)

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_WORD = re.compile(r"[A-Za-z_][\w-]*")


def spoilt_bytes(random: Random, data: bytes, *, head: int | None = None) -> bytes:
    """`data` after one to eight changes to its bytes, half of them within the first `head`."""
    found = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        reach = len(found) if head is None or random.random() < 0.5 else min(head, len(found))
        at = random.randrange(reach + 1) if reach else 0
        length = random.choice((1, 1, 2, 4, 16, 300))
        match random.randrange(7):
            case 0:
                found[at : at + 1] = bytes([random.randrange(256)])
            case 1:
                found[at:at] = random.randbytes(length)
            case 2:
                del found[at : at + length]
            case 3:
                del found[at:]
            case 4:
                found[at : at + 4] = random.choice((b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0"))
            case 5:
                found[at:at] = found[at : at + length] * random.choice((1, 2, 50))
            case 6:
                found[at : at + 1] = bytes([(found[at] if at < len(found) else 0) ^ (1 << random.randrange(8))])
    return bytes(found)


def spoilt_text(random: Random, text: str, snippets: Sequence[str]) -> str:
    """`text` after one to five changes to its numbers, words and lines; `snippets` are put into it, too."""
    for _ in range(random.choice((1, 1, 2, 3, 5))):
        match random.randrange(8):
            case 0 | 1:
                text = _replaced(random, _NUMBER, text, random.choice(NUMBERS))
            case 2:
                text = _replaced(random, _WORD, text, random.choice(TEXTS))
            case 3:
                text = _replaced(random, _WORD, text, random.choice(_WORD.findall(text) or ["x"]))
            case 4 | 5:
                at = random.randrange(len(text) + 1)
                text = text[:at] + random.choice(snippets) + text[at:]
            case 6:
                lines = text.splitlines(keepends=True) or [""]
                at = random.randrange(len(lines))
                lines[at : at + random.choice((1, 1, 3))] = random.choice(([], [lines[at]] * 2, [lines[-1]], ["\t\n"]))
                text = "".join(lines)
            case 7:
                at, length = random.randrange(len(text) + 1), random.choice((1, 5, 100))
                text = text[:at] + text[at + length :]
    return text


def spoilt_tree(random: Random, tree: Any) -> Any:
    """A copy of `tree` after one to four changes: values replaced, keys renamed, parts removed, doubled, exchanged."""
    tree = [deepcopy(tree)]
    for _ in range(random.choice((1, 1, 2, 4))):
        holder, key = random.choice(list(_places(tree)))
        value = holder[key]
        match random.randrange(8):
            case 0 | 1:
                holder[key] = deepcopy(random.choice(VALUES))
            case 2:
                holder[key] = random.choice(TEXTS)
            case 3:
                holder[key] = _nearby(random, value)
            case 4:
                other, at = random.choice(list(_places(tree)))
                holder[key] = deepcopy(other[at])
            case 5:
                holder[key] = random.choice(([value], {"a": value}, [value] * 3, str(value)))
            case 6 if holder is not tree:
                del holder[key]
            case 7 if isinstance(holder, dict):
                holder[random.choice((*TEXTS, "name", "type", "extends", "set"))] = holder.pop(key)
    return tree[0]


def _nearby(random: Random, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return random.choice(NUMBERS)
    return value * random.choice((-1, 0, 0.001, 0.5, 2, 10, 1e3, 1e6, 1e12)) + random.choice((0, 0, 1, -1, 0.5))


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every place of a value within `tree`: what holds it, and under which key."""
    found, open_ = [], [tree]
    while open_:
        holder = open_.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        found += [(holder, key) for key in keys]
        open_ += [holder[key] for key in keys if isinstance(holder[key], (dict, list))]
    return found


def _replaced(random: Random, pattern: re.Pattern[str], text: str, by: str) -> str:
    matches = list(pattern.finditer(text))
    if not matches:
        return text + by
    found = random.choice(matches)
    return text[: found.start()] + by + text[found.end() :]

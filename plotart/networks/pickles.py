"""Pickles read as data: numbers, texts and containers as they are, a few named builders of our own, nothing called.

Python's own unpickler imports and calls what a file names. Here its instructions are only taken apart (`pickletools`)
and carried out on a stack of ours; whatever a class or a function would have made is a `Foreign` in its place.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class Foreign:
    """What stands for a class or function of a pickle, and for all that is made with it: its name, as in
    "torch.FloatStorage", and nothing that it holds."""

    name: str


#: Makes a value of the arguments that a pickle calls a function with.
Builder = Callable[..., object]

_LITERALS = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "STRING", "BINSTRING", "SHORT_BINSTRING"),
    *("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
}
_CONSTANTS: dict[str, Callable[[], object]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_SET": lambda: Foreign("set"),
}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def read_pickle(stream: BinaryIO, builders: Mapping[str, Builder], persistent: Builder) -> object:
    """The value of the pickle at the stream's position, which is after it then.

    builders    what is called in place of the functions of these names
    persistent  makes a value of what stands outside of the pickle, by its identifier

    Raises exceptions of many kinds for damaged bytes, and whatever `builders` and `persistent` raise.
    """
    machine = _Machine(builders, persistent)
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name == "STOP":
            return machine.stack.pop()
        machine.step(opcode.name, argument)
    raise ValueError("a pickle without an end")


class _Machine:
    """The stack of an unpickler. Keys are text or numbers, others are left out: tuples can take forever to hash."""

    def __init__(self, builders: Mapping[str, Builder], persistent: Builder) -> None:
        self.stack: list[object] = []
        self._marks: list[int] = []
        self._memo: dict[object, object] = {}
        self._builders, self._persistent = builders, persistent

    def step(self, name: str, argument: object) -> None:
        """Carries out one instruction."""
        stack = self.stack
        if name in _LITERALS:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name]())
        elif name in _TUPLES:
            stack.append(tuple(self._taken(_TUPLES[name])))
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self._memo[argument] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(self._memo[argument])
        else:
            self._rarer(name, argument)

    def _rarer(self, name: str, argument: object) -> None:
        stack = self.stack
        match name:
            case "PROTO" | "FRAME":
                pass
            case "MARK":
                self._marks.append(len(stack))
            case "MEMOIZE":
                self._memo[len(self._memo)] = stack[-1]
            case "POP":
                stack.pop()
            case "POP_MARK":
                self._marked()
            case "DUP":
                stack.append(stack[-1])
            case "TUPLE":
                stack.append(tuple(self._marked()))
            case "LIST":
                stack.append(self._marked())
            case "DICT":
                items = self._marked()
                stack.append({})
                self._put(items)
            case "FROZENSET":
                self._marked()
                stack.append(Foreign("frozenset"))
            case "APPEND":
                self._append(self._taken(1))
            case "APPENDS":
                self._append(self._marked())
            case "SETITEM":
                self._put(self._taken(2))
            case "SETITEMS":
                self._put(self._marked())
            case "ADDITEMS":
                self._marked()
            case "BUILD":  # the state of an object; that of an OrderedDict are attributes, which nobody reads here
                stack.pop()
            case "BINPERSID":
                stack.append(self._persistent(stack.pop()))
            case "GLOBAL":
                stack.append(Foreign(str(argument).replace(" ", ".", 1)))
            case "STACK_GLOBAL":
                stack.append(Foreign(".".join(map(str, self._taken(2)))))
            case "REDUCE" | "NEWOBJ":
                what, arguments = self._taken(2)
                stack.append(self._made(what, arguments))
            case "NEWOBJ_EX":
                what, _, _ = self._taken(3)
                stack.append(self._made(what, None))
            case "OBJ":
                what, *rest = self._marked()
                stack.append(self._made(what, tuple(rest)))
            case "INST":
                stack.append(self._made(Foreign(str(argument).replace(" ", ".", 1)), tuple(self._marked())))
            case _:
                raise ValueError(f"a pickle with the instruction {name}")

    def _taken(self, count: int) -> list[object]:
        """The last `count` values, off the stack."""
        if len(self.stack) < count:
            raise ValueError("a pickle that takes what is not there")
        taken = self.stack[-count:]
        del self.stack[-count:]
        return taken

    def _marked(self) -> list[object]:
        """The values since the last mark, off the stack."""
        start = self._marks.pop()
        taken = self.stack[start:]
        del self.stack[start:]
        return taken

    def _append(self, items: list[object]) -> None:
        if isinstance(target := self.stack[-1], list):
            target += items

    def _put(self, items: list[object]) -> None:
        if isinstance(target := self.stack[-1], dict):
            target.update(_pairs(zip(items[::2], items[1::2], strict=True)))

    def _made(self, what: object, arguments: object) -> object:
        """What comes of calling `what`."""
        if not isinstance(what, Foreign):
            raise ValueError(f"a pickle that calls a {type(what).__name__}")
        if what.name in self._builders and isinstance(arguments, tuple):
            return self._builders[what.name](*arguments)
        return what


def ordered_dict(pairs: object = ()) -> dict[str | int, object]:
    """Builder in place of collections.OrderedDict; `pairs` as old pickles have them."""
    items = pairs if isinstance(pairs, (list, tuple)) else ()
    return _pairs((pair[0], pair[1]) for pair in items if isinstance(pair, (list, tuple)) and len(pair) == 2)


def _pairs(items: Iterable[tuple[object, object]]) -> dict[str | int, object]:
    return {key: value for key, value in items if isinstance(key, (str, int))}

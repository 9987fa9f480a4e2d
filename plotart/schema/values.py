"""Values that people write in several ways, as types for pydantic's fields: lengths, colours, sheets, text, paths.

Their JSON Schema says with `format` what they are; config_errors has the words for each.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeGuard

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import core_schema

from plotart.color import parse_color
from plotart.errors import ColorError, UnitError
from plotart.geometry.units import to_mm

#: Width and height in mm, portrait, of the sheets that have a name.
PAPER_MM: dict[str, tuple[float, float]] = {
    "a2": (420.0, 594.0),
    "a3": (297.0, 420.0),
    "a4": (210.0, 297.0),
    "a5": (148.0, 210.0),
    "a6": (105.0, 148.0),
    "letter": (215.9, 279.4),
    "tabloid": (279.4, 431.8),
    "square": (200.0, 200.0),
}
_SHORTEST_SIDE, _LONGEST_SIDE = 1.0, 10_000.0


class _Documented:
    """Puts into a field's JSON Schema, next to its bounds, what may be written there."""

    def __init__(self, **schema: Any) -> None:
        self._schema = schema

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), **self._schema}


class OneProblem:
    """Marks a union: a value that is of none of its types is one problem, and not one for each."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return {**handler(source), "custom_error_type": "no_choice", "custom_error_message": "none of the types"}


class OrWord:
    """Marks a field where one word may stand in place of what its type says; problems are those of that type."""

    def __init__(self, word: str) -> None:
        self._word = word

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        listed = handler(source)
        plain = core_schema.wrap_serializer_function_ser_schema(self._plain, schema=listed)
        return core_schema.no_info_wrap_validator_function(self._read, listed, serialization=plain)

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(core), {"const": self._word}]}

    def _read(self, value: Any, read: Callable[[Any], Any]) -> Any:
        return value if value == self._word else read(value)

    def _plain(self, value: Any, plain: Callable[[Any], Any]) -> Any:
        return value if value == self._word else plain(value)


def _length(value: Any) -> float:
    try:
        return to_mm(value)
    except UnitError as error:
        raise ValueError(str(error)) from None


def _color(value: str) -> str:
    try:
        rgb = parse_color(value)
    except ColorError as error:
        raise ValueError(str(error)) from None
    if max(rgb) > 1:
        raise ValueError("a channel above 255")
    return value


def _line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("line breaks or control characters")
    return value


def is_path(value: object) -> TypeGuard[str | Path]:
    """Whether the system could take `value` as a path."""
    if not isinstance(value, (str, Path)):
        return False
    try:
        return bool(str(value)) and b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        return False


def _path(value: Any) -> Path:
    if not is_path(value):
        raise ValueError("not a path")
    return Path(value)


def _paper(value: Any) -> str | tuple[float, float]:
    if isinstance(value, str) and value.lower() in PAPER_MM:
        return value.lower()
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError("not a sheet")
    width, height = map(_length, value)
    if not all(_SHORTEST_SIDE <= side <= _LONGEST_SIDE for side in (width, height)):
        raise ValueError("no plotter's sheet")
    return width, height


_WRITTEN_LENGTH = {"type": ["number", "string"], "format": "length"}
_SIDE = {**_WRITTEN_LENGTH, "minimum": _SHORTEST_SIDE, "maximum": _LONGEST_SIDE}
_SHEET = {
    "anyOf": [
        {"enum": list(PAPER_MM)},
        {"type": "array", "prefixItems": [_SIDE, _SIDE], "minItems": 2, "maxItems": 2},
    ]
}

Length = Annotated[float, BeforeValidator(_length), _Documented(**_WRITTEN_LENGTH)]
Color = Annotated[str, AfterValidator(_color), _Documented(format="color")]
TextLine = Annotated[str, AfterValidator(_line), _Documented(format="line")]
File = Annotated[Path, BeforeValidator(_path)]
Paper = Annotated[str | tuple[float, float], BeforeValidator(_paper), WithJsonSchema(_SHEET)]

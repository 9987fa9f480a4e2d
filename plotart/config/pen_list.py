"""The pens of a config: listed one by one, a set of the catalogue, all of it or some, or pens with their overprints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic_core import core_schema

from plotart.errors import PenError
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import load_set
from plotart.pens.pen_set import MeasuredPens, twin_problems
from plotart.schema.problems import Problem, Problems, problem, show

NoPens = tuple[()]


def _read(value: Any, listed: Callable[[Any], tuple[Pen, ...]]) -> PenSet | NoPens:
    """The pens of what was written; `listed` reads a list. Raises Problems, or pydantic's ValidationError."""
    if isinstance(value, PenSet):
        return value
    if isinstance(value, (str, Path)):
        return _all(value)
    if isinstance(value, Mapping):
        return MeasuredPens.model_validate(value).pen_set() if "pens" in value else _some(value)
    pens = listed(value)
    if problems := twin_problems(pens):
        raise Problems(*problems)
    return PenSet(pens) if pens else ()


def _all(name: str | Path) -> PenSet:
    try:
        return load_set(name).pens
    except PenError as error:
        raise Problems(Problem((), str(error))) from None


def _some(value: Mapping[Any, Any]) -> PenSet:
    name, only = value.get("set"), value.get("only")
    if unknown := [key for key in value if key not in ("set", "only")]:
        raise Problems(Problem((str(unknown[0]),), "unknown key; allowed: set, only"))
    if not isinstance(name, (str, Path)):
        raise Problems(problem(("set",), show(name), "the name of a set of pens, or a TOML file"))
    pens = _all(name)
    if only is None:
        return pens
    if not isinstance(only, (list, tuple)) or not only:
        raise Problems(problem(("only",), show(only), "a list of names of pens"))
    for place, wanted in enumerate(only):
        if wanted not in pens.names:
            raise Problems(problem(("only", place), show(wanted), ", ".join(pens.names)))
        if wanted in only[:place]:
            raise Problems(problem(("only", place), show(wanted), "each pen once"))
    return pens.called(only)


def _plain(pens: PenSet | NoPens) -> list[Any] | dict[str, Any]:
    return pens.plain() if isinstance(pens, PenSet) else []


class _Written:
    """How pens may be written, to pydantic and into the JSON Schema."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        listed = handler.generate_schema(Annotated[tuple[Pen, ...], Field(strict=False)])
        plain = core_schema.plain_serializer_function_ser_schema(_plain)
        return core_schema.no_info_wrap_validator_function(_read, listed, serialization=plain)

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        name = {"type": "string", "format": "pen-set"}
        part = {
            "type": "object",
            "properties": {"set": name, "only": {"type": "array", "items": {"type": "string", "format": "line"}}},
            "required": ["set"],
            "additionalProperties": False,
        }
        measured = handler(TypeAdapter(MeasuredPens).core_schema)
        return {"anyOf": [handler(core), name, part, measured]}


Pens = Annotated[PenSet | NoPens, _Written()]

"""The pens of a config: listed one by one, or a set of the catalogue, all of it or some."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator

from plotart.errors import PenError
from plotart.pens import Ink, Pen
from plotart.pens.catalogue import load_set
from plotart.schema.model import Model
from plotart.schema.problems import Problem, Problems, problem, show
from plotart.schema.values import Color, Length, Line

Share = Annotated[float, Field(ge=0, le=1)]
LightRow = Annotated[tuple[Share, Share, Share], Field(strict=False)]


class PenConfig(Model):
    """One pen: a nib and an ink."""

    name: Line = Field(min_length=1, description="Unlike the other pens'; the name of its layer in the SVG.")
    color: Color = Field(description="The ink as it looks on white paper.")
    width: Length = Field(gt=0, description="The width of the line that the nib draws.")
    ink: Ink = Field(default="transparent", description="Transparent inks mix where they cross; opaque ones cover.")
    opacity: float = Field(default=1.0, gt=0, le=1, description="How much of the ink's full effect one line has.")
    reflectance: LightRow | None = Field(
        default=None, description="Measured: [red, green, blue] of linear light that the ink throws back itself."
    )
    transmittance: LightRow | None = Field(
        default=None, description="Measured: [red, green, blue] of the linear light below that it lets through."
    )

    speed: Annotated[int, Field(ge=1, le=100)] | None = Field(
        default=None, description="% of the plotter's top speed while the pen draws; null = as the plotter is set."
    )
    height: Annotated[int, Field(ge=0, le=100)] | None = Field(
        default=None, description="% of the lift's travel at which the lowered pen is held; null = as it is set."
    )
    delay: Annotated[int, Field(ge=0, le=600_000)] | None = Field(
        default=None, description="Milliseconds to wait before the pen's layer begins."
    )
    pause: bool = Field(default=True, description="The plotter stops before the pen's layer, so that it can be put in.")
    max_distance: Annotated[Length, Field(gt=0)] | None = Field(
        default=None, description="How far the pen draws before it is filled again; its layer is split there."
    )

    @model_validator(mode="after")
    def _measured_whole(self) -> PenConfig:
        if (self.reflectance is None) != (self.transmittance is None):
            raise Problems(problem((), "one of reflectance and transmittance", "both, as a measured ink has, or none"))
        return self


def pens_of_set(value: Any) -> Any:
    """The pens of the set that `value` names, as plain data; anything else as it is. Raises Problems."""
    if isinstance(value, Mapping):
        return _some(value)
    return _all(value) if isinstance(value, (str, Path)) else value


def _all(name: str | Path) -> list[dict[str, Any]]:
    try:
        return [pen_data(pen) for pen in load_set(name).pens]
    except PenError as error:
        raise Problems(Problem((), str(error))) from None


def _some(value: Mapping[Any, Any]) -> list[dict[str, Any]]:
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
    known = {pen["name"]: pen for pen in pens}
    for place, wanted in enumerate(only):
        if wanted not in known:
            raise Problems(problem(("only", place), show(wanted), ", ".join(known)))
    return [known[wanted] for wanted in only]


def pen_data(pen: Pen) -> dict[str, Any]:
    """The pen as a config has it, as plain data."""
    data: dict[str, Any] = {key: getattr(pen, key) for key in ("name", "color", "width", "ink", "opacity")}
    if pen.measured is not None:
        data |= {"reflectance": pen.measured.reflectance, "transmittance": pen.measured.transmittance}
    return data | vars(pen.handling)


class _Written:
    """Into the JSON Schema: the list may be written as the name of a set, or as a part of one."""

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        name = {"type": "string", "format": "pen-set"}
        part = {
            "type": "object",
            "properties": {"set": name, "only": {"type": "array", "items": {"type": "string", "format": "line"}}},
            "required": ["set"],
            "additionalProperties": False,
        }
        return {"anyOf": [handler(core), name, part]}


Pens = Annotated[tuple[PenConfig, ...], Field(strict=False), BeforeValidator(pens_of_set), _Written()]

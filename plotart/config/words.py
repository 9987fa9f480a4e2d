"""What lies on the sheet beside the drawing: words, and SVGs that are kept as they are."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import core_schema

from plotart.export.lettering.choices import Align, Hides, Place
from plotart.export.lettering.hershey import HERSHEY
from plotart.schema.model import Model
from plotart.schema.problems import Problem, Problems, problem, show
from plotart.schema.values import File, Length, OneProblem, TextLine

#: What stands for something else in the words.
VARIABLES = ("title", "name", "seed", "date", "edition", "of")

Point = Annotated[tuple[Length, Length], Field(strict=False)]
Positive = Annotated[Length, Field(gt=0)]


def variables(text: str) -> set[str]:
    """The variables in the words. Raises ValueError for a brace by itself, and for anything but a name in braces."""
    found = set()
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is not None:
            if spec or conversion or name not in VARIABLES:
                raise ValueError(f"{{{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}}}")
            found.add(name)
    return found


def _svg(path: Path) -> Path:
    if path.suffix.lower() != ".svg":
        raise ValueError("no SVG")
    return path


SvgFile = Annotated[File, AfterValidator(_svg)]


def _words(text: str) -> str:
    if not all(letter.isprintable() or letter == "\n" for letter in text):
        raise ValueError("control characters")
    return text


class TextConfig(Model):
    """Words on the sheet, in single strokes."""

    text: Annotated[str, Field(min_length=1), AfterValidator(_words)] = Field(
        description="The words; line breaks are kept. {title}, {name}, {seed}, {date}, {edition} and {of} stand for "
        "what the run has; {{ and }} are braces."
    )
    at: Annotated[Point | Place, OneProblem()] = Field(
        default="bottom-right",
        description="Where: [x, y] of the first line's foot, or a place: in the margin, if that is at least twice as "
        "high as the words, else inside it.",
    )
    size: Positive = Field(default=4.0, le=1000, description="The height of capitals.")
    font: Annotated[Literal[HERSHEY] | SvgFile, OneProblem()] = Field(  # type: ignore[valid-type]
        default="futural", description="A Hershey font, or an SVG font by its file."
    )
    pen: TextLine | None = Field(
        default=None, description="The pen, by its name; null = the one that stands out most from the paper."
    )
    align: Align | None = Field(
        default=None, description="What of each line is at x; null = as the place has it, left of [x, y]."
    )
    angle: float = Field(default=0.0, ge=-360, le=360, description="By how much the words are turned, clockwise.")
    clear: Length = Field(
        default=2.0, ge=0, le=1000, description="How far the drawing keeps away from their box; 0 = it runs through."
    )

    @property
    def aligned(self) -> Align:
        """What of each line is at x, by itself or by the place."""
        side = self.at.rpartition("-")[2] if isinstance(self.at, str) else "left"
        return self.align or {"left": "left", "right": "right"}.get(side, "center")  # type: ignore[return-value]

    @model_validator(mode="after")
    def _variables_are_known(self) -> TextConfig:
        try:
            variables(self.text)
        except ValueError as error:
            found = str(error) if str(error).startswith("{") else f"a brace by itself in {show(self.text)}"
            known = ", ".join(f"{{{name}}}" for name in VARIABLES)
            raise Problems(problem(("text",), found, f"{known}; {{{{ and }}}} for braces")) from None
        return self


class GuestConfig(Model):
    """An SVG that is plotted as it is, beside the drawing."""

    file: File = Field(description="The SVG.")
    at: Annotated[Point | Place | None, OneProblem()] = Field(
        default=None,
        description="Where: [x, y] of its left top, or a place inside the margins; null = where it lies on its own "
        "page.",
    )
    width: Positive | None = Field(default=None, description="How wide its lines are together; null = as they are.")
    height: Positive | None = Field(default=None, description="How high, in place of width.")
    pen: TextLine | None = Field(
        default=None, description="The pen for all of it, by its name; null = for each colour the nearest pen."
    )
    clear: Length = Field(
        default=2.0, ge=0, le=1000, description="How far the drawing keeps away from its lines; 0 = it runs through."
    )
    hides: Hides = Field(
        default="lines", description="What the drawing keeps off: its lines alone, or its shape, closed lines filled."
    )

    @model_validator(mode="after")
    def _one_size(self) -> GuestConfig:
        if self.width is not None and self.height is not None:
            raise Problems(problem(("height",), f"{self.height:g} mm beside width", "one of width and height"))
        return self


def _day(value: Any) -> Any:
    """YAML takes 2026-05-17 for a date."""
    return value.isoformat() if isinstance(value, date) else value


class EditionConfig(Model):
    """Which print of how many."""

    number: int = Field(default=1, ge=1, description="What {edition} stands for.")
    of: Annotated[int, Field(ge=1)] | None = Field(default=None, description="What {of} stands for.")
    date: Annotated[TextLine | None, BeforeValidator(_day)] = Field(
        default=None, description="What {date} stands for; null = the day on which the run begins, as in 2026-05-17."
    )

    @model_validator(mode="after")
    def _is_one_of_them(self) -> EditionConfig:
        if self.of is not None and self.number > self.of:
            raise Problems(problem(("number",), str(self.number), f"at most of ({self.of})"))
        return self


class _Spelled:
    """Lets an edition be written as 3/25, too."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return core_schema.no_info_wrap_validator_function(_edition, handler(source))

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(core), {"type": "string", "pattern": "^[0-9]+/[0-9]+$"}]}


def _edition(value: Any, read: Callable[[Any], EditionConfig]) -> EditionConfig:
    if not isinstance(value, str):
        return read(value)
    number, slash, of = value.partition("/")
    if not (slash and all(part.strip().isdecimal() and len(part) < 10 for part in (number, of))):
        raise Problems(problem((), show(value), "number/of as in 3/25, or a mapping with the keys number, of, date"))
    return read({"number": int(number), "of": int(of)})


Edition = Annotated[EditionConfig, _Spelled()]


class _Named(Protocol):
    @property
    def pen(self) -> str | None: ...


def pens_named(*lists: Sequence[_Named]) -> tuple[str, ...]:
    """The pens that words and guests ask for."""
    return tuple(dict.fromkeys(one.pen for ones in lists for one in ones if one.pen is not None))


def pen_problems(lists: Mapping[str, Sequence[_Named]], pens: Sequence[str], *, learned: bool) -> Iterator[Problem]:
    """Pens that there are not among `pens`, or that no one can know yet as colours are `learned`."""
    allowed = "null, as colours are learned" if learned else f"null, {', '.join(pens)}"
    for key, ones in lists.items():
        for place, one in enumerate(ones):
            if one.pen is not None and (learned or one.pen not in pens):
                yield problem((key, place, "pen"), show(one.pen), allowed)


def edition_problems(texts: Sequence[TextConfig], edition: EditionConfig) -> Iterator[Problem]:
    """Words that say of how many a print is, where nobody knows."""
    for place, one in enumerate(texts):
        if edition.of is None and "of" in variables(one.text):
            yield problem(("text", place, "text"), "{of}, and no edition.of", "{of} with one, as in edition: 3/25")

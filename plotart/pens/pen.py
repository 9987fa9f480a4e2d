"""Pens as physical things: a nib in mm, an ink that reflects and transmits light, and how a plotter handles it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from plotart.color import RGB, linear, parse_color
from plotart.pens.well import Well
from plotart.schema.model import Model
from plotart.schema.problems import Problems, problem
from plotart.schema.values import Color, Length, TextLine

Ink = Literal["transparent", "opaque"]

#: mm: no pen draws a line that is wider.
WIDEST = 50.0

#: mm: no nib lies further from where the holder should have it, in either direction.
FURTHEST = 20.0


def _called(name: str) -> str:
    if not name.strip():
        raise ValueError("a name of spaces")
    return name


Name = Annotated[TextLine, Field(min_length=1), AfterValidator(_called)]
Share = Annotated[float, Field(ge=0, le=1)]
LinearLight = Annotated[tuple[Share, Share, Share], Field(strict=False)]
Way = Annotated[Length, Field(ge=-FURTHEST, le=FURTHEST)]


@dataclass(frozen=True)
class Light:
    """What a layer of ink does to the linear light below it, per channel: ``reflectance + transmittance * below``."""

    reflectance: RGB
    transmittance: RGB

    def over(self, below: RGB) -> RGB:
        red, green, blue = (r + t * b for r, t, b in zip(self.reflectance, self.transmittance, below, strict=True))
        return red, green, blue


class Pen(Model):
    """One pen: a nib and an ink."""

    name: Name = Field(description="Unlike the other pens'; the name of its layer in the SVG.")
    color: Color = Field(description="The ink as it looks on white paper.")
    width: Length = Field(gt=0, le=WIDEST, description="The width of the line that the nib draws.")
    ink: Ink = Field(default="transparent", description="Transparent inks mix where they cross; opaque ones cover.")
    opacity: float = Field(default=1.0, gt=0, le=1, description="How much of the ink's full effect one line has.")
    reflectance: LinearLight | None = Field(
        default=None, description="Measured: [red, green, blue] of linear light that the ink throws back itself."
    )
    transmittance: LinearLight | None = Field(
        default=None, description="Measured: [red, green, blue] of the linear light below that it lets through."
    )

    maker: str = Field(default="", description="Who makes it.")
    code: str = Field(default="", description="The maker's number of the colour.")

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
    offset: Annotated[tuple[Way, Way], Field(strict=False)] | None = Field(
        default=None,
        description="[right, down]: how far its lines land from where they should, as `plotart align` finds it; null = "
        "not at all.",
    )
    well: Well | None = Field(
        default=None,
        description="Where plotart dips the pen after each `max_distance`, on boards that it drives itself; the layer "
        "is not split. null = a person fills it.",
    )

    def __init__(
        self, name: str, color: str, width: float | str, ink: Ink = "transparent", opacity: float = 1.0, **others: Any
    ) -> None:
        first = {"name": name, "color": color, "width": width, "ink": ink, "opacity": opacity}
        super().__init__(**first, **others)

    # pydantic's mark of an __init__ that is not called to validate data: a key that is missing there is a problem with
    # a place, not a TypeError.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @model_validator(mode="after")
    def _measured_whole(self) -> Pen:
        if (self.reflectance is None) != (self.transmittance is None):
            raise Problems(problem((), "one of reflectance and transmittance", "both, as a measured ink has, or none"))
        return self

    @model_validator(mode="after")
    def _well_has_distance(self) -> Pen:
        if self.well is not None and self.max_distance is None:
            raise Problems(problem(("max_distance",), "none, and a well", "how far the pen draws until it is dipped"))
        return self

    def but(self, **fields: Any) -> Pen:
        """The pen with other values in these fields. Raises pydantic's ValidationError for what no pen can have."""
        return Pen(**{**dict(self), **fields})

    @property
    def rgb(self) -> RGB:
        return parse_color(self.color)

    @property
    def lands(self) -> tuple[float, float]:
        """mm to the right and down from where its lines should be to where they land on the paper."""
        return self.offset or (0.0, 0.0)

    @property
    def measured(self) -> Light | None:
        """What a calibration found its ink to do to light, in place of what color, ink and opacity imply."""
        if self.reflectance is None or self.transmittance is None:
            return None
        return Light(self.reflectance, self.transmittance)

    @property
    def light(self) -> Light:
        """What its ink does to light, measured or nominal.

        Opaque ink covers what lies below by its opacity; transparent ink filters it, the more the higher that is.
        """
        if (measured := self.measured) is not None:
            return measured
        red, green, blue = linear(self.rgb)
        if self.ink == "transparent":
            passes = tuple(1 - self.opacity * (1 - c) for c in (red, green, blue))
            return Light((0.0, 0.0, 0.0), (passes[0], passes[1], passes[2]))
        covers, shows = self.opacity, 1 - self.opacity
        return Light((covers * red, covers * green, covers * blue), (shows, shows, shows))

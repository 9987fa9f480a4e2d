"""Looks of a picture: what kind of lines it is drawn with, and what else follows from that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from plotart.config.layers import merge
from plotart.plugins import LOOKS
from plotart.schema.doors import NameOf
from plotart.schema.model import Model
from plotart.schema.values import File, Length


class RegionConfig(Model):
    """Lines of one kind."""

    type: Annotated[str, NameOf(LOOKS)] = Field(description="What kind of lines.")
    angle: float = Field(
        default=45.0,
        ge=-360,
        le=360,
        description="Direction of the first pen's lines; other pens' lie where hatches don't interfere.",
        json_schema_extra={"unit": "degrees"},
    )
    spacing: Annotated[Length, Field(gt=0)] | None = Field(
        default=None, description="From line to line where they are densest; null = as dense as the darkest tone wants."
    )
    ends: Length = Field(
        default=1.5,
        gt=0,
        le=100,
        description="Hatches and engravings: what an end of a line costs, as a length; with less, detail is finer "
        "and the pen is lifted more often.",
    )


class MaskedConfig(RegionConfig):
    """A part of the picture with lines of its own."""

    mask: File = Field(description="A picture of the same shape: white where these lines are.")


class LookConfig(RegionConfig):
    """What kind of lines a picture is drawn with."""

    most: float = Field(
        default=0.85,
        gt=0,
        le=1,
        description="The share of the paper that a pen's lines cover at most.",
        json_schema_extra={"unit": "share"},
    )
    regions: tuple[MaskedConfig, ...] = Field(
        default=(), strict=False, description="Parts of the picture with lines of another kind."
    )


#: What a config with a look has where it does not say otherwise: the lines are there already, each in its pen, and only
#: move to where they are right. They may run past the margins, where they are cut.
DEFAULTS: dict[str, Any] = {
    "page": {"cut": True},
    "palette": {"temperature": {"start": 0.05, "end": 0.05}, "sharpness": 0.0, "usage": 0.0},
    "strokes": {
        "economy": {"keep": 1.0, "price": 0.0},
        "joining": {"weight": 0.0},
        "spacing": {"weight": 0.0},
        "coherence": {"weight": 0.0},
        "fairness": 0.0,
    },
    "render": {"resolution": 640, "oversample": 1},
    "augment": {"views": 1, "shift": 0.0, "scale": [1.0, 1.0], "rotate": 0.0},
    "optimize": {"steps": 100, "rate": {"points": 0.08, "logits": 0.0}, "recycle": {"every": 0}},
}

#: The looks whose lines have corners.
CORNERED = ("tour",)


def with_look(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A config's data on top of what its look implies, if it has one."""
    look = data.get("look")
    if not isinstance(look, Mapping):
        return data
    implied = merge(DEFAULTS, {"strokes": {"smooth": look.get("type") not in CORNERED}})
    found: Mapping[str, Any] = merge(implied, data)
    return found

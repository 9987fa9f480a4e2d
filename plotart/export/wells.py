"""A pen's well in SVG: an attribute of its layer, which other programs pass over."""

from __future__ import annotations

import json

from pydantic import ValidationError

from plotart.errors import DrawingError
from plotart.pens import Pen
from plotart.pens.well import Well

#: The attribute's namespace, and its name as vpype gives it to a layer that it reads.
NAMESPACE = "urn:plotart:pens"
PROPERTY = f"svg_{{{NAMESPACE}}}well"


def well_attribute(pen: Pen) -> str:
    """With a space before it, as JSON with the pen's `max_distance`; empty for a pen without a well."""
    if pen.well is None:
        return ""
    from xml.sax.saxutils import quoteattr  # which loads what fetches from the web

    values = {"max_distance": pen.max_distance, **pen.well.model_dump(mode="json", exclude_none=True)}
    return f' xmlns:plotart="{NAMESPACE}" plotart:well={quoteattr(json.dumps(values))}'


def with_well(pen: Pen, text: str) -> Pen:
    """The pen with the well that the attribute tells. Raises DrawingError for what tells none."""
    try:
        values = json.loads(text)
        distance = values.pop("max_distance")
        return pen.but(max_distance=distance, well=Well.model_validate(values))
    except (ValueError, AttributeError, KeyError, TypeError, ValidationError):
        raise DrawingError(f"layer {pen.name}: found plotart:well={text[:60]!r}, which tells of no well") from None

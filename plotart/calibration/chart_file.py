"""A chart's layout as a JSON file: what `plotart palette measure` knows of the sheet."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from plotart.calibration.chart import Box, Chart, Field, Label
from plotart.catalogue import dump_set, parse_set
from plotart.errors import InputError, PenError
from plotart.page import Page

#: Of the layout's form; a file of another is refused.
VERSION = 1


def dump_chart(chart: Chart) -> str:
    """The layout as JSON text, all lengths in mm, the pens as the TOML of their set; `parse_chart` reads it."""
    data = dataclasses.asdict(dataclasses.replace(chart, file=None))  # type: ignore[arg-type]
    data |= {"plotart chart": VERSION, "file": dump_set(chart.file)}
    return json.dumps({key: data[key] for key in ("plotart chart", *(k for k in data if k != "plotart chart"))}) + "\n"


def read_chart(path: Path | str) -> Chart:
    """The layout in a file. Raises PenError, which names it."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        found = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise PenError(f"{path}: can't be read ({found}); allowed is the .layout.json beside a chart") from None
    return parse_chart(text, str(path))


def parse_chart(text: str, label: str) -> Chart:
    """The layout in a JSON text; `label` stands for it in messages. Raises PenError."""
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("plotart chart") != VERSION:
            raise ValueError(f"no layout of version {VERSION}")
        return _chart(data, label)
    except InputError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PenError(
            f"{label}: not a chart's layout ({error}); allowed is the .layout.json that `plotart palette chart` wrote"
        ) from None


def _chart(data: dict[str, Any], label: str) -> Chart:
    chart = Chart(
        parse_set(data["file"], label),
        Page(**data["page"]),
        tuple(data["order"]),
        data["scribe"],
        data["unit"],
        tuple((float(x), float(y)) for x, y in data["marks"]),
        data["code"],
        tuple(Box(**box) for box in data["cells"]),
        tuple(Label(item["text"], Box(**item["box"])) for item in data["labels"]),
        tuple(
            Field(item["kind"], Box(**item["box"]), tuple(item["pens"]), float(item["spacing"]))
            for item in data["fields"]
        ),
        Box(**data["strip"]) if data["strip"] else None,
    )
    named = {*chart.order, chart.scribe, *(name for field in chart.fields for name in field.pens)}
    if unknown := named - {*chart.pens.names}:
        raise ValueError(f"no pen is called {min(unknown)!r}")
    return chart

"""The tables of docs/config.md, out of the models that check configs."""

from __future__ import annotations

from typing import Any

from plotart import Config

SCHEMA: dict[str, Any] = Config.model_json_schema()
MODELS: dict[str, dict[str, Any]] = {
    **SCHEMA["$defs"],
    "Config": SCHEMA,
    # One of the ways to write pens; it stands there as a whole.
    "MeasuredPens": next(way for way in SCHEMA["properties"]["pens"]["anyOf"] if way.get("title") == "MeasuredPens"),
}

#: Where each model's keys stand in a config; N counts from 0, as in `-o objective.0.class=fern`.
PLACES = {
    "Config": "",
    "PageConfig": "page.",
    "Pen": "pens.N.",
    "Well": "pens.N.well.",
    "MeasuredPens": "pens.",
    "Overprint": "pens.overprints.N.",
    "PaletteConfig": "palette.",
    "TemperatureConfig": "palette.temperature.",
    "StrokesConfig": "strokes.",
    **{f"{part.title()}Config": f"strokes.{part}." for part in ("economy", "joining", "spacing", "coherence")},
    "RenderConfig": "render.",
    "LookConfig": "look.",
    "MaskedConfig": "look.regions.N.",
    "Tones": "objective.N.tones.",
    "AugmentConfig": "augment.",
    "OptimizeConfig": "optimize.",
    "RateConfig": "optimize.rate.",
    "RecycleConfig": "optimize.recycle.",
    "TextConfig": "text.N.",
    "GuestConfig": "guests.N.",
    "EditionConfig": "edition.",
    "ExportConfig": "export.",
    "MachineConfig": "export.custom.",
    **{name: "objective.N." for name in MODELS if name.endswith("Term")},
    **{name: "export.formats.N." for name in MODELS if name.endswith("Format")},
}

#: What numbers count. Lengths need no entry: they are in mm where nothing else is written. Terms say it themselves.
UNITS = {
    "steps": {"OptimizeConfig.steps", "OptimizeConfig.checkpoint", "RecycleConfig.every"},
    "px": {"AugmentConfig.size", "ExportConfig.preview", "RenderConfig.resolution", "RenderConfig.crop"},
    "share": {
        "EconomyConfig.keep",
        "EconomyConfig.price",
        "AugmentConfig.shift",
        "OptimizeConfig.polish",
        "PaletteConfig.chosen",
        "PaletteConfig.opacity",
        "Overprint.light",
        "Pen.opacity",
        "Pen.reflectance",
        "Pen.transmittance",
        "RecycleConfig.until",
        "RenderConfig.coarse",
        "StrokesConfig.coverage",
        "StrokesConfig.focus",
    },
    "factor": {
        "StrokesConfig.fairness",
        *(f"{name}Config.weight" for name in ("Joining", "Spacing", "Coherence")),
        "AugmentConfig.scale",
        "OptimizeConfig.leak",
        "PaletteConfig.sparsity",
        "PaletteConfig.sharpness",
        "PaletteConfig.usage",
        *(f"{name}.weight" for name in MODELS if name.endswith("Term")),
    },
    "logits": {"PaletteConfig.noise", "TemperatureConfig.start", "TemperatureConfig.end"},
    "logits / step": {"RateConfig.logits", "RateConfig.colors"},
    "mm / step": {"RateConfig.points"},
    "mm/s": {"MachineConfig.speed_down", "MachineConfig.speed_up"},
    "mm/s²": {"MachineConfig.acceleration_down", "MachineConfig.acceleration_up"},
    "s": {"MachineConfig.raise_time", "MachineConfig.lower_time"},
    "ms": {"Pen.delay", "Well.dwell"},
    "%": {"Pen.speed", "Pen.height", "Well.height"},
    "degrees": {"AugmentConfig.rotate", "TextConfig.angle"},
    "count": {
        "AugmentConfig.views",
        "EditionConfig.of",
        "ExportConfig.timelapse",
        "PaletteConfig.colors",
        "RenderConfig.oversample",
        "StrokesConfig.count",
        "StrokesConfig.fold",
        "StrokesConfig.lines",
        "StrokesConfig.segments",
    },
    "number": {"Config.seed", "EditionConfig.number"},
}
UNIT_OF = {key: unit for unit, keys in UNITS.items() for key in keys}

FORMATS = {"length": "length", "color": "colour", "line": "text", "path": "file", "pen-set": "set of pens"}
WORDS = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}
#: pydantic writes gt for a bound on a length that may be null.
BOUNDS = {
    "minimum": "from",
    "exclusiveMinimum": "above",
    "gt": "above",
    "maximum": "up to",
    "exclusiveMaximum": "below",
}


def terms() -> str:
    """A heading and a table for every term, as the models have them."""
    return _tables(SCHEMA["properties"]["objective"]["anyOf"][0])


def formats() -> str:
    """The same for what export.formats takes."""
    return _tables(MODELS["ExportConfig"]["properties"]["formats"])


def _tables(key: dict[str, Any]) -> str:
    mapping = key["items"]["discriminator"]["mapping"]
    return "\n".join(f"### {name}\n\n{table(place.split('/')[-1])}" for name, place in mapping.items())


def table(model: str) -> str:
    """A Markdown table of a model's keys. AssertionError for a key without a description, a number without a unit."""
    required = set(MODELS[model].get("required", ()))
    lines = ["| key | what it says | type | default | allowed | unit |", "|---|---|---|---|---|---|"]
    for name, key in MODELS[model]["properties"].items():
        # Where a key says the same as its model, the schema has it there alone.
        key = {**MODELS.get(key.get("$ref", "").split("/")[-1], {}), **key}
        assert key.get("description"), f"{model}.{name} has no description"
        default = "needed" if name in required else _default(key)
        cells = [
            f"`{PLACES[model]}{name}`",
            key["description"],
            _type(key),
            default,
            _allowed(key),
            _unit(f"{model}.{name}", key),
        ]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _choices(key: dict[str, Any]) -> list[dict[str, Any]]:
    """What may be written there, other than null."""
    return [one for one in key.get("anyOf", [key]) if one.get("type") != "null"]


def _type(key: dict[str, Any]) -> str:
    return " or ".join(dict.fromkeys(_one_type(one) for one in _choices(key)))


def _one_type(one: dict[str, Any]) -> str:
    if "$ref" in one or one.get("type") == "object":
        return "mapping"
    if "discriminator" in one.get("items", {}):
        return "list of terms" if "excitation" in one["items"]["discriminator"]["mapping"] else "list of formats"
    if "prefixItems" in one:
        return f"list of {len(one['prefixItems'])} {_one_type(one['prefixItems'][0])}s"
    if "items" in one:
        return f"list of {_one_type(one['items'])}s"
    if "enum" in one or "const" in one:
        return "word"
    return FORMATS.get(one.get("format", ""), "") or WORDS[one["type"]]


def _default(key: dict[str, Any]) -> str:
    value = key["default"]
    if value is None:
        return "null"
    if value == [] or value == "":
        return "none"
    if isinstance(value, dict):
        return "see its keys"
    return f"`{_written(value)}`"


def _allowed(key: dict[str, Any]) -> str:
    found = [_range(one) for one in _choices(key)]
    if any(one.get("type") == "null" for one in key.get("anyOf", ())):
        found.append("null")
    return ", or ".join(filter(None, found))


def _range(one: dict[str, Any]) -> str:
    if "const" in one:
        return f"`{one['const']}`"
    if "enum" in one:
        return ", ".join(f"`{word}`" for word in one["enum"])
    if inner := one.get("prefixItems", [one.get("items")])[0]:
        return _range(inner)
    bounds = [f"{word} {_written(one[name])}" for name, word in BOUNDS.items() if name in one]
    return ", ".join(bounds)


def _unit(path: str, key: dict[str, Any]) -> str:
    kinds = [inner for one in _choices(key) for inner in one.get("prefixItems", [one.get("items", one)])]
    if any(kind.get("format") == "length" for kind in kinds):
        return "mm"
    if any(kind.get("type") in ("integer", "number") for kind in kinds):
        said = next((kind["unit"] for kind in [key, *kinds] if "unit" in kind), None)
        assert said or path in UNIT_OF, f"{path}: say in tests/config_reference.py what it counts"
        return said or UNIT_OF[path]
    return ""


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)

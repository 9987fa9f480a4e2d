"""What a change of the config does to a drawing that is under way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from plotart.config import Config
from plotart.schema.differences import differences

#: From the least to the most that has to be done: nothing, the files once more, going on from the present strokes, or
#: beginning anew.
Effect = Literal["nothing", "export", "live", "begin"]
EFFECTS: tuple[Effect, ...] = ("nothing", "export", "live", "begin")

#: By key; what is below a key is as the key, unless it says otherwise, and all else goes on from the present strokes.
OF_KEYS: dict[str, Effect] = {
    "name": "nothing",
    "seed": "begin",
    "canvas": "begin",
    "page.size": "begin",
    "page.orientation": "begin",
    "palette.mode": "begin",
    "palette.colors": "begin",
    "palette.must": "begin",
    "strokes.count": "begin",
    "strokes.coverage": "begin",
    "strokes.segments": "begin",
    "strokes.init": "begin",
    "strokes.composition": "begin",
    "strokes.focus": "begin",
    "strokes.length": "begin",
    "strokes.svg": "begin",
    "strokes.smooth": "begin",
    "strokes.symmetry": "begin",
    "strokes.fold": "begin",
    "strokes.lines": "begin",
    "look": "begin",
    "export": "export",
    "export.order": "live",
}

#: What a finished drawing can have otherwise without another step; after anything else it begins anew.
OF_FINISHED = ("pens", "page.color", "page.margin", "text", "guests", "edition")


def effect_of_key(key: str) -> Effect:
    """Of a change at a dotted key, as in objective.0.weight, if nothing else is known."""
    parts = key.split(".")
    ways = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((OF_KEYS[way] for way in ways if way in OF_KEYS), "live")


def effect_of(before: Config, now: Config, *, finished: bool = False) -> Effect:
    """Of going from one config to another while a drawing is made, or (`finished`) once it is done."""
    keys = list(changed_keys(before, now))
    found: list[Effect] = [effect_of_key(key) for key in keys]
    at_once = [key for key in keys if effect_of_key(key) != "live" or key.startswith(OF_FINISHED)]
    if len(before.pens) != len(now.pens):
        found.append("begin")
    if now.look is not None and any(key.startswith("objective") for key in keys):
        found.append("begin")  # the picture is where its lines are laid
    if finished and len(at_once) < len(keys):
        found.append("begin")
    return most(found)


def most(effects: Iterable[Effect]) -> Effect:
    return max(effects, key=EFFECTS.index, default="nothing")


def changed_keys(before: Config, now: Config) -> Iterator[str]:
    """Dotted keys at which two configs differ; of lists of different lengths, the list's."""
    was, found = (config.model_dump(mode="json", by_alias=True) for config in (before, now))
    yield from (difference.key for difference in differences(was, found))


def with_effects(schema: dict[str, Any]) -> dict[str, Any]:
    """The config's JSON Schema, in which its properties, and those of its sections, have their `x-effect`."""
    found = {**schema, "$defs": dict(schema.get("$defs", {}))}
    found["properties"] = {key: {**node, "x-effect": effect_of_key(key)} for key, node in schema["properties"].items()}
    for key in found["properties"]:
        name = _section(schema["properties"][key])
        if name is None or any(way.startswith(f"{key}.") for way in OF_KEYS) is False:
            continue
        section = found["$defs"][name]
        inner = {
            one: {**node, "x-effect": effect_of_key(f"{key}.{one}")} for one, node in section["properties"].items()
        }
        found["$defs"][name] = {**section, "properties": inner}
    return found


def _section(node: Mapping[str, Any]) -> str | None:
    """The name of the definition that a property refers to."""
    reference = node.get("$ref") or next((part["$ref"] for part in node.get("allOf", ()) if "$ref" in part), None)
    return reference.rpartition("/")[2] if isinstance(reference, str) else None

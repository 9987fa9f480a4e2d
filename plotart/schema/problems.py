"""What is wrong with a config, in plain words: pydantic's errors, read against the JSON Schema of the model.

The schema knows every key, its bounds and its choices, so one sentence per kind of value is enough and no message
of pydantic's, nor a place that only its unions know, reaches the person.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

Loc = tuple[str | int, ...]
Schema = Mapping[str, Any]

_NOUNS = {
    "integer": "a whole number",
    "number": "a finite number",
    "length": "a length",
    "boolean": "true or false",
    "string": "text",
    "line": "one line of text",
    "pen-set": "the name of a set of pens",
    "path": "the path of a file",
    "color": 'a colour: "#rrggbb" in quotes, "rgb(r, g, b)" with 0 to 255 or a CSS name',
    "null": "null",
}
_LONGEST = 80


class Problem(NamedTuple):
    """One thing that is wrong: where, and the message without file and key."""

    loc: Loc
    message: str


class Problems(ValueError):
    """Raised by a validator that compares several keys; the places count from the model that it checks."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(message for _, message in problems))
        self.problems = problems


def problem(loc: Loc, found: str, allowed: str) -> Problem:
    """A value that isn't allowed at `loc`."""
    return Problem(loc, f"found {found}; allowed: {allowed}")


def explain(error: ValidationError, data: object, schema: Schema) -> list[Problem]:
    """Every problem in `error`, raised on `data` by the model that `schema` describes."""
    problems: list[Problem] = []
    for item in error.errors(include_url=False):
        kind, context = item["type"], item.get("ctx", {})
        loc, node = locate(schema, item["loc"])
        cause = context.get("error")
        if kind == "too_short" and len(item["input"]) >= context["min_length"]:
            continue  # the items themselves are wrong, and each has its own problem
        if isinstance(cause, Problems):
            problems += [Problem(loc + place, message) for place, message in cause.problems]
        elif kind in ("extra_forbidden", "invalid_key"):
            parent = locate(schema, item["loc"][:-1])[1]
            problems.append(Problem(loc, _unknown_key(loc, parent, schema)))
        elif kind in ("union_tag_invalid", "union_tag_not_found"):
            loc = (*loc, node["discriminator"]["propertyName"])
            problems.append(problem(loc, _found(data, loc), ", ".join(node["discriminator"]["mapping"])))
        else:
            if kind == "missing" and isinstance(loc[-1], int):  # a pair with one item: speak of the pair
                loc, node = locate(schema, item["loc"][:-1])
            problems.append(problem(loc, _found(data, loc), describe(node, schema)))
    return list(dict.fromkeys(problems))


def locate(schema: Schema, loc: Iterable[str | int]) -> tuple[Loc, Schema]:
    """A place as people write it, without the tags that pydantic puts in, and the schema there (empty if unknown)."""
    node, place = schema, []
    for part in loc:
        node = resolve(node, schema)
        tags = node.get("discriminator", {}).get("mapping", {})
        if part in tags:
            node = {"$ref": tags[part]}
        else:
            place.append(part)
            node = _child(node, part, schema)
    return tuple(place), resolve(node, schema)


def describe(node: Schema, schema: Schema) -> str:
    """What `node`, a part of `schema`, allows."""
    node = resolve(node, schema)
    if "anyOf" in node:
        return ", or ".join(describe(option, schema) for option in node["anyOf"])
    if "const" in node:
        return str(node["const"])
    if "enum" in node:
        return ", ".join(map(str, node["enum"]))
    if "discriminator" in node:
        return f"a mapping with a type: {', '.join(node['discriminator']['mapping'])}"
    if "properties" in node:
        return f"a mapping with the keys {', '.join(node['properties'])}"
    if node.get("type") == "array":
        return _describe_list(node, schema)
    kind = node.get("format", node.get("type"))
    unit = ", in mm or with a unit as in 0.35mm" if kind == "length" else ""
    return _NOUNS.get(str(kind), "another value") + _bounds(node) + unit


def show(value: object) -> str:
    """A value as it would stand in a config, on one line and short enough for a message."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
        if not text.isprintable():
            text = json.dumps(value, default=str)
    except (TypeError, ValueError, RecursionError):  # keys that aren't text, endless digits, a list within itself
        text = f"a value that can't be shown ({type(value).__name__})"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def dotted(loc: Loc) -> str:
    """``objective.0.channel``; a key that isn't a short line of text is shown as a value would be."""
    return ".".join(p if isinstance(p, str) and p.isprintable() and 0 < len(p) <= _LONGEST else show(p) for p in loc)


def _found(data: Any, loc: Loc) -> str:
    try:
        for part in loc:
            data = data[part]
    except (LookupError, TypeError):
        return "nothing"
    return show(data)


def _unknown_key(loc: Loc, parent: Schema, schema: Schema) -> str:
    key = str(loc[-1])
    known = [name for way in parent.get("anyOf", [parent]) for name in resolve(way, schema).get("properties", {})]
    near = difflib.get_close_matches(key, known, n=1)
    if not near:  # right key, wrong place?
        near = [path for path in _paths(schema, schema) if path.split(".")[-1] == key][:1]
    hint = f'did you mean "{near[0]}"? Allowed' if near else "allowed"
    return f"unknown key; {hint}: {', '.join(known)}"


def _paths(node: Schema, schema: Schema) -> Iterable[str]:
    for key, child in node.get("properties", {}).items():
        yield key
        yield from (f"{key}.{path}" for path in _paths(resolve(child, schema), schema))


def resolve(node: Schema, schema: Schema) -> Schema:
    """The node itself, or what it refers to with its own keys on top."""
    if "$ref" not in node:
        return node
    return {**schema["$defs"][node["$ref"].split("/")[-1]], **{k: v for k, v in node.items() if k != "$ref"}}


def _child(node: Schema, part: str | int, schema: Schema) -> Schema:
    for option in node.get("anyOf", [node]):
        option = resolve(option, schema)
        child: Schema | None = option.get("properties", {}).get(part)
        if isinstance(part, int) and option.get("type") == "array":
            fixed = option.get("prefixItems", [])
            child = fixed[part] if part < len(fixed) else option.get("items", {})
        if child is not None:
            return child
    return {}


def _describe_list(node: Schema, schema: Schema) -> str:
    fixed = node.get("prefixItems", [])
    least = node.get("minItems", 0)
    size = f" of {len(fixed)}" if fixed else f" of at least {least}" if least else ""
    return f"a list{size}, each {describe(fixed[0] if fixed else node.get('items', {}), schema)}"


def _bounds(node: Schema) -> str:
    least, most = node.get("minimum"), node.get("maximum")
    # pydantic writes gt for a bound on a length that may be null.
    above, below = node.get("exclusiveMinimum", node.get("gt")), node.get("exclusiveMaximum")
    if least is not None and most is not None:
        return f" from {_number(least)} to {_number(most)}"
    words = [("of at least", least), ("above", above), ("at most", most), ("below", below)]
    bounds = " and ".join(f"{word} {_number(bound)}" for word, bound in words if bound is not None)
    if node.get("minLength"):
        bounds = "that isn't empty"
    return f" {bounds}" if bounds else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)

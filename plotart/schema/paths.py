"""Paths in data that a model is to check: the JSON Schema knows where they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from plotart.schema.problems import Schema, resolve
from plotart.schema.values import is_path


def at_paths(data: Any, schema: Schema, change: Callable[[str | Path], str]) -> Any:
    """`data` with `change` made to every path in it; what isn't as `schema` has it stays as it is."""

    def changed(part: Any, node: Schema) -> Any:
        node = resolve(node, schema)
        options = [resolve(option, schema) for option in node.get("anyOf", [node])]
        if isinstance(part, Mapping):
            tags, tag = node.get("discriminator", {}).get("mapping", {}), part.get("type")
            if isinstance(tag, str) and tag in tags:
                options = [resolve({"$ref": tags[tag]}, schema)]
            keys: Schema = next((option["properties"] for option in options if "properties" in option), {})
            return {key: changed(value, keys.get(key, {})) for key, value in part.items()}
        if isinstance(part, (list, tuple)):
            items: Schema = next((option["items"] for option in options if "items" in option), {})
            return [changed(one, items) for one in part]
        is_word = any(part in option.get("enum", ()) for option in options if isinstance(part, str))
        is_one = any(option.get("format") == "path" for option in options) and is_path(part)
        return change(part) if is_one and not is_word else part

    return changed(data, schema)

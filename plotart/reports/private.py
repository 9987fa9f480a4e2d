"""A config as others may see it: files by their names, without the folders of the person who made it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath

import yaml

_PLAIN = re.compile(r"[A-Za-z_][\w.-]*")

#: What absolute paths have of any system, and what YAML needs to write characters in other ways.
_OF_PATHS = frozenset("/\\~")


def without_folders(config_yaml: str) -> str:
    """The text with each absolute path reduced to its file's name; empty for what may have some and is no YAML, as it
    can't be checked.

    Everything else stays as it is written, order, comments and all.
    """
    if _OF_PATHS.isdisjoint(config_yaml):  # as most have none, and YAML is slow to read
        return config_yaml
    try:
        root = yaml.compose(config_yaml, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return ""
    # From the end to the beginning, so that what is found further up stays in its place.
    for start, end, name in sorted(_paths(root), reverse=True):
        config_yaml = config_yaml[:start] + name + config_yaml[end:]
    return config_yaml


def _paths(node: yaml.Node | None) -> Iterator[tuple[int, int, str]]:
    """Where in the text absolute paths stand, and what takes their place."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _paths(key)
            yield from _paths(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _paths(item)
    elif isinstance(node, yaml.ScalarNode) and (name := _name_of(node.value)) is not None:
        shown = name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
        yield node.start_mark.index, node.end_mark.index, shown


def _name_of(text: str) -> str | None:
    """The file's name of an absolute path of any system; None for other text."""
    if PurePosixPath(text).is_absolute() or text.startswith("~"):
        return PurePosixPath(text).name
    return PureWindowsPath(text).name if PureWindowsPath(text).is_absolute() else None

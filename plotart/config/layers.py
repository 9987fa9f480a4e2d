"""Config files as plain data: YAML read with care, files that extend files, and overrides from the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from plotart.errors import ConfigError
from plotart.files.bounded import TooLarge, read_bytes
from plotart.files.shipped import find_config, hint
from plotart.schema.problems import Loc, Schema, dotted, locate, show

_MOST_BYTES = 1_000_000
_MOST_VALUES = 10_000
_LONGEST_CHAIN = 10


class _Loader(yaml.SafeLoader):
    """yaml.safe_load's, except that 1e-3 is a number, as YAML 1.2 and everybody else has it."""


class _Dumper(yaml.SafeDumper):
    """Quotes the text that _Loader would take for a number."""


_FLOAT = ("tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+\Z"), list("-+.0123456789"))
_Loader.add_implicit_resolver(*_FLOAT)
_Dumper.add_implicit_resolver(*_FLOAT)


class ConfigFile(NamedTuple):
    """What one file says, without its `extends`."""

    path: Path
    data: dict[str, Any]


def parse_yaml(text: str, label: str) -> Any:
    """The one document in `text`. Raises ConfigError, which starts with `label`, also for what YAML tolerates:
    a key given twice, and aliases that hold themselves or multiply to more than 10,000 values."""
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if _check(node, label, {}) > _MOST_VALUES:
            raise ConfigError(f"{label}: found more than {_MOST_VALUES:,} values, aliases counted; allowed: fewer")
        return loader.construct_document(node)
    except yaml.reader.ReaderError as error:
        line, column = text.count("\n", 0, error.position), error.position - text.rfind("\n", 0, error.position)
        raise ConfigError(
            f"{label}: line {line + 1}, column {column}: found the character U+{ord(text[error.position]):04X}; "
            "allowed: printable text"
        ) from None
    except yaml.MarkedYAMLError as error:
        problem = error.problem or error.context or "it can't be read"
        if problem.startswith("but "):
            problem = f"{error.context}, {problem}"
        raise ConfigError(
            f"{label}: {_where(error.problem_mark or error.context_mark)}invalid YAML: {problem}"
        ) from None
    except (yaml.YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError):
        # SafeLoader on an integer of 5,000 digits, a date in month 13, !!bool maybe, !!timestamp soon
        raise ConfigError(f"{label}: invalid YAML: a number or another value that can't be read") from None
    except RecursionError:
        raise ConfigError(f"{label}: invalid YAML: nested too deeply") from None
    finally:
        if loader is not None:
            loader.dispose()


def dump_yaml(data: Any) -> str:
    """YAML that parse_yaml reads back to equal data; innermost lists and mappings on one line."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)


def read_layers(path: Path) -> list[ConfigFile]:
    """The file and those that it extends, the outermost base first. Raises ConfigError."""
    layers: list[ConfigFile] = []
    chain: list[str] = []
    named_by = ""
    while True:
        data = _read_mapping(path, named_by)
        real = os.path.realpath(path)
        if real in chain:
            names = " -> ".join(layer.path.name for layer in [*layers[::-1], ConfigFile(path, data)])
            raise ConfigError(f"{layers[0].path}: extends: found a circle: {names}; allowed: a file outside this chain")
        if len(chain) == _LONGEST_CHAIN:
            raise ConfigError(
                f"{layers[0].path}: extends: found a chain of more than {_LONGEST_CHAIN} files; "
                f"allowed: at most {_LONGEST_CHAIN}"
            )
        chain.append(real)
        base = data.pop("extends", None)
        layers.insert(0, ConfigFile(path, data))
        if base is None:
            return layers
        if not isinstance(base, str) or not base:
            raise ConfigError(f"{path}: extends: found {show(base)}; allowed: the path of another config file")
        named_by = f" (named by extends in {path})"
        path = _base(base, path)


def merge(base: Any, over: Any) -> Any:
    """`over` on top of `base`: mappings key by key, everything else replaced."""
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return over
    return {**base, **{key: merge(base[key], value) if key in base else value for key, value in over.items()}}


def places(data: Any, loc: Loc = ()) -> Iterator[Loc]:
    """Where the mappings in `data` have keys; lists are not entered."""
    yield loc
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from places(value, (*loc, key))


def parse_override(text: str, label: str) -> tuple[list[str], Any]:
    """The keys and the value of ``a.b=value``; the value is YAML, but #1b1b1b is a colour and not a comment.
    Raises ConfigError."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"{label}: found the override {show(text)}; allowed: key=value, as in optimize.steps=100")
    value = value.strip()
    return key.strip().split("."), value if value.startswith("#") else parse_yaml(value, label)


def put(data: Any, keys: list[str], value: Any, schema: Schema, label: str, done: Loc = ()) -> Any:
    """`data` with `value` at `keys`; numbers index lists, and what is not there yet starts from its default in
    `schema`. Raises ConfigError where a key leads into a list or value that has no such place."""
    if not keys:
        return value
    key, *rest = keys
    if data is None:
        default = locate(schema, done)[1].get("default")
        data = default if isinstance(default, list) else {}
    if isinstance(data, Mapping):
        return {**data, key: put(data.get(key), rest, value, schema, label, (*done, key))}
    if not isinstance(data, list):
        raise ConfigError(f"{label}: {dotted((*done, key))}: unknown key; {dotted(done)} is {show(data)}")
    if key not in map(str, range(len(data))):
        items = f"0 to {len(data) - 1}" if data else "none, as the list is empty"
        raise ConfigError(f"{label}: {dotted((*done, key))}: found the index {show(key)}; allowed: {items}")
    index = int(key)
    return [*data[:index], put(data[index], rest, value, schema, label, (*done, index)), *data[index + 1 :]]


def _base(base: str, path: Path) -> Path:
    """The file that the one at `path` extends. Raises ConfigError."""
    try:
        return find_config(base, path.parent)
    except ConfigError as error:
        raise ConfigError(f"{path}: extends: {error}") from None


def _read_mapping(path: Path, named_by: str) -> dict[str, Any]:
    try:
        if path.is_dir():
            raise ConfigError(f"{path}: found a folder; allowed: a YAML file{named_by}")
        raw = read_bytes(path, _MOST_BYTES)
    except TooLarge:
        raise ConfigError(
            f"{path}: found more than {_MOST_BYTES:,} bytes; allowed: a config file of at most that size"
        ) from None
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file{named_by or hint(path)}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path}: can't be read: {reason}{named_by}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}: line {line}: found bytes that aren't UTF-8; allowed: UTF-8 text") from None
    data = parse_yaml(text, str(path))
    if not isinstance(data, dict):
        found = "nothing" if data is None else show(data)
        raise ConfigError(f"{path}: found {found} at the top level; allowed: a mapping, as in seed: 7")
    return data


def _check(node: yaml.Node, label: str, sizes: dict[int, int]) -> int:
    """How many values `node` holds once its aliases are written out. Raises ConfigError for keys given twice."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in sizes:
        if not sizes[id(node)]:
            raise ConfigError(f"{label}: {_where(node.start_mark)}found an alias within what it stands for")
        return sizes[id(node)]
    sizes[id(node)] = 0  # under way
    children: list[yaml.Node] = list(node.value)
    if isinstance(node, yaml.MappingNode):
        keys = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and (key.tag, key.value) in keys:
                raise ConfigError(f"{label}: {_where(key.start_mark)}the key {show(key.value)} is given twice")
            keys.add((key.tag, key.value) if isinstance(key, yaml.ScalarNode) else id(key))
        children = [child for pair in node.value for child in pair]
    sizes[id(node)] = 1 + sum(_check(child, label, sizes) for child in children)
    return sizes[id(node)]


def _where(mark: yaml.Mark | None) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""

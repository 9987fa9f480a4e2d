"""The pages of all public names, out of signatures and docstrings."""

from __future__ import annotations

import enum
import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any

#: The public modules, and what is in them.
PUBLIC = {
    "plotart": "Configs, runs, drawings, pens, plots: what most programs need.",
    "plotart.objectives": "What a drawing is drawn for: terms, and what they get to see.",
    "plotart.render": "The differentiable renderer by itself.",
    "plotart.palette": "Palettes, and colours that are nearest to them.",
    "plotart.networks": "The networks that look.",
    "plotart.canvas": "What is optimised: strokes or pixels, and how they begin.",
    "plotart.optimize": "The loop.",
    "plotart.pens": "Pens as physical things.",
    "plotart.color": "Colours as text, sRGB and linear light.",
    "plotart.config": "Configs, and the schema of them.",
    "plotart.errors": "All that plotart raises on purpose.",
    "plotart.reports.notebook": "Runs in a notebook.",
}

#: A line of a list of parameters: names, two blanks or more, and what they are.
_ROW = re.compile(r"^(\*{0,2}\w[\w.]*(?:, \w[\w.]*)*) {2,}(\S.*)$")


def public_names(module: str) -> list[str]:
    """What a public module offers."""
    found = importlib.import_module(module)
    if hasattr(found, "__all__"):
        return sorted(found.__all__, key=str.lower)
    return [name for name, value in vars(found).items() if inspect.isclass(value) and value.__module__ == module]


def reference_pages() -> dict[str, str]:
    """Markdown of each page below api/."""
    pages = {f"api/{module}": _module(module) for module in PUBLIC}
    return {"api/index": _index(), **pages}


def _index() -> str:
    rows = [f"| [`{module}`]({module}.md) | {said} |" for module, said in PUBLIC.items()]
    tree = "\n".join(["```{toctree}", ":hidden:", "", *PUBLIC, "```"])
    every = sorted(
        ((name, module) for module in PUBLIC for name in public_names(module)), key=lambda pair: pair[0].lower()
    )
    names = " · ".join(f"[{name}]({module}.md#{_anchor(name)})" for name, module in every)
    return (
        "# Public names\n\nEvery name that other programs may use, written from the signatures and docstrings. "
        "[From Python](../python.md) shows how they go together.\n\n| module | |\n|---|---|\n"
        + "\n".join(rows)
        + f"\n\n## All of them\n\n{names}\n\n{tree}\n"
    )


def _anchor(name: str) -> str:
    """Of a heading, as MyST makes it."""
    return name.lower()


def _module(module: str) -> str:
    found = importlib.import_module(module)
    parts = [f"# {module}", PUBLIC[module], *_own(found)]
    parts += [_name(name, getattr(found, name), module) for name in public_names(module)]
    return "\n\n".join(parts) + "\n"


def _own(module: ModuleType) -> Iterator[str]:
    """The tree of errors is the one docstring of a module that says more than the table."""
    if module.__name__ == "plotart.errors":
        yield "```text\n" + inspect.cleandoc(module.__doc__ or "").partition("\n\n")[2] + "\n```"


def _name(name: str, value: Any, module: str) -> str:
    parts = [f"## {_escaped(name)}"]
    if inspect.isclass(value):
        parts += _class(name, value, module)
    elif inspect.isroutine(value):
        parts += [_code(f"{module}.{name}", value), _prose(inspect.getdoc(value))]
    else:
        parts.append(f"```python\n{module}.{name} = {_short(value)}\n```")
    return "\n\n".join(filter(None, parts))


def _class(name: str, value: Any, module: str) -> Iterator[str]:
    if issubclass(value, BaseException):
        yield f"```python\nclass {module}.{name}({value.__mro__[1].__name__})\n```"
        yield _prose(value.__dict__.get("__doc__"))
        return
    model = hasattr(value, "model_fields")
    called = getattr(value, "_is_protocol", False) or (model and "__init__" not in vars(value))
    yield f"```python\nclass {module}.{name}\n```" if called else _code(f"{module}.{name}", value)
    yield _prose(value.__dict__.get("__doc__"))
    if model:
        rows = [f"| `{key}` | {_cell(field.description or '')} |" for key, field in value.model_fields.items()]
        yield "\n".join(["| key | |", "|---|---|", *rows])
    if issubclass(value, enum.Enum):
        yield ", ".join(f"`{member}`" for member in value.__members__)
    for member, found in _members(value):
        if isinstance(found, property):
            yield f"### {name}.{_escaped(member)}\n\n{_returned(found)}"
            yield _prose(inspect.getdoc(found))
        else:
            yield f"### {name}.{_escaped(member)}\n\n" + _code(f"{name}.{member}", getattr(value, member))
            yield _prose(found.__func__.__doc__ if isinstance(found, (classmethod, staticmethod)) else found.__doc__)


def _members(value: type) -> Iterator[tuple[str, Any]]:
    """Its own public methods and properties, and those of plotart's classes that it derives from."""
    known = {field.name for field in fields(value)} if is_dataclass(value) else set()
    for owner in value.__mro__:
        if not owner.__module__.startswith("plotart"):
            continue
        for name, found in vars(owner).items():
            shown = isinstance(found, (property, classmethod, staticmethod)) or inspect.isfunction(found)
            if shown and name not in known and (not name.startswith("_") or name == "__call__"):
                known.add(name)
                yield name, found


def _code(name: str, value: Any) -> str:
    """A signature, on several lines where one would be too long."""
    signature = inspect.signature(value)
    kept = [each for each in signature.parameters.values() if each.name not in ("self", "cls")]
    signature = signature.replace(parameters=kept)
    head = "class " if inspect.isclass(value) else ""
    if inspect.isclass(value):
        signature = signature.replace(return_annotation=inspect.Signature.empty)
    line = f"{head}{name}{_plain(str(signature))}"
    if len(line) > 88:
        shown = ",\n    ".join(_parameters(kept))
        line = f"{head}{name}(\n    {shown},\n){_plain(str(signature.replace(parameters=[])))[2:]}"
    return f"```python\n{line}\n```"


def _parameters(parameters: list[inspect.Parameter]) -> Iterator[str]:
    keyword = False
    for each in parameters:
        if each.kind is inspect.Parameter.VAR_POSITIONAL:
            keyword = True
        if each.kind is inspect.Parameter.KEYWORD_ONLY and not keyword:
            keyword = True
            yield "*"
        yield _plain(str(each))


def _plain(text: str) -> str:
    """Annotations are text already: `'int | None'` is int | None."""
    text = re.sub(r"(?<=[:>] )'([^']*)'", r"\1", text)
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z_])", "", re.sub(r"<factory>", "...", text))


def _returned(found: property) -> str:
    kind = (found.fget.__annotations__ if found.fget else {}).get("return", "")
    return f"`{_plain(kind) if isinstance(kind, str) else getattr(kind, '__name__', kind)}`" if kind else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 100 else text[:97] + "…"


def _prose(doc: str | None) -> str:
    """A docstring as Markdown: paragraphs, lists of parameters, and what is indented as code."""
    return "\n\n".join(_paragraph(part) for part in re.split(r"\n{2,}", inspect.cleandoc(doc or "")) if part.strip())


def _paragraph(text: str) -> str:
    lines = text.splitlines()
    if all(line.startswith("    ") for line in lines):
        return "```python\n" + inspect.cleandoc(text) + "\n```"
    rows: list[list[str]] = []
    before: list[str] = []
    for line in lines:
        if match := _ROW.match(line):
            rows.append([match[1], match[2]])
        elif rows and line.startswith("  "):
            rows[-1][1] += f" {line.strip()}"
        elif rows:
            break
        else:
            before.append(line)
    else:
        if rows:
            listed = "\n".join(f"| `{name}` | {_cell(_escaped(said))} |" for name, said in rows)
            head = _escaped("\n".join(before))
            return (f"{head}\n\n" if head else "") + f"| | |\n|---|---|\n{listed}"
    return _escaped(text)


def _escaped(text: str) -> str:
    """Docstrings are plain text, but for what stands between backticks."""
    parts = re.split(r"(`+[^`]+`+)", text)
    return "".join(part if k % 2 else re.sub(r"([\\*_<\[\]#])", r"\\\1", part) for k, part in enumerate(parts))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

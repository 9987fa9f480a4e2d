"""How to go on with the command that is running."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from typing import Any

import typer


def again(context: typer.Context, *more: str, without: Collection[str] = ()) -> str:
    """The command as a line for a shell: what was given of its options, but those of the parameters `without`, and
    `more` words."""
    words = context.command_path.split()
    for parameter in context.command.params:
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        if name in without or source is None or source.name == "DEFAULT":
            continue
        given: Any = context.params[name]
        values = given if isinstance(given, (list, tuple)) else [given]
        # Newer versions of typer have a click of their own: what a parameter is, only this tells in all.
        if parameter.param_type_name == "argument":
            words += map(str, values)
        elif given is True:
            words.append(parameter.opts[0])
        else:
            words += [word for value in values for word in (parameter.opts[0], str(getattr(value, "value", value)))]
    return shlex.join([*words, *more])

"""The page of all commands, of the program itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

HEAD = """# Commands

Every command with all of its options, written from the program. `plotart COMMAND --help` says the same in a terminal.
"""


def commands_page() -> str:
    """Markdown."""
    parts = [HEAD, _list()]
    group = ""
    for words, command in commands():
        if len(words) > 1 and words[0] != group:
            group = words[0]
            parts.append(f"## {group}\n\n{_text(_program().commands[group].help)}\n")
        level = "##" if len(words) == 1 else "###"
        parts.append(f"{level} {' '.join(words)}\n\n{_one(words, command)}")
    return "\n".join(parts)


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """The words of each command, and the command: those without others below them first."""
    found = _program().commands.items()
    yield from (((name,), command) for name, command in found if not hasattr(command, "commands"))
    for name, group in found:
        if hasattr(group, "commands"):
            yield from (((name, inner), command) for inner, command in group.commands.items())


def _program() -> Any:
    import typer

    from plotart.cli.app import app

    return typer.main.get_command(app)


def _list() -> str:
    lines = ["| command | what it does |", "|---|---|"]
    for words, command in commands():
        first = _text(command.help).split("\n\n")[0].replace("\n", " ").replace("|", "\\|")
        lines.append(f"| [{' '.join(words)}](#{'-'.join(words)}) | {first} |")
    return "\n".join(lines) + "\n"


def _one(words: tuple[str, ...], command: Any) -> str:
    import typer

    context = typer.Context(command, info_name=command.name)
    parts = [f"```sh\nplotart {' '.join([*words, *command.collect_usage_pieces(context)])}\n```", _text(command.help)]
    for kind in ("argument", "option"):
        found = (each.get_help_record(context) for each in command.params if each.param_type_name == kind)
        if rows := [_row(*record) for record in found if record is not None]:
            parts.append("\n".join([f"| {kind} | |", "|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def _row(name: str, said: str) -> str:
    said = re.sub(r"\[required\]$", "", re.sub(r"  +", " ", said)).strip()
    name, said = (text.replace("|", "\\|") for text in (name, said))
    return f"| `{name}` | {said} |"


def _text(said: str | None) -> str:
    """A command's help, whose examples stand as a block of their own."""
    before, *examples = re.split(r"\*\*Examples?\*\*", inspect.cleandoc(said or ""), maxsplit=1)
    before = re.sub(r"(?<![\w`-])(--[a-z][\w-]*)", r"`\1`", before.strip())
    lines = [line.strip() for text in examples for line in text.splitlines() if line.strip()]
    return f"{before}\n\n```sh\n" + "\n".join(lines) + "\n```" if lines else before

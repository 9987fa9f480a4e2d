"""Every command line in the docs is one that the program takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest
import typer
from pages import PAGES, ROOT, Block, all_blocks, prose
from typer.core import TyperGroup

from plotart.cli.app import app

PROGRAM = typer.main.get_command(app)

#: typer brings its own click along, or takes the one that is installed: by version.
(UsageError,) = typer.BadParameter.__bases__


def command_lines() -> Iterator[tuple[str, str]]:
    """Where it stands, and the words from `plotart` on; of fenced blocks and of code within text."""
    for block in all_blocks("sh"):
        for number, line in enumerate(block.text.replace("\\\n", "  ").splitlines()):
            for part in re.split(r"&&|;", _without_comment(line)):
                if match := re.match(r"(?:\S*/)?plotart( .*)?$", part.strip()):
                    yield f"{block.page}:{block.line + number}", match[1] or ""
    for page in (page for page in PAGES if page != "CHANGELOG.md"):
        for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", prose(page)):
            if span.startswith("plotart "):
                yield page, " ".join(span.split()).removeprefix("plotart")


def _without_comment(line: str) -> str:
    return re.split(r"(?:^|\s)#\s", line)[0]


LINES = list(dict.fromkeys(command_lines()))


def parse(words: list[str]) -> None:
    """Raises click's UsageError for a command, an option or an argument that the program doesn't have; runs nothing."""
    command, context = PROGRAM, typer.Context(PROGRAM, info_name="plotart")
    while isinstance(command, TyperGroup):
        if not words or words[0] in ("-h", "--help", *(name for option in command.params for name in option.opts)):
            return
        _, found, words = command.resolve_command(context, words)
        assert found is not None
        command, context = found, typer.Context(found, info_name=found.name, parent=context)
    if not words:
        return  # the command is only named
    command.make_context(command.name, [word for word in words if word not in ("-h", "--help")], parent=context.parent)


@pytest.mark.parametrize(("place", "line"), LINES, ids=[f"{place} plotart{line}" for place, line in LINES])
def test_command_lines_are_what_the_program_takes(place: str, line: str) -> None:
    # `> file` and `| program` are the shell's.
    words = shlex.split(re.split(r"\s[>|]", line)[0])
    try:
        parse(words)
    except UsageError as error:
        pytest.fail(f"{place}: plotart{line}: {error.format_message()}")


@pytest.mark.parametrize("line", ["generat x.yaml", "generate x.yaml --fast", "stats a.svg b.svg", "pens lost"])
def test_what_the_program_does_not_take_is_found(line: str) -> None:
    with pytest.raises(UsageError):
        parse(shlex.split(line))


def test_there_are_command_lines_of_every_command() -> None:
    named = {words[0] for _, line in LINES if (words := line.split())}
    assert isinstance(PROGRAM, TyperGroup)
    assert set(PROGRAM.commands) <= named


@pytest.mark.parametrize("block", all_blocks("sh"), ids=str)
def test_files_that_commands_of_the_project_name_are_there(block: Block) -> None:
    for name in re.findall(r"\b(?:benchmarks|tests|docs/pictures)/\w+\.py\b", block.text):
        assert (ROOT / name).is_file(), f"{block}: {name}"
    for module in re.findall(r"python -m (plotart[\w.]*)", block.text):
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file(), f"{block}: {module}"

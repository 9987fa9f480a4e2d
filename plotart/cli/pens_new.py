"""plotart pens new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plotart.cli.complete import complete_pens
from plotart.cli.files import check_file
from plotart.cli.options import nib_option
from plotart.cli.pens_table import pens_table
from plotart.cli.say import say
from plotart.cli.tables import swatch
from plotart.color import to_hex
from plotart.errors import OutputError, PenError
from plotart.pens import Pen, PenSet
from plotart.pens.catalogue import PenFile, dump_set, parse_set, save_set, set_names
from plotart.pens.formats import NIB
from plotart.pens.spoken import Usual, pens_said

#: A pen, and the set that its colour comes from, or nothing.
Said = tuple[Pen, str]

ASKED = """\
Your pens, a line each; an empty line when all are there, - takes back the last.
  red 0.5mm                      a colour, and how wide its line is
  Poppy, #c8102e, 0.5mm, opaque  with a name; opaque ink covers what is below it
  uni-pin: black 0.5, #c8102e    pens of a set by name, or nearest to a colour
"""


def pens_new(
    name: Annotated[str, typer.Argument(help="What the set is to be called, as in my-desk.", show_default=False)],
    pen: Annotated[
        list[str] | None,
        typer.Option("--pen", metavar="PEN", help="A pen, in place of being asked, as in `Black, #1b1b1b, 0.5mm`."),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="SET", help="Pens of this set.", autocompletion=complete_pens),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(help="Only these of the set, by name or colour, with commas between: `red,black,#1f4fa3`."),
    ] = None,
    width: Annotated[str, typer.Option(help="The line of pens of which nothing is said.")] = f"{NIB:g}mm",
    opaque: Annotated[
        bool, typer.Option("--opaque", help="Inks of which nothing is said cover, as gel pens and paint markers do.")
    ] = False,
    title: Annotated[str | None, typer.Option(help="What lists call it.  [default: its name]")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="The file.  [default: among your sets, found by its name]")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace your set of that name, or the file.")] = False,
) -> None:
    """Write a set of the pens that you own: asks for them, or takes them from options.

    Then `--pens my-desk` draws with them, and `pens: my-desk` in a config. The file is plain TOML; what measuring finds
    of the pens goes into it too.

    **Examples**

        plotart pens new my-desk

        plotart pens new my-desk --from stabilo-point-88 --only "black,red,azure" --pen "Gold, #b19145, 0.7mm, opaque"
    """
    if out is not None:
        check_file(out, ".toml")
    _check_free(name, out, overwrite=overwrite)
    if only is not None and len(source or []) != 1:
        raise PenError("--only: names pens of one set; give one --from with it")
    usual = Usual(nib_option(width), "opaque" if opaque else "transparent")
    console = Console()
    lines = [*(f"{one}: {only or ''}" for one in source or []), *(pen or [])]
    said = [one for line in lines for one in pens_said(line, usual)] or list(_asked(console, usual))
    found = PenFile(
        PenSet([one for one, _ in said]),
        title=title or name,
        origins={one.name: origin for one, origin in said if origin},
    )
    console.print(pens_table(found))
    path = _written(found, name, out, overwrite=overwrite)
    say(console, f"Written to {path}\nDraw with them:  plotart draw photo.jpg --pens {name if out is None else path}")


def _check_free(name: str, out: Path | None, *, overwrite: bool) -> None:
    """Before anybody answers questions in vain. Raises PenError, OutputError."""
    if overwrite:
        return
    if out is None and name.casefold() in {one.casefold() for one in set_names()}:
        raise PenError(f"{name!r} is the name of a set already; take another name, or --overwrite")
    if out is not None and out.exists():
        raise OutputError(f"{out}: is there already; give another name, or --overwrite")


def _asked(console: Console, usual: Usual) -> Iterator[Said]:
    """The pens that a person says. Raises PenError if there are none."""
    console.print(ASKED, highlight=False, markup=False)
    said: list[Said] = []
    while True:
        try:
            line = console.input(f"pen {len(said) + 1}: ", markup=False).strip()
        except EOFError:
            line = ""
        if not line:
            break
        if line == "-":
            said = said[:-1]
            continue
        try:
            more = pens_said(line, usual)
            PenSet([pen for pen, _ in [*said, *more]])
        except PenError as error:
            say(console, f"  {error}")
            continue
        said += more
        for pen, _ in more:
            console.print("  ", swatch(to_hex(pen.rgb), f"{pen.name}  {pen.width:g} mm, {pen.ink}"), sep="")
    if not said:
        raise PenError("no pens: say at least one, or give --pen or --from")
    yield from said


def _written(found: PenFile, name: str, out: Path | None, *, overwrite: bool) -> Path:
    if out is None:
        return save_set(found, name, overwrite=overwrite)
    from plotart.files.atomic import write_file

    text = dump_set(found)
    parse_set(text, str(out))
    return write_file(out, text)

"""plotart draw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from plotart.cli.complete import complete_looks, complete_pens
from plotart.cli.generate import ChangedConfig, Device, Override, Overwrite, Resume, Threads, existing_of, run_config
from plotart.cli.options import size_option
from plotart.cli.say import say
from plotart.errors import UnitError
from plotart.geometry.units import to_mm
from plotart.plugins import LOOKS
from plotart.schema.values import PAPER_MM

if TYPE_CHECKING:
    from PIL import Image

    from plotart.pens import PenSet

#: The pens of those who name none.
USUAL = "stabilo-point-88"


def draw_command(
    context: typer.Context,
    picture: Annotated[Path, typer.Argument(help="The photograph or picture.", show_default=False)],
    look: Annotated[
        str,
        typer.Option(help=f"What it is drawn like: {', '.join(LOOKS.own)}, free.", autocompletion=complete_looks),
    ] = "engraving",
    pens: Annotated[
        str, typer.Option(help="The name of a set of pens, or a TOML file.", autocompletion=complete_pens)
    ] = USUAL,
    only: Annotated[
        str | None, typer.Option(help="Names of pens of the set, with commas between; all are used.")
    ] = None,
    colors: Annotated[int, typer.Option(min=1, max=64, help="Of more pens, the best so many for the picture.")] = 4,
    size: Annotated[
        str, typer.Option(help=f"The sheet: {', '.join(PAPER_MM)}, or 200x150 in mm; a named one lies as the picture.")
    ] = "a4",
    margin: Annotated[str | None, typer.Option(help="Nothing is drawn this close to the edges.")] = None,
    paper: Annotated[str, typer.Option(help="The paper's colour.")] = "white",
    background: Annotated[str, typer.Option(help="keep, or white: what is not the subject is left bare.")] = "keep",
    mask: Annotated[Path | None, typer.Option(help="A picture that is white where it is to be drawn.")] = None,
    attention: Annotated[float, typer.Option(min=0, max=1, help="How far what stands out less fades.")] = 0.0,
    steps: Annotated[int | None, typer.Option(min=0, help="Steps that perfect it; 0 leaves it as it begins.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another drawing.")] = 0,
    override: Override = None,
    out: Annotated[
        Path | None, typer.Option(help="The run folder, or the PNG.  [default: outputs/PICTURE-LOOK]")
    ] = None,
    looks: Annotated[bool, typer.Option("--looks", help="A sheet of all looks to choose from, and no run.")] = False,
    preview_tones: Annotated[
        bool, typer.Option("--preview-tones", help="What the pens can do with the picture, and no run.")
    ] = False,
    device: Annotated[Device, typer.Option(help="Where strokes and renderer compute.")] = Device.auto,
    threads: Threads = None,
    resume: Resume = False,
    changed_config: ChangedConfig = False,
    overwrite: Overwrite = False,
) -> None:
    """Draw a photograph with your pens, and write the files to plot it.

    A look is laid out first; then its lines move until tones and edges are as near to the picture's as these nibs and
    inks come on this paper. The run's config.yaml says all that can be changed.

    **Examples**

        plotart draw portrait.jpg --pens my-desk.toml --look engraving --size a4

        plotart draw portrait.jpg --looks --out looks.png

        plotart draw portrait.jpg --look flow --paper "#f2ead8" --attention 0.5 -o look.angle=20
    """
    from plotart.job.draw import DrawOptions, draw_config, draw_looks
    from plotart.job.draw import preview_tones as tones

    def options(look: str) -> DrawOptions:
        return DrawOptions(
            pens=_pens(pens, only),
            look=look,
            size=size_option(size),
            paper=paper,
            margin=None if margin is None else _margin(margin),
            colors=len(only.split(",")) if only else colors,
            background=background,
            mask=mask,
            attention=attention,
            seed=seed,
            steps=steps,
        )

    console = Console()
    if looks:
        with console.status("looks") as status:
            sheet = draw_looks(picture, options, lambda look: status.update(f"looks: {look}"))
        _write(console, sheet, out or picture.with_name(f"{picture.stem}-looks.png"))
        return
    config = draw_config(picture, options(look))
    if override:
        config = config.override(*override)
    if preview_tones:
        _write(console, tones(config), out or picture.with_name(f"{picture.stem}-tones.png"))
        return
    run_config(context, config, picture, out, existing_of(resume, changed_config, overwrite), device, threads)


def _pens(text: str, only: str | None) -> PenSet:
    """The pens of a set, or those of these names. Raises PenError."""
    from plotart.pens.catalogue import load_set

    pens = load_set(text).pens
    return pens.called([name.strip() for name in only.split(",")]) if only else pens


def _margin(text: str) -> float:
    """In mm. Raises UnitError."""
    try:
        return to_mm(text)
    except UnitError as error:
        raise UnitError(f"--margin: {error}") from None


def _write(console: Console, sheet: Image.Image, path: Path) -> None:
    """A picture into a file, whole. Raises OutputError."""
    from plotart.files.atomic import write_file
    from plotart.files.images import png_bytes

    write_file(path, png_bytes(sheet))
    say(console, f"{path}  {sheet.width} x {sheet.height} px")

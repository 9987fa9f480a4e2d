"""vpype plotart …: plotart's commands in a pipeline of vpype's.

vpype's own commands follow each other on one line, so that none of them may be a group of others: `plotart` is one
command that takes the name of another as its first word.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import vpype
import vpype_cli

from plotart.errors import InputError, PlotartError

if TYPE_CHECKING:
    from plotart.export.drawing import Layer
    from plotart.export.toolpath import ToolpathOptions

#: How far a line may stray, and ends may lie apart, as in a config.
SIMPLIFY, MERGE = "0.02mm", "0.1mm"


class Commands(click.Command):
    """A command whose first word is the name of one of its own."""

    def __init__(self, name: str, **about: Any) -> None:
        super().__init__(name, **about)
        self.commands: dict[str, click.Command] = {}

    def command(self, name: str) -> Callable[[Callable[..., Any]], click.Command]:
        def add(function: Callable[..., Any]) -> click.Command:
            self.commands[name] = click.command(name, cls=Command)(function)
            return self.commands[name]

        return add

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of the command that the first word names, which vpype then invokes in place of this one."""
        if not args or args[0] in self.get_help_option_names(click.Context(self)):
            return super().make_context(info_name, args or ["--help"], parent, **extra)
        first, *rest = args
        if first not in self.commands:
            raise click.UsageError(f"{info_name} {first}: no such command; there are {', '.join(self.commands)}")
        return self.commands[first].make_context(f"{info_name} {first}", rest, parent, **extra)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "COMMAND [OPTIONS] [ARGS]...")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            width = formatter.width - 20
            formatter.write_dl([(name, one.get_short_help_str(width)) for name, one in self.commands.items()])


class WrongInput(click.ClickException):
    exit_code = 2


class Command(click.Command):
    """A command whose errors are a line each, as vpype's own are, and end with status 2 as plotart's do."""

    def invoke(self, ctx: click.Context) -> Any:
        processor = super().invoke(ctx)

        def run(state: vpype_cli.State) -> None:
            try:
                processor(state)
            except PlotartError as error:
                kind = WrongInput if isinstance(error, InputError) else click.ClickException
                raise kind(f"{ctx.info_name}: {error}") from None

        return run


plotart = Commands(
    "plotart",
    help="""Drawings of plotart, and what it does to lines, pen by pen.

    \b
    vpype plotart generate poster.yaml layout a4 write poster.svg
    vpype read in.svg plotart assign my-pens plotart toolpath plotart stats write out.svg

    Each command has a help of its own, as in `vpype plotart toolpath --help`.""",
    short_help="Drawings of plotart, and what it does to lines; `vpype plotart --help` lists commands.",
)
plotart.help_group = "Plugins"  # type: ignore[attr-defined]

#: Which layers a command works on.
LAYERS = click.option(
    "-l",
    "--layer",
    "layers",
    type=vpype_cli.LayerType(accept_multiple=True),
    default="all",
    help="Target layer(s) or 'all'.",
)
MACHINE = click.option(
    "-m", "--machine", type=vpype_cli.TextType(), default="axidraw-v3", show_default=True, help="The plotter."
)


@plotart.command("generate")
@click.argument("config", type=vpype_cli.PathType(exists=True, dir_okay=False))
@click.option("-o", "--override", "overrides", multiple=True, metavar="KEY=VALUE", help="Change a key of the config.")
@click.option("-s", "--seed", type=vpype_cli.IntegerType(), help="Another seed, another drawing.")
@click.option("--out", type=vpype_cli.PathType(file_okay=False), help="The run folder; without it, none is kept.")
@vpype_cli.global_processor
def generate(
    document: vpype.Document, config: str, overrides: tuple[str, ...], seed: int | None, out: str | None
) -> vpype.Document:
    """Draw what a config says, into new layers.

    There is a layer for each pen, in plotting order, with the pen's name, colour and width, and the page has the
    config's size. A run in the folder that is finished, and was made from the same config, is read and not made again.

    Examples:

    \b
        vpype plotart generate poster.yaml layout a4 write poster.svg
        vpype plotart generate -o strokes.count=200 -s 3 --out outputs/poster poster.yaml show
    """
    from tempfile import TemporaryDirectory

    from rich.console import Console

    from plotart import Config
    from plotart import generate as make
    from plotart.cli.progress import StepBar

    loaded = Config.load(config, [*overrides, *([f"seed={seed}"] if seed is not None else [])])
    with TemporaryDirectory() as temporary, StepBar(Console(stderr=True), loaded.optimize.steps) as bar:
        run = make(loaded, out=out or temporary, existing="resume", on_step=bar.update)
        return _with_run(document, run.path)


@plotart.command("penset")
@click.argument("pens", metavar="SET", type=vpype_cli.TextType())
@click.option("-p", "--pen", "names", multiple=True, metavar="PEN", help="Only this pen; can be repeated, in order.")
@LAYERS
@vpype_cli.global_processor
def penset(document: vpype.Document, pens: str, names: tuple[str, ...], layers: Any) -> vpype.Document:
    """Put the pens of a set on layers, the first on layer 1.

    SET is a name of `plotart pens list`, or a TOML file. Layers take their pen's name, colour and width. Those that
    `--layer` names take the pens in that order.

    Examples:

    \b
        vpype read in.svg plotart penset stabilo-point-88 write out.svg
        vpype read in.svg plotart penset -l 2,4 -p "Point 88 Black" -p "Point 88 Red" stabilo-point-88 write out.svg
    """
    from plotart.errors import PenError
    from plotart.export.document import put_pen
    from plotart.pens.catalogue import load_set

    found = load_set(pens).pens
    chosen = list(found.called(names) if names else found)
    numbers = vpype_cli.multiple_to_layer_ids(layers, document)
    places = numbers if layers == vpype_cli.LayerType.ALL else range(1, len(numbers) + 1)
    if max(places, default=0) > len(chosen):
        raise PenError(f"found {len(chosen)} pens and layers up to {max(numbers)}; allowed: as many pens, or --layer")
    for number, place in zip(numbers, places, strict=True):
        put_pen(document.layers[number], chosen[place - 1], number)
    return document


@plotart.command("assign")
@click.argument("pens", metavar="SET", type=vpype_cli.TextType())
@click.option("--paper", type=vpype_cli.TextType(), default="white", show_default=True, help="The paper's colour.")
@click.option("--apart", is_flag=True, help="Never two colours to the same pen.")
@LAYERS
@vpype_cli.global_processor
def assign(document: vpype.Document, pens: str, paper: str, apart: bool, layers: Any) -> vpype.Document:
    """Give each layer the pen of a set that is most like it.

    SET is a name of `plotart pens list`, or a TOML file. Colours are compared by CIEDE2000, as the inks look on the
    paper. Of pens that look the same, the one with the nearest nib is taken. Layers that get the same pen become one.

    Examples:

    \b
        vpype read --attr stroke in.svg plotart assign stabilo-point-88 write out.svg
        vpype read in.svg plotart assign --apart --paper "#1b1b1b" uni-ball-signo write out.svg
    """
    from plotart.export.document import document_layers, put_pen
    from plotart.job.layer_pens import pens_for
    from plotart.pens.catalogue import load_set

    numbers = [number for number in vpype_cli.multiple_to_layer_ids(layers, document) if len(document.layers[number])]
    found = document_layers({number: document.layers[number] for number in numbers})
    chosen = pens_for(found, load_set(pens).pens, paper=paper, apart=apart) if found else []
    first: dict[tuple[str, int], int] = {}
    for number, layer, pen in zip(numbers, found, chosen, strict=True):
        into = first.setdefault((pen.name, layer.refill), number)
        if into == number:
            put_pen(document.layers[number], pen, number, layer.refill)
        else:
            document.layers[into].extend(document.pop(number))
    return document


@plotart.command("toolpath")
@click.option("--merge", type=vpype_cli.LengthType(), default=MERGE, show_default=True, help="Join ends this close.")
@click.option("--simplify", type=vpype_cli.LengthType(), default=SIMPLIFY, show_default=True, help="Lines may stray.")
@click.option("--min-length", type=vpype_cli.LengthType(), default="0mm", help="Leave out shorter lines, but for dots.")
@click.option("--no-sort", is_flag=True, help="Keep the order of lines.")
@click.option("--no-reloop", is_flag=True, help="Keep the place where closed lines begin.")
@vpype_cli.global_processor
def toolpath(
    document: vpype.Document, merge: float, simplify: float, min_length: float, no_sort: bool, no_reloop: bool
) -> vpype.Document:
    """Put lines in order for the plotter, layer by layer.

    Ends are joined, points dropped, and lines sorted for a short way with the pen up, which never gets longer. A layer
    whose pen has to be filled now and then becomes a layer for each filling. Takes the place of linemerge,
    linesimplify, reloop and linesort.

    Example:

    \b
        vpype read in.svg plotart toolpath write out.svg
    """
    from plotart.config import ExportConfig

    options = ExportConfig(
        merge=_mm(merge), simplify=_mm(simplify), min_length=_mm(min_length), sort=not no_sort, reloop=not no_reloop
    )
    return _tidied(document, options)


@plotart.command("hidden")
@vpype_cli.global_processor
def hidden(document: vpype.Document) -> vpype.Document:
    """Leave out what opaque ink of later layers covers.

    Layers have the ink that `plotart generate`, `penset` and `assign` give them, or that is set by hand. Those without
    are transparent, and hide nothing. Lines are as broad as the layer's pen.

    Examples:

    \b
        vpype read in.svg plotart assign uni-posca-pc-1mr plotart hidden write out.svg
        vpype read in.svg propset -l 2 plotart_ink opaque plotart hidden write out.svg
    """
    from plotart.config import ExportConfig

    return _tidied(document, ExportConfig(merge=0, simplify=0, sort=False, reloop=False, remove_hidden=True))


@plotart.command("stats")
@MACHINE
@vpype_cli.global_processor
def stats(document: vpype.Document, machine: str) -> vpype.Document:
    """Print strokes, metres and minutes of each pen.

    It also says what the lines are like, and whether the plotter reaches all of them.

    Example:

    \b
        vpype read in.svg plotart toolpath plotart stats -m nextdraw-2234 write out.svg
    """
    from plotart.cli.stats import print_stats
    from plotart.export.document import to_drawing
    from plotart.job.stats import stats as figures

    print_stats(figures(to_drawing(document), machine=machine))
    return document


@plotart.command("gcode")
@click.option("-p", "--profile", type=vpype_cli.TextType(), default="gcodemm", show_default=True, help="The dialect.")
@click.argument("folder", type=vpype_cli.PathType(file_okay=False))
@vpype_cli.global_processor
def gcode(document: vpype.Document, profile: str, folder: str) -> vpype.Document:
    """Write plot.gcode, and a file for each pen, into a folder.

    PROFILE is one of vpype-gcode (`pip install 'plotart[gcode]'`), or of your own ~/.vpype.toml.

    Example:

    \b
        vpype read in.svg plotart toolpath plotart gcode -p gcodemm out/
    """
    from plotart.export.document import to_drawing
    from plotart.export.gcode import GcodeFormat
    from plotart.files.atomic import write_file

    drawing = to_drawing(document)
    form = GcodeFormat(type="gcode", profile=profile)
    form.check(drawing.width, drawing.height)
    for name, text in form.write(drawing).items():
        write_file(Path(folder) / name, text)
    if note := form.note(drawing):
        click.echo(note, err=True)
    return document


def _with_run(document: vpype.Document, folder: Path) -> vpype.Document:
    """The document with a run's plot.svg as vpype reads it, in layers behind those that there are."""
    from plotart.export.document import put_pen
    from plotart.export.labels import parse_label
    from plotart.runs.run import load_run

    run = load_run(folder)
    if run.pens is None:
        raise InputError(f"{folder}: is a run on a canvas of pixels, which has no lines")
    known = {pen.name: pen for pen in run.pens}
    plotted = vpype.read_multilayer_svg(
        str(folder / "plot.svg"), quantization=vpype.convert_length("0.1mm"), crop=False
    )
    last = max(document.layers, default=0)
    for number, lines in sorted(plotted.layers.items()):
        label = parse_label(str(lines.property("vp_name")))
        put_pen(lines, known[label.name], last + number, label.refill)
        document.layers[last + number] = lines
    document.extend_page_size(plotted.page_size)
    return document


def _tidied(document: vpype.Document, options: ToolpathOptions) -> vpype.Document:
    """The document with its lines worked on; layers keep what is known of them, and their numbers, unless one before
    them becomes several."""
    from plotart.export.document import put_pen, to_drawing, to_lines
    from plotart.export.toolpath import tidy_drawing

    drawing = to_drawing(document)
    numbers = [number for number in sorted(document.layers) if len(document.layers[number])]
    toolpath = tidy_drawing(drawing, options)
    done: dict[int, list[Layer]] = {number: [] for number in numbers}
    for layer in toolpath.drawing.layers:
        home = next(n for n, given in zip(numbers, drawing.layers, strict=True) if given.pen is layer.pen)
        done[home].append(layer)
    found = document.clone()
    more = 0
    for number in numbers:
        for place, layer in enumerate(done[number]):
            more += place > 0
            lines = to_lines(layer)
            lines.metadata = dict(document.layers[number].metadata)
            if len(done[number]) > 1 or more:
                put_pen(lines, layer.pen, number + more, layer.refill)
            found.layers[number + more] = lines
    return found


def _mm(px: float) -> float:
    from plotart.geometry.units import MILLIMETRES

    return px * MILLIMETRES["px"]

"""plotart networks atlas."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from plotart.cli.again import again
from plotart.cli.complete import complete_networks
from plotart.cli.networks_best import keep_best, parse_layers
from plotart.cli.progress import DoingColumn
from plotart.cli.say import say
from plotart.errors import InputError

if TYPE_CHECKING:
    from plotart.reports.atlas_page import Cell
    from plotart.sweep.atlas import Making


def networks_atlas(
    context: typer.Context,
    network: Annotated[
        str,
        typer.Argument(
            help="One of those of `plotart networks list`.", show_default=False, autocompletion=complete_networks
        ),
    ],
    layer: Annotated[
        str | None,
        typer.Option(
            help="A layer as in conv4_2, or class for the classes; with --best several, as in class,conv4_2.  "
            "[default: class; with --best class and conv4_1 to conv5_2]"
        ),
    ] = None,
    channels: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="As in 0-15,20, or classes as in spiral,star.  [default: all]"),
    ] = None,
    best: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Choose the N that fill the page best with clean lines, each unlike the others."
        ),
    ] = None,
    strokes: Annotated[int, typer.Option(min=1, help="Strokes in each drawing.")] = 60,
    steps: Annotated[int, typer.Option(min=1, help="Steps for each drawing.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, other drawings.")] = 0,
    together: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Drawings that the network looks at in one pass.  [default: 4, or 16 on a GPU]",
            show_default=False,
        ),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The network's weights, in place of the usual ones.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder.  [default: outputs/atlas-NETWORK-LAYER, or -best]")
    ] = None,
) -> None:
    """Draw what each channel or class of a network is excited by, with few strokes, as a sheet to choose from.

    It takes some seconds for each of them. What is in the folder already is not made again, so that the same command
    goes on after Ctrl-C, and other channels can be added.

    With --best each drawing has a score, by what it gains over bare paper, how much of the page it fills, in what
    rhythm, and how clean its lines are. The best are on a sheet, with the lines for a config; scores.json has all.
    --channels are those of each layer, but of the classes only where they are alone.

    **Examples**

        plotart networks atlas motif

        plotart networks atlas motif --channels spiral,star,waves --steps 200

        plotart networks atlas motif --layer conv4_2 --channels 0-15,20

        plotart networks atlas motif --best 24
    """
    from plotart.sweep.atlas import atlas, write_atlas
    from plotart.sweep.best import draw_all, usual_layers

    shown = layer or "class"
    folder = out if out is not None else Path("outputs", f"atlas-{network}-{shown if best is None else 'best'}")
    note = f"{strokes} strokes · {steps} steps · seed {seed}" + (f" · {weights.name}" if weights is not None else "")
    console = Console()
    # The labels of several layers name them.
    bar = AtlasBar(console, shown if best is None else "class")
    options: dict[str, Any] = {
        "channels": None if channels is None else parse_channels(channels),
        "folder": folder,
        "strokes": strokes,
        "steps": steps,
        "seed": seed,
        "together": together,
        "weights": weights,
        "on_step": bar.update,
        "on_download": bar.download,
    }
    try:
        with bar.progress:
            if best is None:
                write_atlas(atlas(network, layer=shown, **options), folder, note=note, on_cell=bar.have)
            else:
                layers = usual_layers(network, weights=weights) if layer is None else parse_layers(layer)
                for cell in draw_all(network, layers, **options):
                    bar.have(cell)
    except KeyboardInterrupt:
        have = "1 drawing is" if len(bar.cells) == 1 else f"{len(bar.cells)} drawings are"
        line = again(context, "--seed", str(seed), "--out", str(folder), without=("seed", "out"))
        say(console, f"Stopped; {have} in {folder}. Go on with:\n  {line}")
        raise
    made = sum(not cell.cached for cell in bar.cells)
    console.print(f"{len(bar.cells)} drawings, {made} of them made now", highlight=False)
    if best is not None:
        keep_best(console, bar.cells, best, folder, network=network, weights=weights, note=note)
        return
    _print_result(console, bar.cells)
    console.print(f"Done: {escape(str(folder))}\n  atlas.html  atlas.png", soft_wrap=True, highlight=False)


def parse_channels(text: str) -> list[int | str]:
    """Of ``0-15,20`` the numbers; what is no number is a class's name. Raises InputError."""
    found: list[int | str] = []
    for word in (part.strip() for part in text.split(",")):
        numbers = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", word)
        if not word:
            raise InputError(f"--channels {text}: found nothing before or after a comma; allowed: as in 0-15,20")
        if numbers is None:
            found.append(word)
            continue
        first, last = int(numbers[1]), int(numbers[2] or numbers[1])
        if last < first:
            raise InputError(f"--channels {text}: {word} runs backwards; allowed: as in {last}-{first}")
        found += range(first, last + 1)
    return found


class AtlasBar:
    """One line while an atlas is made: the cell at hand, how many there are, and the time left."""

    def __init__(self, console: Console, layer: str) -> None:
        self.progress = Progress(
            SpinnerColumn(),
            DoingColumn(),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[figures]}"),
            console=console,
            transient=True,
        )
        self._prefix = "" if layer == "class" else f"{layer}:"
        self.cells: list[Cell] = []
        self._started: float | None = None
        self._task = self.progress.add_task("preparing", total=None, figures="")

    def download(self, done: int, total: int) -> None:
        self.progress.update(
            self._task,
            description="fetching weights",
            completed=done,
            total=total or None,
            figures=f"{done / 1e6:.0f} MB",
        )

    def update(self, at: Making) -> None:
        now = time.perf_counter()
        self._started = now if self._started is None else self._started
        figures = f"{at.number}/{at.total}"
        # Those that were there took no time, and say nothing of those to come.
        made = at.done - sum(cell.cached for cell in self.cells)
        if made > 0:
            left = round((now - self._started) / made * (at.total - at.done))
            figures += f" · {left // 60}:{left % 60:02d} left"
        more = f" and {at.beside} more" if at.beside else ""
        self.progress.update(
            self._task,
            description=f"drawing {self._prefix}{at.label}{more}",
            completed=at.done,
            total=at.total,
            figures=figures,
        )

    def have(self, cell: Cell) -> None:
        self.cells.append(cell)


def _print_result(console: Console, cells: list[Cell]) -> None:
    from plotart.reports.atlas_page import gain_text

    strongest = sorted(cells, key=lambda cell: -cell.gain)[:3]
    named = ", ".join(f"{escape(cell.label)} {gain_text(cell.gain)}" for cell in strongest)
    console.print(f"strongest: {named}", soft_wrap=True, highlight=False)
    if weak := [cell.label for cell in cells if cell.gain <= 0]:
        console.print(
            f"[yellow]{len(weak)} did not excite more than bare paper:[/] {escape(', '.join(weak))}",
            soft_wrap=True,
            highlight=False,
        )

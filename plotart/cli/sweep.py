"""plotart sweep."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from plotart.cli.again import again
from plotart.cli.say import say
from plotart.errors import PlotartError

if TYPE_CHECKING:
    from plotart.sweep.grid import Cell
    from plotart.sweep.record import Record
    from plotart.sweep.vary import Axis


class EngineChoice(str, Enum):
    local = "local"
    ray = "ray"


def sweep_command(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="The config, a YAML file.", show_default=False)],
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="KEY=VALUES", show_default=False, help="What to vary: `seed=0..15`, `0.1..0.5:5` or `3,5,8`."
        ),
    ],
    override: Annotated[
        list[str] | None,
        typer.Option("-o", "--override", metavar="KEY=VALUE", help="Change one key for all, as in `-o page.size=a4`."),
    ] = None,
    engine: Annotated[
        EngineChoice, typer.Option(help="This machine's processes, or a cluster of Ray's.")
    ] = EngineChoice.local,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Drawings at once.  [default: as many as cores, or CPUs in the cluster]")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The sweep's folder.  [default: outputs/NAME-sweep]")] = None,
    keep_best: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Once all are done, remove all run folders but those of the N highest activations; the gallery keeps "
            "the thumbnails and figures of the others.",
        ),
    ] = None,
    retries: Annotated[int, typer.Option(min=0, help="New tries of a drawing whose worker was lost.")] = 2,
) -> None:
    """Make many drawings from one config, each combination of values a run of its own, and a gallery to choose from.

    The same command goes on after Ctrl-C, or after the machine went down: what is finished is not drawn again, and the
    rest goes on from its newest checkpoint.

    **Examples**

        plotart sweep configs/quickstart.yaml --vary seed=0..15

        plotart sweep configs/quickstart.yaml --vary seed=0..3 --vary objective.0.class=star,fern,spiral

        plotart sweep configs/quickstart.yaml --vary palette.usage=0.01..0.09:5 -o optimize.steps=200 --keep-best 3
    """
    from plotart.sweep.grid import grid
    from plotart.sweep.run import sweep_folder
    from plotart.sweep.vary import parse_axes

    axes = parse_axes(vary)
    cells = grid(config, axes, override or [])
    folder = out if out is not None else sweep_folder(cells[0].config)
    console = Console()
    record = _draw(context, console, cells, axes, folder, engine, workers, retries)
    _print_result(console, record, keep_best)


def _draw(
    context: typer.Context,
    console: Console,
    cells: Sequence[Cell],
    axes: Sequence[Axis],
    folder: Path,
    engine: EngineChoice,
    workers: int | None,
    retries: int,
) -> Record:
    from plotart.cli.sweep_table import SweepTable
    from plotart.sweep.run import sweep

    try:
        with SweepTable(console, [cell.name for cell in cells]) as table:
            return sweep(
                cells, axes, out=folder, engine=engine.value, workers=workers, retries=retries, on_event=table.hear
            )
    except KeyboardInterrupt:
        line = again(context, "--out", str(folder), without=("out",))
        say(console, f"Stopped; what is done is in {folder}. Go on with:\n  {line}")
        raise


def _print_result(console: Console, record: Record, keep_best: int | None) -> None:
    folder, failed = record.folder.path, record.named("failed")
    say(console, f"{record.count('done')} of {len(record.cells)} drawings are in {folder}")
    if keep_best is not None and not failed:
        removed = record.keep_best(keep_best)
        say(console, f"Removed {len(removed)} run folders; the best {keep_best} are kept")
    say(console, "  index.html  sweep.csv  sweep.json")
    if not failed:
        return
    for name in failed:
        say(console, f"{name}: {record.entries[name].message}")
    kept = "; nothing was removed for --keep-best" if keep_best is not None else ""
    raise PlotartError(f"{len(failed)} of {len(record.cells)} drawings failed{kept}; the same command tries them again")

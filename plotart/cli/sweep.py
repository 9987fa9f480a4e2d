"""plotart sweep."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from plotart.cli.again import again
from plotart.cli.complete import complete_configs
from plotart.cli.generate import CONFIG
from plotart.cli.say import say
from plotart.errors import EngineLost, OptionError, PlotartError

if TYPE_CHECKING:
    from plotart.sweep.grid import Cell
    from plotart.sweep.record import Record
    from plotart.sweep.vary import Axis


class EngineChoice(str, Enum):
    local = "local"
    ray = "ray"


def sweep_command(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help=CONFIG, show_default=False, autocompletion=complete_configs)],
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUES", show_default=False, help="What to vary: `seed=0..15`, `0.1..0.5:5` or `3,5,8`."
        ),
    ] = None,
    search: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUES",
            show_default=False,
            help="What to look for the best of, in place of --vary: `strokes.length=10mm..40mm`, `0.1..10:log`, "
            "`seed=0..999` or `star,fern`.",
        ),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, show_default=False, help="With --search: how long, in all.")
    ] = None,
    trials: Annotated[
        int | None, typer.Option(min=1, show_default=False, help="With --search: how many drawings, in all.")
    ] = None,
    best: Annotated[
        int | None,
        typer.Option(min=1, help="With --search: how many to choose, each unlike the others.  [default: 5]"),
    ] = None,
    score: Annotated[
        str | None,
        typer.Option(
            metavar="PARTS",
            show_default=False,
            help="With --search: what counts, as in `gain=1,cleanliness=2,rhythm=0`.  "
            "[default: gain=0.4,coverage=0.2,rhythm=0.1,cleanliness=0.3]",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="With --search: another seed tries others.  [default: 0]")
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("-o", "--override", metavar="KEY=VALUE", help="Change one key for all, as in `-o page.size=a4`."),
    ] = None,
    engine: Annotated[
        EngineChoice, typer.Option(help="This machine's processes, or a cluster of Ray's.")
    ] = EngineChoice.local,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes.  [default: as many as cores, or CPUs in the cluster]")
    ] = None,
    together: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default=False,
            help="Drawings that each process makes at once, the network looking at all of them in one pass.  "
            "[default: 1, or 16 on a GPU]",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The sweep's folder.  [default: outputs/NAME-sweep, or -search]")
    ] = None,
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

    With --search it tries values one after another, each time where the drawings before let hope for good ones, and
    chooses the best that are unlike each other.

    The same command goes on after Ctrl-C, or after the machine went down: what is finished is not drawn again, and the
    rest goes on from its newest checkpoint.

    **Examples**

        plotart sweep quickstart --vary seed=0..15

        plotart sweep quickstart --vary seed=0..3 --vary objective.0.class=star,fern,spiral

        plotart sweep quickstart --vary palette.usage=0.01..0.09:5 -o optimize.steps=200 --keep-best 3

        plotart sweep quickstart --search objective.0.class=star,fern --search strokes.length=10mm..40mm
        --minutes 60
    """
    from plotart.sweep.grid import grid
    from plotart.sweep.run import sweep_folder
    from plotart.sweep.vary import parse_axes

    of_search = {"minutes": minutes, "trials": trials, "best": best, "score": score, "seed": seed}
    _check_options(vary, search, keep_best, together, of_search)
    if search:
        from plotart.cli.sweep_search import search_command

        search_command(
            context,
            config,
            search,
            override or [],
            minutes=minutes,
            trials=trials,
            score=score,
            out=out,
            best=5 if best is None else best,
            seed=seed or 0,
            engine=engine.value,
            workers=workers,
            retries=retries,
        )
        return
    axes = parse_axes(vary or [])
    cells = grid(config, axes, override or [])
    folder = out if out is not None else sweep_folder(cells[0].config)
    console = Console()
    record = _draw(context, console, cells, axes, folder, engine, workers, together, retries)
    _print_result(console, record, keep_best)


def _check_options(
    vary: list[str] | None,
    search: list[str] | None,
    keep_best: int | None,
    together: int | None,
    of_search: dict[str, Any],
) -> None:
    """Raises OptionError for what does not go together."""
    if vary and search:
        raise OptionError(
            "search: found together with --vary; allowed: one of them; --search seed=0..999 tries seeds too"
        )
    if search and keep_best is not None:
        raise OptionError("keep-best: found together with --search; allowed: --best N, which removes nothing")
    if search and together is not None:
        raise OptionError("together: found together with --search; allowed: --workers, as each drawing is chosen alone")
    for name, value in of_search.items():
        if value is not None and not search:
            raise OptionError(f"{name}: found without --search; allowed: together with it")


def _draw(
    context: typer.Context,
    console: Console,
    cells: Sequence[Cell],
    axes: Sequence[Axis],
    folder: Path,
    engine: EngineChoice,
    workers: int | None,
    together: int | None,
    retries: int,
) -> Record:
    from plotart.cli.sweep_table import SweepTable
    from plotart.sweep.run import sweep

    try:
        with SweepTable(console, [cell.name for cell in cells]) as table:
            return sweep(
                cells,
                axes,
                out=folder,
                engine=engine.value,
                workers=workers,
                together=together,
                retries=retries,
                on_event=table.hear,
            )
    except (KeyboardInterrupt, EngineLost) as reason:
        line = again(context, "--out", str(folder), without=("out",))
        stopped = "Stopped; what" if isinstance(reason, KeyboardInterrupt) else "What"
        say(console, f"{stopped} is done is in {folder}. Go on with:\n  {line}")
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

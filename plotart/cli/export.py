"""plotart export: the files for the plotter, written again, and those for other machines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from plotart.cli.report import write_report
from plotart.cli.say import say
from plotart.cli.tables import left_out_lines, pen_table, sheet_lines, swaps_line
from plotart.config import Config, ExportConfig
from plotart.errors import ConfigError, DrawingError

#: Keys of `export` that a finished run can change: the order of its pens, and what was kept of its making, are past.
CHANGEABLE = tuple(key for key in ExportConfig.model_fields if key not in ("order", "timelapse"))


def export_command(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", show_default=False)],
    out: Annotated[Path | None, typer.Option(help="Where to write.  [default: the run folder]")] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("-o", "--override", metavar="KEY=VALUE", help="As in `-o export.simplify=0.05mm`."),
    ] = None,
    gcode: Annotated[
        str | None,
        typer.Option(
            metavar="PROFILE",
            help="Also plot.gcode, and a file per pen, in a dialect of vpype-gcode: gcode, gcodemm, gcode_relative, "
            "csv, json, isvg, HPGL-R, BBC-GL-R, BBC-GL, ninja, step_motor, step_motor_relative, or one of your "
            "~/.vpype.toml.",
        ),
    ] = None,
    hpgl: Annotated[
        str | None,
        typer.Option(
            metavar="DEVICE",
            help="Also plot.hpgl, for a plotter that vpype knows: hp7475a, hp7440a, hp7550, artisan, dmp_161, dxy, "
            "sketchmate, or one of your ~/.vpype.toml.",
        ),
    ] = None,
    vpype_pens: Annotated[
        bool, typer.Option("--vpype-pens", help="Also pens.toml, the pens for vpype's command `pens`.")
    ] = False,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="TYPE", help="Also files of this type, as `export.formats` has it."),
    ] = None,
) -> None:
    """Write the SVGs and the preview of a finished run again, with other export settings, or for other machines.

    **Examples**

        plotart export outputs/quickstart -o export.merge=0.3mm --out outputs/merged

        plotart export outputs/quickstart -o export.machine=axidraw-minikit -o export.sheets=true

        plotart export outputs/quickstart --gcode gcodemm

        plotart export outputs/quickstart --hpgl hp7475a --vpype-pens
    """
    from plotart.export.format import check_formats, notes
    from plotart.job.build import build_machine, build_renderer
    from plotart.job.finish import draw_plot
    from plotart.runs.run import RunFolder, load_run

    _check_keys(override or [])
    finished = load_run(run)
    if finished.strokes is None or finished.pens is None or finished.page is None:
        raise DrawingError(f"{run}: a run on a canvas of pixels has no strokes to export")
    config = Config.load(finished.path / "config.yaml", override or [])
    more: list[dict[str, str]] = [{"type": name} for name in formats or []]
    more += [{"type": "gcode", "profile": gcode}] if gcode is not None else []
    more += [{"type": "hpgl", "device": hpgl}] if hpgl is not None else []
    more += [{"type": "vpype-pens"}] if vpype_pens else []
    config = config.with_formats(more) if more else config
    check_formats(config.export.formats, finished.page.width, finished.page.height)
    folder = RunFolder.create(out or finished.path)
    console = Console()
    with _bar(console) as progress:
        plot = draw_plot(
            folder,
            finished.strokes,
            finished.pens,
            finished.page,
            build_machine(config),
            build_renderer(config),
            config.export,
            progress=progress,
        )
    if out is None:
        before = {
            key: value
            for key, value in finished.summary.items()
            if key not in ("dropped", "hidden_mm", "sheets", "formats")
        }
        folder.write("config.yaml", config.dump())
        folder.write("summary.json", json.dumps({**before, **plot.summary}, indent=2) + "\n")
        write_report(load_run(run))
    console.print(pen_table(plot.summary))
    lines = [swaps_line(plot.summary), *sheet_lines(plot.summary), *left_out_lines(plot.summary)]
    for line in [*lines, *notes(config.export.formats, plot.drawing)]:
        say(console, line)
    say(console, f"Written to {folder.path}")


def _check_keys(overrides: Sequence[str]) -> None:
    """Raises ConfigError for a key that a finished run can't change any more."""
    for text in overrides:
        head, _, key = text.partition("=")[0].strip().partition(".")
        if head != "export" or key.partition(".")[0] not in CHANGEABLE:
            raise ConfigError(
                f"-o {text}: a finished run can only change export, and not the order of its pens or its time-lapse: "
                f"allowed are {', '.join(CHANGEABLE)}, as in export.merge=0.3mm"
            )


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A line that shows how much is done, for as long as it is being done; hears (done, of how much)."""
    columns = (TextColumn("exporting"), BarColumn(bar_width=24), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)

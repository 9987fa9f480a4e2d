"""plotart generate."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from plotart.cli.again import again
from plotart.cli.complete import complete_configs
from plotart.cli.progress import DownloadBar, StepBar
from plotart.cli.say import say
from plotart.cli.tables import activation_line, alike_lines, line_line, matching_table, pen_table, recycled_line
from plotart.errors import ConfigError, DrawingError, ImageError, NetworkError, WeightsError
from plotart.files.shipped import find_config
from plotart.reports.plot_words import left_out_lines, sheet_lines, swaps_line

if TYPE_CHECKING:
    from plotart.config import Config
    from plotart.job.begin import Existing
    from plotart.job.events import Event


#: A config, as commands take it.
CONFIG = (
    "The config: a YAML file, or the name of one that comes with plotart (`plotart new` lists them); a file of that "
    "name in this folder, with or without .yaml, comes first."
)


class Device(str, Enum):
    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


Override = Annotated[
    list[str] | None,
    typer.Option("-o", "--override", metavar="KEY=VALUE", help="Change one key, as in `-o strokes.count=200`."),
]
Threads = Annotated[
    int | None,
    typer.Option(min=1, max=1024, help="Threads to compute in.  [default: one per core, or as the run was begun]"),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on from the newest checkpoint; a finished run stays as it is.")
]
ChangedConfig = Annotated[
    bool, typer.Option("--changed-config", help="With --resume: go on although the config was changed.")
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Begin anew in a folder that holds a run; that run is lost.")
]


def generate_command(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help=CONFIG, show_default=False, autocompletion=complete_configs)],
    override: Override = None,
    out: Annotated[Path | None, typer.Option(help="The run folder.  [default: outputs/NAME]")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed, another drawing.")] = None,
    device: Annotated[Device, typer.Option(help="Where strokes, renderer and networks compute.")] = Device.auto,
    threads: Threads = None,
    resume: Resume = False,
    changed_config: ChangedConfig = False,
    overwrite: Overwrite = False,
) -> None:
    """Make a drawing from a config, and the files to plot it.

    A folder that already holds a run, finished or with a checkpoint, is left alone unless --resume or --overwrite says
    what to do with it.

    **Examples**

        plotart generate quickstart

        plotart generate quickstart -o objective.0.class=star --seed 3 --out outputs/stars

        plotart generate quickstart --resume
    """
    existing = existing_of(resume, changed_config, overwrite)
    overrides = [*(override or []), *([f"seed={seed}"] if seed is not None else [])]
    file = find_config(config)
    loaded = _loaded(file, overrides, (out or Path("outputs") / file.stem) / "config.yaml" if resume else None)
    run_config(context, loaded, file, out, existing, device, threads)


def run_config(
    context: typer.Context,
    config: Config,
    source: Path,
    out: Path | None,
    existing: Existing,
    device: Device,
    threads: int | None,
) -> None:
    """Makes the drawing, with bars and notes, and prints what came of it; `source` is the file that errors name."""
    from plotart.job.generate import generate, run_folder
    from plotart.runs.run import RunFolder

    console, folder = Console(), RunFolder(out if out is not None else run_folder(config))
    _say_alike(console, config)
    was_finished, resume, overwrite = folder.finished, existing.startswith("resume"), existing == "overwrite"
    try:
        with StepBar(console, config.optimize.steps) as bar:
            run = generate(
                config,
                out=folder.path,
                existing=existing,
                device=device.value,
                threads=threads,
                on_step=bar.update,
                on_event=Events(console, bar),
            )
    except (NetworkError, WeightsError, DrawingError, ImageError) as error:
        raise type(error)(f"{source}: {error}") from None
    except KeyboardInterrupt:
        # What lies in a folder that is to be overwritten is the earlier run's until the first step.
        saved = folder.steps_saved > 0 and (bar.done > 0 or not overwrite)
        _say_stopped(console, context, folder.path, "--resume" if saved else "--overwrite" if overwrite else None)
        raise
    if was_finished and resume and not bar.done:
        advice = "To begin anew give --overwrite, or another folder with --out."
        say(console, f"The run in {folder.path} is finished; nothing was computed. {advice}")
    else:
        _print_result(console, run.path, run.summary)


def existing_of(resume: bool, changed_config: bool, overwrite: bool) -> Existing:
    if overwrite and (resume or changed_config):
        raise typer.BadParameter("begins anew, which --resume does not; give one of them", param_hint="--overwrite")
    if changed_config and not resume:
        raise typer.BadParameter("is for going on; give --resume too", param_hint="--changed-config")
    if resume:
        return "resume-changed" if changed_config else "resume"
    return "overwrite" if overwrite else "refuse"


def _loaded(config: Path, overrides: list[str], begun: Path | None) -> Config:
    """The config; where it can't be loaded, what that of the run `begun` says it was written with comes first."""
    from plotart.config import Config

    try:
        return Config.load(config, overrides)
    except ConfigError:
        if begun is not None and begun.is_file():
            Config.load(begun)
        raise


def _say_alike(console: Console, config: Config) -> None:
    if config.palette.mode == "fixed":
        from plotart.job.build import build_page
        from plotart.job.pens import build_pens

        for line in alike_lines(build_pens(config), build_page(config).paper):
            console.print(line, soft_wrap=True)


class Events:
    """Notes as lines, downloads as a bar below that of the steps."""

    def __init__(self, console: Console, bar: StepBar) -> None:
        self._console, self._downloads = console, DownloadBar(bar)

    def __call__(self, event: Event) -> None:
        from plotart.job.events import Download, Note

        if isinstance(event, Note):
            say(self._console, event.text)
        elif isinstance(event, Download):
            self._downloads.update(event.done, event.total)


def _say_stopped(console: Console, context: typer.Context, folder: Path, go_on: str | None) -> None:
    where = f"a checkpoint is in {folder}. Go on with:"
    if go_on != "--resume":
        where = "there is no checkpoint yet. Start again with:"
    without = ("out", "resume", "changed_config", "overwrite")
    line = again(context, "--out", str(folder), *([go_on] if go_on else []), without=without)
    say(console, f"Stopped; {where}\n  {line}")


def _print_result(console: Console, folder: Path, summary: dict[str, Any]) -> None:
    if "pens" in summary:
        console.print(pen_table(summary))
        for line in [swaps_line(summary), line_line(summary), *sheet_lines(summary), *left_out_lines(summary)]:
            say(console, line)
    if "matching" in summary:
        console.print(matching_table(summary))
        console.print(f"Exchanging the colours found for pens cost {summary['matching_loss']:.3f}.", highlight=False)
    console.print(activation_line(summary), soft_wrap=True, highlight=False)
    if line := recycled_line(summary):
        console.print(line, highlight=False)
    final = summary["activation"].get("plotted", summary["activation"]["hard"])
    if final <= summary["activation"]["blank"]:
        console.print(
            "[yellow]Bare paper excites this more than the drawing does:[/] try another channel, class or more steps."
        )
    console.print(f"Done in {summary['wall_seconds']:.0f} s: {escape(str(folder))}", soft_wrap=True, highlight=False)
    names = [name for name in ("plot.svg", "preview.png", "report.html") if (folder / name).is_file()]
    console.print("  " + "  ".join(names), highlight=False)

"""plotart generate."""

from __future__ import annotations

import shlex
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from plotart.cli.progress import DownloadBar, StepBar
from plotart.cli.say import say
from plotart.cli.tables import (
    activation_line,
    alike_lines,
    left_out_lines,
    matching_table,
    pen_table,
    recycled_line,
    sheet_lines,
    swaps_line,
)
from plotart.config import Config
from plotart.errors import ConfigError, DrawingError, ImageError, NetworkError, WeightsError

if TYPE_CHECKING:
    from plotart.job.begin import Existing
    from plotart.optimize import Step


class Device(str, Enum):
    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


def generate_command(
    config: Annotated[Path, typer.Argument(help="The config, a YAML file.", show_default=False)],
    override: Annotated[
        list[str] | None,
        typer.Option("-o", "--override", metavar="KEY=VALUE", help="Change one key, as in `-o strokes.count=200`."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The run folder.  [default: outputs/NAME]")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed, another drawing.")] = None,
    device: Annotated[Device, typer.Option(help="Where the network runs.")] = Device.auto,
    threads: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="Threads to compute in.  [default: one per core, or as the run was begun]"),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the newest checkpoint; a finished run stays as it is.")
    ] = False,
    changed_config: Annotated[
        bool, typer.Option("--changed-config", help="With --resume: go on although the config was changed.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Begin anew in a folder that holds a run; that run is lost.")
    ] = False,
) -> None:
    """Make a drawing from a config, and the files to plot it.

    A folder that already holds a run, finished or with a checkpoint, is left alone unless --resume or --overwrite says
    what to do with it.

    **Examples**

        plotart generate configs/quickstart.yaml

        plotart generate configs/quickstart.yaml -o objective.0.class=star --seed 3 --out outputs/stars

        plotart generate configs/quickstart.yaml --resume
    """
    if overwrite and (resume or changed_config):
        raise typer.BadParameter("begins anew, which --resume does not; give one of them", param_hint="--overwrite")
    if changed_config and not resume:
        raise typer.BadParameter("is for going on; give --resume too", param_hint="--changed-config")
    overrides = [*(override or []), *([f"seed={seed}"] if seed is not None else [])]
    try:
        loaded = Config.load(config, overrides)
    except ConfigError:
        begun = (out or Path("outputs") / config.stem) / "config.yaml"
        if resume and begun.is_file():
            Config.load(begun)  # which says what it was written with, where that is what is wrong
        raise
    existing: Existing = "overwrite" if overwrite else "refuse"
    if resume:
        existing = "resume-changed" if changed_config else "resume"
    console = Console()
    from plotart.job.events import Event, Note
    from plotart.job.generate import generate, run_folder
    from plotart.runs.run import RunFolder

    folder = out if out is not None else run_folder(loaded)
    was_finished, steps = RunFolder(folder).finished, 0

    def on_step(step: Step) -> None:
        nonlocal steps
        steps = step.number
        bar.update(step)

    def on_event(event: Event) -> None:
        if isinstance(event, Note):
            say(console, event.text)
        else:
            downloads.update(event.done, event.total)

    if loaded.palette.mode == "fixed":
        from plotart.job.build import build_page, build_pens

        for line in alike_lines(build_pens(loaded), build_page(loaded).paper):
            console.print(line, soft_wrap=True)
    try:
        with StepBar(console, loaded.optimize.steps) as bar:
            downloads = DownloadBar(bar)
            run = generate(
                loaded,
                out=folder,
                existing=existing,
                device=device.value,
                threads=threads,
                on_step=on_step,
                on_event=on_event,
            )
    except (NetworkError, WeightsError, DrawingError, ImageError) as error:
        raise type(error)(f"{config}: {error}") from None
    except KeyboardInterrupt:
        again = ["plotart", "generate", str(config), *(word for text in overrides for word in ("-o", text))]
        again += ["--device", device.value] if device is not Device.auto else []
        again += ["--threads", str(threads)] if threads is not None else []
        # What lies in a folder that is to be overwritten is the earlier run's until the first step.
        saved = RunFolder(folder).steps_saved > 0 and (steps > 0 or not overwrite)
        go_on = ["--resume"] if saved else ["--overwrite"] if overwrite else []
        where = (
            f"a checkpoint is in {folder}. Go on with:" if saved else "there is no checkpoint yet. Start again with:"
        )
        line = shlex.join([*again, "--out", str(folder), *go_on])
        say(console, f"Stopped; {where}\n  {line}")
        raise
    if was_finished and resume and not steps:
        advice = "To begin anew give --overwrite, or another folder with --out."
        say(console, f"The run in {folder} is finished; nothing was computed. {advice}")
        return
    _print_result(console, run.path, run.summary)


def _print_result(console: Console, folder: Path, summary: dict[str, Any]) -> None:
    if "pens" in summary:
        console.print(pen_table(summary))
        for line in [swaps_line(summary), *sheet_lines(summary), *left_out_lines(summary)]:
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

"""plotart generate."""

from __future__ import annotations

import shlex
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from plotart.cli.progress import DownloadBar, StepBar
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
from plotart.errors import DrawingError, ImageError, NetworkError, WeightsError


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
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the newest checkpoint.")] = False,
) -> None:
    """Make a drawing from a config, and the files to plot it.

    **Examples**

        plotart generate configs/quickstart.yaml

        plotart generate configs/quickstart.yaml -o objective.0.class=star --seed 3 --out outputs/stars

        plotart generate configs/quickstart.yaml --resume
    """
    overrides = [*(override or []), *([f"seed={seed}"] if seed is not None else [])]
    loaded = Config.load(config, overrides)
    console = Console()
    from plotart.job import generate, run_folder

    folder = out if out is not None else run_folder(loaded)
    if loaded.palette.mode == "fixed":
        from plotart.build import build_page, build_pens

        for line in alike_lines(build_pens(loaded), build_page(loaded).paper):
            console.print(line, soft_wrap=True)
    try:
        with StepBar(console, loaded.optimize.steps) as bar:
            run = generate(
                loaded,
                out=folder,
                resume=resume,
                device=device.value,
                on_step=bar.update,
                on_download=DownloadBar(bar).update,
            )
    except (NetworkError, WeightsError, DrawingError, ImageError) as error:
        raise type(error)(f"{config}: {error}") from None
    except KeyboardInterrupt:
        again = ["plotart", "generate", str(config), *(word for text in overrides for word in ("-o", text))]
        again += ["--device", device.value] if device is not Device.auto else []
        saved = any((folder / "checkpoints").glob("*.safetensors"))
        where = (
            f"a checkpoint is in {folder}. Go on with:" if saved else "there is no checkpoint yet. Start again with:"
        )
        line = shlex.join([*again, "--out", str(folder), *(["--resume"] if saved else [])])
        console.print(f"Stopped; {where}\n  {line}", soft_wrap=True, highlight=False, markup=False)
        raise
    _print_result(console, run.path, run.summary)


def _print_result(console: Console, folder: Path, summary: dict[str, Any]) -> None:
    if "pens" in summary:
        console.print(pen_table(summary))
        for line in [swaps_line(summary), *sheet_lines(summary), *left_out_lines(summary)]:
            console.print(line, soft_wrap=True, highlight=False, markup=False)
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

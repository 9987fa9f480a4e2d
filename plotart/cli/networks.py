"""Commands of the networks: networks list, networks fetch, networks convert, networks atlas."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from plotart.cli.networks_atlas import networks_atlas
from plotart.cli.networks_convert import networks_convert
from plotart.cli.say import say
from plotart.errors import PluginError, WeightsError
from plotart.plugins import NETWORKS

networks_app = typer.Typer(
    help="The networks that look at drawings.", no_args_is_help=True, rich_markup_mode="markdown"
)
networks_app.command("atlas")(networks_atlas)
networks_app.command("convert")(networks_convert)


@networks_app.command("list")
def networks_list(
    classes: Annotated[bool, typer.Option("--classes", help="Also name the classes that can be excited.")] = False,
) -> None:
    """The networks, their layers and channels."""
    from plotart.networks import describe
    from plotart.objectives.color_groups import COLOR_GROUPS

    console = Console()
    for name in NETWORKS.names:
        try:
            network = describe(name)
        except PluginError as error:
            say(console, str(error))
            continue
        layers = ", ".join(
            f"{layer} ({width})"
            for layer, width in zip(network.layers, network.widths, strict=True)
            if layer not in network.heads
        )
        console.print(f"[bold]{name}[/]  {layers}", highlight=False)
        if network.classes:
            hint = "" if classes else "; --classes names them"
            console.print(f"  {len(network.classes)} classes{hint}", highlight=False)
            if classes:
                console.print("  " + ", ".join(network.classes), highlight=False)
        if network.colors:
            console.print("  colors: " + ", ".join((*network.colors, *COLOR_GROUPS)), highlight=False)


@networks_app.command("fetch")
def networks_fetch(
    name: Annotated[str, typer.Argument(help="vgg16 or vgg19.", show_default=False)],
    up_to: Annotated[
        str | None,
        typer.Option(
            metavar="LAYER", help="The last layer that is needed.  [default: all convolutions]", show_default=False
        ),
    ] = None,
) -> None:
    """Fetch published weights of VGG16 or VGG19 into the cache folder: those of the convolutions that are needed.

    Up to conv4_3 of VGG16 these are 31 MB, all of its convolutions 59 MB, those of VGG19 80 MB. What is there already
    is not fetched again. `plotart generate` fetches what a config needs by itself.

    **Examples**

        plotart networks fetch vgg16 --up-to conv4_3

        plotart networks fetch vgg19
    """
    from plotart.networks import load_network
    from plotart.networks.published import PUBLISHED, published_file

    if name not in PUBLISHED:
        raise WeightsError(f"{name}: nothing to fetch; allowed are {', '.join(PUBLISHED)}")
    console = Console()
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=console
    )
    fetched = 0
    task: TaskID | None = None

    def update(done: int, total: int) -> None:
        nonlocal fetched, task
        if task is None:
            bar.start()
            task = bar.add_task(name, total=total)
        fetched = done
        bar.update(task, completed=done)

    try:
        network = load_network(name, up_to=up_to, progress=update)
    finally:
        if task is not None:
            bar.stop()
    where = published_file(name) or PUBLISHED[name].folder
    what = f"{fetched / 1e6:.1f} MB fetched into" if fetched else "everything is there already, in"
    line = f"{name} up to {network.layers[-1]}: {what} {where}"
    say(console, line)

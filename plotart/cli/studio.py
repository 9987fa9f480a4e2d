"""The command ``plotart studio``."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from plotart.cli.say import say


def studio_command(
    folder: Annotated[
        Path, typer.Argument(help="Where versions are kept, each a run's folder.", show_default=True)
    ] = Path("outputs"),
    host: Annotated[
        str, typer.Option(help="Where it listens. Anything but this machine alone needs the token that is printed.")
    ] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Its port.  [default: 8427, or the next]")] = None,
    browser: Annotated[bool, typer.Option(help="Open it in the browser.")] = True,
) -> None:
    """Draw, tune and plot in the browser: a page on this computer, in which a drawing grows before your eyes.

    Ctrl-C ends it. What is being drawn goes on when it is started again.

    **Examples**

        plotart studio

        plotart studio outputs/portraits --port 9000 --no-browser
    """
    from plotart.studio.server import serve

    console = Console()

    def opened(address: str) -> None:
        say(console, f"The studio is open: {address}\nCtrl-C ends it; what is being drawn goes on the next time.")
        if browser:
            webbrowser.open(address)

    serve(folder, host=host, port=port, on_open=opened)

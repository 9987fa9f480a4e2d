"""plotart palette: from pictures and drawers to the pens of a drawing."""

from __future__ import annotations

import typer

from plotart.cli.palette_chart import palette_chart_command
from plotart.cli.palette_choose import palette_choose_command, palette_match_command
from plotart.cli.palette_extract import palette_extract_command
from plotart.cli.palette_measure import palette_measure_command
from plotart.cli.palette_show import palette_show_command

palette_app = typer.Typer(
    help="Colours out of pictures, pens for colours, and pens measured.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
palette_app.command("extract")(palette_extract_command)
palette_app.command("show")(palette_show_command)
palette_app.command("match")(palette_match_command)
palette_app.command("choose")(palette_choose_command)
palette_app.command("chart")(palette_chart_command)
palette_app.command("measure")(palette_measure_command)

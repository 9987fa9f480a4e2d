"""What the command line shows of a drawing: pens, metres, minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from plotart.reports.numbers import plural

if TYPE_CHECKING:
    from plotart.color import RGB
    from plotart.pens import PenSet


def pen_table(summary: dict[str, Any]) -> Table:
    """A row per pen, of `pens`, `plot_seconds` and `machine` as in summary.json."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("pen")
    for column in ("strokes", "drawn", "in the air", "lifts", "time"):
        table.add_column(column, justify="right")
    for pen in summary["pens"]:
        table.add_row(
            swatch(pen["color"], pen["name"]),
            str(pen["strokes"]),
            metres(pen["pen_down_mm"]),
            metres(pen["pen_up_mm"]),
            str(pen["lifts"]),
            minutes(pen["seconds"]),
        )
    total = {key: sum(pen[key] for pen in summary["pens"]) for key in ("strokes", "pen_down_mm", "pen_up_mm", "lifts")}
    table.add_row(
        "all",
        str(total["strokes"]),
        metres(total["pen_down_mm"]),
        metres(total["pen_up_mm"]),
        str(total["lifts"]),
        minutes(summary["plot_seconds"]),
    )
    return table


def line_line(summary: dict[str, Any]) -> str:
    """What the drawing's lines are like; of `line` and `activation_per_metre` as in summary.json."""
    from plotart.reports.line_words import line_words

    return line_words(summary["line"], summary.get("activation_per_metre"))


def unshown_lines(left_out: Sequence[str]) -> list[str]:
    """What a drawing lacks of the file that it was read from, where it lacks anything."""
    return [f"Not shown: {', '.join(left_out)}"] if left_out else []


def matching_table(summary: dict[str, Any]) -> Table:
    """The colours that were learned beside the pens that took their place, of `matching` as in summary.json."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("colour found", "pen", "as it looks here"):
        table.add_column(column)
    table.add_column("difference", justify="right")
    for row in summary["matching"]:
        table.add_row(
            swatch(row["wanted"], row["wanted"]),
            row["pen"],
            swatch(row["look"], row["look"]),
            f"{row['difference']:.1f}",
        )
    return table


def alike_lines(pens: PenSet, paper: RGB) -> list[str]:
    """What to say, as markup, of pens that can hardly be told apart on the paper (linear light)."""
    from plotart.palette.match import ALIKE, too_close

    return [
        f"[yellow]{escape(one.name)} and {escape(other.name)} look alike on this paper:[/] "
        f"they differ by {difference:.1f}, and less than {ALIKE:g} is hard to see in lines."
        for one, other, difference in too_close(pens, paper=paper)
    ]


def swatch(color: str, name: str) -> Text:
    """A pen's colour, #rrggbb, and its name, in which no bracket is markup."""
    return Text.assemble(("██", color), f" {name}")


def activation_line(summary: dict[str, Any]) -> str:
    """The excitation at each stage, and how much of it is left in what will be plotted."""
    stages = ", ".join(f"{name} {value:.3f}" for name, value in summary["activation"].items())
    kept = summary["retained"]
    return f"excitation: {stages}" + (f"; {kept:.0%} retained" if kept is not None else "")


def recycled_line(summary: dict[str, Any]) -> str:
    """How many lines began again elsewhere, as they could not be seen; empty if none did."""
    count = summary.get("recycled", 0)
    return f"{plural(count, 'line')} that could not be seen began again elsewhere" if count else ""


def metres(mm: float) -> str:
    return f"{mm / 1000:.2f} m"


def minutes(seconds: float) -> str:
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d} h" if hours else f"{rest // 60}:{rest % 60:02d} min"

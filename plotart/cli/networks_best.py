"""plotart networks atlas --best: which drawings are worth hanging, and the lines that configs take for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from plotart.cli.say import say

if TYPE_CHECKING:
    from plotart.reports.atlas_page import Cell
    from plotart.sweep.best import Scored


def parse_layers(text: str) -> tuple[str, ...]:
    """Of ``class, conv4_2`` the layers; whether there are such is not asked."""
    return tuple(part.strip() for part in text.split(","))


def keep_best(
    console: Console, cells: Sequence[Cell], count: int, folder: Path, *, network: str, weights: Path | None, note: str
) -> None:
    """Score the drawings, write what is best of them into the folder, and say it. Raises OutputError."""
    from plotart.sweep.best import score, write_best

    found = score(cells, count)
    written = write_best(folder, found, network=network, weights=weights, note=note)
    best = [one for one in found if one.rank is not None]
    if best:
        console.print(best_table(best))
        for one in best:
            say(console, f"  - {one.cell.term}")
    if len(best) < min(count, len(found)):
        fewer = f"only {len(best)} of {len(found)} drawings excite more than bare paper, each unlike the others"
        console.print(f"[yellow]{fewer}[/]", soft_wrap=True, highlight=False)
    console.print(f"Done: {escape(str(folder))}", soft_wrap=True, highlight=False)
    console.print("  " + "  ".join(path.name for path in written), highlight=False)


def best_table(best: Sequence[Scored]) -> Table:
    """A row for each, and a column for each part of its score."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("target")
    for name in ("score", "gain", "coverage", "rhythm", "cleanliness", "diversity"):
        table.add_column(name, justify="right")
    for one in best:
        worth = one.worth
        figures = (worth.score, worth.gain, worth.coverage, worth.rhythm, worth.cleanliness, one.diversity)
        table.add_row(escape(one.target.name), *(f"{figure:.2f}" for figure in figures))
    return table

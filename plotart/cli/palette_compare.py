"""plotart palette extract --compare: what all methods make of a picture."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from plotart.cli.files import write_file
from plotart.cli.say import say
from plotart.errors import InputError
from plotart.files.images import png_bytes

if TYPE_CHECKING:
    from torch import Tensor

    from plotart.color.spaces import Metric
    from plotart.quantize.extract import Extraction


def compare_methods(picture: Tensor, name: str, count: int, metric: Metric, seed: int, out: Path) -> None:
    """Find `count` colours by every method, show how good they are, and write the pictures side by side.

    Raises InputError where the picture has too few colours, naming it; Pillow's methods are left out, with the reason,
    where they can't do it.
    """
    import torch

    from plotart.quantize.extract import METHODS, extract
    from plotart.quantize.pillow_palettes import PILLOW_METHODS
    from plotart.quantize.quantization import quantize
    from plotart.reports.method_pictures import Panel, side_by_side

    console = Console()
    found: list[tuple[Extraction, float]] = []
    left_out = []
    # The first use of torch's optimiser takes seconds, which are not the method's.
    extract(torch.linspace(0, 1, 12).reshape(3, 2, 2), 1, method="learned")
    for method in METHODS:
        begin = time.perf_counter()
        try:
            one = extract(picture, count, method=method, metric=metric, seed=seed)
        except InputError as error:
            if method not in PILLOW_METHODS:
                raise InputError(f"{name}: {error}") from None
            left_out.append(str(error))
        else:
            found.append((one, time.perf_counter() - begin))
    console.print(_table(found))
    for reason in left_out:
        say(console, f"Left out: {reason}")
    panels = [
        Panel(
            one.method,
            quantize(picture, one.colors, metric=metric).image,
            one.colors,
            one.shares,
            (
                f"CIEDE2000 {one.difference:.2f}, squared error {one.error:.3g}",
                f"{one.used} of {count} colours, {seconds:.2f} s",
            ),
        )
        for one, seconds in found
    ]
    write_file(console, out, png_bytes(side_by_side(picture, panels), small=True))


def _table(found: Sequence[tuple[Extraction, float]]) -> Table:
    """The first is what the errors of all are compared with."""
    first = found[0][0]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("method")
    against = f"/ {first.method}"
    for title in ("CIEDE2000", against, "squared error", against, "used", "look the same", "s"):
        table.add_column(title, justify="right")
    for one, seconds in found:
        table.add_row(
            one.method,
            f"{one.difference:.2f}",
            _ratio(one.difference, first.difference),
            f"{one.error:.3g}",
            _ratio(one.error, first.error),
            str(one.used),
            str(len(one.near_duplicates)),
            f"{seconds:.2f}",
        )
    return table


def _ratio(value: float, other: float) -> str:
    return f"{value / other:.2f}" if other > 0 else "-"

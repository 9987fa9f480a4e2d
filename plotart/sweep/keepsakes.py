"""What a sweep keeps of a finished run: its figures and a small picture."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image

from plotart.runs.run import Run, RunFolder
from plotart.sweep.figures import LINE

#: A thumbnail's long side in px.
SIDE = 320


def thumbnail_name(cell: str) -> str:
    """The file of a cell's small picture, from the sweep's folder on."""
    return f"thumbnails/{cell}.webp"


def figures_of(run: Run, folder: Path) -> dict[str, Any]:
    """The figures of a run, for JSON; its thumbnail is put into the sweep's folder.

    activation     of the drawing as it is plotted; of the picture, for a canvas of pixels
    retained       share of what the optimisation gained that is left of it
    plot_seconds   on the machine; None for a canvas of pixels
    wall_seconds   that the run took
    line figures   as in summary.json, one by one, with activation_per_metre; None where there are none
    pens           name, colour and number of strokes of each; of pixels, colours alone
    """
    picture = run.path / "preview.png"
    if picture.is_file():
        RunFolder(folder).write(thumbnail_name(run.path.name), _thumbnail(picture))
    summary = run.summary
    activation, line = summary["activation"], summary.get("line", {})
    pens = [{key: pen[key] for key in ("name", "color", "strokes")} for pen in summary.get("pens", [])]
    return {
        "activation": activation.get("plotted", activation["hard"]),
        "blank": activation["blank"],
        "retained": summary["retained"],
        "plot_seconds": summary.get("plot_seconds"),
        "wall_seconds": summary["wall_seconds"],
        **{name: line.get(name) for name in LINE},
        "activation_per_metre": summary.get("activation_per_metre"),
        "pens": pens or [{"name": row["color"], "color": row["color"]} for row in summary.get("colors", [])],
    }


def _thumbnail(picture: Path) -> bytes:
    with Image.open(picture) as opened:
        small = opened.convert("RGB")
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()

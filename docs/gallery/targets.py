"""Draws each class of the shipped network, and the channels of its list of the best, as the studio's thumbnails.

    python docs/gallery/targets.py

Drawings are kept in outputs/targets/; those that are there are not made again. A quarter of an hour on one core.
Writes targets.webp, tiles row by row, and targets.json, what is where and which of them are figures with an outline of
their own, into plotart/studio/page/.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from PIL import Image

from plotart.networks import describe
from plotart.networks.best import Target, digest_of, read_best
from plotart.pens import Pen, PenSet
from plotart.sweep.atlas import atlas
from plotart.training.motifs.catalogue import FIGURES

ROOT = Path(__file__).parents[2]
CELLS, PAGE = ROOT / "outputs" / "targets", ROOT / "plotart" / "studio" / "page"
NETWORK = "motif"

#: One ink, so that shapes are compared and not colours, and a nib that can be seen at this size.
PENS = PenSet([Pen("Black", "#1b1b1b", 1.3)])
TILE_PX, COLUMNS = 96, 16


def targets() -> Iterator[Target]:
    """The classes by name, then the channels that are drawn best."""
    for name in sorted(describe(NETWORK).classes):
        yield Target(NETWORK, "class", name, 0.0)
    for target in read_best(Path(str(files("plotart") / "networks" / "data" / "motif_best.json"))):
        if target.layer != "class":
            yield target


def tile(target: Target) -> Image.Image:
    (cell,) = atlas(NETWORK, layer=target.layer, channels=[target.channel], folder=CELLS, pens=PENS)
    with Image.open(cell.picture) as picture:
        return picture.convert("L").resize((TILE_PX, TILE_PX), Image.Resampling.LANCZOS)


def main() -> None:
    found = list(targets())
    sheet = Image.new("L", (COLUMNS * TILE_PX, -(-len(found) // COLUMNS) * TILE_PX), 255)
    rows = []
    for number, target in enumerate(found):
        y, x = (place * TILE_PX for place in divmod(number, COLUMNS))
        sheet.paste(tile(target), (x, y))
        label = str(target.channel) if target.layer == "class" else f"{target.layer}:{target.channel}"
        figure = target.layer == "class" and target.channel in FIGURES
        rows.append({"label": label, "term": target.term, "figure": figure, "x": x, "y": y})
        print(number + 1, len(found), label, flush=True)
    PAGE.mkdir(parents=True, exist_ok=True)
    sheet.save(PAGE / "targets.webp", quality=70, method=6)
    lines = ",\n".join(json.dumps(row) for row in rows)
    head = f'{{"weights_sha256": "{digest_of(NETWORK, None)}", "size": {TILE_PX}, "targets": [\n'
    (PAGE / "targets.json").write_text(f"{head}{lines}\n]}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

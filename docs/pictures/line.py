"""Draws docs/pictures/line.png: a sheet with all of its strokes, with those that it needs, and in one line.

    python docs/pictures/line.py configs/quickstart.yaml --work /tmp/line

It draws the config three times, which takes as long as three runs of `plotart generate`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from plotart import Config, generate

#: What keeps lines clean taken away, then as the config has it, then one line.
SHOWN: dict[str, tuple[str, ...]] = {
    "all": (
        "strokes.economy={keep: 1, price: 0}",
        "strokes.joining.weight=0",
        "strokes.coherence.weight=0",
        "strokes.spacing.weight=0",
        "strokes.fairness=0",
    ),
    "kept": (),
    "one": ("strokes.lines=1",),
}
TILE_PX, GAP_PX = (388, 551), 8


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="the folder for the runs")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("line.png"))
    options = parser.parse_args()
    config = Config.load(options.config, ["strokes.init=random", "optimize.steps=400"])
    width, height = TILE_PX
    sheet = Image.new("RGB", (len(SHOWN) * (width + GAP_PX) - GAP_PX, height), "#b8b6b0")
    for k, (name, changes) in enumerate(SHOWN.items()):
        run = generate(config.override(*changes), out=options.work / name, existing="overwrite")
        print(name, run.summary["line"], run.summary["plot_seconds"], run.summary["activation"], flush=True)
        picture = Image.open(run.path / "preview.png").convert("RGB")
        sheet.paste(picture.resize(TILE_PX, Image.Resampling.LANCZOS), (k * (width + GAP_PX), 0))
    sheet.quantize(64, dither=Image.Dither.NONE).save(options.out, optimize=True)


if __name__ == "__main__":
    main()

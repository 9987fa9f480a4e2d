"""Draws docs/pictures/align.jpg: a sheet of `plotart align chart` in four pens that sit aside, and a photograph of one.

python docs/pictures/align.py
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from PIL import Image

sys.path.append(str(Path(__file__).parents[2] / "tests"))
from scans import NOMINAL, PAGE, TRUE, blurred, cast, encoded, noisy, photographed, plot, shaded, wrinkled

from plotart.calibration.register_chart import lay_out_register
from plotart.pens.catalogue import PenFile

#: px per mm of the sheets, and px of the picture's height.
SCALE, HEIGHT = 8.0, 640

ASIDE = {"Black": (0.1, 0.0), "Red": (0.5, -0.3), "Blue": (-0.8, 0.2), "Gold": (0.15, 1.1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("align.jpg"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        chart = lay_out_register(PenFile(NOMINAL, title="Four"), PAGE)
        light = plot(chart, TRUE, Path(folder), scale=SCALE, shifts=ASIDE).light
    photo = photographed(wrinkled(light, SCALE), degrees=8, slant=0.1, bend=-0.02)
    shown = [
        Image.fromarray(encoded(light, exposure=1.0)),
        Image.fromarray(encoded(noisy(blurred(cast(shaded(photo)), 1.0)))),
    ]
    sized = [
        image.resize((round(image.width * HEIGHT / image.height), HEIGHT), Image.Resampling.LANCZOS) for image in shown
    ]
    both = Image.new("RGB", (sum(image.width for image in sized) + 16, HEIGHT), "white")
    both.paste(sized[0], (0, 0))
    both.paste(sized[1], (sized[0].width + 16, 0))
    both.save(options.out, quality=85)


if __name__ == "__main__":
    main()

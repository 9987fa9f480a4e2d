"""Writes the small pictures of the shipped configs, and how long they take, into configs/thumbnails/.

    python docs/gallery/thumbnails.py                  # pictures of what is in docs/gallery
    python docs/gallery/thumbnails.py --draw NAME ...  # draws configs to outputs/shipped first, in full
    python docs/gallery/thumbnails.py --time NAME ...  # a few steps of each, for figures.json

draws_s are seconds of processor time on one core (--threads 1), which other programs hardly change: what it takes until
the first step, the median of STEPS later ones for each, and AFTER for what comes after the last. plots_s are the
plotter's seconds of the whole drawing, out of its run's summary.json or docs/gallery/works.md.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from PIL import Image

from plotart import Config, Step, StopRun, generate
from plotart.config.shipped import FIGURES
from plotart.files.shipped import shipped_files

ROOT = Path(__file__).parents[2]
GALLERY, RUNS, THUMBNAILS = ROOT / "docs" / "gallery", ROOT / "outputs" / "shipped", ROOT / "configs" / "thumbnails"

#: px of the long side, and bytes, of a picture at most.
LONGEST, MOST_BYTES = 240, 15_000

#: Steps that are timed, after the first ones, which take longer.
FIRST, STEPS = 2, 6

#: Seconds of one core from the last step to the end, as measured of bold: files, preview and report. With them
#: looks, which have thousands of lines, come out up to 9 s too long.
AFTER = 9.0


def thumbnail(picture: Path, written: Path) -> None:
    """In the best quality that fits."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    for quality in range(80, 10, -5):
        image.save(written, quality=quality, method=6)
        if written.stat().st_size <= MOST_BYTES:
            return
    raise SystemExit(f"{written}: more than {MOST_BYTES} bytes")


def source(name: str) -> Path | None:
    """The largest picture that there is of what a config draws."""
    places = (RUNS / name / "preview.png", GALLERY / "works" / f"{name}.png", GALLERY / f"{name}.png")
    return next((place for place in places if place.is_file()), None)


def timed(config: Config) -> float:
    """Seconds of one core that the whole run takes."""
    at: list[float] = []

    def stop(step: Step) -> None:
        at.append(time.process_time())
        if len(at) > FIRST + STEPS:
            raise StopRun("timed")

    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(StopRun):
        generate(config, out=Path(folder) / "run", threads=1, on_step=stop)
    each = statistics.median(after - before for before, after in pairwise(at[FIRST:]))
    return at[0] - began + each * (config.optimize.steps - 1) + AFTER


def plotted() -> Iterator[tuple[str, int]]:
    """Names of works, and seconds, as docs/gallery/works.md has them."""
    for line in (GALLERY / "works.md").read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\| \[([\w-]+)\].*?\| ((?:\d+:)?\d+:\d\d) (?:min|h) \|", line):
            *larger, seconds = map(int, found[2].split(":"))
            yield found[1], seconds + sum(60 ** (power + 1) * part for power, part in enumerate(reversed(larger)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--draw", action="store_true")
    parser.add_argument("--time", action="store_true")
    options = parser.parse_args()
    THUMBNAILS.mkdir(exist_ok=True)
    file = THUMBNAILS / FIGURES
    figures: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    known = dict(plotted())
    for name, path in shipped_files().items():
        figure = figures.setdefault(name, {})
        if name in options.names and options.draw:
            generate(Config.load(path), out=RUNS / name, existing="overwrite")
        if name in options.names and options.time:
            figure["draws_s"] = round(timed(Config.load(path)))
            print(name, figure["draws_s"], flush=True)
        if (summary := RUNS / name / "summary.json").is_file():
            known |= {name: json.loads(summary.read_text(encoding="utf-8")).get("plot_seconds")}
        if known.get(name):
            figure["plots_s"] = round(known[name])
        if (picture := source(name)) is not None:
            thumbnail(picture, THUMBNAILS / f"{name}.webp")
    lines = ",\n".join(f'"{name}": {json.dumps(figures[name])}' for name in sorted(figures) if figures[name])
    file.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

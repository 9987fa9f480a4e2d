"""Draws the works in configs/works/ and writes their pictures and the table in docs/gallery/works.md.

    python docs/gallery/works.py [NAME ...] [--page]

Runs are kept in outputs/works/; those whose config has changed are drawn anew. With --page, pictures, rows of the
table and replays for the site (docs/gallery/replays) are made of what is there, those of works that aren't stay as they
are, and the readme's picture is made of six works.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

from PIL import Image

from plotart import Config, generate
from plotart.cli.tables import minutes

ROOT = Path(__file__).parents[2]
WORKS, RUNS, PICTURES = ROOT / "configs" / "works", ROOT / "outputs" / "works", ROOT / "docs" / "gallery" / "works"
REPLAYS = PICTURES.parent / "replays"
WIDEST_PX = 460

#: Drawings that take more are not replayed on the site.
MOST_REPLAY_BYTES = 100_000

#: On the readme's picture, row by row: light and dark paper in turns.
SIX = ("tiger", "eye", "palms", "mandala", "green-leaf", "moon")
TILE_PX, GAP_PX = 320, 10

HEAD = """# Works

Each by one command, as in `plotart generate tiger`. Minutes are the plotter's, on the machine that the config names,
without changes of pens; crossings are those in 100 mm. Written by `docs/gallery/works.py`.

"""


def draw(path: Path) -> None:
    out, text = RUNS / path.stem, path.read_text(encoding="utf-8")
    drawn = out / path.name
    if drawn.exists() and drawn.read_text(encoding="utf-8") == text:
        return
    run = generate(Config.load(path), out=out, existing="overwrite")
    drawn.write_text(text, encoding="utf-8")
    print(path.stem, run.summary["retained"], run.summary["line"], f"{run.summary['wall_seconds']:.0f} s", flush=True)


def picture(name: str) -> None:
    image = Image.open(RUNS / name / "preview.png").convert("RGB")
    image.thumbnail((WIDEST_PX, WIDEST_PX), Image.Resampling.LANCZOS)
    PICTURES.mkdir(exist_ok=True)
    image.quantize(160, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)


def replay(name: str) -> None:
    """What the site replays of a work: its plot, packed, and what it is to the network."""
    packed = gzip.compress((RUNS / name / "plot.svg").read_bytes(), 9, mtime=0)
    if len(packed) > MOST_REPLAY_BYTES:
        return
    REPLAYS.mkdir(exist_ok=True)
    (REPLAYS / f"{name}.svgz").write_bytes(packed)
    summary = json.loads((RUNS / name / "summary.json").read_text(encoding="utf-8"))
    told = REPLAYS / "excitation.json"
    known = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    known[name] = {"plotted": round(summary["activation"]["plotted"], 3), "retained": summary["retained"]}
    told.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", encoding="utf-8")


def six() -> Image.Image:
    """The picture for the readme."""
    step = TILE_PX + GAP_PX
    sheet = Image.new("RGB", (3 * step - GAP_PX, 2 * step - GAP_PX), "white")
    for k, name in enumerate(SIX):
        with Image.open(PICTURES / f"{name}.png") as picture:
            tile = picture.convert("RGB").resize((TILE_PX, TILE_PX), Image.Resampling.LANCZOS)
        sheet.paste(tile, (k % 3 * step, k // 3 * step))
    return sheet


def row(path: Path) -> str:
    """A work's row in the table, of its run."""
    config = Config.load(path)
    summary = json.loads((RUNS / path.stem / "summary.json").read_text())
    line = summary["line"]
    widths = {pen.name: pen.width for pen in config.pens}
    used = [pen["name"] for pen in summary["pens"] if pen["strokes"]]
    pens = ", ".join(f"{name} {widths.get(name, config.palette.width):g}" for name in used)
    width, height = config.page.width_height
    return (
        f"| [{path.stem}](../../configs/works/{path.name}) | {said(path)} | {width:g} x {height:g} | {config.seed} "
        f"| {pens} | {minutes(summary['plot_seconds'])} | {line['lines']} | {line['metres']:.1f} "
        f"| {line['lifts_per_m']:.1f} | {line['overlaid']:.1%} | {line['crossings_per_100mm']:.1f} |"
    )


def page(paths: list[Path], before: str) -> str:
    """The page; `before` is the one that there was, with rows of works whose runs are not there."""
    told = {line.split("]")[0].removeprefix("| ["): line for line in before.splitlines() if line.startswith("| [")}
    rows = [row(path) if (RUNS / path.stem / "summary.json").exists() else told[path.stem] for path in paths]
    cells = [f"![{path.stem}](works/{path.stem}.png)" for path in paths]
    grid = [" | ".join(cells[k : k + 3]) for k in range(0, len(cells), 3)]
    shown = "\n".join(["| | | |", "|---|---|---|", *(f"| {row} |" for row in grid)])
    table = "\n".join(
        [
            "| work | what it is | page, mm | seed | pens, mm | plot | lines | m | lifts/m | overlaid | crossings |",
            "|---|---|---|---|---|---|---|---|---|---|---|",
            *rows,
        ]
    )
    return f"{HEAD}{shown}\n\n{table}\n"


def said(path: Path) -> str:
    """The first comment of a config."""
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").rstrip(".")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    paths = sorted(path for path in WORKS.glob("*.yaml"))
    for path in paths:
        if not options.page and (not options.names or path.stem in options.names):
            draw(path)
    if options.page:
        for path in paths:
            if (RUNS / path.stem / "summary.json").exists():
                picture(path.stem)
                replay(path.stem)
        six().save(PICTURES.parent / "six.webp", quality=66, method=6)
        written = PICTURES.parent / "works.md"
        written.write_text(page(paths, written.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

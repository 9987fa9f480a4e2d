"""What repen makes of drawings that others published, against the way of AdMoR/neural-styles' notebooks ("S5's way").

    git clone https://github.com/AdMoR/neural-styles
    python benchmarks/repen.py neural-styles/images/best_svg_color_neuron_exc/*.svg [--steps 80] [--out outputs/repen]

Each is plotted with 12 pens of 0.8 mm on 200 x 200 mm, margins of 8 mm. The error is the mean CIEDE2000 between the
original, as resvg draws it on white, and the plot as simulated, both blurred by a Gaussian of 1 mm in linear light.

S5's way   colours to 12 by K-means, weighted by the strokes' width, each to the nearest pen; a stroke is one line
repen      as `plotart repen` does it; optimised: with `--optimize`

Cells are kept in the folder `--out`, so that a run that was stopped goes on. Pictures of each (the original, S5's way,
repen, optimised) lie there too.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import resvg_py
import torch
from PIL import Image
from quality import Cells
from sklearn.cluster import KMeans

from plotart import Page, Run, repen
from plotart.canvas import Renderer
from plotart.color.difference import differences
from plotart.color.light import srgb_to_linear
from plotart.color.spaces import linear_to_lab
from plotart.export.drawing import Drawing, Layer
from plotart.export.painting import Painting
from plotart.export.read import read_drawing, read_painting
from plotart.job.repen.likeness import color_error
from plotart.palette.match import on_paper
from plotart.pens.catalogue import load_set
from plotart.plotter.simulate import simulate, to_picture

PAGE = Page(200.0, 200.0, 8.0)
COLORS = ["Black", "Cool Gray 10", "Process Yellow", "Chrome Orange", "Red", "Rubine Red", "Purple", "Ultramarine"]
COLORS += ["Cyan", "Light Green", "Green", "Burnt Sienna"]
PENS = load_set("tombow-abt").pens.called([f"ABT {color}" for color in COLORS]).light_to_dark()
FINENESS = 4
RENDERER = Renderer(round(FINENESS * PAGE.width))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("svgs", nargs="+", type=Path)
    parser.add_argument("--steps", type=int, default=80, help="of the optimised ones; 0 leaves them out")
    parser.add_argument("--out", type=Path, default=Path("outputs/repen"))
    options = parser.parse_args()
    print("| drawing | S5's way | repen | of S5's | optimised | of S5's | lines | metres | minutes to plot | seconds |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    rows = []
    for svg in options.svgs:
        digest = hashlib.sha256(svg.read_bytes()).hexdigest()[:12]
        row = Cells(options.out)([svg.name, digest, options.steps], lambda svg=svg: compared(svg, options))
        rows.append(row)
        print(_line(svg.stem[-24:], row), flush=True)
    mean = {key: statistics.mean(row[key] for row in rows) for key in rows[0] if isinstance(rows[0][key], float | int)}
    print(_line(f"mean of {len(rows)}", {"optimised": None, **mean}))


def compared(svg: Path, options: argparse.Namespace) -> dict[str, Any]:
    painting = read_painting(svg).fitted(PAGE)
    wanted = original(svg, painting)
    plots = [simulate(s5_way(painting), PAGE, RENDERER, PENS)]
    run = repen(svg, PENS, page=PAGE, out=options.out / "runs" / svg.stem, overwrite=True)
    plots.append(simulate(read_drawing(run.path / "plot.svg"), PAGE, RENDERER, PENS))
    if options.steps:
        out = options.out / "runs" / f"{svg.stem}-optimised"
        run = repen(svg, PENS, page=PAGE, out=out, optimize=options.steps, overwrite=True)
        plots.append(simulate(read_drawing(run.path / "plot.svg"), PAGE, RENDERER, PENS))
    errors = [color_error(plot, wanted, FINENESS) for plot in plots]
    both = Image.new("RGB", (805 * (len(plots) + 1) - 5, 800), "white")
    for place, image in enumerate((wanted, *plots)):
        both.paste(to_picture(image), (805 * place, 0))
    both.save(options.out / f"{svg.stem}.png")
    named = {"S5's way": errors[0], "repen": errors[1], "optimised": errors[2] if options.steps else None}
    return {**named, **_figures(run)}


def original(svg: Path, painting: Painting) -> torch.Tensor:
    """[1, 3, H, W] sRGB: the file as resvg draws it, where the page has it."""
    left, top, right, bottom = (round(FINENESS * edge) for edge in painting.bounds)
    png = resvg_py.svg_to_bytes(svg_string=svg.read_text(), width=2 * (right - left), background="white")
    drawn = Image.open(io.BytesIO(bytes(png))).convert("RGB").resize((right - left, bottom - top), Image.Resampling.BOX)
    sheet = Image.new("RGB", (RENDERER.resolution, RENDERER.resolution), "white")
    sheet.paste(drawn, (left, top))
    return torch.from_numpy(np.asarray(sheet).copy()).permute(2, 0, 1)[None] / 255


def s5_way(painting: Painting) -> Drawing:
    colors, widths = np.array([mark.rgb for mark in painting.marks]), [mark.width for mark in painting.marks]
    count = min(len(PENS), len(np.unique(colors, axis=0)))
    means = KMeans(count, n_init=4, random_state=0).fit(colors, sample_weight=widths)
    centers = srgb_to_linear(torch.from_numpy(means.cluster_centers_))
    nearest = differences(linear_to_lab(centers), linear_to_lab(on_paper(PENS, PAGE.paper))).argmin(dim=1)
    pen_of = nearest[torch.from_numpy(means.labels_).long()].tolist()
    layers = [
        Layer(
            pen, [line for mark, of in zip(painting.marks, pen_of, strict=True) if of == place for line in mark.lines]
        )
        for place, pen in enumerate(PENS)
    ]
    return _cut(Drawing(PAGE.width, PAGE.height, tuple(layer for layer in layers if layer.lines)), painting)


def _cut(drawing: Drawing, painting: Painting) -> Drawing:
    """What lies within the picture's frame."""
    import shapely

    def inside(line: np.ndarray) -> list[np.ndarray]:
        parts = shapely.get_parts(shapely.clip_by_rect(shapely.LineString(line), *painting.bounds))
        return [shapely.get_coordinates(part) for part in parts]

    layers = [replace(layer, lines=[part for line in layer.lines for part in inside(line)]) for layer in drawing.layers]
    return replace(drawing, layers=tuple(layer for layer in layers if layer.lines))


def _figures(run: Run) -> dict[str, Any]:
    line = run.summary["line"]
    return {
        "lines": line["lines"],
        "metres": line["metres"],
        "minutes": run.summary["plot_seconds"] / 60,
        "seconds": run.summary["wall_seconds"],
    }


def _line(name: str, row: dict[str, Any]) -> str:
    base, plain, best = row["S5's way"], row["repen"], row["optimised"]
    optimised = f"{best:.2f} | {best / base:.2f}" if best is not None else "- | -"
    figures = " | ".join(f"{row[key]:.0f}" for key in ("lines", "metres", "minutes", "seconds"))
    return f"| {name} | {base:.2f} | {plain:.2f} | {plain / base:.2f} | {optimised} | {figures} |"


if __name__ == "__main__":
    main()

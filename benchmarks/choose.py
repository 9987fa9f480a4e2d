"""Choosing pens for pictures: what mixing them is worth, how near the search comes to the best, and seconds.

    python benchmarks/choose.py            # choosing for pictures
    python benchmarks/choose.py --runs     # within a run against beforehand, 48 pens down to 6; ten minutes

Pens are those of the catalogue's transparent sets, drawn at random; pictures are scikit-image's. Each set is judged by
what its pens mix, whichever way it was chosen.
"""

from __future__ import annotations

import argparse
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from skimage import data

from plotart.color.light import srgb_to_linear
from plotart.config import Config
from plotart.job.build import build, build_page
from plotart.job.pens import build_pens
from plotart.objectives import Picture
from plotart.palette.choose import Selection, choose, picture_colors
from plotart.palette.gamut import bare_differences, mixed_differences
from plotart.pens import PenSet
from plotart.pens.catalogue import load_set, set_names

PAPER = (1.0, 1.0, 1.0)
PICTURES = {
    "astronaut": data.astronaut,
    "coffee": data.coffee,
    "chelsea": data.chelsea,
    "rocket": data.rocket,
    "retina": data.retina,
    "ihc": data.immunohistochemistry,
}


def all_pens() -> list:
    """The catalogue's transparent pens; two sets may have pens of one name."""
    found = {pen.name: pen for name in set_names() for pen in load_set(name).pens if pen.ink == "transparent"}
    return list(found.values())


def runs(seeds: int, steps: int) -> None:
    """The likeness that a drawing of the shipped still life ends with: its pens chosen in the run, and beforehand."""
    path = Path(__file__).parent.parent / "configs" / "photograph.yaml"
    owned = [pen for name in ("stabilo-point-88", "staedtler-triplus-fineliner") for pen in load_set(name).pens][:48]
    pens = [{"name": pen.name, "color": pen.color, "width": 0.4} for pen in owned]
    print("| seed | bare paper | chosen in the run | beforehand, mixed | beforehand, nearest |")
    print("|---|---|---|---|---|")
    for seed in range(1, seeds + 1):
        base = Config.load(path, [f"seed={seed}", f"optimize.steps={steps}"]).model_dump(mode="json", by_alias=True)
        config = Config.from_dict({**base, "pens": pens})
        page, drawer = build_page(config), build_pens(config)
        (picture,) = (term.file for term in config.objective if term.type == "image")
        colors, weights = picture_colors(Picture.read(picture).on(page).light[0])
        found = []
        for criterion in ("mixed", "nearest"):
            chosen = choose(colors, weights, drawer, 6, paper=page.paper, criterion=criterion).pens.names
            found.append(Config.from_dict({**base, "pens": [pen for pen in pens if pen["name"] in chosen]}))
        palette = {**base["palette"], "mode": "choose", "colors": 6}
        figures = []
        for one in (Config.from_dict({**base, "pens": pens, "palette": palette}), *found):
            parts = build(one)
            for _ in parts.optimizer.steps():
                pass
            image = parts.canvas.hard().image.detach()
            figures.append(sum(weight * term.activation(image, page) for weight, term in parts.goals))
        bare = sum(weight * term.activation(parts.canvas.blank(), page) for weight, term in parts.goals)
        print(f"| {seed} | {bare:.4f} | {' | '.join(f'{figure:.4f}' for figure in figures)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", nargs="*", default=list(PICTURES), choices=list(PICTURES))
    parser.add_argument("--runs", action="store_true")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=150)
    options = parser.parse_args()
    if options.runs:
        runs(options.seeds, options.steps)
    else:
        pictures(options.pictures)


def pictures(names: list[str]) -> None:
    """What the pens of each choice mix of each picture."""
    catalogue = all_pens()
    random = np.random.default_rng(0)
    print("| picture | pens | of | mixed | nearest-colour choice, mixed | all pens | greedy | best of all | seconds |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names:
        light = srgb_to_linear(torch.from_numpy(PICTURES[name]()).permute(2, 0, 1).float() / 255)
        colors, weights = picture_colors(light)
        for owned, count in ((12, 5), (47, 5), (100, 6)):
            places = random.choice(len(catalogue), owned, replace=False)
            pens = PenSet([catalogue[place] for place in places]).light_to_dark()
            started = time.perf_counter()
            mixed = choose(colors, weights, pens, count, paper=PAPER)
            seconds = time.perf_counter() - started
            solid = choose(colors, weights, pens, count, paper=PAPER, criterion="nearest")
            table, bare = mixed_differences(colors, pens, PAPER), bare_differences(colors, PAPER)
            problem = Selection(table, bare, weights)
            greedy = problem.error(problem.greedy(count, taken=[], allowed=range(owned)))
            least = "-"
            if owned <= 12:
                least = f"{min(problem.error(chosen) for chosen in combinations(range(owned), count)):.2f}"
            nearest = problem.error([pens.names.index(pen) for pen in solid.pens.names])
            print(
                f"| {name} | {count} | {owned} | {mixed.error:.2f} | {nearest:.2f} | {mixed.all_pens:.2f} "
                f"| {greedy:.2f} | {least} | {seconds:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()

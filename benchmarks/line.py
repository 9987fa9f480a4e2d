"""How clean lines are, at what excitation, and which part of plotart it is owed to.

    python benchmarks/line.py [--only ablation classes cost] [--out outputs/line]

ablation  each part that keeps lines clean taken away in turn, and all of them; six objectives, three seeds.
classes   a drawing for each class of `motif`, with all of them and without any: lines, crossings, excitation, and what
          a second network, which no drawing was optimised for, recognises.
cost      what a step takes more with economy, joining, spacing, coherence and fairness.

Results are kept in the folder `--out`, cell by cell, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from quality import COLORS, JUDGE, OBJECTIVES, SEEDS, Cells, merged

from plotart import Config
from plotart.export.line_figures import line_figures
from plotart.export.toolpath import build_toolpath
from plotart.job.build import Parts, build
from plotart.networks import describe, load_network
from plotart.plotter.simulate import to_picture

OFF: dict[str, Any] = {
    "economy": {"economy": {"keep": 1.0, "price": 0.0}},
    "joining": {"joining": {"weight": 0.0}},
    "coherence": {"coherence": {"weight": 0.0}},
    "spacing": {"spacing": {"weight": 0.0}},
    "fairness": {"fairness": 0.0},
}
NONE: dict[str, Any] = {key: value for off in OFF.values() for key, value in off.items()}

VARIANTS: dict[str, dict[str, Any]] = {
    "all": {},
    **{f"no {part}": off for part, off in OFF.items()},
    "none of them": NONE,
    "one line": {"lines": 1},
}

#: What the medians are of.
FIGURES = ("gain", "lines", "metres", "lifts_per_m", "overlaid", "crossings_per_100mm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = {"ablation": ablation, "classes": classes, "cost": cost}
    parser.add_argument("--only", nargs="*", default=list(parts), choices=list(parts))
    parser.add_argument("--workers", type=int, default=2, help="drawings at a time, each in one thread")
    parser.add_argument("--out", type=Path, default=Path("outputs/line"))
    options = parser.parse_args()
    for name in options.only:
        print(f"\n## {name}\n", flush=True)
        parts[name](options.out / name, options.workers)


def config_of(
    objective: dict[str, Any], seed: int, strokes: dict[str, Any], *, steps: int = 150, px: int = 160
) -> Config:
    start = {"count": 160, "segments": 3, "length": 20}
    data = {
        "seed": seed,
        "page": {"size": [100, 100], "margin": 5},
        "pens": [{"name": color, "color": color, "width": 0.6} for color in COLORS[:4]],
        "strokes": merged(start, strokes),
        "render": {"resolution": px},
        "objective": [
            {"type": "excitation", "network": "motif", **objective},
            {"type": "smoothness", "weight": 0.5},
            {"type": "length", "weight": 0.1},
        ],
        "optimize": {"steps": steps, "precision": "float32"},
    }
    return Config.from_dict(data)


def drawn(config: Config) -> tuple[Parts, dict[str, Any]]:
    """The finished parts, and the figures of what is plotted."""
    parts = build(config)
    blank = parts.activation(parts.canvas.blank())
    for _ in parts.optimizer.steps():
        pass
    parts.optimizer.harden()
    strokes, pens = parts.canvas.strokes.detached(), parts.canvas.palette.pens()  # type: ignore[attr-defined]
    figures = line_figures(build_toolpath(strokes, pens, parts.page, config.export).drawing)
    gain = parts.activation(parts.canvas.hard().image.detach()) - blank
    return parts, {"gain": gain, **figures.as_dict()}


def ablation(folder: Path, workers: int) -> None:
    wanted = [(name, objective, seed) for seed in SEEDS for objective in OBJECTIVES for name in VARIANTS]
    rows = dict(zip(wanted, spread(_ablated, [(folder, *key) for key in wanted], workers), strict=True))
    cases = [(objective, seed) for objective in OBJECTIVES for seed in SEEDS]
    print("| | gain, share of all's | lines | m | lifts/m | overlaid | crossings per 100 mm |")
    print("|---|---|---|---|---|---|---|")
    for name in VARIANTS:
        found, full = ([rows[(one, *case)] for case in cases] for one in (name, "all"))
        share = statistics.median(row["gain"] / best["gain"] for row, best in zip(found, full, strict=True))
        numbers = " | ".join(f"{statistics.median(row[key] for row in found):.3g}" for key in FIGURES[1:])
        print(f"| {name} | {share:.3f} | {numbers} |", flush=True)


def _ablated(folder: Path, variant: str, objective: str, seed: int) -> dict[str, Any]:
    config = config_of(OBJECTIVES[objective], seed, VARIANTS[variant], steps=80, px=128)
    return Cells(folder)([variant, objective, seed, config.dump()], lambda: drawn(config)[1])


def classes(folder: Path, workers: int) -> None:
    names = describe("motif").classes
    found = {}
    for title, strokes in (("none of them", NONE), ("all", {})):
        rows = list(spread(_recognised, [(folder, name, title, strokes) for name in names], workers))
        found[title] = dict(zip(names, rows, strict=True))
        for network in ("own", "judge"):
            right = sum(row[network] == name for name, row in found[title].items())
            print(f"- {title}: recognised by {network}: {right} of {len(names)}")
    before, after = found["none of them"], found["all"]
    for key in FIGURES:
        ratios = sorted((after[name][key] or 0) / before[name][key] for name in names if before[name][key])
        low, middle, high = ratios[0], statistics.median(ratios), ratios[-1]
        print(f"- {key}: all / none of them: median {middle:.3f}, least {low:.3f}, most {high:.3f}")
    worst = sorted(names, key=lambda name: after[name]["gain"] / before[name]["gain"])[:8]
    print("- least gain: " + ", ".join(f"{name} {after[name]['gain'] / before[name]['gain']:.3f}" for name in worst))


def _recognised(folder: Path, name: str, title: str, strokes: dict[str, Any]) -> dict[str, Any]:
    """The figures of a drawing for the class `name`, and what it is recognised as as it is plotted."""
    config = config_of({"class": name}, 3, strokes)

    def compute() -> dict[str, Any]:
        parts, figures = drawn(config)
        image = parts.canvas.hard().image.detach()
        pictures = folder / title.replace(" ", "-")
        pictures.mkdir(parents=True, exist_ok=True)
        to_picture(image).save(pictures / f"{name}.png")
        networks = {"own": load_network("motif"), "judge": load_network("motif", weights=JUDGE)}
        with torch.no_grad():
            seen = {key: network.classes[int(network.logits(image).argmax())] for key, network in networks.items()}
        return {**figures, **seen}

    return Cells(folder)([name, title, config.dump()], compute)


def cost(folder: Path, workers: int) -> None:
    """Medians of a step's seconds, before strokes leave, taken in turns."""
    for count, resolution in ((400, 256), (5000, 1024)):
        sides = {"none of them": NONE, **{name: NONE | _on(name) for name in OFF}, "all": {}}
        parts = {name: build(_sized(count, resolution, strokes)) for name, strokes in sides.items()}
        steps = {name: each.optimizer.steps() for name, each in parts.items()}
        seconds: dict[str, list[float]] = {name: [] for name in sides}
        for turn in range(13):
            for name in sides:
                begin = time.perf_counter()
                next(steps[name])
                if turn >= 3:
                    seconds[name].append(time.perf_counter() - begin)
        base = statistics.median(seconds["none of them"])
        for name, values in seconds.items():
            middle = statistics.median(values)
            print(f"| {count:,} strokes | {name} | {1000 * middle:.0f} ms | {middle / base - 1:+.1%} |", flush=True)


def _on(part: str) -> dict[str, Any]:
    """What switches one part on where all are off: its default."""
    return {key: {} for key in OFF[part]} if part != "fairness" else {"fairness": 0.3}


def _sized(count: int, resolution: int, strokes: dict[str, Any]) -> Config:
    config = config_of({"class": "spiral"}, 3, strokes).model_dump(mode="json", by_alias=True)
    side = 100.0 * (count / 400) ** 0.5 * 1.5
    changes = {
        "page": {"size": [side, side]},
        "strokes": {"count": count},
        "render": {"resolution": resolution},
        "export": {"sheets": True},
        "optimize": {"steps": 400, "precision": "auto"},
    }
    return Config.from_dict(merged(config, changes))


def spread(compute: Callable[..., dict[str, Any]], calls: Iterable[tuple[Any, ...]], workers: int) -> list[Any]:
    """The results of `compute` for each of the calls, in order, so many at a time."""
    with get_context("spawn").Pool(workers, initializer=partial(torch.set_num_threads, 1)) as pool:
        return pool.starmap(compute, calls, chunksize=1)


if __name__ == "__main__":
    main()

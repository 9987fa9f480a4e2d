"""Photographs drawn by plotart and by the usual tools, with the same pens and as much ink: how near they come.

    python benchmarks/looks.py --tools FOLDER [--plotterfun FOLDER] [--only metres pairs colour] [--out outputs/looks]

metres  every program at 8, 16 and 30 m of ink on A5, one black pen of 0.4 mm.
pairs   each look of plotart as it is, beside the tools of its kind with as much ink as it took.
colour  as metres, in colour with four pens: a tool draws the separations of the picture in cyan, magenta, yellow and
        black one over the other, or all with black alone, plotart as it likes.

The tools aren't plotart's and don't come with it: `--tools` is the bin folder of an environment in which vpype has the
plugins `hatched` (PyPI; with NumPy below 2.2) and `flow_img` (serycjon/vpype-flow-imager); `--plotterfun` a folder with
mitxela/plotterfun, for which node must be there. The stippled tour is benchmarks/stipple_tour.py. Where a length of ink
is asked for, one option of each program is searched until it takes that length within 5 %.

Each picture takes part as scikit-image brings it, cut to the page's margins. What is measured: look_measures.py.
Results are kept in the folder `--out`, cell by cell, so that a run that was stopped goes on; `--sheets` draws them. A
plotart whose code has changed draws anew.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from line import spread
from look_draw import BLACK, FOUR, Order, drawn, in_colour
from look_pictures import PICTURES, Picture
from look_sheet import sheet
from look_tools import Program, plotart, usual

from plotart.pens import PenSet
from plotart.pens.catalogue import PenFile
from plotart.pens.formats import write_pens

METRES = (8.0, 16.0, 30.0)
LOOKS = (
    "hatch",
    "crosshatch",
    "engraving",
    "flow",
    "contour",
    "stipple",
    "scribble",
    "tour",
    "squiggle",
    "edges",
    "free",
)
#: Tools of a look's kind; a look that isn't here stands beside all of them. Dots have no length to compare by.
RIVALS = {
    **dict.fromkeys(("hatch", "crosshatch", "engraving"), ("hatched",)),
    "flow": ("flow imager",),
    **dict.fromkeys(("tour", "scribble"), ("stipple tour",)),
    "squiggle": ("squiggle",),
    "stipple": (),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, required=True, help="folder that vpype is in")
    parser.add_argument("--plotterfun", type=Path, help="folder that squiggle.js is in")
    parser.add_argument(
        "--only", nargs="*", default=["metres", "pairs", "colour"], choices=["metres", "pairs", "colour"]
    )
    parser.add_argument("--looks", nargs="*", default=LOOKS, help="of plotart; none leaves the tools alone")
    parser.add_argument("--programs", nargs="*", help="tools that take part, by name; all without it")
    parser.add_argument("--pictures", nargs="*", default=[picture.name for picture in PICTURES])
    parser.add_argument("--metres", nargs="*", type=float, default=METRES)
    parser.add_argument(
        "--knob", help="the config's key by which plotart draws more; only with it, plotart is in metres"
    )
    parser.add_argument("--first", type=float, default=1.0, help="where the search for that key's value begins")
    parser.add_argument("--whole", action="store_true", help="that key's values are whole numbers")
    parser.add_argument("--change", nargs="*", default=[], help="other keys for plotart, as key=value")
    parser.add_argument("--steps", nargs="*", type=int, help="plotart's steps; 0 is the plain start")
    parser.add_argument("--workers", type=int, default=2, help="drawings at a time")
    parser.add_argument("--out", type=Path, default=Path("outputs/looks"))
    parser.add_argument("--sheets", action="store_true", help="all drawings of each table side by side, as PNGs")
    options = parser.parse_args()
    tools = usual(options.tools, options.plotterfun)
    tools = {name: tool for name, tool in tools.items() if options.programs is None or name in options.programs}
    for name in options.only:
        print(f"\n## {name}\n", flush=True)
        PARTS[name](options, tools)


def metres(options: argparse.Namespace, tools: dict[str, Program]) -> None:
    _at_metres(options, tools, colour=False)


def colour(options: argparse.Namespace, tools: dict[str, Program]) -> None:
    _at_metres(options, tools, colour=True)


def pairs(options: argparse.Namespace, tools: dict[str, Program]) -> None:
    for own in ours(options, colour=False):
        orders = [Order(own, picture, None) for picture in chosen(options)]
        rows = spread(drawn, [(order, options.out) for order in orders], options.workers)
        found = {own.name: rows}
        for name in RIVALS.get(own.settings["look"], tools):
            if name in tools:
                same = [
                    replace(order, program=tools[name], metres=row["metres"])
                    for order, row in zip(orders, rows, strict=True)
                ]
                found[name] = spread(drawn, [(order, options.out) for order in same], options.workers)
        report(own.name, found)
        if options.sheets:
            write_sheet(options, own.name, found, colour=False)


def _at_metres(options: argparse.Namespace, tools: dict[str, Program], *, colour: bool) -> None:
    programs = [*tools.values(), *(ours(options, colour=colour) if options.knob else ())]
    for length in options.metres:
        found = {program.name: _rows(options, program, length, colour=colour) for program in programs}
        for program in tools.values() if colour else ():
            black = zip(_rows(options, program, length, colour=False), chosen(options), strict=True)
            found[f"{program.name}, black alone"] = [{**row, **in_colour(row, one, options.out)} for row, one in black]
        report(f"{length:g} m", found)
        if options.sheets:
            write_sheet(options, f"{'colour ' if colour else ''}{length:g} m", found, colour=colour)


def _rows(options: argparse.Namespace, program: Program, length: float, *, colour: bool) -> list[dict[str, Any]]:
    orders = [Order(program, picture, length, colour) for picture in chosen(options)]
    return spread(drawn, [(order, options.out) for order in orders], options.workers)


def ours(options: argparse.Namespace, *, colour: bool) -> list[Program]:
    """plotart's looks, each with each of the numbers of steps."""
    file = options.out / f"{'four' if colour else 'black'}.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(write_pens(PenFile(PenSet(FOUR if colour else BLACK)), "toml", "looks"))
    settings = {"whole": options.whole, "changes": options.change}
    return [
        plotart(look, file.resolve(), options.first, options.knob, steps=steps, **settings)
        for look in options.looks
        for steps in options.steps or [None]
    ]


def chosen(options: argparse.Namespace) -> list[Picture]:
    return [picture for picture in PICTURES if picture.name in options.pictures]


def report(title: str, found: dict[str, list[dict[str, Any]]]) -> None:
    """Means over the pictures."""
    print(f"\n| {title} | tone error | after the best curve | SSIM | after it | m | lifts | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for name, rows in found.items():
        means = {key: statistics.mean(row[key] for row in rows) for key in FIGURES}
        print(f"| {name} | {' | '.join(f'{means[key]:{form}}' for key, form in FIGURES.items())} |", flush=True)


def write_sheet(
    options: argparse.Namespace, title: str, found: dict[str, list[dict[str, Any]]], *, colour: bool
) -> None:
    rows = []
    for k, picture in enumerate(chosen(options)):
        titles = [
            f"{name}: {row[k]['metres']:.1f} m, {row[k]['tone']:.1f} {row[k]['ssim']:.2f}"
            for name, row in found.items()
        ]
        files = [Path(row[k]["picture"]) for row in found.values()]
        wanted = picture.file(options.out / "pictures", grey=not colour)
        rows.append([(picture.name, wanted), *zip(titles, files, strict=True)])
    path = options.out / f"{title.replace(' ', '-').replace(',', '')}.png"
    sheet(rows).save(path)
    print(f"\n{path}")


#: As they are printed.
FIGURES = {
    "tone": ".2f",
    "curved": ".2f",
    "ssim": ".3f",
    "ssim_curved": ".3f",
    "metres": ".1f",
    "lifts": ".0f",
    "seconds": ".1f",
}
PARTS: dict[str, Callable[[argparse.Namespace, dict[str, Program]], None]] = {
    "metres": metres,
    "pairs": pairs,
    "colour": colour,
}

if __name__ == "__main__":
    main()

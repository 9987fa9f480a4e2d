"""The best of an atlas: drawings that are worth hanging, and unlike each other."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from plotart.errors import NetworkError
from plotart.networks import describe
from plotart.networks.best import Target, best_json
from plotart.reports.atlas_page import Cell, sheet_png
from plotart.runs.run import RunFolder
from plotart.sweep.atlas import MARGIN_MM, SHEET_MM, Making, OnMaking, atlas, channel_numbers
from plotart.sweep.choose import choose
from plotart.sweep.likeness import likeness, look_at
from plotart.sweep.worth import (
    POWERS,
    Worth,
    cleanliness,
    coverage,
    ink_in_cells,
    relative_gains,
    relative_rhythms,
)

#: The blocks whose channels draw textures and parts of motifs, where nothing else is asked for, beside the classes.
FIRST, LAST = "conv4_1", "conv5_2"


@dataclass(frozen=True)
class Scored:
    """A drawing and its worth; `diversity`, 0 to 1, is how unlike it is to the nearest of the others that were chosen,
    and `score` counts all but that. `rank` is its place among the chosen from 0, None for those that were not."""

    cell: Cell
    worth: Worth
    diversity: float
    rank: int | None

    @property
    def target(self) -> Target:
        cell = self.cell
        channel = cell.label if cell.layer == "class" else cell.channel
        return Target(cell.network, cell.layer, channel, self.worth.score)

    @property
    def label(self) -> str:
        """Short enough for a sheet."""
        return self.cell.label if self.cell.layer == "class" else f"{self.cell.layer}:{self.cell.channel}"

    def as_dict(self) -> dict[str, Any]:
        parts = {part: round(getattr(self.worth, part), 3) for part in POWERS}
        parts |= {"diversity": round(self.diversity, 3), "score": round(self.worth.score, 3)}
        measured = {"activation_gain": round(self.cell.gain, 4), **self.cell.line.as_dict()}
        return {"name": self.target.name, "rank": self.rank, **parts, **measured}


def usual_layers(network: str, *, weights: Path | str | None = None) -> tuple[str, ...]:
    """The classes, if there are any, and the layers from conv4_1 to conv5_2. Raises NetworkError, WeightsError."""
    description = describe(network, weights=weights)
    if not {FIRST, LAST} <= set(description.layers):
        allowed = ", ".join(description.layers)
        raise NetworkError(f"{network} has no layers {FIRST} to {LAST}: name some with --layer; allowed are {allowed}")
    middle = description.layers[description.position(FIRST) : description.position(LAST) + 1]
    return ("class", *middle) if description.classes else middle


def draw_all(
    network: str,
    layers: Sequence[str],
    *,
    channels: Sequence[int | str] | None = None,
    on_step: OnMaking | None = None,
    **options: Any,
) -> Iterator[Cell]:
    """The cells of the atlases of some layers, one after another, made unless they are there; with the same `options`.

    `channels` are those of every layer, but of the classes only if there is nothing else. Raises as `atlas`, and before
    anything is written.
    """
    description = describe(network, weights=options.get("weights"))
    wanted = {
        layer: channel_numbers(
            description.up_to(layer), layer, None if layer == "class" and len(layers) > 1 else channels
        )
        for layer in dict.fromkeys(layers)
    }
    return _drawn(network, wanted, on_step, options)


def _drawn(
    network: str,
    wanted: dict[str, list[int]],
    on_step: OnMaking | None,
    options: dict[str, Any],
) -> Iterator[Cell]:
    before, total = 0, sum(map(len, wanted.values()))
    for layer, channels in wanted.items():

        def report(at: Making, layer: str = layer, before: int = before) -> None:
            if on_step is not None:
                label = at.label if layer == "class" else f"{layer}:{at.label}"
                on_step(replace(at, label=label, number=before + at.number, total=total))

        yield from atlas(network, layer=layer, channels=channels, on_step=report, **options)
        before += len(channels)


def score(cells: Sequence[Cell], count: int) -> list[Scored]:
    """All of the cells with their worth, of which `count` at most are chosen: those first and in their order, the
    others by their score. All are of one network and its weights."""
    if not cells:
        return []
    seen = look_at([cell.picture for cell in cells], cells[0].network, weights=cells[0].weights)
    worths = [*_worths(cells, relative_rhythms(seen.rhythms.tolist()))]
    alike = likeness(seen.descriptors)
    scores = np.array([worth.score for worth in worths])
    chosen = choose(scores, alike, count)
    ranks = {index: rank for rank, index in enumerate(chosen)}
    found = []
    for index, (cell, worth) in enumerate(zip(cells, worths, strict=True)):
        others = [other for other in chosen if other != index]
        diversity = 1 - float(alike[index, others].max(initial=0.0))
        found.append(Scored(cell, worth, diversity, ranks.get(index)))
    return sorted(found, key=lambda one: (one.rank is None, one.rank if one.rank is not None else -one.worth.score))


def write_best(
    folder: Path | str, found: Sequence[Scored], *, network: str, weights: Path | None = None, note: str = ""
) -> tuple[Path, ...]:
    """best.png, the sheet of the chosen, best.json, the list of them, and scores.json with all. Raises OutputError."""
    target = RunFolder.create(Path(folder))
    best = [one for one in found if one.rank is not None]
    written = []
    if best:
        cells = [replace(one.cell, label=one.label) for one in best]
        title = f"{network}: the best {len(best)} of {len(found)}"
        sheet = sheet_png(cells, note=note, title=title, scores=[one.worth.score for one in best])
        written.append(target.write("best.png", sheet))
    text = best_json(network, weights, [one.target for one in best], note)
    written.append(target.write("best.json", text))
    rows = json.dumps([one.as_dict() for one in found], indent=1, ensure_ascii=False) + "\n"
    return (*written, target.write("scores.json", rows))


def _worths(cells: Sequence[Cell], rhythms: Sequence[float]) -> Iterator[Worth]:
    by_layer: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_layer[cell.layer].append(cell)
    gains: dict[tuple[str, int], float] = {}
    for layer, some in by_layer.items():
        relative = relative_gains([cell.gain for cell in some])
        gains |= {(layer, cell.channel): gain for cell, gain in zip(some, relative, strict=True)}
    for cell, rhythm in zip(cells, rhythms, strict=True):
        with Image.open(cell.picture) as picture:
            ink = ink_in_cells(picture, MARGIN_MM / SHEET_MM)
        yield Worth(gains[cell.layer, cell.channel], coverage(ink), rhythm, cleanliness(cell.line))

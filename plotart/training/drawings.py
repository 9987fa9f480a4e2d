"""Makes plotart draw for a network and keeps what came of it: what the head "neat" has to tell from a motif that is
drawn well, and pictures of all classes to look at.

    python -m plotart.training.drawings --weights motif.safetensors --save drawings.pt --sheet drawings.png
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import Tensor

from plotart.config import Config
from plotart.job.build import build
from plotart.networks import load_network
from plotart.training.data import PICTURE_PX
from plotart.training.motifs.hues import HUES

#: Pens and papers in turn: what people have, light on dark too.
_PENS = (("black",), ("black", "red", "blue", "orange"), ("red", "green"), ("blue", "teal", "violet"), tuple(HUES)[:9])
_COLORS = {
    "black": "#1b1b1b", "red": "#c8102e", "blue": "#1f4fa3", "orange": "#e07b1a", "green": "#2e8b3d", "teal": "#138a8a",
    "violet": "#6b3fa0", "pink": "#e85b9c", "yellow": "#e6b800", "brown": "#6b4226", "white": "#f8f8f4",
}  # fmt: skip
_PAPERS = ("#ffffff", "#fbfaf5", "#ffffff", "#f2ead8", "#151515")

_RESOLUTION = 160


def config_of(name: str, weights: Path, number: int, steps: int, extra: list[dict[str, object]]) -> Config:
    """A small drawing for a class: 100 x 100 mm, with the number-th pens, paper and count of strokes."""
    paper = _PAPERS[number % len(_PAPERS)]
    hues = ("white", "orange", "teal", "pink") if paper == "#151515" else _PENS[number % len(_PENS)]
    width = (0.5, 0.8, 1.2)[number % 3]
    pens = [{"name": hue, "color": _COLORS[hue], "width": width, "ink": "opaque"} for hue in hues]
    goal: dict[str, object] = {"type": "excitation", "class": name, "weights": str(weights)}
    terms = [{**term, "weights": str(weights)} if term["type"] == "neat" else term for term in extra]
    strokes = {"count": (100, 60, 160)[number % 3], "segments": 3, "length": 20}
    return Config.from_dict(
        {
            "seed": 100 + number,
            "page": {"size": [100, 100], "margin": 5, "color": paper},
            "pens": pens,
            "strokes": strokes,
            "render": {"resolution": _RESOLUTION},
            "objective": [goal, *terms],
            "optimize": {"steps": steps},
        }
    )


def drawn(config: Config) -> Iterator[Tensor]:
    """[3, 160, 160] sRGB: the plot as it would be in the middle and at the end."""
    parts = build(config)
    steps = config.optimize.steps
    for step in parts.optimizer.steps():
        if step.number == steps // 2:
            yield parts.canvas.hard().image.detach()[0]
    yield parts.canvas.hard().image.detach()[0]


def as_pictures(image: Tensor, random: torch.Generator) -> list[Tensor]:
    """The whole drawing and a part of it, [3, 112, 112] uint8 each."""
    y, x = (int(torch.randint(image.shape[-1] - PICTURE_PX + 1, (), generator=random)) for _ in range(2))
    whole = F.interpolate(image[None], size=(PICTURE_PX, PICTURE_PX), mode="bilinear", antialias=True)[0]
    return [(part * 255).round().to(torch.uint8) for part in (whole, image[:, y : y + PICTURE_PX, x : x + PICTURE_PX])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--every", type=int, default=1, help="of the classes, every n-th")
    parser.add_argument("--only", nargs="*", help="names of classes")
    parser.add_argument("--neat", type=float, default=0.0, help="weight of the term")
    parser.add_argument("--save", type=Path, help="all pictures as one tensor [N, 3, 112, 112] uint8")
    parser.add_argument("--sheet", type=Path, help="a contact sheet of the last pictures")
    parser.add_argument("--pens", type=int, help="always the n-th pens and paper, not all in turn")
    options = parser.parse_args()
    random, pictures, last = torch.Generator().manual_seed(0), [], {}
    extra: list[dict[str, object]] = [{"type": "neat", "weight": options.neat}] if options.neat else []
    names = options.only or load_network("motif", weights=options.weights).classes[:: options.every]
    started = time.perf_counter()
    for number, name in enumerate(names):
        kind = number if options.pens is None else options.pens
        config = config_of(name, options.weights.resolve(), kind, options.steps, extra)
        for image in drawn(config):
            pictures += as_pictures(image, random)
        last[name] = image
    print(f"{len(last)} drawings in {time.perf_counter() - started:.0f} s", flush=True)
    if options.save:
        torch.save(torch.stack(pictures), options.save)
    if options.sheet:
        contact_sheet(last).save(options.sheet)


def contact_sheet(images: dict[str, Tensor], across: int = 12) -> Image.Image:
    """Drawings with their names below."""
    side = _RESOLUTION
    down = -(-len(images) // across)
    sheet = Image.new("RGB", (across * (side + 4), down * (side + 16)), "white")
    canvas = ImageDraw.Draw(sheet)
    for k, (name, image) in enumerate(images.items()):
        x, y = (k % across) * (side + 4), (k // across) * (side + 16)
        sheet.paste(Image.fromarray((image.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)), (x, y))
        canvas.text((x + 2, y + side + 2), name, fill="black")
    return sheet


if __name__ == "__main__":
    main()

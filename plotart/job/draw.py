"""A picture and some pens -> a config that draws it, a sheet of what it could look like, and of its tones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from plotart.color.light import linear_to_srgb, srgb_to_linear
from plotart.config import Config
from plotart.config.layers import merge
from plotart.errors import InputError, OptionError
from plotart.files.images import open_rgba
from plotart.job.build import build, build_page
from plotart.job.look import lightness_reached
from plotart.job.pens import build_pens
from plotart.objectives import Picture
from plotart.objectives.terms.image import ImageTerm
from plotart.palette.choose import choose, picture_colors
from plotart.palette.separation import mixed, separated
from plotart.pens import PenSet
from plotart.plotter.simulate import to_picture
from plotart.plugins import LOOKS
from plotart.reports.looks_sheet import Shown, looks_sheet

#: Strokes that begin anyhow, for a picture: as configs/photograph.yaml has them.
FREE = "free"
_FREE: dict[str, Any] = {
    "strokes": {
        "count": "auto",
        "coverage": 0.35,
        "segments": 3,
        "length": 18,
        "economy": {"keep": 0.45, "price": 0.25},
        "joining": {"weight": 1},
        "spacing": {"weight": 0},
        "coherence": {"weight": 0},
        "fairness": 0.05,
    },
    "render": {"resolution": 384, "softness": 4},
    "augment": {"views": 1},
    "optimize": {"steps": 200},
}

#: mm: the blur by which tones are compared, unless the config says otherwise.
SIGHT = 1.0

#: px of the long side of each picture on a sheet of looks.
THUMBNAIL = 520


@dataclass(frozen=True)
class DrawOptions:
    """How a picture is to be drawn.

    pens        the pens, or a set's name or file; colors: of more pens, so many are taken that draw it best
    size        of the sheet: a name, or width and height in mm; a named sheet lies as the picture does
    background, mask, attention   as terms of type image have them
    others      what the config has besides, as plain data
    """

    pens: PenSet | str | Path
    look: str = "engraving"
    size: str | tuple[float, float] = "a4"
    paper: str = "#ffffff"
    margin: float | None = None
    colors: int = 4
    background: str = "keep"
    mask: Path | None = None
    attention: float = 0.0
    seed: int = 0
    steps: int | None = None
    others: Mapping[str, Any] | None = None


def draw_config(picture: Path, options: DrawOptions) -> Config:
    """The config that `plotart draw` runs. Raises ImageError, ConfigError, PenError, OptionError."""
    if options.look not in (FREE, *LOOKS.names):
        raise OptionError(f"look {options.look}: no such look; allowed are {', '.join((*LOOKS.names, FREE))}")
    with open_rgba(picture, longest=64) as small:
        wide = small.width > small.height
    term = {
        "type": "image",
        "file": str(picture),
        "tones": {},
        "features": 0.0,
        "sight": SIGHT,
        "background": options.background,
        "mask": str(options.mask) if options.mask is not None else None,
        "attention": options.attention,
    }
    page: dict[str, Any] = {"color": options.paper, "size": options.size}
    if isinstance(options.size, str):
        page["orientation"] = "landscape" if wide else "portrait"
    if options.margin is not None:
        page["margin"] = options.margin
    data: dict[str, Any] = {
        "name": f"{picture.stem}-{options.look}",
        "seed": options.seed,
        "page": page,
        "pens": str(options.pens) if isinstance(options.pens, Path) else options.pens,
        "objective": [term],
        **(_FREE if options.look == FREE else {"look": {"type": options.look}}),
    }
    data = _with_steps(data, options.steps)
    config = Config.from_dict(merge(data, dict(options.others or {})), name=str(data["name"]))
    return _few_pens(config, options.colors)


def _with_steps(data: dict[str, Any], steps: int | None) -> dict[str, Any]:
    """Without steps, lines stay where the look puts them."""
    if steps is None:
        return data
    still = {"steps": 1, "rate": {"points": 0.0, "logits": 0.0}}
    return dict(merge(data, {"optimize": still if steps == 0 else {"steps": steps}}))


def _few_pens(config: Config, count: int) -> Config:
    """With as many of its pens as are wanted, those that mix the picture's colours best."""
    if len(config.pens) <= count:
        return config
    page, pens = build_page(config), build_pens(config)
    term = next(term for term in config.terms if isinstance(term, ImageTerm))
    colors, weights = picture_colors(Picture.read(term.file).on(page).light[0])
    chosen = choose(colors, weights, pens, count, paper=page.paper).pens
    return config.model_copy(update={"pens": chosen})


def draw_looks(
    picture: Path, options: Callable[[str], DrawOptions], on_look: Callable[[str], None] | None = None
) -> Image.Image:
    """A sheet of all looks that a picture can have, each as it begins. `on_look` is called with the name of the next
    one. Raises as `draw_config`."""
    found, refused = list[Shown](), None
    for look in LOOKS.names:
        if on_look is not None:
            on_look(look)
        config = draw_config(picture, options(look)).override(f"render.resolution={THUMBNAIL}", "render.oversample=2")
        try:
            parts = build(config)
        except InputError as error:  # a picture may have nothing for edges, say
            refused = error
            continue
        with torch.no_grad():
            found.append(Shown(look, to_picture(parts.canvas.hard().image)))
    if refused is not None and not found:
        raise refused
    return looks_sheet(found)


def preview_tones(config: Config) -> Image.Image:
    """What the pens can do with the config's picture, before any line is drawn: the picture, its tones brought to what
    they reach, what they mix of it, and how much each of them inks. Raises ImageError."""
    page, pens = build_page(config), build_pens(config)
    term = next(term for term in config.terms if isinstance(term, ImageTerm))
    most = config.look.most if config.look is not None else 0.85
    plain = Picture.read(term.file).on(page).on_sheet(page, THUMBNAIL, term.fit)
    wanted = term.sheet(page, THUMBNAIL, lightness_reached(config, page, pens))
    shares = separated(srgb_to_linear(wanted[0]), pens, page.paper, most=most)
    reached = linear_to_srgb(mixed(shares, pens, page.paper).clamp(0, 1))[None]
    found = [
        Shown("the picture", to_picture(plain)),
        Shown("its tones on this paper", to_picture(wanted)),
        Shown("what the pens make of it", to_picture(reached)),
    ]
    for pen, share in zip(pens, shares, strict=True):
        alone = linear_to_srgb(mixed(share[None], PenSet([pen]), page.paper).clamp(0, 1))[None]
        found.append(Shown(f"{pen.name}: {float(share.mean()):.0%} of the paper", to_picture(alone)))
    return looks_sheet(found)

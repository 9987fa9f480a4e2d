"""What the configs that come with plotart draw: in words, as a small picture, on which sheet, with which pens."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plotart.config.blocks import read_blocks
from plotart.config.layers import merge, read_layers
from plotart.files.shipped import shipped_files, shipped_folder
from plotart.pens import PenSet
from plotart.pens.catalogue import load_set

if TYPE_CHECKING:
    from plotart.config.sections import PageConfig

#: Written by docs/gallery/thumbnails.py, beside the pictures.
FIGURES = "figures.json"


@dataclass(frozen=True)
class ShippedConfig:
    """A config that comes with plotart.

    about       what it shows, in a line
    is_work     whether it is one of the works, and not one to start with
    pens        those it names; None where colours are learned
    picks       how many of the pens it draws with, or how many colours it learns; None for all of the pens
    picture     the file of a small picture (WebP); None where there is none
    draws_s, plots_s  seconds that it takes to draw on one core, and to plot without changes of pens, as measured once
    """

    name: str
    path: Path
    about: str
    is_work: bool
    page: PageConfig
    pens: PenSet | None
    picks: int | None
    picture: Path | None
    draws_s: float | None
    plots_s: float | None


def shipped_configs() -> list[ShippedConfig]:
    """All of them: those to start with, then the works, each in alphabetical order."""
    pictures = shipped_folder() / "thumbnails"
    figures = json.loads((pictures / FIGURES).read_text(encoding="utf-8"))
    return [_described(path, pictures, figures.get(name, {})) for name, path in shipped_files().items()]


def _described(path: Path, pictures: Path, figures: Mapping[str, float]) -> ShippedConfig:
    from plotart.config.sections import PageConfig

    data: dict[str, Any] = {}
    for layer in read_layers(path):
        data = merge(data, layer.data)
    pens, palette = data.get("pens"), data.get("palette", {})
    picture = pictures / f"{path.stem}.webp"
    return ShippedConfig(
        name=path.stem,
        path=path,
        about=_first_sentence(read_blocks(path.read_text(encoding="utf-8"))[0]),
        is_work=path.parent.name == "works",
        page=PageConfig.model_validate(data.get("page", {})),
        pens=listed_pens(pens),
        picks=palette.get("colors") if palette.get("mode", "fixed") != "fixed" else None,
        picture=picture if picture.is_file() else None,
        draws_s=figures.get("draws_s"),
        plots_s=figures.get("plots_s"),
    )


def listed_pens(value: Any) -> PenSet | None:
    """The pens of a shipped config, which lists them or names a set; None where it has none."""
    if not value:
        return None
    return load_set(value).pens if isinstance(value, str) else PenSet.read(value)


def _first_sentence(comment: str) -> str:
    """Of the comment at a config's head."""
    words = " ".join(line.lstrip("# ").strip() for line in comment.splitlines())
    return re.split(r"(?<=[.?!])\s", words, maxsplit=1)[0].rstrip(".")

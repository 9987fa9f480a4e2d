"""plotart's own networks: `motif`, which comes with it, and VGG16 and VGG19 with their published weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from plotart.networks.description import Description, Pooling, Progress
from plotart.networks.motif_header import read_motif_header
from plotart.networks.published import PUBLISHED
from plotart.networks.vgg_layers import vgg_description
from plotart.networks.weights_files import motif_file

if TYPE_CHECKING:
    from plotart.networks.vgg import VGG


def load(
    name: str, *, weights: Path | str | None, pooling: Pooling, up_to: str | None, progress: Progress | None
) -> VGG:
    """As plotart.networks.load_network. Raises NetworkError, WeightsError."""
    from plotart.networks.own_loaded import load_motif, load_published

    if name == "motif":
        return load_motif(weights, pooling, up_to)
    return load_published(name, weights, pooling, up_to, progress)


def describe(name: str, *, weights: Path | str | None) -> Description:
    """As plotart.networks.describe. Raises NetworkError, WeightsError."""
    if name != "motif":
        return vgg_description(name, PUBLISHED[name].widths)
    with motif_file(weights) as path:
        header = read_motif_header(path)
        return vgg_description(name, header.widths, header.heads, header.natures)

"""How much drawings, and the parts of each, are alike to the network that they were drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from plotart.networks import Network, describe, load_network
from plotart.sweep.atlas import SEEN_PX
from plotart.sweep.worth import Floats

#: Pictures that the network looks at at once.
BATCH = 32

#: The parts of a drawing, across and down, that are compared with each other.
PARTS = 3


@dataclass(frozen=True)
class Seen:
    """What the network's middle layer sees in n drawings.

    descriptors  [n, d] of unit length: which features go together in each drawing, wherever they are (the roots of its
                 Gram matrix's upper half)
    rhythms      [n]: the mean cosine between the features of two of 3 x 3 parts of the drawing, which is 1 where the
                 same is all over the page
    """

    descriptors: Floats
    rhythms: Floats


def look_at(pictures: Sequence[Path], network: str, *, weights: Path | None = None) -> Seen:
    """At least one picture of a drawing. Raises NetworkError, WeightsError."""
    layer = _middle(network, weights)
    loaded = load_network(network, weights=weights, up_to=layer)
    found = [_seen(loaded, layer, pictures[start : start + BATCH]) for start in range(0, len(pictures), BATCH)]
    return Seen(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def likeness(described: Floats) -> Floats:
    """[n, n]: 1 for the same, and exp(-(2 d / m)²) for others, whose descriptors [n, d] are d apart, where m is the
    median of all distances: at half of that they share 0.37, at all of it next to nothing."""
    squares = np.clip(2 - 2 * described @ described.T, 0, None)
    off = squares[~np.eye(len(squares), dtype=bool)]
    median = float(np.median(off)) if off.size else 0.0
    # Rounding leaves a little between the same pictures.
    return np.exp(-4 * squares / max(median, 1e-6))


def _middle(network: str, weights: Path | None) -> str:
    layers = [layer for layer in describe(network, weights=weights).layers if layer != "class"]
    return layers[(len(layers) - 1) // 2]


@torch.no_grad()
def _seen(network: Network, layer: str, pictures: Sequence[Path]) -> tuple[Floats, Floats]:
    shown = []
    for path in pictures:
        with Image.open(path) as picture:
            small = picture.convert("RGB").resize((SEEN_PX, SEEN_PX), Image.Resampling.LANCZOS)
        shown.append(np.asarray(small, dtype=np.float32) / 255)
    image = torch.from_numpy(np.stack(shown)).permute(0, 3, 1, 2).contiguous()
    seen = network.activations(image, layer, relu=True)
    parts = F.normalize(F.adaptive_avg_pool2d(seen, PARTS).flatten(2), dim=1)
    pairs = PARTS**2 * (PARTS**2 - 1)
    rhythms = ((parts.transpose(1, 2) @ parts).sum(dim=(1, 2)) - PARTS**2) / pairs
    features = seen.flatten(2)
    gram = features @ features.transpose(1, 2) / features.shape[2]
    rows, columns = torch.triu_indices(gram.shape[1], gram.shape[1])
    roots = gram[:, rows, columns].clamp_min(0).sqrt()
    return F.normalize(roots, dim=1).double().numpy(), rhythms.double().numpy()

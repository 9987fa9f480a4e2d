"""Takes those classes out of a motif.safetensors whose drawings nobody could read.

    python -m plotart.training.offer --weights motif.safetensors

It is the last step of a training. The network has learned them and goes on telling the others from them: all weights of
those that stay remain what they are, each being what it has over the mean of all that were learned. A training that
starts from such a file begins with them as with classes that are new.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file, save_file

from plotart.training.motifs import MOTIFS

#: What is drawn for them is nothing that one could name, whatever the seed (docs/motif-card.md).
UNREAD = frozenset({"bulge", "dots", "grid", "stipple", "strata", "trellis", "zebra"})

#: The classes of the shipped network.
OFFERED: tuple[str, ...] = tuple(name for name in MOTIFS if name not in UNREAD)


def take_out(path: Path, classes: Collection[str]) -> None:
    """Rewrites a motif.safetensors without `classes`; those that it doesn't have are passed over."""
    with safe_open(path, framework="pt") as file:
        metadata = dict(file.metadata())
    tensors = load_file(path)
    names = json.loads(metadata["classes"])
    stay = [k for k, name in enumerate(names) if name not in classes]
    for tensor in ("class.weight", "class.bias"):
        tensors[tensor] = tensors[tensor][stay].contiguous()
    natures = json.loads(metadata.get("natures", "{}"))
    metadata |= {
        "classes": json.dumps([names[k] for k in stay]),
        "natures": json.dumps({name: hues for name, hues in natures.items() if name not in classes}),
    }
    save_file(tensors, path, metadata=metadata)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True, help="the motif.safetensors that loses them")
    options = parser.parse_args()
    take_out(options.weights, UNREAD)


if __name__ == "__main__":
    main()

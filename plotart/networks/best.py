"""What a network draws best: a list of targets for those who want to be surprised, and the weights it was made with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from plotart.errors import WeightsError
from plotart.networks.weights_files import given_file, shipped_motif

#: Digits that tell weights apart in a message.
_SHOWN = 12


@dataclass(frozen=True)
class Target:
    """What can be excited: a class by its name, or a channel of a layer by its number; `score` (0 to 1) says how well
    it is drawn."""

    network: str
    layer: str
    channel: int | str
    score: float

    @property
    def name(self) -> str:
        """As in ``motif class spiral`` or ``motif conv5_1 channel 41``."""
        return f"{self.network} class {self.channel}" if self.layer == "class" else self._of_layer

    @property
    def term(self) -> dict[str, Any]:
        """The term of an objective, as a config has it."""
        target = {"class": self.channel} if self.layer == "class" else {"layer": self.layer, "channel": self.channel}
        return {"type": "excitation", "network": self.network, **target}

    @property
    def _of_layer(self) -> str:
        return f"{self.network} {self.layer} channel {self.channel}"


def surprise(seed: int) -> Target:
    """The target of the shipped list that a seed stands for: 0 for the best, 1 for the next, and after the last the
    first again. Raises WeightsError."""
    found = read_best(Path(str(files("plotart") / "networks" / "data" / "motif_best.json")))
    return found[seed % len(found)]


def read_best(path: Path, weights: Path | None = None) -> tuple[Target, ...]:
    """The targets of a best.json, the best first. Raises WeightsError for a file that is damaged, or was made with
    other weights than those in the file `weights` (of the shipped network, if None)."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        made_with, network = data["weights_sha256"], str(data["network"])
        found = tuple(_target(network, row) for row in data["best"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path}: can't be read as a list of the best targets ({error})") from None
    if not found:
        raise WeightsError(f"{path}: names no targets")
    now = digest_of(network, weights)
    if made_with != now:
        raise WeightsError(
            f"{path} was made with other weights of {network} (SHA-256 {str(made_with)[:_SHOWN]}…) than are used here "
            f"({str(now)[:_SHOWN]}…): allowed is what `plotart networks atlas {network} --best 24` writes with these"
        )
    return found


def best_json(network: str, weights: Path | None, targets: Sequence[Target], made: str) -> str:
    """The text of a best.json; `made` says how the drawings were made that were compared."""
    rows = [{**_place(target), "score": round(target.score, 3), "name": target.name} for target in targets]
    data = {"network": network, "weights_sha256": digest_of(network, weights), "made": made, "best": rows}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def digest_of(network: str, weights: Path | None) -> str | None:
    """The SHA-256 of the file that a network's weights come from; None where they are not in one file of one's own."""
    if weights is not None:
        return hashlib.sha256(given_file(weights).read_bytes()).hexdigest()
    if network != "motif":
        return None
    with shipped_motif() as path:
        return hashlib.sha256(path.read_bytes()).hexdigest()


def _place(target: Target) -> dict[str, Any]:
    return {key: value for key, value in target.term.items() if key in ("class", "layer", "channel")}


def _target(network: str, row: dict[str, Any]) -> Target:
    if "class" in row:
        return Target(network, "class", str(row["class"]), float(row["score"]))
    return Target(network, str(row["layer"]), int(row["channel"]), float(row["score"]))

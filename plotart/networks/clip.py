"""CLIP's ViT-B/32 by open_clip: how well a picture goes with words (Radford et al. 2021, "Learning Transferable Visual
Models From Natural Language Supervision"). open_clip (`pip install 'plotart[text]'`) is imported when it is needed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plotart.errors import MissingError, NetworkError, WeightsError
from plotart.networks.description import Description
from plotart.networks.digests import sha256_of
from plotart.networks.network import Network
from plotart.networks.weights_files import cache_folder, given_file

#: open_clip's name of the model, and where its weights "laion2b_s34b_b79k" are on Hugging Face: one file of one commit.
MODEL = "ViT-B-32"
REPOSITORY = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
REVISION = "1a25a446712ba5ee05982a381eed697ef9b435cf"
FILE = "open_clip_model.safetensors"
SHA256 = "ac4f8c4b88af6d963118cbf40ad93176d092abbedfcb752601ae1866352656e6"

#: The one layer of the half that sees, and its channels.
LAYER = "image"
CHANNELS = 512

_TIMEOUT_S = 30.0


class ImageTower(Network):
    """The half of CLIP that sees: one layer, `image`, of 512 channels in one place. Two pictures of the same things
    have nearly the same direction there, and so have words for them.

    visual    open_clip's module: [B, 3, side, side] normalised by `mean` and `std` -> [B, 512]
    """

    description = Description("clip", (LAYER,), (CHANNELS,))

    def __init__(self, visual: nn.Module, side: int, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.visual, self.side, self._mean, self._std = visual, side, tuple(mean), tuple(std)
        for module in visual.modules():
            if isinstance(module, nn.MultiheadAttention):
                module.register_forward_pre_hook(_place_by_place)

    def features(self, image: Tensor, layers: Collection[str], *, leak: float = 0.0) -> dict[str, Tensor]:
        """[B, 512, 1, 1] for `image` [B, 3, side, side]; there are no relus that could leak. Raises NetworkError."""
        for layer in layers:
            self.channels(layer)
        if tuple(image.shape[2:]) != (self.side, self.side):
            found = f"{image.shape[3]} x {image.shape[2]}"
            raise NetworkError(f"{self.name} sees pictures of {self.side} x {self.side} px, found {found}")
        parts = [(image[:, c] - self._mean[c]) / self._std[c] for c in range(3)]
        return {LAYER: self.visual(torch.stack(parts, dim=1))[:, :, None, None]}


def _place_by_place(attention: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Self-attention's input [B, places, channels], in memory by places. torch's module looks at it as [places, B,
    channels], and on a CPU multiplies it place by place, which takes half of a step, unless that is contiguous."""
    ordered = inputs[0].transpose(0, 1).contiguous().transpose(0, 1)
    return ordered, ordered, ordered


class Clip:
    """Both halves of CLIP: `image` sees, `words` reads."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        """`model` and `tokenizer` are open_clip's."""
        self._model, self._tokenizer = model.requires_grad_(False).eval(), tokenizer
        visual = model.visual
        self.image = ImageTower(visual, visual.image_size[0], visual.image_mean, visual.image_std).eval()

    @torch.no_grad()
    def words(self, texts: Sequence[str]) -> Tensor:
        """[texts, 512] float32 of unit length, on the CPU. Raises NetworkError for a text that is empty or too long."""
        most = self._tokenizer.context_length - 2  # it begins and ends with a token of its own
        for text in texts:
            if not 0 < (found := len(self._tokenizer.encode(text))) <= most:
                raise NetworkError(f"{text!r} has {found} tokens: allowed are 1 to {most}, most words are one or two")
        return F.normalize(self._model.encode_text(self._tokenizer(list(texts))).float(), dim=1)


def load_clip(weights: Path | str | None = None) -> Clip:
    """CLIP in float32 on the CPU, frozen; with its published weights, which are fetched on first use, or those in a
    file that open_clip reads. Raises MissingError without open_clip, WeightsError."""
    open_clip = _open_clip()
    path = _published(open_clip) if weights is None else given_file(weights)
    try:
        model = open_clip.create_model(MODEL, pretrained=str(path))
    except Exception as error:  # damaged bytes and tensors of other shapes raise errors of many kinds
        reason = (str(error) or type(error).__name__).strip().partition("\n")[0]
        raise WeightsError(f"{path} has no weights of open_clip's {MODEL} ({reason}): {_by_hand()}") from error
    return Clip(model, open_clip.get_tokenizer(MODEL))


def _open_clip() -> ModuleType:
    try:
        _stand_in_for_operators()
        import open_clip
    except ImportError as error:
        raise MissingError(f"CLIP needs open_clip ({error}): pip install 'plotart[text]'") from None
    return open_clip


def _stand_in_for_operators() -> None:
    """torchvision, which open_clip imports for its transforms, can't be imported where its library of operators is
    built for another torch, as PyPI's is for CUDA and many a torch for CPUs. CLIP needs none of them: those whose names
    torchvision asks for are declared here, and still can't be called."""
    spec = find_spec("torchvision")
    library = Path(spec.origin).parent / "_C.so" if spec is not None and spec.origin else None
    if library is None or not library.is_file():
        return
    try:
        torch.ops.load_library(str(library))
    except OSError:
        for name in ("nms", "qnms"):
            if not hasattr(torch.ops.torchvision, name):
                schema = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
                torch.library.define(f"torchvision::{name}", schema)


def _published(open_clip: ModuleType) -> Path:
    """The published file: in plotart's cache folder, or where Hugging Face's client keeps it. Raises WeightsError."""
    path = cache_folder() / FILE
    try:
        if not path.is_file():
            path = _fetched(open_clip)
        found = sha256_of(path, cache_folder())
    except OSError as error:
        raise WeightsError(f"CLIP's weights can't be read ({error}): {_by_hand()}") from error
    if found != SHA256:
        raise WeightsError(f"{path} is damaged or another file: its SHA-256 is {found}, expected {SHA256}; remove it")
    return path


def _fetched(open_clip: ModuleType) -> Path:
    from huggingface_hub import try_to_load_from_cache

    if isinstance(kept := try_to_load_from_cache(REPOSITORY, FILE, revision=REVISION), str):
        return Path(kept)
    try:
        _reach(_url())
        return Path(open_clip.pretrained.download_pretrained_from_hf(REPOSITORY, filename=FILE, revision=REVISION))
    except Exception as error:  # the client has errors of many kinds
        reason = error.reason if isinstance(error, URLError) else error
        raise WeightsError(
            f"CLIP needs its published weights, and fetching them failed ({reason}): {_by_hand()}"
        ) from error


def _reach(url: str) -> None:
    """Raises URLError, OSError at once where nobody answers: Hugging Face's client would try for half a minute."""
    try:
        urlopen(Request(url, method="HEAD", headers={"User-Agent": "plotart"}), timeout=_TIMEOUT_S).close()
    except HTTPError as error:
        error.close()  # somebody does


def _url() -> str:
    """Where the file is: at $HF_ENDPOINT, as Hugging Face's own tools have it."""
    endpoint = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    return f"{endpoint}/{REPOSITORY}/resolve/{REVISION}/{FILE}"


def _by_hand() -> str:
    return f"put the file {_url()} (605 MB) into {cache_folder()}, or name another with `weights:`"

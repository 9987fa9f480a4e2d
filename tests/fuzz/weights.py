"""Weights and directions: safetensors with spoilt headers and bodies, pickles that want to run programs."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

from fuzz.case import Place, Seeds
from fuzz.configs import CONFIGS, SHORT
from fuzz.mutate import NUMBERS, TEXTS, spoilt_bytes, spoilt_text, spoilt_tree


def motif(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A motif network's safetensors file."""
    path = place.file("bad.safetensors", spoilt_safetensors(random, _motif()))
    return _generate(place, f"{{type: excitation, network: motif, layer: conv1_1, weights: '{path}'}}")


def vgg(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A file of VGG16's first convolution, as a pickle, a zip archive or safetensors."""
    form = random.choice(("pth", "pth", "pt", "bin", "safetensors"))
    if random.random() < 0.3:
        data = _malicious(random)
    elif form == "safetensors":
        data = spoilt_safetensors(random, _vgg("safetensors"))
    else:
        data = spoilt_bytes(random, _vgg(random.choice(("zip", "old"))), head=400)
    path = place.file(f"bad.{form}", data)
    return _generate(place, f"{{type: excitation, network: vgg16, layer: conv1_1, weights: '{path}'}}")


def direction(random: Random, place: Place, seeds: Seeds) -> list[str]:
    """A direction file of conv1_1 of motif."""
    good = " ".join(str(random.uniform(-1, 1)) for _ in range(_motif_width()))
    match random.randrange(4):
        case 0:
            data = spoilt_bytes(random, good.encode())
        case 1:
            data = " ".join([random.choice(NUMBERS) for _ in range(_motif_width())]).encode()
        case 2:
            data = random.choice(
                (b"", b"0 " * _motif_width(), b"1e308 " * _motif_width(), b"1," * 10**6, b"1e39," * 64)
            )
        case _:
            data = spoilt_text(random, good, (*NUMBERS, *TEXTS)).encode("utf-8", "surrogatepass")
    path = place.file("bad.txt", data)
    return _generate(place, f"{{type: excitation, network: motif, layer: conv1_1, direction: '{path}'}}")


def spoilt_safetensors(random: Random, data: bytes) -> bytes:
    """A safetensors file with its header spoilt as JSON, or header or body as bytes."""
    length = struct.unpack_from("<Q", data)[0]
    header, body = data[8 : 8 + length], data[8 + length :]
    match random.randrange(9):
        case 0:
            return struct.pack("<Q", random.choice((0, 1, length - 1, length + 1, 2**32, 2**63, 2**64 - 1))) + data[8:]
        case 1:
            return data[: random.randrange(len(data))]
        case 2:
            header = spoilt_bytes(random, header)
        case 3:
            body = _odd_floats(random, body)
        case 4 | 5:
            header = json.dumps(spoilt_tree(random, json.loads(header))).encode("utf-8", "surrogatepass")
        case _:
            header = _odd_metadata(random, header)
    return struct.pack("<Q", len(header)) + header + body


def _odd_metadata(random: Random, header: bytes) -> bytes:
    """The header with one text of its metadata spoilt, as JSON where it holds any."""
    tree = json.loads(header)
    texts = tree["__metadata__"] = tree.get("__metadata__") or {"format": "pt"}
    key = random.choice(sorted(texts))
    try:
        texts[key] = json.dumps(spoilt_tree(random, json.loads(texts[key])))
    except ValueError:
        texts[key] = random.choice((*TEXTS, *NUMBERS))
    return json.dumps(tree).encode("utf-8", "surrogatepass")


def _odd_floats(random: Random, body: bytes) -> bytes:
    found = bytearray(body)
    for _ in range(random.choice((1, 10, 1000))):
        at = 4 * random.randrange(max(1, len(found) // 4))
        values = (float("nan"), float("inf"), 1e38, -1e38, 1e-45, 0.0, 1e6, -1e6)
        found[at : at + 4] = struct.pack("<f", random.choice(values))
    return bytes(found)


def _generate(place: Place, term: str) -> list[str]:
    config = place.file("good.yaml", (CONFIGS / "quickstart.yaml").read_bytes())
    words = [*SHORT, f"objective=[{term}]"]
    return ["generate", str(config), "--out", str(place.out), *(w for text in words for w in ("-o", text))]


class _Runs:
    """Pickled, it asks whoever reads it to run something."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.asked = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.asked


def _malicious(random: Random) -> bytes:
    """A pickle, plain or in torch's archive, that would leave a file `owned` if it were obeyed."""
    asks = (
        _Runs(os.system, "touch owned"),
        _Runs(exec, "open('owned', 'w').close()"),
        _Runs(open, "owned", "w"),
        _Runs(os.mkdir, "owned"),
        _Runs(Path.touch, Path("owned")),
    )
    content: Any = random.choice(asks)
    content = random.choice((content, {"features.0.weight": content}, [content] * 3))
    data = pickle.dumps(content, protocol=random.choice((0, 2, 4)))
    if random.random() < 0.5:
        return data
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("archive/data.pkl", data)
        file.writestr("archive/version", "3\n")
        file.writestr("archive/byteorder", "little")
    return archive.getvalue()


@cache
def _motif() -> bytes:
    """The shipped network's first block alone, so that a header is as long as its body."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import save

    with safe_open(str(files("plotart") / "networks" / "data" / "motif.safetensors"), framework="pt") as file:
        names = [name for name in file.keys() if name.startswith("conv1_")]  # noqa: SIM118
        tensors = {name: file.get_tensor(name).to(torch.float32) for name in names}
        metadata = file.metadata()
    width = tensors[max(names)].shape[0]
    classes = json.loads(metadata["classes"])
    tensors |= {"class.weight": torch.zeros(len(classes), width, 1, 1), "class.bias": torch.zeros(len(classes))}
    return save(tensors, metadata)


@cache
def _motif_width() -> int:
    from plotart.networks import describe

    return describe("motif").channels("conv1_1")


@cache
def _vgg(form: str) -> bytes:
    import torch
    from safetensors.torch import save

    random = torch.Generator().manual_seed(0)
    weight, bias = torch.randn((64, 3, 3, 3), generator=random) * 0.03, torch.zeros(64)
    state = {"features.0.weight": weight, "features.0.bias": bias}
    if form == "safetensors":
        return save(state)
    out = io.BytesIO()
    torch.save(state, out, _use_new_zipfile_serialization=form == "zip")
    return out.getvalue()

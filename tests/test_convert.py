"""Weights that others trained become files for configs: the same features, whatever a checkpoint holds, nothing run."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import dill
import pytest
import torch
from conftest import Cli
from safetensors import safe_open
from safetensors.torch import save_file
from small_runs import SMALL
from torch import Tensor, nn

from plotart import Config
from plotart.errors import WeightsError
from plotart.networks import load_network
from plotart.networks.convert import convert
from plotart.networks.vgg import IMAGENET_MEAN, IMAGENET_STD
from plotart.networks.vgg_layers import VGG16_WIDTHS, VGG19_WIDTHS, Widths, convolution_names

State = dict[str, Tensor]


def modules(widths: Widths, norm: bool) -> nn.Sequential:
    """torchvision's `features`: its modules, in its order."""
    found: list[nn.Module] = []
    incoming = 3
    for block in widths:
        for width in block:
            found += [nn.Conv2d(incoming, width, 3, padding=1), *([nn.BatchNorm2d(width)] if norm else []), nn.ReLU()]
            incoming = width
        found.append(nn.MaxPool2d(2, 2))
    return nn.Sequential(*found).eval()


def trained(widths: Widths, norm: bool) -> nn.Sequential:
    """As if it had been trained: no number is what it begins with, and signals stay of one size through all layers."""
    random = torch.Generator().manual_seed(0)
    with torch.device("meta"):
        network = modules(widths, norm)
    network.to_empty(device="cpu")
    for module in network:
        if isinstance(module, nn.Conv2d):
            module.weight.data.normal_(0, (2 / (9 * module.in_channels)) ** 0.5, generator=random)
            module.bias.data.normal_(0, 0.1, generator=random)  # type: ignore[union-attr]
        elif isinstance(module, nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.5, generator=random)
            module.bias.data.normal_(0, 0.2, generator=random)
            module.running_mean.normal_(0, 0.3, generator=random)  # type: ignore[union-attr]
            module.running_var.uniform_(0.4, 2, generator=random)  # type: ignore[union-attr]
            module.running_var[0] = 1e-7  # type: ignore[index]  # where the epsilon tells
            module.weight.data[0] = 1e-3
            module.num_batches_tracked.fill_(7)  # type: ignore[union-attr]
    return network.requires_grad_(False)


def state_of(network: nn.Sequential, prefix: str = "") -> State:
    """As torchvision calls its tensors, with a bit of the classifier."""
    state = {f"{prefix}features.{name}": tensor for name, tensor in network.state_dict().items()}
    return state | {f"{prefix}classifier.0.weight": torch.full((4, 2), torch.nan)}


VARIANTS = {
    "vgg16": (VGG16_WIDTHS, False),
    "vgg16_bn": (VGG16_WIDTHS, True),
    "vgg19": (VGG19_WIDTHS, False),
    "vgg19_bn": (VGG19_WIDTHS, True),
}


@pytest.fixture(scope="module")
def vgg16_bn() -> nn.Sequential:
    return trained(*VARIANTS["vgg16_bn"])


@pytest.fixture
def image() -> Tensor:
    return torch.rand(1, 3, 48, 40, generator=torch.Generator().manual_seed(2))


def assert_same_features(file: Path, network: str, reference: nn.Sequential, image: Tensor, near: float = 1e-4) -> None:
    """What each layer gives before its relu, to `near` of the largest."""
    mine = load_network(network, weights=file)
    found = mine.features(image, mine.layers)
    x = (image - torch.tensor(IMAGENET_MEAN)[:, None, None]) / torch.tensor(IMAGENET_STD)[:, None, None]
    before: list[Tensor] = []
    for module in reference:
        if isinstance(module, nn.ReLU):
            before.append(x)
        x = module(x)
    assert len(before) == len(mine.layers)
    for layer, expected in zip(mine.layers, before, strict=True):
        assert float(expected.abs().max()) > 0.1
        assert float((found[layer] - expected).abs().max()) < near * float(expected.abs().max()), layer


def converted(file: Path, **options: bool) -> Path:
    out = file.with_name("converted.safetensors")
    out.write_bytes(convert(file, **options).content())
    return out


# The same features


@pytest.mark.parametrize(
    "variant", ["vgg16", "vgg16_bn", *(pytest.param(name, marks=pytest.mark.slow) for name in ("vgg19", "vgg19_bn"))]
)
def test_features_are_those_of_the_network_as_it_was(variant: str, tmp_path: Path, image: Tensor) -> None:
    reference = trained(*VARIANTS[variant])
    path = tmp_path / f"{variant}.pth"
    torch.save(OrderedDict(state_of(reference)), path)
    found = convert(path)
    network = variant.removesuffix("_bn")
    assert (found.variant, found.network, found.place) == (variant, network, "")
    assert found.layers == len(convolution_names(VARIANTS[variant][0]))
    assert_same_features(converted(path), network, reference, image)


def test_plain_weights_stay_as_they_are(tmp_path: Path) -> None:
    state = state_of(trained(*VARIANTS["vgg16"]))
    path = tmp_path / "vgg16.safetensors"
    save_file(state, path)
    found = convert(path)
    assert not found.folded
    assert found.tensors.keys() == {name for name in state if name.startswith("features")}
    assert all(torch.equal(tensor, state[name]) for name, tensor in found.tensors.items())


def test_half_is_half_the_bytes(vgg16_bn: nn.Sequential, tmp_path: Path, image: Tensor) -> None:
    path = tmp_path / "w.safetensors"
    save_file({name: tensor for name, tensor in state_of(vgg16_bn).items() if tensor.ndim}, path)
    whole, half = convert(path).content(), convert(path, half=True).content()
    assert len(half) / len(whole) == pytest.approx(0.5, abs=0.001)
    assert 58e6 < len(whole) < 60e6
    assert_same_features(converted(path, half=True), "vgg16", vgg16_bn, image, near=0.01)


def test_the_file_says_where_it_is_from(vgg16_bn: nn.Sequential, tmp_path: Path) -> None:
    path = tmp_path / "robust.pth"
    torch.save(state_of(vgg16_bn), path)
    found = convert(path)
    assert found.content() == found.content()
    with safe_open(converted(path), framework="pt") as file:
        origin = json.loads(file.metadata()["converted"])
    assert origin == {"file": "robust.pth", "sha256": found.sha256, "network": "vgg16_bn", "folded": True}
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


# Checkpoints of trainings


def _text(text: str) -> bytes:
    """The instruction that pushes it."""
    return b"X" + struct.pack("<I", len(text.encode())) + text.encode()


#: What pickles have called `record` with.
CALLED: list[object] = []


def record(*arguments: object) -> None:
    CALLED.append(arguments)


class Hostile:
    """Runs a program, if a pickle of it is read as pickles are."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"echo > '{self.target}'",)


class Built:
    """Its state is given to a function of its own, if a pickle of it is read as pickles are."""

    def __setstate__(self, state: object) -> None:
        record(state)

    def __getstate__(self) -> dict[str, object]:
        return {"x": 1}


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> type:
    """A class of a module that is not there any more when the checkpoint is read."""
    module = types.ModuleType("cox_like_utils")
    exec("class Parameters(dict):\n    pass\n\nclass Plain:\n    pass\n", module.__dict__)
    monkeypatch.setitem(sys.modules, "cox_like_utils", module)
    return module  # type: ignore[return-value]


def training(network: nn.Sequential, foreign: Any, pickler: Any, target: Path) -> dict[str, Any]:
    """As the robustness library writes it: the network twice, the normalisation of images, and what a training has."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (IMAGENET_MEAN, IMAGENET_STD))
    other = {f"module.attacker.model.features.{name}": value * 0 for name, value in network.state_dict().items()}
    model = OrderedDict(
        {
            **other,
            **state_of(network, "module.model."),
            "module.normalizer.new_mean": mean,
            "module.normalizer.new_std": std,
        }
    )
    arguments, plain = foreign.Parameters({"eps": 3.0}), foreign.Plain()
    plain.inner = [arguments, {("a", 1): {2, 3}}, frozenset({1}), b"x", 2**90, 1.5, None, True]
    return {
        "optimizer": torch.optim.SGD([nn.Parameter(torch.zeros(3))], lr=0.1).state_dict(),
        "model": model,
        "args": arguments,
        "hook": plain,
        "hostile": Hostile(target),
        "built": Built(),
        "function": record,
        "schedule": record if pickler is pickle else lambda epoch: record(epoch),
        "range": range(3),
        "epoch": 7,
    }


@pytest.mark.parametrize(
    ("legacy", "protocol", "pickler"), [(False, 4, pickle), (True, 2, dill)], ids=["zip", "legacy by dill"]
)
def test_checkpoints_are_read_and_nothing_in_them_is_run(
    legacy: bool,
    protocol: int,
    pickler: Any,
    vgg16_bn: nn.Sequential,
    elsewhere: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    image: Tensor,
) -> None:
    target, path = tmp_path / "was-run", tmp_path / "vgg16_bn_l2_eps3.ckpt"
    torch.save(
        training(vgg16_bn, elsewhere, pickler, target),
        path,
        pickle_module=pickler,
        pickle_protocol=protocol,
        _use_new_zipfile_serialization=not legacy,
    )
    torch.load(path, pickle_module=pickler, weights_only=False)  # what is dangerous in it works
    assert target.exists()
    assert CALLED
    target.unlink()
    CALLED.clear()
    monkeypatch.delitem(sys.modules, "cox_like_utils")
    found = convert(path)
    assert not target.exists()
    assert CALLED == []
    assert "cox_like_utils" not in sys.modules
    assert (found.place, found.variant) == ("model: module.model.", "vgg16_bn")
    assert_same_features(converted(path), "vgg16", vgg16_bn, image)


def test_instructions_that_call_are_not_carried_out(tmp_path: Path) -> None:
    """All ways in which a pickle can call something, by hand, in front of the weights that are wanted."""
    target = tmp_path / "was-run"
    command = _text(f"echo > '{target}'")
    home = os.system.__module__
    system = f"c{home}\nsystem\n".encode()
    calls = [
        system + command + b"\x85R0",
        system + command + b"\x85\x810",
        system + command + b"\x85}\x920",
        b"(" + command + b"i" + system[1:] + b"0",
        b"(" + system + command + b"o0",
        _text(home) + _text("system") + b"\x93" + command + b"\x85R0",
        b"cbuiltins\ngetattr\nc" + f"{home}\nsystem\n".encode() + _text("__call__") + b"\x86R" + command + b"\x85R0",
        b"ccollections\nOrderedDict\n)R}" + _text("__setstate__") + system + b"sb" + command + b"b0",
    ]
    for call in calls:
        path = tmp_path / "calls.ckpt"
        _zip(path, b"\x80\x04" + call + b"}.")
        with pytest.raises(WeightsError, match=r"found no tensor features\.0\.weight, but nothing"):
            convert(path)
        assert not target.exists()
    pickle.loads(b"\x80\x04" + calls[0] + b"}.")  # they are what they look like
    assert target.exists()


def _zip(path: Path, content: bytes, *, compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("archive/data.pkl", content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x80\x04\x82\x01.", "a pickle with the instruction EXT1"),
        (b"\x80\x04Pposix\n.", "a pickle with the instruction PERSID"),
        (b"\x80\x04K\x01)R.", "a pickle that calls a int"),
        (b"\x80\x04K\x01Q.", "a storage that is not described as torch does"),
        (b"\x80\x04}", "damaged or not a PyTorch checkpoint"),
        (b"\x80\x04R.", "a pickle that takes what is not there"),
        (b"\x80\x04].", "holds a list: allowed are state dicts of torchvision's vgg16, vgg16_bn, vgg19 and vgg19_bn"),
        (b"\x80\x04ctorchvision.models.vgg\nVGG\n)\x81}b.", r"holds a torchvision\.models\.vgg\.VGG: allowed are"),
        (b"\x80\x04}\x8c\x0cconv1.weightK\x01s.", r"no tensor features\.0\.weight, but conv1\.weight: allowed are"),
        (b"\x80\x04}" + _text("\x1b[2J" + "x" * 1000) + b"K\x01s.", r"but '\\x1b\[2Jx{100,200}…: allowed are"),
        (b"\x80\x04" + b"}0" * 8_000_001 + b"}.", "allowed are 16000000"),
    ],
)
def test_pickles_that_are_no_checkpoints(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.ckpt"
    _zip(path, content)
    with pytest.raises(WeightsError, match=message) as caught:
        convert(path)
    assert "odd.ckpt" in str(caught.value)


def test_a_tuple_that_would_take_forever_is_no_key(tmp_path: Path) -> None:
    """Each tuple holds the one before it twice: to hash the last one takes 2**100 steps."""
    path = tmp_path / "deep.ckpt"
    _zip(path, b"\x80\x04})" + b"2\x86" * 100 + b"K\x01s.")
    with pytest.raises(WeightsError, match=r"found no tensor"):
        convert(path)


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
@pytest.mark.parametrize("share", [0.0, 0.00001, 0.001, 0.5, 0.999999])
def test_truncated_files(legacy: bool, share: float, small_file: Callable[..., Path]) -> None:
    path = small_file(legacy=legacy)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(WeightsError, match=r"small\.ckpt is damaged or not a PyTorch checkpoint"):
        convert(path)


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_spoilt_bytes_end_in_one_message(legacy: bool, small_file: Callable[..., Path]) -> None:
    """With only the first layer, the file is refused even where what is spoilt does no harm."""
    path = small_file(legacy=legacy, args={"eps": 3.0, "names": ["a", (1, 2)]})
    content, random, said = path.read_bytes(), Random(3), set()
    if not legacy:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        content = parts["small/data.pkl"]
    for _ in range(100):
        spoilt = bytearray(content)
        for _ in range(random.randint(1, 4)):
            spoilt[random.randrange(min(len(content), 1500))] = random.randrange(256)
        if legacy:
            path.write_bytes(spoilt)
        else:  # with the checksum of what is spoilt
            with zipfile.ZipFile(path, "w") as archive:
                for name, part in {**parts, "small/data.pkl": spoilt}.items():
                    archive.writestr(name, bytes(part))
        with pytest.raises(WeightsError) as caught:
            convert(path)
        said.add(str(caught.value))
    assert len(said) > 20


FIRST_LAYER = ("features.0.", "features.1.")


@pytest.fixture
def small_file(vgg16_bn: nn.Sequential, tmp_path: Path) -> Callable[..., Path]:
    """Writes a checkpoint: all layers or the first one, tensors replaced by others or (None) left out."""

    def write(
        *, whole: bool = False, legacy: bool = False, replaced: dict[str, object] | None = None, **more: object
    ) -> Path:
        state: dict[str, object] = {**state_of(vgg16_bn)} if whole else {}
        if not whole:
            state |= {name: value for name, value in state_of(vgg16_bn).items() if name[:11] in FIRST_LAYER}
        state |= replaced or {}
        path = tmp_path / "small.ckpt"
        kept = {name: value for name, value in state.items() if value is not None}
        torch.save({"state_dict": kept, **more}, path, _use_new_zipfile_serialization=not legacy)
        return path

    return write


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "features.0.weight",
            torch.zeros(64, 1, 3, 3),
            r"features\.0\.weight has shape \[64, 1, 3, 3\], expected shape",
        ),
        ("features.0.weight", "text", r"features\.0\.weight is of type str"),
        ("features.0.weight", torch.zeros(64, 3, 3, 3, dtype=torch.int64), r"is of type torch\.int64"),
        ("features.0.weight", torch.zeros(1).expand(64, 3, 3, 3)[:, :, :2], r"has shape \[64, 3, 2, 3\]"),
        ("features.0.bias", torch.full((64,), torch.nan), r"features\.0\.bias .* not finite"),
        ("features.0.bias", None, r"features\.0\.bias is missing, expected shape \[64\]"),
        ("features.1.running_var", None, r"features\.1\.running_var is missing, expected shape \[64\]"),
        ("features.1.running_var", torch.full((64,), -1.0), r"features\.1\.running_var has values below 0"),
        ("features.1.running_mean", torch.full((64,), torch.inf), r"features\.1\.running_mean .* not finite"),
        ("features.1.weight", torch.full((64,), 3e38), r"conv1_1\.\w+ as torch\.float32 .* not finite"),
        ("features.0.weight", None, r"found no tensor features\.0\.weight, but state_dict, "),
        ("x", "y", r"features\.3\.weight is missing, expected shape \[64, 64, 3, 3\]"),
        ("normalizer.new_mean", torch.full((3,), 0.5), r"normalizer\.new_mean is \[0\.5, 0\.5, 0\.5\]; allowed is"),
        (
            "normalizer.new_std",
            torch.ones(1),
            r"normalizer\.new_std is \[1\.0\]; allowed is \[0\.229, 0\.224, 0\.225\]",
        ),
    ],
)
def test_tensors_that_do_not_fit(name: str, value: object, message: str, small_file: Callable[..., Path]) -> None:
    with pytest.raises(WeightsError, match=message) as caught:
        convert(small_file(replaced={name: value}))
    assert "small.ckpt" in str(caught.value)


def test_what_float16_cannot_hold_is_refused(small_file: Callable[..., Path]) -> None:
    path = small_file(whole=True, replaced={"features.1.bias": torch.full((64,), 1e5)})
    assert convert(path).layers == 13
    with pytest.raises(WeightsError, match=r"conv1_1\.bias as torch\.float16 .* not finite"):
        convert(path, half=True)


def test_tensors_may_lie_in_a_storage_in_any_order(vgg16_bn: nn.Sequential, small_file: Callable[..., Path]) -> None:
    state = state_of(vgg16_bn)
    plain = convert(small_file(whole=True)).tensors
    shared = torch.cat([torch.zeros(5), state["features.0.bias"], state["features.1.bias"]])
    path = small_file(
        whole=True,
        replaced={
            "features.0.bias": shared[5:69],
            "features.1.bias": shared[69:],
            "features.0.weight": nn.Parameter(state["features.0.weight"].to(memory_format=torch.channels_last)),
            "features.3.weight": state["features.3.weight"].double(),
        },
    )
    found = convert(path).tensors
    assert all(torch.equal(tensor, plain[name]) for name, tensor in found.items())


def test_archives_that_torch_does_not_write(tmp_path: Path, small_file: Callable[..., Path]) -> None:
    path = tmp_path / "odd.ckpt"
    _zip(path, b"\x80\x04}.", compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(WeightsError, match="an archive with compressed parts"):
        convert(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(WeightsError, match=r"an archive with 0 parts data\.pkl"):
        convert(path)
    damaged = small_file()
    content = bytearray(damaged.read_bytes())
    content[-len(content) // 2] ^= 1  # within the numbers: only their checksum tells
    damaged.write_bytes(content)
    with pytest.raises(WeightsError, match=r"damaged or not a PyTorch checkpoint \(Bad CRC-32"):
        convert(damaged)


def test_files_that_are_not_there_and_not_what_their_name_says(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.ckpt does not exist"):
        convert(tmp_path / "nowhere.ckpt")
    named = tmp_path / "vgg16_bn-6c64b313.pth"
    torch.save({}, named)
    with pytest.raises(WeightsError, match="by its name it begins with 6c64b313"):
        convert(named)
    text = tmp_path / "page.safetensors"
    text.write_text("<html></html>")
    with pytest.raises(WeightsError, match="is damaged or not a safetensors file"):
        convert(text)
    text.rename(tmp_path / "page.ckpt")
    with pytest.raises(WeightsError, match="is damaged or not a PyTorch checkpoint"):
        convert(tmp_path / "page.ckpt")


@pytest.mark.parametrize("form", ["nested", "foreign", "bn.pth", "bn.safetensors"])
def test_what_has_to_be_converted_first_is_told(form: str, tmp_path: Path) -> None:
    path = tmp_path / ("w.safetensors" if form == "bn.safetensors" else "w.pth")
    state = {"features.0.weight": torch.zeros(64, 3, 3, 3), "features.1.running_mean": torch.zeros(64)}
    if form == "bn.safetensors":
        save_file(state, path)
    else:
        torch.save({"nested": {"model": {}}, "foreign": {"args": Built()}, "bn.pth": state}[form], path)
    with pytest.raises(WeightsError, match="`plotart networks convert` makes a file"):
        load_network("vgg16", weights=path)


# The command

CONFIG = """
page: {{size: [60, 40], margin: 4}}
pens: [{{name: Black, color: black, width: 0.5}}]
objective:
{term}
"""


def test_from_a_checkpoint_to_a_drawing(vgg16_bn: nn.Sequential, tmp_path: Path, cli: Cli) -> None:
    path, out = tmp_path / "my robust, net.ckpt", tmp_path / "my robust, net.safetensors"
    torch.save({"model": state_of(vgg16_bn, "module.model.")}, path)
    done = cli("networks", "convert", path)
    assert done.status == 0, done.err
    first, written, term = done.out.splitlines()
    assert first == (f"{path}: vgg16_bn (model: module.model.), 13 convolutions, batch normalisation folded in")
    assert written == f"Written to {out}, {out.stat().st_size / 1e6:.1f} MB; in a config:"
    config = tmp_path / "mine.yaml"
    config.write_text(CONFIG.format(term=term.replace("conv5_3", "conv2_1")))
    overrides = [word for key in SMALL for word in ("-o", key)]
    drawn = cli("generate", config, "--out", tmp_path / "run", *overrides)
    assert drawn.status == 0, drawn.err
    used = Config.load(tmp_path / "run" / "config.yaml").model_dump()["objective"][0]
    assert (used["network"], Path(used["weights"])) == ("vgg16", out)


def test_nothing_is_overwritten_unasked(tmp_path: Path, cli: Cli) -> None:
    path, out = tmp_path / "w.ckpt", tmp_path / "w.safetensors"
    path.write_bytes(b"")
    out.write_bytes(b"mine")
    refusals: list[tuple[list[object], str]] = [
        ([path], "is there already; give another one with --out, or --overwrite"),
        ([path, "--out", tmp_path], "is a folder"),
        ([path, "--out", "w.pth"], "allowed is a name that ends in .safetensors"),
        ([out], "is the file to convert; give another one with --out"),
        ([out, "--overwrite"], "is the file to convert; give another one with --out"),
        ([path, "--overwrite"], "is damaged or not a PyTorch checkpoint"),
        ([tmp_path / "none.ckpt"], "none.ckpt does not exist"),
    ]
    for words, message in refusals:
        refused = cli("networks", "convert", *words)
        assert refused.status == 2
        assert message in refused.err
        assert len(refused.err.splitlines()) == 1
        assert out.read_bytes() == b"mine"


def test_overwriting(small_file: Callable[..., Path], tmp_path: Path, cli: Cli) -> None:
    path = small_file(whole=True)
    out = tmp_path / "new" / "w.safetensors"
    assert cli("networks", "convert", path, "--half", "--out", out).status == 0
    assert cli("networks", "convert", path, "--out", out).status == 2
    assert out.stat().st_size < 30e6
    assert cli("networks", "convert", path, "--out", out, "--overwrite").status == 0
    assert out.stat().st_size > 58e6
    assert [found.name for found in out.parent.iterdir()] == ["w.safetensors"]

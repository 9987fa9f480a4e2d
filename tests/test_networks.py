from __future__ import annotations

import hashlib
import io
import json
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from platformdirs.macos import MacOS
from platformdirs.windows import Windows
from safetensors.torch import save_file
from torch import Tensor, nn

from plotart.errors import NetworkError, WeightsError
from plotart.networks import VGG, describe, load_network, published, weights_files
from plotart.networks.description import Pooling
from plotart.networks.vgg import IMAGENET_MEAN, IMAGENET_STD, _convolved
from plotart.networks.vgg_layers import VGG16_WIDTHS, VGG19_WIDTHS, Widths, torchvision_names
from plotart.networks.weights_files import cache_folder
from plotart.plugins import NETWORKS

# name: (torchvision's index, channels out, channels in), as published.
VGG16 = {
    "conv1_1": (0, 64, 3),
    "conv1_2": (2, 64, 64),
    "conv2_1": (5, 128, 64),
    "conv2_2": (7, 128, 128),
    "conv3_1": (10, 256, 128),
    "conv3_2": (12, 256, 256),
    "conv3_3": (14, 256, 256),
    "conv4_1": (17, 512, 256),
    "conv4_2": (19, 512, 512),
    "conv4_3": (21, 512, 512),
    "conv5_1": (24, 512, 512),
    "conv5_2": (26, 512, 512),
    "conv5_3": (28, 512, 512),
}
VGG19 = {
    "conv1_1": (0, 64, 3),
    "conv1_2": (2, 64, 64),
    "conv2_1": (5, 128, 64),
    "conv2_2": (7, 128, 128),
    "conv3_1": (10, 256, 128),
    "conv3_2": (12, 256, 256),
    "conv3_3": (14, 256, 256),
    "conv3_4": (16, 256, 256),
    "conv4_1": (19, 512, 256),
    "conv4_2": (21, 512, 512),
    "conv4_3": (23, 512, 512),
    "conv4_4": (25, 512, 512),
    "conv5_1": (28, 512, 512),
    "conv5_2": (30, 512, 512),
    "conv5_3": (32, 512, 512),
    "conv5_4": (34, 512, 512),
}
PUBLISHED = [("vgg16", VGG16_WIDTHS, VGG16), ("vgg19", VGG19_WIDTHS, VGG19)]
WIDTHS = ((24, 24), (48, 48), (96, 96), (160, 160), (224, 224))
CLASSES = ("spiral", "leaf", "wave", "grid")


def random_state(table: dict[str, tuple[int, int, int]], up_to: str) -> dict[str, Tensor]:
    """torchvision's keys and shapes up to a layer, with a bit of the classifier that must be ignored."""
    random = torch.Generator().manual_seed(1)
    state = {"classifier.0.weight": torch.full((2, 2), torch.nan)}
    for name, (index, channels, incoming) in table.items():
        scale = (2 / (9 * incoming)) ** 0.5
        state[f"features.{index}.weight"] = torch.randn(channels, incoming, 3, 3, generator=random) * scale
        state[f"features.{index}.bias"] = torch.randn(channels, generator=random) * 0.1
        if name == up_to:
            break
    return state


@pytest.fixture(scope="module")
def vgg16_pth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """VGG16's state dict up to conv3_2, random."""
    path = tmp_path_factory.mktemp("weights") / "vgg16.pth"
    torch.save(random_state(VGG16, "conv3_2"), path)
    return path


@pytest.fixture(scope="module")
def motif_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file like the motif network's, random, written as the training writes it."""
    path = tmp_path_factory.mktemp("weights") / "motif.safetensors"
    torch.manual_seed(0)
    state = VGG("motif", WIDTHS, (0.5,) * 3, (0.25,) * 3, {"class": CLASSES}).state_dict()
    metadata = {"classes": json.dumps(CLASSES), "mean": "0.5", "deviation": "0.25"}
    save_file({name: value.half() for name, value in state.items()}, path, metadata=metadata)
    return path


@pytest.fixture
def image() -> Tensor:
    return torch.rand(2, 3, 40, 33, generator=torch.Generator().manual_seed(2))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder and torch.hub folder, and no network."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("PLOTART_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "cache"


# The network


@pytest.mark.parametrize(("name", "widths", "table"), PUBLISHED)
def test_convolutions_are_the_published_ones(name: str, widths: Widths, table: dict[str, tuple[int, int, int]]) -> None:
    with torch.device("meta"):
        network = VGG(name, widths, IMAGENET_MEAN, IMAGENET_STD)
        image = torch.empty(1, 3, 224, 200)
    assert network.layers == tuple(table) == describe(name).layers
    expected: dict[str, tuple[int, ...]] = {}
    for layer, (_, out, incoming) in table.items():
        expected |= {f"{layer}.weight": (out, incoming, 3, 3), f"{layer}.bias": (out,)}
    assert {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()} == expected
    assert torchvision_names(widths) == {layer: f"features.{index}" for layer, (index, _, _) in table.items()}
    for layer, (_, out, _) in table.items():
        halvings = int(layer[4]) - 1
        assert network.channels(layer) == describe(name).channels(layer) == out
        assert network.activations(image, layer).shape == (1, out, 224 >> halvings, 200 >> halvings)


def test_activations_equal_a_plain_sequence_of_modules(vgg16_pth: Path, image: Tensor) -> None:
    features = nn.Sequential(
        *(nn.Conv2d(3, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, 2)),
        *(nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.Conv2d(128, 128, 3, padding=1), nn.ReLU()),
        nn.MaxPool2d(2, 2),
        *(nn.Conv2d(128, 256, 3, padding=1), nn.ReLU(), nn.Conv2d(256, 256, 3, padding=1), nn.ReLU()),
    )
    reference = nn.ModuleDict({"features": features})
    state = {key: value for key, value in torch.load(vgg16_pth).items() if key.startswith("features")}
    reference.load_state_dict(state)
    network = load_network("vgg16", weights=vgg16_pth, up_to="conv3_2")
    x = (image - torch.tensor(IMAGENET_MEAN)[:, None, None]) / torch.tensor(IMAGENET_STD)[:, None, None]
    for layer, index in [("conv1_1", 0), ("conv2_1", 5), ("conv2_2", 7), ("conv3_2", 12)]:
        before = features[: index + 1](x)
        torch.testing.assert_close(network.activations(image, layer), before)
        torch.testing.assert_close(network.activations(image, layer, relu=True), before.relu())
        assert (before < 0).any()


def test_average_pooling(vgg16_pth: Path, image: Tensor) -> None:
    network = load_network("vgg16", weights=vgg16_pth, pooling="average", up_to="conv2_1")
    pooled = F.avg_pool2d(network.activations(image, "conv1_2", relu=True), 2)
    expected = network.get_submodule("conv2_1")(pooled)
    torch.testing.assert_close(network.activations(image, "conv2_1"), expected)
    by_maximum = load_network("vgg16", weights=vgg16_pth, up_to="conv2_1").activations(image, "conv2_1")
    assert not torch.allclose(by_maximum, expected)


def test_up_to_builds_and_runs_nothing_beyond(vgg16_pth: Path, motif_file: Path, image: Tensor) -> None:
    network = load_network("vgg16", weights=vgg16_pth, up_to="conv2_1")
    assert network.layers == ("conv1_1", "conv1_2", "conv2_1")
    assert {name for name, _ in network.named_children()} == set(network.layers)
    run: list[str] = []
    for name, module in network.named_children():
        module.register_forward_hook(lambda *_, name=name: run.append(name))
    network.activations(image, "conv1_2")
    assert run == ["conv1_1", "conv1_2"]
    with pytest.raises(NetworkError, match="conv3_1"):
        network.activations(image, "conv3_1")
    cut = load_network("motif", weights=motif_file, up_to="conv5_2")
    assert cut.layers[-1] == "conv5_2"
    assert cut.classes == ()
    assert load_network("motif", weights=motif_file, up_to="class").classes == CLASSES


def test_it_can_be_compiled_in_one_piece() -> None:
    """By a backend that only captures: no compiler is needed, and a break in the graph would be an error."""
    torch.manual_seed(0)
    plain = VGG("toy", ((4,), (6, 6)), (0.5,) * 3, (0.25,) * 3, {"class": ("one", "two")})
    compiled = VGG("toy", ((4,), (6, 6)), (0.5,) * 3, (0.25,) * 3, {"class": ("one", "two")})
    compiled.load_state_dict(plain.state_dict())
    compiled.compile(backend="aot_eager", fullgraph=True)
    upstream = torch.randn(2, 6, 8, 8)
    slopes = []
    for network in (plain, compiled):
        leaf = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1)).requires_grad_()
        found = network(leaf, {"conv2_1", "class"}, leak=0.1)
        ((found["conv2_1"] * upstream).sum() + found["class"].sum()).backward()
        slopes.append(leaf.grad)
    torch.testing.assert_close(slopes[1], slopes[0])


def test_parameters_are_frozen_and_gradients_reach_the_image(vgg16_pth: Path, image: Tensor) -> None:
    network = load_network("vgg16", weights=vgg16_pth, up_to="conv2_2")
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    image.requires_grad_()
    (gradient,) = torch.autograd.grad(network.activations(image, "conv2_2")[:, 5].mean(), image)
    assert gradient.isfinite().all()
    assert (gradient.abs().amax(dim=(1, 2, 3)) > 0).all()


def test_loading_leaves_the_random_state_alone(vgg16_pth: Path) -> None:
    before = torch.get_rng_state()
    load_network("vgg16", weights=vgg16_pth, up_to="conv1_2")
    assert torch.equal(before, torch.get_rng_state())


def test_motif_classes_and_logits(motif_file: Path, image: Tensor) -> None:
    network = load_network("motif", weights=motif_file)
    assert network.name == "motif"
    assert network.classes == CLASSES
    assert network.layers[-2:] == ("conv5_2", "class")
    assert network.channels("class") == 4
    assert all(parameter.dtype == torch.float32 for parameter in network.parameters())
    last = network.activations(image, "conv5_2", relu=True)
    class_map = network.activations(image, "class")
    assert class_map.shape == (2, 4, 2, 2)
    weight, bias = network.get_parameter("class.weight"), network.get_parameter("class.bias")
    torch.testing.assert_close(network.logits(image), F.linear(last.mean((2, 3)), weight[:, :, 0, 0], bias))
    torch.testing.assert_close(network.logits(image), class_map.mean((2, 3)))


def test_motif_normalisation_is_the_file_s(motif_file: Path, image: Tensor) -> None:
    network = load_network("motif", weights=motif_file, up_to="conv1_1")
    first = network.get_submodule("conv1_1")
    torch.testing.assert_close(network.activations(image, "conv1_1"), first((image - 0.5) / 0.25))


def test_describe_motif_reads_the_shipped_metadata(motif_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = motif_file.parent / "package"
    monkeypatch.setattr(weights_files, "files", lambda _: root)
    with pytest.raises(WeightsError, match=r"data/motif\.safetensors is missing"):
        describe("motif")
    (root / "networks" / "data").mkdir(parents=True)
    (root / "networks" / "data" / "motif.safetensors").write_bytes(motif_file.read_bytes())
    description = describe("motif")
    assert description.classes == CLASSES
    assert description.layers == load_network("motif").layers
    assert (description.channels("conv4_1"), description.channels("class")) == (160, 4)


# What people get wrong


def test_unknown_names(vgg16_pth: Path, image: Tensor) -> None:
    assert NETWORKS.own == ("motif", "vgg16", "vgg19")
    for call in (load_network, describe):
        with pytest.raises(NetworkError, match="'vgg11' is not a network: allowed are motif, vgg16, vgg19"):
            call("vgg11")
    with pytest.raises(NetworkError, match=r"vgg16 has no layer 'relu9': allowed are conv1_1, .*conv5_3"):
        load_network("vgg16", weights=vgg16_pth, up_to="relu9")
    with pytest.raises(NetworkError, match="vgg19 has no layer 'class'"):
        describe("vgg19").channels("class")
    network = load_network("vgg16", weights=vgg16_pth, up_to="conv1_2")
    with pytest.raises(NetworkError, match="no layer 'class': allowed are conv1_1, conv1_2"):
        network.logits(image)
    median: Pooling = "median"  # type: ignore[assignment]
    with pytest.raises(NetworkError, match="'median' is not a kind of pooling: allowed are max, average"):
        load_network("vgg16", weights=vgg16_pth, pooling=median)


def test_images_of_other_shapes(vgg16_pth: Path) -> None:
    network = load_network("vgg16", weights=vgg16_pth, up_to="conv3_1")
    assert network.activations(torch.zeros(1, 3, 4, 4), "conv3_1").shape == (1, 256, 1, 1)
    with pytest.raises(NetworkError, match="conv3_1 of vgg16 needs an image of at least 4 x 4 px, not 9 x 3"):
        network.activations(torch.zeros(1, 3, 3, 9), "conv3_1")
    with pytest.raises(ValueError, match=r"\[1, 1, 8, 8\]"):
        network.activations(torch.zeros(1, 1, 8, 8), "conv1_1")


# Reading files


@pytest.mark.parametrize(("name", "table"), [("vgg16", VGG16), ("vgg19", VGG19)])
@pytest.mark.parametrize("form", ["zip", "legacy", "safetensors"])
def test_every_format_gives_the_same_weights(
    name: str, table: dict[str, tuple[int, int, int]], form: str, tmp_path: Path
) -> None:
    state = random_state(table, "conv3_3")
    path = tmp_path / ("w.safetensors" if form == "safetensors" else "w.pth")
    if form == "safetensors":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=form == "zip")
    network = load_network(name, weights=str(path), up_to="conv3_3")
    path.write_bytes(b"")  # the network must not be reading from the file any more
    for layer in network.layers:
        for kind in ("weight", "bias"):
            expected = state[f"features.{table[layer][0]}.{kind}"]
            assert torch.equal(network.get_parameter(f"{layer}.{kind}"), expected)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for name in NETWORKS.own:
        with pytest.raises(WeightsError, match=r"nowhere\.pth does not exist: allowed is a weights file"):
            load_network(name, weights=tmp_path / "nowhere.pth")
    with pytest.raises(WeightsError, match="is a folder"):
        load_network("vgg16", weights=tmp_path)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("keep", [0, 3, 1000, 150_000])
def test_truncated_pth(tmp_path: Path, legacy: bool, keep: int) -> None:
    path = tmp_path / "cut.pth"
    torch.save(random_state(VGG16, "conv1_2"), path, _use_new_zipfile_serialization=not legacy)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(WeightsError, match=r"cut\.pth is damaged or not a PyTorch state dict"):
        load_network("vgg16", weights=path, up_to="conv1_2")


def test_pth_that_would_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "module.pth"
    torch.save(nn.Conv2d(1, 1, 1), path)
    with pytest.raises(WeightsError, match=r"module\.pth is damaged or not a PyTorch state dict") as caught:
        load_network("vgg16", weights=path)
    assert "False" not in str(caught.value)  # torch's own message recommends weights_only=False
    torch.save([1, 2], path)
    with pytest.raises(WeightsError, match=r"module\.pth holds a list: expected a state dict with features\.0"):
        load_network("vgg16", weights=path)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, r"tensor features\.2\.weight is missing, expected shape \[64, 64, 3, 3\]"),
        (torch.zeros(64, 64, 5, 5), r"features\.2\.weight has shape \[64, 64, 5, 5\], expected shape \[64, 64, 3, 3\]"),
        (torch.zeros(64, 64, 3, 3, dtype=torch.int64), r"features\.2\.weight is of type torch\.int64"),
        ("weights", r"features\.2\.weight is of type str, expected a tensor"),
        (torch.full((64, 64, 3, 3), torch.inf), r"features\.2\.weight .* not finite"),
    ],
)
def test_tensors_that_do_not_fit(tmp_path: Path, value: object, message: str) -> None:
    state: dict[str, object] = {**random_state(VGG16, "conv1_2"), "features.2.weight": value}
    if value is None:
        del state["features.2.weight"]
    path = tmp_path / "other.pth"
    torch.save(state, path)
    with pytest.raises(WeightsError, match=rf"other\.pth: (tensor )?{message}"):
        load_network("vgg16", weights=path, up_to="conv1_2")
    load_network("vgg16", weights=path, up_to="conv1_1")


def test_vgg19_does_not_take_the_weights_of_vgg16(tmp_path: Path) -> None:
    path = tmp_path / "vgg16.safetensors"
    save_file(random_state(VGG16, "conv3_3"), path)
    with pytest.raises(WeightsError, match=r"tensor features\.16\.weight is missing"):
        load_network("vgg19", weights=path, up_to="conv3_4")


def test_motif_files_that_do_not_fit(motif_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(motif_file.read_bytes()[:-10])
    with pytest.raises(WeightsError, match=r"m\.safetensors is damaged or not a safetensors file"):
        load_network("motif", weights=path)
    good = {"classes": json.dumps(["one"]), "mean": "0", "deviation": "1"}
    for metadata in (None, {**good, "classes": "[]"}, {**good, "classes": "x"}, {**good, "deviation": "0"}):
        save_file({"x": torch.zeros(1)}, path, metadata=metadata)
        with pytest.raises(WeightsError, match=r"m\.safetensors has the metadata .* expected classes \(a JSON list"):
            load_network("motif", weights=path)
    save_file({"x": torch.zeros(1)}, path, metadata=good)
    with pytest.raises(WeightsError, match=r"conv1_1\.weight is missing: this is no motif network"):
        load_network("motif", weights=path)
    save_file({"conv1_1.weight": torch.zeros(8, 4, 3, 3)}, path, metadata=good)
    with pytest.raises(WeightsError, match=r"conv1_1\.weight has shape \[8, 4, 3, 3\], expected shape \[8, 3, 3, 3\]"):
        load_network("motif", weights=path)


def test_motif_files_say_how_wide_they_are(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    small = VGG("motif", ((3,), (4, 5)), (0.5,) * 3, (0.25,) * 3, {"class": ("one", "two")})
    metadata = {"classes": json.dumps(["one", "two"]), "mean": "0.5", "deviation": "0.25"}
    save_file(small.state_dict(), path, metadata=metadata)
    network = load_network("motif", weights=path)
    assert network.layers == ("conv1_1", "conv2_1", "conv2_2", "class")
    image = torch.rand(1, 3, 8, 8)
    torch.testing.assert_close(network.logits(image), small.logits(image))


# Finding files


def test_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PLOTART_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == tmp_path / ".cache" / "plotart"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert cache_folder() == tmp_path / ".cache" / "plotart"
    monkeypatch.setenv("XDG_CACHE_HOME", "~/xdg")
    assert cache_folder() == tmp_path / "xdg" / "plotart"
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/xdg")
    assert cache_folder() == Path("/var/xdg/plotart")
    monkeypatch.setenv("PLOTART_CACHE", "~/mine")
    assert cache_folder() == tmp_path / "mine"


def test_cache_folder_of_other_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("PLOTART_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("platformdirs.PlatformDirs", MacOS)
    assert cache_folder() == tmp_path / "Library" / "Caches" / "plotart"
    monkeypatch.setattr("platformdirs.PlatformDirs", Windows)
    monkeypatch.setattr("platformdirs.windows.get_win_folder", lambda name: f"{tmp_path}/{name}")
    assert cache_folder() == tmp_path / "CSIDL_LOCAL_APPDATA" / "plotart" / "Cache"


def test_search_order(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is loaded has the digits of its name; what is not loaded is spoilt, and nobody notices."""

    def bias(weights: Path | None = None) -> float:
        network = load_network("vgg16", weights=weights, up_to="conv1_1")
        return float(network.get_parameter("conv1_1.bias")[0])

    def content(value: float) -> bytes:
        buffer = io.BytesIO()
        state = {"features.0.weight": torch.zeros(64, 3, 3, 3), "features.0.bias": torch.full((64,), value)}
        torch.save(state, buffer)
        return buffer.getvalue()

    right = content(2.0)
    name = f"vgg16-{hashlib.sha256(right).hexdigest()[:8]}.pth"
    monkeypatch.setitem(published.PUBLISHED, "vgg16", replace(published.PUBLISHED["vgg16"], file=name))
    hub = tmp_path / "torch" / "hub" / "checkpoints"
    for folder in (hub, cache):
        folder.mkdir(parents=True)
    (hub / name).write_bytes(right)
    assert bias() == 2.0
    (cache / name).write_bytes(right)
    (hub / name).write_bytes(b"")
    assert bias() == 2.0
    (hub / name).write_bytes(right)
    (cache / name).write_bytes(b"")
    with pytest.raises(WeightsError, match=f"cache/{name}"):
        bias()
    explicit = tmp_path / f"vgg16-{hashlib.sha256(content(1.0)).hexdigest()[:8]}.pth"
    explicit.write_bytes(content(1.0))
    assert bias(explicit) == 1.0


def test_no_weights_and_no_network(cache: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        load_network("vgg19")
    url = "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth"
    tried = f"{os.environ['HF_ENDPOINT']}/timm/vgg19.tv_in1k/resolve/main/model.safetensors"
    for part in (url, tried, str(cache), "`network: motif`, which needs no download"):
        assert part in str(caught.value)
    assert "try again" not in str(caught.value)
    assert not cache.exists()


def test_one_pixel_has_the_same_gradient_every_time() -> None:
    """The deepest layers see one pixel of an image of 48 px: sums over threads have to have an order."""
    network, random = load_network("motif"), torch.Generator().manual_seed(0)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    image, found = torch.rand(1, 3, 48, 48, generator=random), set()
    for size in torch.randint(1, 5000, (80,), generator=random).tolist():
        _elsewhere = [torch.empty(size) for _ in range(7)]
        leaf = image.clone(memory_format=torch.channels_last).requires_grad_()
        network.activations(leaf, "class")[:, 5].mean().backward()
        assert leaf.grad is not None
        found.add(leaf.grad.numpy().tobytes())
    assert len(found) == 1


def test_one_pixel_is_convolved_as_any_other() -> None:
    network, pixel = load_network("motif"), torch.rand(2, 192, 1, 1, generator=torch.Generator().manual_seed(1))
    convolution = next(c for c in network.modules() if isinstance(c, torch.nn.Conv2d) and c.in_channels > 64)
    x = pixel[:, :1].expand(-1, convolution.in_channels, -1, -1)
    torch.testing.assert_close(_convolved(convolution, x), convolution(x))

"""Fetching VGG's published weights: only the bytes that are needed, whatever the server does, and never twice."""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import Cli
from test_networks import VGG16, VGG19
from torch import Tensor

from plotart.errors import NetworkError, WeightsError
from plotart.networks import VGG, load_network, ranges
from plotart.networks.published import PUBLISHED
from plotart.networks.ranges import fetch_tensors, stored_tensors

DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
SMALL = {"a": (5,), "b": (40, 10), "c": (3, 7), "d": (1000,)}


def published_shapes(table: dict[str, tuple[int, int, int]]) -> dict[str, tuple[int, ...]]:
    """The tensors of timm's file by name, which is the order in which it has them."""
    shapes: dict[str, tuple[int, ...]] = {
        "head.fc.weight": (1000, 4096),
        "head.fc.bias": (1000,),
        "pre_logits.fc1.weight": (4096, 512, 7, 7),
        "pre_logits.fc1.bias": (4096,),
        "pre_logits.fc2.weight": (4096, 4096, 1, 1),
        "pre_logits.fc2.bias": (4096,),
    }
    for index, out, incoming in table.values():
        shapes |= {f"features.{index}.weight": (out, incoming, 3, 3), f"features.{index}.bias": (out,)}
    return dict(sorted(shapes.items()))


class VirtualFile:
    """A safetensors file of any size: its bytes are made when they are asked for, from where they are."""

    def __init__(self, shapes: dict[str, tuple[int, ...]], dtype: str = "F32") -> None:
        self.dtype = DTYPES[dtype]
        self.entries: dict[str, Any] = {}
        end = 0
        for name, shape in shapes.items():
            begin, end = end, end + math.prod(shape) * self.dtype.itemsize
            self.entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}
        self.data_bytes = end
        self.broken: dict[str, float] = {}
        self.set_header(json.dumps({"__metadata__": {"format": "pt"}, **self.entries}).encode())

    def set_header(self, text: bytes, length: int | None = None) -> None:
        self.header = (len(text) if length is None else length).to_bytes(8, "little") + text
        self.size = len(self.header) + self.data_bytes

    def tensor(self, name: str) -> Tensor:
        begin, end = self.entries[name]["data_offsets"]
        data = bytearray(self._data(begin, end))
        return torch.frombuffer(data, dtype=self.dtype).float().reshape(self.entries[name]["shape"])

    def read(self, start: int, stop: int) -> bytes:
        first = len(self.header)
        return self.header[start:stop] + (self._data(max(start - first, 0), stop - first) if stop > first else b"")

    def _data(self, start: int, stop: int) -> bytes:
        low, high = start // self.dtype.itemsize, -(-stop // self.dtype.itemsize)
        numbers = (np.arange(low, high) * 2654435761 % 2**32 / 2**32 - 0.5).astype(np.float32) * np.float32(0.06)
        values = torch.from_numpy(numbers).to(self.dtype)
        for name, value in self.broken.items():
            at = self.entries[name]["data_offsets"][0] // self.dtype.itemsize - low
            if 0 <= at < len(values):
                values[at] = value
        skipped = start - low * self.dtype.itemsize
        return values.view(torch.uint8).numpy().tobytes()[skipped : skipped + stop - start]


@dataclass(frozen=True)
class Fault:
    """What is wrong with an answer.

    status  the answer's instead of 206
    cut     how many bytes of the body come before it breaks off
    stall   rather than breaking off then, nothing more comes
    told    the Content-Range
    page    a whole page instead
    """

    status: int = 0
    cut: int | None = None
    stall: bool = False
    told: str | None = None
    page: bytes | None = None


@dataclass
class Site:
    """A local server like Hugging Face's: what it serves and how, what it was asked for and the bytes it sent.

    linked: what the answer that leads to the file has as headers.
    """

    file: VirtualFile
    url: str = ""
    with_ranges: bool = True
    etag: str | None = '"one"'
    linked: dict[str, str] = field(default_factory=dict)
    faults: dict[int, Fault] = field(default_factory=dict)
    always: Fault = Fault()
    asked: list[str] = field(default_factory=list)
    conditions: list[str | None] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    sent: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def forget(self) -> None:
        self.asked, self.conditions, self.sent, self.faults, self.always = [], [], 0, {}, Fault()

    def needed(self, *names: str) -> int:
        """The bytes of these tensors and of what has to be read to find them."""
        spans = [self.file.entries[name]["data_offsets"] for name in names]
        return len(self.file.header) + sum(end - begin for begin, end in spans)


class Handler(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *rest: Any) -> None:
        self.site = site
        super().__init__(*rest)

    def do_GET(self) -> None:
        if not self.path.startswith("/cdn/"):
            self.site.paths.add(self.path)
            self.send_response(302)
            self.send_header("Location", f"/cdn{self.path}")
            for name, value in self.site.linked.items():
                self.send_header(name, value)
            self.end_headers()
            return
        with suppress(ConnectionError):
            self.answer()

    def answer(self) -> None:
        site, asked = self.site, self.headers["Range"]
        fault = site.faults.get(len(site.asked), site.always)
        site.asked.append(asked)
        site.conditions.append(self.headers["If-Range"])
        if fault.page is not None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(fault.page)))
            self.end_headers()
            self.wfile.write(fault.page)
            return
        first, last = (int(number) for number in asked.removeprefix("bytes=").split("-"))
        if fault.status:
            self.send_error(fault.status)
            return
        partial_answer = site.with_ranges and self.headers["If-Range"] in (None, site.etag)
        start, stop = (first, min(last + 1, site.file.size)) if partial_answer else (0, site.file.size)
        self.send_response(206 if partial_answer else 200)
        if partial_answer:
            told = fault.told if fault.told is not None else f"bytes {start}-{stop - 1}/{site.file.size}"
            self.send_header("Content-Range", told)
        if site.etag:
            self.send_header("ETag", site.etag)
        self.send_header("Content-Length", str(stop - start))
        self.end_headers()
        stop = stop if fault.cut is None else min(stop, start + fault.cut)
        for low in range(start, stop, 1 << 20):
            self.wfile.write(site.file.read(low, min(low + (1 << 20), stop)))
            site.sent += min(low + (1 << 20), stop) - low
        if fault.stall:
            self.wfile.flush()
            site.ended.wait(20)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def serving(file: VirtualFile) -> Iterator[Site]:
    site = Site(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, site))
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    site.ended.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Folders of the test's own, no proxy, and no waiting before the next try."""
    monkeypatch.setattr(ranges, "_PAUSES_S", (0.0,) * 3)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("PLOTART_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def vgg16(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The file of VGG16 at its true size."""
    with serving(VirtualFile(published_shapes(VGG16))) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        yield site


@pytest.fixture
def small() -> Iterator[Site]:
    """A file of a few KB."""
    with serving(VirtualFile(SMALL)) as site:
        yield site


def tensor_names(table: dict[str, tuple[int, int, int]], up_to: str) -> list[str]:
    layers = list(table)[: list(table).index(up_to) + 1]
    return [f"features.{table[layer][0]}.{kind}" for layer in layers for kind in ("weight", "bias")]


def assert_as_served(network: VGG, file: VirtualFile, table: dict[str, tuple[int, int, int]]) -> None:
    for layer in network.layers:
        for kind in ("weight", "bias"):
            expected = file.tensor(f"features.{table[layer][0]}.{kind}")
            assert torch.equal(network.get_parameter(f"{layer}.{kind}"), expected)


def get(site: Site, folder: Path, *names: str, **options: Any) -> dict[str, Tensor]:
    """Tensors of the small file, all of them if none is named; those that come are right."""
    shapes = {name: SMALL[name] for name in names or SMALL}
    found = fetch_tensors(f"{site.url}/small", shapes, folder, **options)
    assert found.keys() == shapes.keys()
    assert all(torch.equal(tensor, site.file.tensor(name)) for name, tensor in found.items())
    return found


def refused(site: Site, folder: Path, *names: str, **options: Any) -> str:
    with pytest.raises(WeightsError) as caught:
        get(site, folder, *names, **options)
    message = str(caught.value)
    assert message.startswith(f"{site.url}/small")
    assert len(message) < 400
    return message


def file_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# What is sent


def test_up_to_conv4_3_a_seventeenth_is_sent(vgg16: Site, cache: Path) -> None:
    steps: list[tuple[int, int]] = []
    network = load_network("vgg16", up_to="conv4_3", progress=lambda done, total: steps.append((done, total)))
    assert network.activations(torch.rand(1, 3, 32, 24), "conv4_3").shape == (1, 512, 4, 3)
    names = tensor_names(VGG16, "conv4_3")
    needed = 30_541_056
    assert vgg16.sent == vgg16.needed(*names) == needed + len(vgg16.file.header) < vgg16.file.size / 17
    assert steps == sorted(steps)
    assert steps[-1] == (needed, needed)
    # features.24 to 28 lie between features.21 and 5: two requests for the header, two for the tensors.
    assert len(vgg16.asked) == 4
    assert vgg16.paths == {"/timm/vgg16.tv_in1k/resolve/main/model.safetensors"}
    assert file_names(cache / "vgg16.tv_in1k") == sorted(f"{name}.safetensors" for name in names)
    again = load_network("vgg16", up_to="conv4_3", progress=lambda done, total: pytest.fail("nothing is to come"))
    assert len(vgg16.asked) == 4
    for key, value in network.state_dict().items():
        assert torch.equal(value, again.get_parameter(key))
    assert_as_served(again, vgg16.file, VGG16)


def test_deeper_layers_are_added(vgg16: Site) -> None:
    load_network("vgg16", up_to="conv2_1")
    vgg16.forget()
    steps: list[tuple[int, int]] = []
    network = load_network("vgg16", up_to="conv3_1", progress=lambda done, total: steps.append((done, total)))
    assert_as_served(network, vgg16.file, VGG16)
    more = [f"features.{index}.{kind}" for index in (7, 10) for kind in ("weight", "bias")]
    assert vgg16.sent == vgg16.needed(*more)
    assert steps[-1] == (vgg16.sent - len(vgg16.file.header),) * 2
    vgg16.forget()
    load_network("vgg16", up_to="conv1_1")
    assert vgg16.asked == []


def test_vgg19(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(VirtualFile(published_shapes(VGG19))) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url + "/")
        assert_as_served(load_network("vgg19", up_to="conv3_1"), site.file, VGG19)
        assert site.paths == {"/timm/vgg19.tv_in1k/resolve/main/model.safetensors"}


@pytest.mark.parametrize("dtype", ["F16", "BF16"])
def test_halves_become_float32(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    with serving(VirtualFile(published_shapes(VGG16), dtype)) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        for _ in range(2):
            network = load_network("vgg16", up_to="conv1_2")
            assert_as_served(network, site.file, VGG16)
            assert all(parameter.dtype == torch.float32 for parameter in network.parameters())
        assert site.sent == site.needed(*tensor_names(VGG16, "conv1_2"))


def test_adjacent_tensors_come_in_one_request(small: Site, tmp_path: Path) -> None:
    first = len(small.file.header)
    get(small, tmp_path, "d", "b", "a")
    ends = [8, first]
    assert small.asked[:2] == [f"bytes=0-{ends[0] - 1}", f"bytes=8-{ends[1] - 1}"]
    begin, end = small.file.entries["d"]["data_offsets"]
    assert small.asked[2:] == [f"bytes={first}-{first + 1619}", f"bytes={first + begin}-{first + end - 1}"]
    assert small.conditions == [None, '"one"', '"one"', '"one"']


def test_unknown_layers_are_found_before(vgg16: Site) -> None:
    with pytest.raises(NetworkError):
        load_network("vgg16", up_to="conv6_1")
    assert vgg16.asked == []


def test_where_they_are_published(monkeypatch: pytest.MonkeyPatch) -> None:
    for change in (partial(monkeypatch.setenv, "HF_ENDPOINT", ""), partial(monkeypatch.delenv, "HF_ENDPOINT")):
        change()
        for name, file in [("vgg16", "vgg16-397923af.pth"), ("vgg19", "vgg19-dcbb9e9d.pth")]:
            url = f"https://huggingface.co/timm/{name}.tv_in1k/resolve/main/model.safetensors"
            assert (PUBLISHED[name].url, PUBLISHED[name].file) == (url, file)


# What servers do


def test_server_that_ignores_ranges(vgg16: Site) -> None:
    vgg16.with_ranges = False
    assert_as_served(load_network("vgg16", up_to="conv1_2"), vgg16.file, VGG16)
    assert len(vgg16.asked) == 1
    # What it had sent before it noticed that nobody listens any more fits into the sockets' buffers.
    assert vgg16.sent < vgg16.file.entries["features.2.weight"]["data_offsets"][1] + 16e6


def test_server_that_ignores_ranges_and_breaks_off(small: Site, tmp_path: Path) -> None:
    small.with_ranges = False
    first = len(small.file.header)
    small.faults = {0: Fault(cut=3), 1: Fault(cut=first + 100), 2: Fault(cut=first + 1700)}
    steps: list[int] = []
    get(small, tmp_path, "b", "d", progress=lambda done, total: steps.append(done))
    assert len(small.asked) == 4
    assert steps == sorted(steps)
    assert steps[-1] == 5600


def test_broken_off_answers_are_gone_on_from(vgg16: Site) -> None:
    vgg16.faults = {0: Fault(cut=5), 2: Fault(cut=100), 4: Fault(cut=300_001), 5: Fault(cut=0), 6: Fault(cut=1)}
    assert_as_served(load_network("vgg16", up_to="conv3_1"), vgg16.file, VGG16)
    assert vgg16.sent == vgg16.needed(*tensor_names(VGG16, "conv3_1"))
    assert vgg16.asked[1] == "bytes=5-7"


def test_lines_that_break_off_often_but_bring_something(vgg16: Site) -> None:
    vgg16.always = Fault(cut=270_000)
    assert_as_served(load_network("vgg16", up_to="conv3_1"), vgg16.file, VGG16)
    assert len(vgg16.asked) > 8


def test_after_four_tries_the_next_call_goes_on(vgg16: Site, cache: Path) -> None:
    # Two requests for the header, one for features.0 and 10; the tensor features.10.weight breaks off.
    vgg16.faults = {2: Fault(cut=700_000), **dict.fromkeys((3, 4, 5), Fault(cut=0))}
    with pytest.raises(WeightsError, match=r"broke off at byte \d+ of \d+\): try again, which goes on from there"):
        load_network("vgg16", up_to="conv3_1")
    assert len(vgg16.asked) == 6
    folder = cache / "vgg16.tv_in1k"
    kept = {"features.0.bias", "features.0.weight", "features.10.bias"}
    assert set(file_names(folder)) == {f"{name}.safetensors" for name in kept} | {"features.10.weight.part"}
    came = vgg16.sent
    vgg16.forget()
    assert_as_served(load_network("vgg16", up_to="conv3_1"), vgg16.file, VGG16)
    header = len(vgg16.file.header)
    assert came + vgg16.sent - 2 * header == vgg16.needed(*tensor_names(VGG16, "conv3_1")) - header
    assert not list(folder.glob("*.part"))


def test_only_what_can_go_on_is_to_be_tried_again(vgg16: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def message(up_to: str = "conv1_1") -> str:
        with pytest.raises(WeightsError) as caught:
            load_network("vgg16", up_to=up_to)
        assert "put the file https://download.pytorch.org/" in str(caught.value)
        return str(caught.value)

    again = "try again, which goes on from there"
    vgg16.faults = {0: Fault(status=404)}
    assert again not in message()
    vgg16.forget()
    vgg16.faults = {1: Fault(cut=40), **dict.fromkeys((2, 3, 4), Fault(cut=0))}  # in the header
    assert again not in message()
    vgg16.forget()
    vgg16.etag = None  # so that no part can be kept
    vgg16.faults = {2: Fault(cut=40), **dict.fromkeys((3, 4, 5), Fault(cut=0))}
    assert again not in message()
    vgg16.forget()
    vgg16.faults = {2: Fault(cut=300), **dict.fromkeys((3, 4, 5), Fault(cut=0))}  # the first tensor has come whole
    assert again in message()
    vgg16.etag = '"one"'
    vgg16.forget()
    vgg16.faults = {2: Fault(cut=40), **dict.fromkeys((3, 4, 5), Fault(cut=0))}
    assert again in message()
    monkeypatch.setenv("HF_ENDPOINT", "http://no-such-host.invalid")
    assert again not in message()
    monkeypatch.setenv("HF_ENDPOINT", vgg16.url)
    vgg16.forget()
    vgg16.file.broken = {"features.2.bias": math.nan}
    assert again not in message("conv1_2")


def break_off(site: Site, folder: Path) -> None:
    """Fetches 1000 bytes of the tensor d."""
    site.faults = {2: Fault(cut=1000), **dict.fromkeys((3, 4, 5), Fault(cut=0))}
    refused(site, folder, "d")
    site.forget()


def test_parts_are_of_the_same_file_alone(small: Site, tmp_path: Path) -> None:
    begin = len(small.file.header) + small.file.entries["d"]["data_offsets"][0]
    break_off(small, tmp_path)
    assert file_names(tmp_path) == ["d.part"]
    part = (tmp_path / "d.part").read_bytes()
    get(small, tmp_path, "d")
    assert small.asked[2].startswith(f"bytes={begin + 1000}-")
    for content, etag in [(part, '"two"'), (part[:-1] + b"!", '"one"'), (part[:50], '"one"'), (b"", '"one"')]:
        (tmp_path / "d.safetensors").unlink()
        (tmp_path / "d.part").write_bytes(content)
        small.forget()
        small.etag = etag
        get(small, tmp_path, "d")
        assert small.asked[2].startswith(f"bytes={begin}-")
        assert file_names(tmp_path) == ["d.safetensors"]


def test_wrong_bytes_are_not_gone_on_from(small: Site, tmp_path: Path) -> None:
    small.file.broken = {"d": math.nan}
    break_off(small, tmp_path)
    assert "not finite" in refused(small, tmp_path, "d")
    small.file.broken = {}
    get(small, tmp_path, "d")


@pytest.mark.parametrize("etag", [None, 'W/"one"'])
def test_without_a_strong_tag_no_part_is_kept(small: Site, tmp_path: Path, etag: str | None) -> None:
    small.etag = etag
    break_off(small, tmp_path)
    assert file_names(tmp_path) == []
    small.faults = {2: Fault(cut=1000)}
    get(small, tmp_path, "d")
    assert small.conditions == [None] * 4


def test_interrupted(small: Site, tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done > 700:
            raise KeyboardInterrupt

    small.faults = {2: Fault(cut=400), 3: Fault(cut=400)}
    with pytest.raises(KeyboardInterrupt):
        get(small, tmp_path, progress=interrupt)
    assert file_names(tmp_path) == ["a.safetensors", "b.part"]
    get(small, tmp_path)
    assert small.sent == small.needed(*SMALL) + len(small.file.header)


def test_file_that_changes_meanwhile(small: Site, tmp_path: Path) -> None:
    def change(done: int, total: int) -> None:
        small.etag = '"two"'

    assert "is not the same file any more" in refused(small, tmp_path, "a", "d", progress=change)
    assert file_names(tmp_path) == ["a.safetensors"]


@pytest.mark.parametrize("status", [401, 403, 404, 416])
def test_answers_that_are_final(small: Site, tmp_path: Path, status: int) -> None:
    for request in (0, 2):
        small.faults = {len(small.asked) + request: Fault(status=status)}
        assert f": it answers {status} " in refused(small, tmp_path)
    assert len(small.asked) == 4


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_answers_that_may_pass(small: Site, tmp_path: Path, status: int) -> None:
    small.faults = dict.fromkeys((0, 1, 2, 4, 6), Fault(status=status))
    get(small, tmp_path, "a")
    small.forget()
    small.always = Fault(status=status)
    assert f": it answers {status} " in refused(small, tmp_path, "b")
    assert len(small.asked) == 4


@pytest.mark.parametrize(
    "told", ["", "bytes 0-19/6", "bytes 1-7/9999", "bytes 0-9/9999", "bytes 0-7/*", "items 0-7/99", "bytes */9" * 999]
)
@pytest.mark.parametrize("request_number", [0, 2])
def test_content_ranges_that_are_wrong(small: Site, tmp_path: Path, told: str, request_number: int) -> None:
    small.faults = {request_number: Fault(told=told)}
    assert "asked for bytes " in refused(small, tmp_path)
    assert len(small.asked) == request_number + 1


def test_file_of_another_length(small: Site, tmp_path: Path) -> None:
    first = len(small.file.header)
    small.faults = {2: Fault(told=f"bytes {first}-{first + 19}/{small.file.size + 1}")}
    assert "is not the same file any more" in refused(small, tmp_path, "a")


def test_pages_instead_of_the_file(small: Site, tmp_path: Path) -> None:
    page = b"<!DOCTYPE html><title>Sign in</title>" + b" " * 9000
    small.faults = {0: Fault(page=page)}
    assert "is not a safetensors file: it starts with b'<!DOCTYP'" in refused(small, tmp_path)
    small.forget()
    small.faults = {2: Fault(page=page)}
    assert "is not the same file any more" in refused(small, tmp_path)
    small.forget()
    small.always = Fault(page=b"no")
    assert "has 2 bytes alone" in refused(small, tmp_path)
    small.always = Fault(page=b"")
    assert "has 0 bytes alone" in refused(small, tmp_path)


def test_server_that_falls_silent(small: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "_TIMEOUT_S", 0.4)
    small.faults = {2: Fault(cut=1000, stall=True)}
    get(small, tmp_path, "d")
    assert small.sent == small.needed("d")
    small.forget()
    small.faults = {0: Fault(cut=0, stall=True)}
    small.always = Fault(cut=0, stall=True)
    assert "timed out" in refused(small, tmp_path, "a")


def test_nobody_there(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(VirtualFile(SMALL)) as gone:
        pass
    monkeypatch.setattr(ranges, "_PAUSES_S", (60.0,))  # is not waited for
    assert "Connection refused" in refused(gone, tmp_path / "none")
    for endpoint in ("file:///etc", "ftp://127.0.0.1", "nonsense", "http://[", "http://127.0.0.1:port"):
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        with pytest.raises(WeightsError, match=re.escape(f"{endpoint}/timm/vgg16")):
            load_network("vgg16")
    assert not cache.exists()
    assert not (tmp_path / "none").exists()


# What tells one file from another


def noted(folder: Path, name: str) -> dict[str, str]:
    """What the cache's file of a tensor says of where it comes from."""
    content = (folder / f"{name}.safetensors").read_bytes()
    header: dict[str, Any] = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return {key: value for key, value in header["__metadata__"].items() if key != "sha256"}


def test_where_tensors_come_from_is_recorded(small: Site, tmp_path: Path) -> None:
    get(small, tmp_path / "plain", "a")
    source = {"url": f"{small.url}/small", "commit": "", "etag": '"one"'}
    assert noted(tmp_path / "plain", "a") == source
    small.linked = {"X-Linked-ETag": '"f00d"', "X-Linked-Size": str(small.file.size), "X-Repo-Commit": "c0ffee"}
    get(small, tmp_path / "linked", "a")
    assert noted(tmp_path / "linked", "a") == {**source, "commit": "c0ffee", "etag": '"f00d"'}
    assert small.conditions[-1] == '"one"'


def test_file_of_another_length_than_is_said_beforehand(small: Site, tmp_path: Path) -> None:
    small.linked = {"X-Linked-Size": str(small.file.size + 1)}
    assert f"has {small.file.size} bytes, and {small.file.size + 1} by its X-Linked-Size" in refused(small, tmp_path)
    assert len(small.asked) == 1


def test_file_whose_digest_changes_meanwhile(small: Site, tmp_path: Path) -> None:
    def change(done: int, total: int) -> None:
        small.linked = {"X-Linked-ETag": '"beef"'}

    small.linked = {"X-Linked-ETag": '"f00d"'}
    assert "is not the same file any more" in refused(small, tmp_path, "a", "d", progress=change)


@pytest.mark.parametrize("linked", [False, True])
def test_tensors_of_two_files_are_not_mixed(small: Site, tmp_path: Path, linked: bool) -> None:
    def serve(tag: str, value: float) -> None:
        small.forget()
        small.file.broken = {"a": value, "d": value}
        if linked:
            small.linked = {"X-Linked-ETag": tag}
        else:
            small.etag = tag

    serve('"old"', 1.0)
    get(small, tmp_path, "a", "b")
    serve('"new"', 2.0)
    # What is there suffices, and nobody is asked.
    old = fetch_tensors(f"{small.url}/small", {"a": SMALL["a"], "b": SMALL["b"]}, tmp_path)
    assert (float(old["a"][0]), small.asked) == (1.0, [])
    # What is there is of the old file: it comes anew with what is missing, but nothing else does.
    get(small, tmp_path, "a", "d")
    assert small.sent == small.needed("a", "d")
    small.forget()
    # Of two files by now.
    get(small, tmp_path, "a", "b")
    assert small.sent == small.needed("b")
    small.forget()
    get(small, tmp_path, "a", "b", "d")
    assert small.asked == []


# What headers say


def entry(**changes: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [5], "data_offsets": [0, 20], **changes}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"", "starts with"),
        (b"{" * 5000, "damaged header"),
        (b"[" * 500_000, "damaged header"),
        (b"[1, 2]", "damaged header"),
        (b'"\xff\xfe"', "damaged header"),
        (b'{"a": 1, "a": 2}', "damaged header (it has a key twice)"),
        (b'{"a": {"dtype": "F32", "dtype": "F16"}}', "damaged header (it has a key twice)"),
        ({}, "tensor a is missing, expected F32, F16 or BF16 of shape [5]"),
        ({"a": [1]}, "says of tensor a [1], expected F32"),
        ({"a": {}}, "says of tensor a {}, expected F32"),
        ({"a": entry(dtype="I32")}, "says of tensor a {"),
        ({"a": entry(dtype=["F32"])}, "says of tensor a {"),
        ({"a": entry(dtype="F64", data_offsets=[0, 40])}, "says of tensor a {"),
        ({"a": entry(shape=[5, 1])}, "expected F32, F16 or BF16 of shape [5]"),
        ({"a": entry(shape=[6], data_offsets=[0, 24])}, "says of tensor a {"),
        ({"a": entry(shape="5")}, "says of tensor a {"),
        ({"a": entry(data_offsets=[0, 24])}, "says of tensor a {"),
        ({"a": entry(data_offsets=[20, 0])}, "says of tensor a {"),
        ({"a": entry(data_offsets=[-4, 16])}, "says of tensor a {"),
        ({"a": entry(data_offsets=[10**15, 10**15 + 20])}, "as many bytes within its"),
        ({"a": entry(data_offsets=[0.0, 20.0])}, "says of tensor a {"),
        ({"a": entry(data_offsets=[0, 20, 40])}, "says of tensor a {"),
        ({"a": entry(shape=list(range(10_000)))}, "says of tensor a {"),
    ],
)
def test_headers_that_are_wrong(small: Site, tmp_path: Path, header: bytes | dict[str, Any], message: str) -> None:
    small.file.set_header(header if isinstance(header, bytes) else json.dumps(header).encode())
    assert message in refused(small, tmp_path / "new", "a")
    assert not (tmp_path / "new").exists()


def test_tensors_that_overlap(small: Site, tmp_path: Path) -> None:
    small.file.set_header(json.dumps({"a": entry(), "c": entry(shape=[3, 7], data_offsets=[16, 100])}).encode())
    assert "gives a and c the same bytes" in refused(small, tmp_path, "a", "c")
    assert "gives a and c the same bytes" in refused(small, tmp_path, "a")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"d": None}, "gives the bytes 1704 to 5704 of its 5704 to no tensor"),
        ({"b": None}, "gives the bytes 20 to 1620 of its 5704 to no tensor"),
        ({"d": {"data_offsets": [1704, 5708]}}, "gives d bytes beyond its 5704"),
        ({"e": {"data_offsets": [5704, 6000]}}, "gives e bytes beyond its 5704"),
        ({"e": {"data_offsets": [-8, 0]}}, "says of tensor e {'data_offsets': [-8, 0]}, expected data_offsets"),
        ({"e": {"data_offsets": [8, 4]}}, "says of tensor e "),
        ({"e": 7}, "says of tensor e 7, expected data_offsets"),
        ({"e": {}}, "says of tensor e {}"),
    ],
)
def test_headers_that_do_not_account_for_the_whole_file(
    small: Site, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    """The tensor that is asked for is in order; the others show that this is not the file that was written."""
    entries = {name: value for name, value in {**small.file.entries, **change}.items() if value is not None}
    small.file.set_header(json.dumps(entries).encode())
    assert message in refused(small, tmp_path / "new", "a")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("length", [0, 1, 16_000_001, 10_000, 2**64 - 1])
def test_headers_of_unlikely_lengths(small: Site, tmp_path: Path, length: int) -> None:
    small.file.set_header(b"{}", length)
    small.file.size = 2**40 if length == 16_000_001 else 6000
    assert "is not a safetensors file: it starts with" in refused(small, tmp_path)
    assert len(small.asked) == 1


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_values_that_are_not_finite(small: Site, tmp_path: Path, value: float) -> None:
    small.file.broken = {"b": value}
    assert "tensor b of shape [40, 10] has values that are not finite" in refused(small, tmp_path)
    assert file_names(tmp_path) == ["a.safetensors"]


# What is kept


def recorded(folder: Path, name: str) -> str:
    """The SHA-256 that the cache has noted."""
    content = (folder / f"{name}.safetensors").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return str(header["__metadata__"]["sha256"])


def spoil(change: Callable[[bytes], bytes], path: Path) -> None:
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: content[:-500] + bytes([content[-500] ^ 128]) + content[-499:],
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: b"",
        lambda content: content[:1] + b"\xff" + content[2:],
        lambda content: content.replace(b'"d"', b'"e"'),
        lambda content: content.replace(b'"sha256"', b'"sha255"'),
        lambda content: content.replace(b"[1000]", b"[1,1000]"),
        lambda content: content.replace(b'"F32"', b'"I32"'),
    ],
)
def test_damaged_files_are_fetched_again(small: Site, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    get(small, tmp_path)
    spoil(change, tmp_path / "d.safetensors")
    assert stored_tensors(tmp_path, SMALL).keys() == {"a", "b", "c"}
    small.forget()
    get(small, tmp_path)
    assert small.sent == small.needed("d")
    small.forget()
    get(small, tmp_path)
    assert small.asked == []


def test_known_hashes(small: Site, tmp_path: Path) -> None:
    get(small, tmp_path / "first")
    table = {name: recorded(tmp_path / "first", name) for name in ("a", "d")}
    get(small, tmp_path / "second", hashes=table)
    small.file.broken = {"d": 1.0}
    message = refused(small, tmp_path / "third", hashes=table)
    assert f"tensor d has the SHA-256 {recorded_of(small.file.tensor('d'))}, expected {table['d']}" in message
    assert file_names(tmp_path / "third") == [f"{name}.safetensors" for name in "abc"]
    # Sound in itself, but not what was published.
    get(small, tmp_path / "third")
    assert stored_tensors(tmp_path / "third", SMALL, hashes=table).keys() == {"a", "b", "c"}
    small.file.broken = {}
    get(small, tmp_path / "third", hashes=table)


def recorded_of(tensor: Tensor) -> str:
    return hashlib.sha256(tensor.numpy().tobytes()).hexdigest()


def test_the_network_s_table_is_heeded(vgg16: Site, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "features.2.weight"
    table = {name: recorded_of(vgg16.file.tensor(name))}
    monkeypatch.setitem(PUBLISHED, "vgg16", replace(PUBLISHED["vgg16"], sha256=table))
    load_network("vgg16", up_to="conv1_2")
    assert recorded(cache / "vgg16.tv_in1k", name) == table[name]
    monkeypatch.setitem(PUBLISHED, "vgg16", replace(PUBLISHED["vgg16"], sha256={name: "0" * 64}))
    load_network("vgg16", up_to="conv1_1")
    with pytest.raises(WeightsError, match=rf"{table[name]}, expected 0{{64}}\).*network: motif"):
        load_network("vgg16", up_to="conv1_2")


def test_two_at_once(vgg16: Site, cache: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        networks = list(threads.map(lambda layer: load_network("vgg16", up_to=layer), ["conv2_1", "conv2_2"] * 2))
    for network in networks:
        assert_as_served(network, vgg16.file, VGG16)
    names = tensor_names(VGG16, "conv2_2")
    assert file_names(cache / "vgg16.tv_in1k") == sorted(f"{name}.safetensors" for name in names)


def test_folder_that_cannot_be_written(vgg16: Site, cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    with pytest.raises(WeightsError, match=r"cache/vgg16\.tv_in1k can't be written to.*network: motif"):
        load_network("vgg16", up_to="conv1_1")
    assert len(vgg16.asked) == 2


# The command line


def test_fetch_command(vgg16: Site, cache: Path, cli: Cli) -> None:
    folder = cache / "vgg16.tv_in1k"
    doctor = cli("doctor").out
    assert re.search(rf"vgg16 weights +not in {re.escape(str(cache))} *\n", doctor)
    first = cli("networks", "fetch", "vgg16", "--up-to", "conv2_2")
    assert (first.status, first.err) == (0, "")
    assert f"vgg16 up to conv2_2: 1.0 MB fetched into {folder}\n" in first.out
    assert "1.0/1.0 MB" in first.out
    again = cli("networks", "fetch", "vgg16", "--up-to", "conv2_1").out
    assert again == f"vgg16 up to conv2_1: everything is there already, in {folder}\n"
    assert re.search(rf"vgg16 weights +up to conv2_2, 1\.0 MB in {re.escape(str(folder))} *\n", cli("doctor").out)
    spoil(lambda content: content[:-1], folder / "features.5.bias.safetensors")
    assert re.search(r"vgg16 weights +up to conv1_2, 0\.2 MB in ", cli("doctor").out)


def test_fetch_command_refuses(vgg16: Site, cli: Cli) -> None:
    for words, message in [
        (["motif"], "motif: nothing to fetch; allowed are vgg16, vgg19"),
        (["vgg16", "--up-to", "conv6_1"], "vgg16 has no layer 'conv6_1': allowed are conv1_1,"),
    ]:
        done = cli("networks", "fetch", *words)
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith(f"error: {message}")
    vgg16.always = Fault(status=404)
    done = cli("networks", "fetch", "vgg16")
    assert done.status == 2
    assert len(done.err.splitlines()) == 1
    for part in ("it answers 404 Not Found", vgg16.url, "vgg16-397923af.pth", "`network: motif`"):
        assert part in done.err


def test_whole_files_are_used_where_they_are(
    vgg16: Site, cache: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.mkdir()
    buffer = io.BytesIO()
    torch.save({name: vgg16.file.tensor(name) for name in tensor_names(VGG16, "conv1_2")}, buffer)
    path = cache / f"vgg16-{hashlib.sha256(buffer.getvalue()).hexdigest()[:8]}.pth"
    path.write_bytes(buffer.getvalue())
    monkeypatch.setitem(PUBLISHED, "vgg16", replace(PUBLISHED["vgg16"], file=path.name))
    assert_as_served(load_network("vgg16", up_to="conv1_2"), vgg16.file, VGG16)
    done = cli("networks", "fetch", "vgg16", "--up-to", "conv1_2")
    assert done.out == f"vgg16 up to conv1_2: everything is there already, in {path}\n"
    assert str(path) in cli("doctor").out
    assert vgg16.asked == []

"""Chosen tensors of a safetensors file on a web server: no other bytes are fetched, and a folder keeps them.

The folder has a small safetensors file per tensor, which records the SHA-256 of the tensor's bytes, the address, and
what the server says of its file: an entity tag, on Hugging Face the SHA-256 of all of it, and the commit. It is written
whole or not at all. What had come of a tensor when a fetch ended early is kept beside it, in a `.part` file.

Of a file that is not read as a whole the SHA-256 can't be checked. What is: its header accounts for each of its bytes
once; it is as long as Hugging Face says; and all tensors of a call are of one and the same file, those that were there
before as well.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse, responses
from itertools import pairwise
from pathlib import Path
from reprlib import repr as shortened
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from plotart.errors import WeightsError
from plotart.files.atomic import write_whole
from plotart.networks.description import Progress
from plotart.networks.weights import checked_tensor

Shapes = Mapping[str, tuple[int, ...]]

_DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
_HEADER_LIMIT = 16_000_000
_TIMEOUT_S = 30.0
_CHUNK_BYTES = 1 << 18
#: How long to wait after the first failure in a row, the second, ...; one more is the end of it.
_PAUSES_S = (0.5, 1.0, 2.0)


class BrokenOff(WeightsError):
    """The server can't be reached, or not any more; `kept` if something has come from which the next fetch goes on."""

    kept = False


def fetch_tensors(
    url: str,
    shapes: Shapes,
    folder: Path,
    *,
    hashes: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> dict[str, Tensor]:
    """The tensors that `shapes` names, as float32: those in `folder` that are sound, the others from `url`.

    They are of one file: where `url` has another one than `folder`, or `folder` has some of two, all come from `url`.

    shapes    the tensors' names, which are names of files too, and shapes; none is empty
    hashes    SHA-256 of tensors' bytes as published, in hexadecimal, where they are known
    progress  called with the bytes that have come and the bytes that this call fetches

    Raises WeightsError if they can't be had from `url`, OSError if `folder` can't be written.
    """
    stored = _stored(folder, shapes, hashes or {})
    found = {name: tensor for name, (tensor, _) in stored.items()}
    tags = {name: tag for name, (_, tag) in stored.items()}
    if found.keys() < shapes.keys() or len(set(tags.values())) > 1:
        found |= _fetch(url, shapes, tags, folder, hashes or {}, progress)
    return found


def stored_tensors(folder: Path, shapes: Shapes, *, hashes: Mapping[str, str] | None = None) -> dict[str, Tensor]:
    """Those of the tensors that `folder` has, as float32; damaged ones are left out."""
    return {name: tensor for name, (tensor, _) in _stored(folder, shapes, hashes or {}).items()}


def stored_file(folder: Path, name: str) -> Path:
    """Where `folder` keeps the tensor `name`."""
    return folder / f"{name}.safetensors"


@dataclass
class _Piece:
    """A tensor's bytes `start` to `stop` of the file, and those that have come, from the first on."""

    name: str
    dtype: torch.dtype
    shape: tuple[int, ...]
    start: int
    stop: int
    data: bytearray = field(default_factory=bytearray)

    @property
    def reached(self) -> int:
        return self.start + len(self.data)


class _Redirects(HTTPRedirectHandler):
    """Follows redirects, and keeps what their X- headers say: Hugging Face tells of a file before it leads there."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        self.told |= {name.lower(): value for name, value in headers.items() if name.lower().startswith("x-")}
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Remote:
    """A file on a web server, read forwards; `size`, `tag` and `commit` are known once it has answered.

    tag     what tells the file from others: its SHA-256 on Hugging Face, else a strong entity tag; None without either
    commit  of Hugging Face's repository; "" elsewhere

    Servers that ignore ranges send the whole file: then one answer serves all reads, and what lies between is skipped.
    """

    def __init__(self, url: str) -> None:
        if not url.startswith(("https://", "http://")):
            raise WeightsError(f"{url} does not start with https:// or http://")  # urllib would open files, too
        self.url = url
        self.size: int | None = None
        self.tag: str | None = None
        self.commit = ""
        self._etag: str | None = None
        self._answer: HTTPResponse | None = None
        self._position = self._end = 0

    def close(self) -> None:
        if self._answer is not None:
            self._answer.close()
        self._answer = None

    def read(self, start: int, stop: int, *, ahead: int) -> Iterator[bytes]:
        """The bytes `start` to `stop`; if that needs a request, it asks for those up to `ahead`. Raises WeightsError.

        What breaks off is asked for again from where it ended.
        """
        failures = came = 0
        while start < stop:
            try:
                chunk = self._chunk(start, stop, ahead)
            except (OSError, HTTPException, ValueError) as error:  # ValueError: of addresses, in redirects too
                self.close()
                failures = 1 if came >= _CHUNK_BYTES else failures + 1
                came = 0
                if failures > len(_PAUSES_S) or not self._may_pass(error):
                    raise BrokenOff(f"{self.url}: {_reason(error)}") from error
                time.sleep(_PAUSES_S[failures - 1])
            else:
                start += len(chunk)
                came += len(chunk)
                yield chunk

    def _chunk(self, start: int, stop: int, ahead: int) -> bytes:
        if self._answer is None or not self._position <= start < self._end:
            self._open(start, ahead)
        while self._position < start:
            self._take(start - self._position)
        return self._take(stop - start)

    def _take(self, most: int) -> bytes:
        assert self._answer is not None
        chunk = self._answer.read1(min(most, self._end - self._position, _CHUNK_BYTES))
        if not chunk:
            raise ConnectionError(f"it broke off at byte {self._position} of {self.size}")
        self._position += len(chunk)
        return chunk

    def _open(self, start: int, stop: int) -> None:
        self.close()
        asked = {"User-Agent": "plotart", "Range": f"bytes={start}-{stop - 1}"}
        if self._etag:
            asked["If-Range"] = self._etag
        redirects = _Redirects()
        answer = build_opener(redirects).open(Request(self.url, headers=asked), timeout=_TIMEOUT_S)
        self._answer = answer
        if answer.status == 206:
            told = answer.headers.get("Content-Range") or ""
            numbers = re.fullmatch(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})", told)
            first, last, size = map(int, numbers.groups()) if numbers else (0, 0, 0)
            if first != start or not start <= last < min(stop, size):
                raise WeightsError(f"{self.url}: asked for bytes {start}-{stop - 1}, it answers {shortened(told)}")
            self._position, self._end = start, last + 1
        else:
            told = answer.headers.get("Content-Length") or ""
            if answer.status != 200 or not re.fullmatch(r"[0-9]{1,15}", told):
                raise WeightsError(f"{self.url}: it answers {answer.status} without the file's length")
            self._position, self._end = 0, (size := int(told))
            if size <= start:
                raise WeightsError(f"{self.url} has {size} bytes alone")
        self._recognise(size, _strong(answer.headers.get("ETag")), redirects.told)

    def _recognise(self, size: int, etag: str | None, told: Mapping[str, str]) -> None:
        if (linked := told.get("x-linked-size", str(size))) != str(size):
            raise WeightsError(f"{self.url} has {size} bytes, and {linked} by its X-Linked-Size")
        tag = _strong(told.get("x-linked-etag")) or etag
        if self.size is None:
            self.size, self.tag, self._etag, self.commit = size, tag, etag, told.get("x-repo-commit", "")
        elif (size, tag, etag) != (self.size, self.tag, self._etag):
            raise WeightsError(f"{self.url}: what it answers is not the same file any more")

    def _may_pass(self, error: Exception) -> bool:
        if isinstance(error, HTTPError):
            return error.code >= 500 or error.code in (408, 429)
        return self.size is not None  # who is offline should hear so at once


def _strong(etag: str | None) -> str | None:
    """An entity tag unless it is a weak one, which does not promise the same bytes."""
    return etag if etag and etag.startswith('"') else None


def _fetch(
    url: str,
    shapes: Shapes,
    stored: Mapping[str, str | None],
    folder: Path,
    hashes: Mapping[str, str],
    progress: Progress | None,
) -> dict[str, Tensor]:
    """All but those that `stored` has of the same file, with its tag."""
    found: dict[str, Tensor] = {}
    with closing(_Remote(url)) as remote:
        pieces = [piece for piece in _pieces(remote, shapes) if stored.get(piece.name, "") != remote.tag]
        folder.mkdir(parents=True, exist_ok=True)
        for piece in pieces:
            _resume(folder, piece, remote.tag)
        done, total = 0, sum(piece.stop - piece.reached for piece in pieces)
        for piece, ahead in zip(pieces, _run_ends(pieces), strict=True):
            try:
                for chunk in remote.read(piece.reached, piece.stop, ahead=ahead):
                    piece.data += chunk
                    done += len(chunk)
                    if progress:
                        progress(done, total)
            except BaseException as error:
                kept = _keep_part(folder, piece, remote.tag)
                if isinstance(error, BrokenOff):
                    error.kept = kept or bool(found)
                raise
            # First of all: bytes that turn out to be wrong must not be gone on from the next time.
            _part_file(folder, piece).unlink(missing_ok=True)
            found[piece.name] = _store(remote, folder, piece, hashes)
    return found


def _pieces(remote: _Remote, shapes: Shapes) -> list[_Piece]:
    """What the file's header says of the tensors, in the order of their bytes. Raises WeightsError."""
    start = b"".join(remote.read(0, 8, ahead=8))
    assert remote.size is not None
    length = int.from_bytes(start, "little")
    if not 2 <= length <= min(_HEADER_LIMIT, remote.size - 8):
        raise WeightsError(f"{remote.url} is not a safetensors file: it starts with {start!r}")
    begin = 8 + length
    text = b"".join(remote.read(8, begin, ahead=begin))
    try:
        header = json.loads(text.decode(), object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{remote.url} has a damaged header ({_reason(error)})") from error
    if not isinstance(header, dict):
        raise WeightsError(f"{remote.url} has a damaged header ({shortened(header)})")
    pieces = []
    for name, shape in shapes.items():
        expected = f"expected F32, F16 or BF16 of shape {list(shape)}"
        if name not in header:
            raise WeightsError(f"{remote.url}: tensor {name} is missing, {expected}")
        match header[name]:
            case {"dtype": "F32" | "F16" | "BF16" as code, "shape": [*sizes], "data_offsets": [int(low), int(high)]}:
                dtype, fits = _DTYPES[code], sizes == list(shape) and 0 <= low <= high <= remote.size - begin
                if fits and high - low == math.prod(shape) * dtype.itemsize:
                    pieces.append(_Piece(name, dtype, shape, begin + low, begin + high))
                    continue
        raise WeightsError(
            f"{remote.url}: its header says of tensor {name} {shortened(header[name])}, {expected} and as many bytes "
            f"within its {remote.size}"
        )
    _check_all(remote.url, header, remote.size - begin)
    return sorted(pieces, key=lambda piece: piece.start)


def _check_all(url: str, header: Mapping[str, Any], size: int) -> None:
    """Raises WeightsError unless the tensors of the header, those that are not asked for too, fill `size` bytes."""
    spans: list[tuple[int, int, str]] = [(0, 0, "")]
    for name, entry in header.items():
        match entry:
            case {"data_offsets": [int(low), int(high)]} if 0 <= low <= high:
                spans.append((low, high, name))
            case _ if name != "__metadata__":
                raise WeightsError(f"{url}: its header says of tensor {name} {shortened(entry)}, expected data_offsets")
    spans.sort()
    for (_, end, before), (low, _, after) in pairwise([*spans, (size, size, "")]):
        if low < end:
            taken = f"gives {before} and {after} the same bytes" if after else f"gives {before} bytes beyond its {size}"
            raise WeightsError(f"{url}: its header {taken}")
        if low > end:
            raise WeightsError(f"{url}: its header gives the bytes {end} to {low} of its {size} to no tensor")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it has a key twice")
    return found


def _run_ends(pieces: list[_Piece]) -> Iterable[int]:
    """For each piece the end of the bytes that follow it without a gap: one request brings them all."""
    ends: list[int] = []
    following: _Piece | None = None
    for piece in reversed(pieces):
        ends.append(ends[-1] if following is not None and following.reached == piece.stop else piece.stop)
        following = piece
    return reversed(ends)


def _store(remote: _Remote, folder: Path, piece: _Piece, hashes: Mapping[str, str]) -> Tensor:
    """Puts a piece that is whole into `folder`, and returns it as float32. Raises WeightsError, OSError."""
    tensor = torch.frombuffer(piece.data, dtype=piece.dtype).reshape(piece.shape)
    digest = _sha256(tensor)
    if digest != (expected := hashes.get(piece.name, digest)):
        raise WeightsError(f"{remote.url}: tensor {piece.name} has the SHA-256 {digest}, expected {expected}")
    checked = checked_tensor(remote.url, piece.name, tensor, piece.shape)
    source = {"url": remote.url, "commit": remote.commit, "etag": remote.tag or ""}
    _write(stored_file(folder, piece.name), piece.name, tensor, source)
    return checked


def _part_file(folder: Path, piece: _Piece) -> Path:
    return folder / f"{piece.name}.part"


def _stored(folder: Path, shapes: Shapes, hashes: Mapping[str, str]) -> dict[str, tuple[Tensor, str | None]]:
    """Sound tensors with the tag of the file that they are of, None if it had none."""
    found = {}
    for name, shape in shapes.items():
        tensor, metadata = _read(stored_file(folder, name), name)
        if tensor is not None and metadata["sha256"] == hashes.get(name, metadata["sha256"]):
            with suppress(WeightsError):
                found[name] = checked_tensor(folder, name, tensor, shape), metadata.get("etag") or None
    return found


def _resume(folder: Path, piece: _Piece, etag: str | None) -> None:
    """Gives the piece those of its bytes that an earlier fetch of the same file has left."""
    part, metadata = _read(_part_file(folder, piece), piece.name)
    if part is not None and etag and metadata.get("etag") == etag and part.nbytes < piece.stop - piece.start:
        piece.data += part.numpy().tobytes()


def _keep_part(folder: Path, piece: _Piece, etag: str | None) -> bool:
    """Whether there is something to keep, and it could be."""
    # Without a tag nobody could say later whether the rest belongs to it.
    if piece.data and piece.reached < piece.stop and etag:
        with suppress(OSError):  # why the fetch ended is what has to be told
            _write(
                _part_file(folder, piece), piece.name, torch.frombuffer(piece.data, dtype=torch.uint8), {"etag": etag}
            )
            return True
    return False


def _write(path: Path, name: str, tensor: Tensor, metadata: Mapping[str, str]) -> None:
    """A safetensors file with a tensor and its SHA-256, all of it or nothing. Raises OSError."""
    write_whole(path, save({name: tensor}, {**metadata, "sha256": _sha256(tensor)}))


def _read(path: Path, name: str) -> tuple[Tensor | None, Mapping[str, str]]:
    """The tensor and the metadata that `_write` has put there; no tensor if none is, or if it is damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            tensor: Tensor = file.get_tensor(name)
        return (tensor if metadata["sha256"] == _sha256(tensor) else None), metadata
    except Exception:  # damaged bytes raise errors of many kinds, and all are cured by fetching again
        return None, {}


def _sha256(tensor: Tensor) -> str:
    return hashlib.sha256(tensor.flatten().view(torch.uint8).numpy().data).hexdigest()


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"it answers {error.code} {responses.get(error.code, '')}".rstrip()
    if isinstance(error, URLError):
        return str(error.reason)
    return str(error) or type(error).__name__

"""Checkpoints that torch.save has written, with whatever a training keeps besides weights; no code of theirs is run."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import torch

from plotart.networks.pickles import Builder, Foreign, ordered_dict, read_pickle
from plotart.networks.weights import check_stored
from plotart.networks.weights_files import damaged

#: Bytes of the pickles, without the numbers of tensors; a training's, with its optimizer, take some hundred kB.
_PICKLES_LIMIT = 16_000_000
#: Bytes of one tensor's storage; the largest of VGG has 411 MB.
_STORAGE_LIMIT = 1 << 30

#: What the form before the zip files begins with.
_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001

_DTYPES = {
    "Float": torch.float32,
    "Double": torch.float64,
    "Half": torch.float16,
    "BFloat16": torch.bfloat16,
    "Long": torch.int64,
    "Int": torch.int32,
    "Short": torch.int16,
    "Char": torch.int8,
    "Byte": torch.uint8,
    "Bool": torch.bool,
    "ComplexFloat": torch.complex64,
    "ComplexDouble": torch.complex128,
}


@dataclass(frozen=True)
class Storage:
    """The numbers of one or more tensors: `count` of them, in the part of the file that is called `key`."""

    key: str
    dtype: torch.dtype
    count: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.count * self.dtype.itemsize


@dataclass(frozen=True)
class StoredTensor:
    """A tensor that has not been read yet: where its numbers are in a storage, as torch's `as_strided` takes it."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds: containers, numbers and texts, each tensor a StoredTensor, all else a Foreign."""

    path: Path
    content: object
    _bytes: Callable[[Storage], bytes] = field(repr=False)

    def read(self, value: object) -> object:
        """The tensor of a StoredTensor, of its own type and a view where its numbers are not in order; any other value
        as it is. Raises WeightsError."""
        if not isinstance(value, StoredTensor):
            return value
        storage = value.storage
        try:
            if storage.size > _STORAGE_LIMIT:
                raise ValueError(f"a storage of {storage.size} bytes; allowed are {_STORAGE_LIMIT}")
            numbers = torch.frombuffer(bytearray(self._bytes(storage)), dtype=storage.dtype)
            return numbers.as_strided(value.shape, value.strides, value.offset)
        except Exception as error:
            raise damaged(self.path, "PyTorch checkpoint", error) from error


@contextmanager
def open_checkpoint(path: Path) -> Iterator[Checkpoint]:
    """The checkpoint in the file while the context lasts. Raises WeightsError."""
    with path.open("rb") as file:
        try:
            opened = _open_zip if zipfile.is_zipfile(file) else _open_legacy
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of odd escapes in texts
                content, read = opened(file)
        except Exception as error:  # damaged bytes make the readers raise nearly anything
            raise damaged(path, "PyTorch checkpoint", error) from error
        yield Checkpoint(path, content, read)


def _open_zip(file: BinaryIO) -> tuple[object, Callable[[Storage], bytes]]:
    """A folder with `data.pkl` and a file for each storage."""
    archive = zipfile.ZipFile(file)
    check_stored(archive)
    pickles = [part for part in archive.infolist() if part.filename.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise ValueError(f"an archive with {len(pickles)} parts data.pkl; expected one")
    (pickle,) = pickles
    if pickle.file_size > _PICKLES_LIMIT:
        raise ValueError(f"a pickle of {pickle.file_size} bytes; allowed are {_PICKLES_LIMIT}")
    folder = pickle.filename.removesuffix("data.pkl")
    if f"{folder}byteorder" in archive.namelist() and archive.read(f"{folder}byteorder") != b"little":
        raise ValueError("numbers in another order of bytes than little-endian")

    def read(storage: Storage) -> bytes:
        part = archive.getinfo(f"{folder}data/{storage.key}")
        if part.file_size != storage.size:
            raise ValueError(f"a storage of {part.file_size} bytes; expected {storage.size}")
        return archive.read(part)

    return read_pickle(io.BytesIO(archive.read(pickle)), _BUILDERS, _storage), read


def _open_legacy(file: BinaryIO) -> tuple[object, Callable[[Storage], bytes]]:
    """Five pickles: a number to know it by, the protocol, what wrote it, the content, and the storages' keys in the
    order in which they follow, each with its count as 8 bytes."""
    storages: dict[str, Storage] = {}

    def remembered(identifier: object) -> object:
        found = _storage(identifier)
        if isinstance(found, Storage):
            storages[found.key] = found
        return found

    file.seek(0)
    pickles = io.BytesIO(file.read(_PICKLES_LIMIT))
    if read_pickle(pickles, {}, remembered) != _MAGIC:
        raise ValueError("it does not begin as one")
    if (protocol := read_pickle(pickles, {}, remembered)) != _PROTOCOL:
        raise ValueError(f"protocol {protocol}; allowed is {_PROTOCOL}")
    system = read_pickle(pickles, {}, remembered)
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise ValueError("numbers in another order of bytes than little-endian")
    content = read_pickle(pickles, _BUILDERS, remembered)
    keys = read_pickle(pickles, {}, remembered)
    if not isinstance(keys, list) or [key for key in keys if not isinstance(key, str) or key not in storages]:
        raise ValueError("other storages than those that it names")
    starts: dict[str, int] = {}
    end = pickles.tell()
    for key in keys:
        starts[key] = end
        end += 8 + storages[key].size
    if (size := file.seek(0, io.SEEK_END)) < end:
        raise ValueError(f"cut after {size} of {end} bytes")

    def read(storage: Storage) -> bytes:
        if storage.key not in starts:
            raise ValueError(f"no storage {storage.key}")
        file.seek(starts[storage.key])
        if (count := int.from_bytes(file.read(8), "little")) != storage.count:
            raise ValueError(f"a storage of {count} numbers; expected {storage.count}")
        return file.read(storage.size)

    return content, read


def _storage(identifier: object) -> object:
    """What stands outside of the pickle: a storage, or a module's class with its source, which is left alone."""
    match identifier:
        case ("storage", Foreign(name), str(key), str(), int(count)) if count >= 0:
            pass
        case ("storage", Foreign(name), str(key), str(), int(count), None) if count >= 0:
            pass
        case ("module", Foreign() as module, *_):
            return module
        case _:
            raise ValueError("a storage that is not described as torch does")
    kind = name.rpartition(".")[2].removesuffix("Storage")
    if kind not in _DTYPES:
        raise ValueError(f"numbers of type {name}; allowed are {', '.join(_DTYPES)}")
    return Storage(key, _DTYPES[kind], count)


def _tensor(storage: object, offset: object, shape: object, strides: object, *_: object) -> StoredTensor:
    if not (isinstance(storage, Storage) and isinstance(offset, int)):
        raise ValueError("a tensor that is not described as torch does")
    return StoredTensor(storage, offset, _numbers(shape), _numbers(strides))


def _numbers(found: object) -> tuple[int, ...]:
    if not isinstance(found, tuple) or not all(isinstance(number, int) for number in found):
        raise ValueError("a tensor whose shape is not in numbers")
    return found


def _parameter(data: object, *_: object) -> object:
    return data


_BUILDERS: Mapping[str, Builder] = {
    "collections.OrderedDict": ordered_dict,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
}

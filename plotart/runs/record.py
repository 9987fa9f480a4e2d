"""What the bytes of a run depend on besides its config: threads, processor, number types, weights, versions."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from plotart import __version__
from plotart.networks import Network
from plotart.networks.precision import Precision

_PACKAGES = ("torch", "numpy", "numba", "vpype")


@contextmanager
def computing_with(threads: int) -> Iterator[None]:
    """While this lasts, torch and the renderer compute in so many threads, whatever OMP_NUM_THREADS says.

    Sums within a network are split by threads, so that their last bits depend on how many there are.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def cores() -> int:
    """Cores that this process may use; two threads of one core count once, where the system tells."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    allowed = os.sched_getaffinity(0)
    topology = "/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list"
    try:
        return len({Path(topology.format(number)).read_text(encoding="ascii") for number in allowed})
    except OSError:
        return len(allowed)


def machine_record() -> dict[str, Any]:
    """Threads, processor and versions."""
    return {
        "threads": torch.get_num_threads(),
        "processor": f"{_processor()}, {torch.backends.cpu.get_cpu_capability()}",
        "platform": platform.platform(),
        "versions": {
            "python": platform.python_version(),
            "plotart": __version__,
            **{name: version(name) for name in _PACKAGES},
        },
    }


def network_records(precision: Mapping[Network, Precision]) -> list[dict[str, str]]:
    """Of each network its name, how it computes while optimising, and the SHA-256 of the weights that are used."""
    return [
        {"name": network.name, "precision": str(chosen), "weights_sha256": _digest(network)}
        for network, chosen in precision.items()
    ]


def _digest(network: Network) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (value.strip() for key, _, value in (line.partition(":") for line in lines) if key.strip() == "model name")
    return next(names, platform.processor() or platform.machine())

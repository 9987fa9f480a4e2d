"""What a sweep costs: seconds and core-seconds of a cell, alone and several at once; starting a worker; Ray.

python benchmarks/sweep.py                       # configs/quickstart.yaml, 100 and 400 steps
python benchmarks/sweep.py --steps 100 --ray     # and what Ray adds to each cell
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from plotart.config import Config
from plotart.sweep.engines import Engine, EngineName, engine_of
from plotart.sweep.grid import grid
from plotart.sweep.record import RECORD
from plotart.sweep.run import sweep
from plotart.sweep.vary import parse_axes
from plotart.sweep.work import Failed

CONFIG = Path(__file__).parent.parent / "configs" / "quickstart.yaml"

#: Cells by which the time that an engine takes for each is measured.
HANDED = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, nargs="+", default=[100, 400])
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, os.cpu_count() or 1])
    parser.add_argument("--cells", type=int, default=3, help="per worker; the first of each pays for its start")
    parser.add_argument("--ray", action="store_true")
    words = parser.parse_args()
    print("| steps | cells at once | wall s per cell | core-s per cell | cells per hour |\n|--:|--:|--:|--:|--:|")
    for steps in words.steps:
        for workers in words.at_once:
            cells = workers * words.cells
            wall, cores = drawn(cells, [f"optimize.steps={steps}"], workers)
            print(
                f"| {steps} | {workers} | {wall / words.cells:.1f} | {cores / cells:.1f} | {3600 * cells / wall:.0f} |"
            )
            sys.stdout.flush()
    print("\n| engine | s until the first cell's answer | ms for each further cell |\n|---|--:|--:|")
    engines: list[EngineName] = ["local", "ray"] if words.ray else ["local"]
    for engine in engines:
        first, further = handed_over(engine)
        print(f"| {engine} | {first:.1f} | {further * 1000:.0f} |")


def drawn(cells: int, overrides: list[str], workers: int) -> tuple[float, float]:
    """Wall seconds, and the workers' core-seconds, of a sweep over seeds."""
    axes = parse_axes([f"seed=0..{cells - 1}"])
    with tempfile.TemporaryDirectory() as folder:
        before, begun = _spent(), time.perf_counter()
        record = sweep(grid(CONFIG, axes, overrides), axes, out=Path(folder), workers=workers)
        wall, spent = time.perf_counter() - begun, _spent() - before
    assert record.count("done") == cells
    return wall, spent


def handed_over(name: EngineName) -> tuple[float, float]:
    """Seconds until a new worker answers, and for each cell after that, where the answer is that there is no folder."""
    config = Config.load(CONFIG)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        engine = engine_of(name, 1, Path(folder), RECORD, 1)
        try:
            _answer(engine, config)
            first = time.perf_counter()
            for _ in range(HANDED):
                _answer(engine, config)
            return first - begun, (time.perf_counter() - first) / HANDED
        finally:
            engine.close()


def _answer(engine: Engine, config: Config) -> None:
    engine.submit("cell", config, 1)
    while not any(isinstance(told, Failed) for told in engine.news(1.0)):
        pass


def _spent() -> float:
    """Core-seconds of the processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()

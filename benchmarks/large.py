"""What a large sheet costs: time and memory of a whole run, part by part.

    python benchmarks/large.py [benchmarks/a2.yaml] [--starts random imagined] [--steps 60] [-o strokes.count=5000]

Each run is a process of its own, in one thread, so that its peak is its own. Seconds are of the processor; a part's are
without those of the parts that it calls. Peaks are resident memory, of each stage by itself. Linux alone tells them.
"""

from __future__ import annotations

import argparse
import functools
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).parent / "a2.yaml"

#: Stages of a run, and parts of a step: the functions that they are, and whose these are. What a stage does of the
#: parts of a step, as the economy draws and looks, is the stage's.
STAGES = {
    "imagined picture": [("plotart.job.imagined", "imagine")],
    "strokes laid": [("plotart.job.generate", "build")],
    "looks at the whole sheet": [
        ("plotart.job.job", "first_look"),
        ("plotart.optimize.optimizer:Optimizer", "activation"),
    ],
    "toolpath": [("plotart.job.finish", "build_toolpath")],
    "files written": [
        ("plotart.job.finish", name) for name in ("curves_svg", "layer_svgs", "plot_svg", "save_strokes")
    ],
    "file read back": [("plotart.job.finish", "read_drawing")],
    "line figures": [("plotart.job.finish", "line_figures")],
    "preview, plot simulated": [("plotart.job.finish", "simulate"), ("plotart.job.finish", "png_bytes")],
    "plot timed": [("plotart.job.finish", "plot_stats")],
    "report": [("plotart.job.job", "run_report")],
    "checkpoints": [("plotart.job.job:Job", "_save")],
    "economy: worth, leaving, joining": [("plotart.optimize.optimizer:Optimizer", "_clear")],
    "recycling": [("plotart.optimize.optimizer:Optimizer", "_recycle")],
    "pens fixed": [("plotart.optimize.optimizer:Optimizer", "harden")],
}
PARTS = {
    "windows chosen": [("plotart.objectives.views:RandomWindows", "choose")],
    "strokes of a window": [("plotart.objectives.views:Windows", name) for name in ("place", "show")],
    "renderer forward": [("plotart.canvas.renderer", "rasterize")],
    "renderer backward": [("plotart.render.cpu:TiledScene", "backward")],
    "network forward": [("plotart.objectives.features:Features", "_run")],
    "likeness": [("plotart.objectives.losses.image:Likeness", "__call__")],
    "network and goal, backward": [("torch:Tensor", "backward")],
    "strokes, pens and inks": [("plotart.canvas.strokes:StrokeCanvas", name) for name in ("soft", "hard", "project")],
    "Adam": [("plotart.optimize.optimizer:Optimizer", "_move")],
    "all else": [("plotart.optimize.optimizer:Optimizer", "_step")],
}

#: What terms that look at strokes alone are called, before their names.
HAND = "hand: "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=Path, nargs="?", default=CONFIG)
    parser.add_argument("--starts", nargs="*", default=["random", "imagined"])
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("-o", dest="others", metavar="KEY=VALUE", action="append", default=[])
    given = parser.parse_args()
    # What Numba compiles is kept on disk.
    alone(measured, given.config, ["strokes.count=40", "optimize.steps=12", "render.resolution=320"])
    for start in given.starts:
        found = alone(measured, given.config, [f"strokes.init={start}", f"optimize.steps={given.steps}", *given.others])
        print(f"\n## {start}, {given.steps} steps: {found['seconds']:.0f} s, {found['peak'] / 1000:.2f} GB at most\n")
        print("| stage | s | peak MB |\n|---|---|---|")
        for name in ("begun and ended", *STAGES):
            if name in found["stages"]:
                print(f"| {name} | {found['stages'][name]:.2f} | {found['peaks'][name]:.0f} |")
        print(f"| steps | {sum(found['parts'].values()):.2f} | {found['peaks']['steps']:.0f} |")
        print("\n| part of a step | ms |\n|---|---|")
        for name, seconds in found["parts"].items():
            print(f"| {name} | {1000 * seconds / given.steps:.1f} |", flush=True)


def alone(work: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
    """What the work gives that is done in a new process."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def measured(path: Path, overrides: list[str]) -> dict[str, Any]:
    """A run's seconds and MB by stage, and the seconds of all steps by part."""
    from plotart import Config, generate

    clock = Clock()
    for table in (STAGES, PARTS):
        for name, places in table.items():
            for owner, function in places:
                clock.watch(name, owner, function, stage=table is STAGES)
    clock.watch(HAND + "{}", "plotart.objectives.term:StrokeTerm", "__call__", stage=False)
    with tempfile.TemporaryDirectory() as folder:
        generate(Config.load(path).override(*overrides), out=Path(folder, "run"), device="cpu", threads=1)
    names = [*PARTS, *(name for name in clock.seconds if name.startswith(HAND))]
    return {
        "seconds": time.process_time(),
        "peak": max(clock.peaks.values()),
        "peaks": clock.peaks,
        "stages": clock.seconds,
        "parts": {name: clock.seconds[name] for name in names},
    }


class Clock:
    """Seconds of the processor, and the most resident MB, of functions that are watched."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.peaks: Counter[str] = Counter()
        self._open: list[tuple[str, bool]] = [("begun and ended", False)]
        self._since = time.process_time()

    def watch(self, name: str, owner: str, function: str, *, stage: bool) -> None:
        module, _, cls = owner.partition(":")
        holder = __import__(module, fromlist=["_"])
        holder = getattr(holder, cls) if cls else holder
        work = getattr(holder, function)

        @functools.wraps(work)
        def clocked(*args: Any, **kwargs: Any) -> Any:
            own, (above, within_stage) = name.format(getattr(args[0], "name", "") if args else ""), self._open[-1]
            if within_stage and not stage:
                return work(*args, **kwargs)
            self._turn(above)
            self._open.append((own, stage))
            try:
                return work(*args, **kwargs)
            finally:
                self._turn(own)
                self._open.pop()

        setattr(holder, function, clocked)

    def _turn(self, ending: str) -> None:
        """What has been going on until now ends, or is interrupted."""
        now, stage = time.process_time(), "steps" if ending in PARTS or ending.startswith(HAND) else ending
        self.seconds[ending] += now - self._since
        self._since = now
        self.peaks[stage] = max(self.peaks[stage], _most_memory())


def _most_memory() -> float:
    """The most resident MB since this was last asked."""
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    Path("/proc/self/clear_refs").write_text("5")
    return peak / 1000


if __name__ == "__main__":
    main()

"""What a step costs that looks at the drawing with CLIP, at true shapes: the quickstart's strokes, the whole ViT-B/32.

python benchmarks/words.py

Weights are random where the published ones can't be had: a step takes as long. Seconds are medians; seconds of the
processor are those of all threads, which tell more where other programs run.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import torch

from plotart import Config
from plotart.job.build import build
from plotart.networks.clip import MODEL, Clip, _open_clip
from plotart.objectives import Words

QUICKSTART = Path(__file__).parent.parent / "configs" / "quickstart.yaml"
WARM, STEPS = 2, 15


def main() -> None:
    open_clip = _open_clip()
    clip = Clip(open_clip.create_model(MODEL), open_clip.get_tokenizer(MODEL))
    config = Config.load(QUICKSTART)
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}\n")
    print("| looks | s / step | processor s / step |\n|---|---|---|")
    print(f"| motif, 2 views, as the quickstart has it | {cost(config, None)} |")
    for views in (1, 2, 4, 8):
        print(f"| CLIP, {views} views | {cost(config, Words(clip, ('an owl in a tree',), views=views))} |")
    start = time.perf_counter()
    Words(clip, ("an owl in a tree",)).activation(torch.rand(1, 3, 256, 180), build(config).page)
    print(f"\nOne figure (a view, forward): {time.perf_counter() - start:.2f} s")


def cost(config: Config, objective: Words | None) -> str:
    """Seconds of a step and of the processor, for a row of the table."""
    steps = build(config, objective=objective).optimizer.steps()
    seconds, processor = [], []
    for number in range(WARM + STEPS):
        wall, cpu = time.perf_counter(), time.process_time()
        next(steps)
        if number >= WARM:
            seconds.append(time.perf_counter() - wall)
            processor.append(time.process_time() - cpu)
    return f"{statistics.median(seconds):.2f} | {statistics.median(processor):.2f}"


if __name__ == "__main__":
    main()

"""How long commands take that draw nothing: seconds of processor time, the least of some times.

    python benchmarks/startup.py outputs/quickstart
    python benchmarks/startup.py outputs/quickstart --against ../plotart-as-it-was

With another checkout the two take turns, so that what else the machine does falls on both alike. Processor time
depends less than the clock's on who else wants the cores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

RUN = "RUN"
COMMANDS = (
    "--help",
    "stats --help",
    "schema",
    "pens list",
    f"pens list {RUN}/config.yaml",
    "networks list --classes",
    f"stats {RUN}/plot.svg",
    f"stats {RUN}",
    f"plot {RUN} --dry-run",
    "machine home --port /dev/null",
    f"generate {RUN}/config.yaml -o strokes.cuont=3",
    "doctor",
)

CODE = "import sys; sys.argv[0] = 'plotart'; from plotart.cli import main; main()"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="the folder of a finished run")
    parser.add_argument("--against", type=Path, help="another checkout of plotart")
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    here = Path(__file__).parents[1]
    checkouts = [*([given.against] if given.against else []), here]
    print("| command |" + "".join(f" {path.resolve().name} |" for path in checkouts))
    print("|---|" + "---|" * len(checkouts))
    for command in COMMANDS:
        words = command.replace(RUN, str(given.run.resolve())).split()
        found = [[seconds(path.resolve(), words) for path in checkouts] for _ in range(given.times)]
        least = [min(each) for each in zip(*found, strict=True)]
        print(f"| `{command.replace(RUN, 'run')}` |" + "".join(f" {s:.2f} |" for s in least), flush=True)


def seconds(checkout: Path, words: list[str]) -> float:
    """Processor time of a command, in user's and system's code."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(
        # The current folder comes first where Python looks for what -c imports.
        [sys.executable, "-c", CODE, *words],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        **quiet,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()

"""Tries bad input of all kinds, and prints how it ended.

    cd tests && python -m fuzz                           # ten thousand inputs
    cd tests && python -m fuzz --minutes 5 --only svg    # of one kind, for so long
    cd tests && python -m fuzz --again svg:1234          # one input, its files kept and its output shown

Each input that ends in anything but success or a plain message is kept, with what was said, in the folder --out.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fuzz.seeds import make_seeds
from fuzz.trial import FINE, KINDS, Outcome, Watch, attempt
from fuzz.worker import Worker


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000, help="how many inputs (10000)")
    parser.add_argument("--minutes", type=float, help="stop after so long, however many were tried")
    parser.add_argument("--only", action="append", choices=KINDS, help="of this kind alone; may be given again")
    parser.add_argument("--seed", type=int, default=0, help="the first input's number; other numbers, other inputs")
    parser.add_argument("--again", metavar="KIND:NUMBER", help="this one input")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir(), "plotart-fuzz"), help="for findings")
    options = parser.parse_args()

    out: Path = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    seeds = make_seeds(out / "seeds")
    if options.again:
        kind, _, number = options.again.partition(":")
        show(attempt(kind, int(number), out / "again", seeds, Watch()))
        return
    kinds = options.only or list(KINDS)
    until = time.monotonic() + options.minutes * 60 if options.minutes else None
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    worker = Worker(out / "input", seeds)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the table is printed
    try:
        for kind, number in inputs(kinds, options.count, options.seed):
            if until is not None and time.monotonic() > until:
                break
            found = worker.attempt(kind, number)
            counts[kind][found.name] += 1
            counts[kind]["most memory"] = max(counts[kind]["most memory"], found.memory)
            if not found.fine:
                keep(out, kind, number, found)
    finally:
        worker.end()
        print(table(counts))


def inputs(kinds: list[str], count: int, first: int) -> Iterator[tuple[str, int]]:
    """Kinds and numbers of `count` inputs, the kinds by their shares, spread evenly."""
    whole = sum(KINDS[kind][1] for kind in kinds)
    owed = dict.fromkeys(kinds, 0.0)
    given: Counter[str] = Counter()
    for _ in range(count):
        for kind in kinds:
            owed[kind] += KINDS[kind][1] / whole
        kind = max(kinds, key=lambda kind: owed[kind])
        owed[kind] -= 1
        yield kind, first + given[kind]
        given[kind] += 1


def keep(out: Path, kind: str, number: int, found: Outcome) -> None:
    """The input's files and what was said, for whoever looks into it."""
    folder = out / "found" / f"{kind}-{number}-{found.name}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(out / "input", folder, symlinks=True)
    said = f"{found.name}\n{' '.join(found.words)!a}\n\n{found.detail}\n"
    (folder / "outcome.txt").write_text(said, encoding="utf-8", errors="replace")
    lines = found.detail.strip().splitlines() or [""]
    print(f"{kind}:{number}  {found.name}  {lines[-1][:160]!a}", flush=True)


def show(found: Outcome) -> None:
    print(f"{found.name}, {found.memory / 1e6:.0f} MB", *map(ascii, found.words), sep="\n  ")
    print(found.detail.encode(errors="replace").decode())


def table(counts: dict[str, Counter[str]]) -> str:
    """A Markdown table: a row per kind, a column per outcome."""
    bad = sorted({name for found in counts.values() for name in found} - {*FINE, "most memory"})
    columns = [*FINE, *bad]
    lines = [f"| input | tried | {' | '.join(columns)} | most memory, MB |", "|---" * (len(columns) + 3) + "|"]
    total: Counter[str] = Counter()
    for kind, found in counts.items():
        lines.append(_row(kind, found, columns))
        memory = max(total["most memory"], found["most memory"])
        total += found
        total["most memory"] = memory
    return "\n".join([*lines, _row("all", total, columns)])


def _row(name: str, found: Counter[str], columns: list[str]) -> str:
    tried = sum(found[column] for column in columns)
    cells = [tried, *(found[column] for column in columns), round(found["most memory"] / 1e6)]
    return f"| {name} | {' | '.join(f'{cell:,}' for cell in cells)} |"


if __name__ == "__main__":
    main()

"""Draws docs/pictures/house.svg out of plotart's own imports: parts in rows, each importing from those above it alone.

    python docs/pictures/house.py

The rows are those of tests/test_architecture.py, which holds the same test that the picture shows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

#: px: height of a part's box, between rows, width of the picture, of a letter, and of the way that rows stand aside.
HIGH, BETWEEN, WIDE, LETTER, ASIDE = 26, 34, 900, 7.4, 45

#: Parts that read configs; an import of the config is drawn by this colour of their box alone.
PLAIN, READS_CONFIG, CONFIG = "#ffffff", "#fdf0d5", "#f4d58d"


def house(rows: Sequence[Sequence[str]], imports: Mapping[str, Iterable[str]], know_config: Iterable[str]) -> str:
    """The SVG. `imports` are a part's own; those that also follow from what it imports are left out."""
    boxes: dict[str, tuple[float, float, float]] = {}
    for number, row in enumerate(rows):
        # Rows stand a little to either side in turn, so that long arrows pass beside boxes rather than behind them.
        aside = ASIDE if number % 2 else -ASIDE
        for place, part in enumerate(row, start=1):
            width = len(part) * LETTER + 20
            boxes[part] = (WIDE * place / (len(row) + 1) + aside - width / 2, 20 + number * (HIGH + BETWEEN), width)
    height = 20 + len(rows) * (HIGH + BETWEEN)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height}" width="{WIDE}" height="{height}" '
        'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="12">',
        f'<rect width="{WIDE}" height="{height}" fill="#fbfaf5"/>',
        '<defs><marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" '
        'orient="auto"><path d="M0 0L6 3L0 6z" fill="#8a8578"/></marker></defs>',
        '<g fill="none" stroke="#8a8578" stroke-opacity="0.75" marker-end="url(#tip)">',
    ]
    for part, others in needed(imports).items():
        lines += [_arrow(boxes[part], boxes[other]) for other in others if other != "config"]
    lines.append("</g>")
    for part, (x, y, width) in boxes.items():
        color = CONFIG if part == "config" else READS_CONFIG if part in set(know_config) else PLAIN
        lines.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{HIGH}" rx="4" fill="{color}" '
            'stroke="#1b1b1b"/>'
            f'<text x="{x + width / 2:.1f}" y="{y + 17:.1f}" text-anchor="middle">{escape(part)}</text>'
        )
    return "\n".join([*lines, "</svg>", ""])


def needed(imports: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Of each part, the parts that it imports and that nothing else that it imports brings along."""
    above: dict[str, set[str]] = {}

    def reach(part: str) -> set[str]:
        if part not in above:
            above[part] = {far for other in imports[part] for far in (other, *reach(other))}
        return above[part]

    return {
        part: sorted(other for other in others if not any(other in reach(near) for near in others if near != other))
        for part, others in ((part, set(imports[part])) for part in imports)
    }


def _arrow(start: tuple[float, float, float], end: tuple[float, float, float]) -> str:
    """From the top of one box to the bottom of another."""
    x0, y0, width0 = start
    x1, y1, width1 = end
    x0, x1, y1 = x0 + width0 / 2, x1 + width1 / 2, y1 + HIGH
    bend = (y0 - y1) * 0.5
    return f'<path d="M{x0:.1f} {y0:.1f}C{x0:.1f} {y0 - bend:.1f} {x1:.1f} {y1 + bend:.1f} {x1:.1f} {y1 + 1:.1f}"/>'


def found() -> str:
    """The picture of the code as it is."""
    sys.path.insert(0, str(ROOT / "tests"))
    import test_architecture as rule

    imports: dict[str, set[str]] = {part: set() for part in rule.ROW}
    for name, tree in rule.MODULES.items():
        own = rule.part_of(name)
        others = (module for module in rule.imports(tree) if module.startswith("plotart."))
        imports[own] |= {part for module in others if (part := rule.part_of(module)) != own}
    return house(rule.ROWS, imports, rule.KNOW_CONFIG)


if __name__ == "__main__":
    Path(__file__).with_suffix(".svg").write_text(found(), encoding="utf-8")

"""docs/architecture.md shows the house as it is: its parts, the rows in which they stand, and a picture of both."""

from __future__ import annotations

import re
import runpy

import pytest
from pages import ROOT
from test_architecture import ROW, ROWS

PAGE = ROOT / "docs" / "architecture.md"
PICTURE = ROOT / "docs" / "pictures" / "house.svg"
TABLE = re.compile(r"(<!-- rows: written by [^\n]* -->\n)(.*?)(<!-- end of rows -->)", re.DOTALL)


def rows() -> str:
    lines = [f"{'  ' * number}{'<- ' if number else ''}{' | '.join(parts)}\n" for number, parts in enumerate(ROWS)]
    return "".join(["```\n", *lines, "```\n"])


def test_the_rows_are_those_that_the_test_of_imports_holds(pytestconfig: pytest.Config) -> None:
    found = PAGE.read_text(encoding="utf-8")
    true, count = TABLE.subn(lambda match: match[1] + rows() + match[3], found)
    assert count == 1
    if pytestconfig.getoption("--store-golden"):
        PAGE.write_text(true, encoding="utf-8")
    assert true == PAGE.read_text(encoding="utf-8"), "run pytest --store-golden tests/test_docs_house.py"


def test_the_picture_is_that_of_the_imports(pytestconfig: pytest.Config) -> None:
    draw = runpy.run_path(str(PICTURE.with_suffix(".py")))["found"]
    if pytestconfig.getoption("--store-golden"):
        PICTURE.write_text(draw(), encoding="utf-8")
    assert draw() == PICTURE.read_text(encoding="utf-8"), "run pytest --store-golden tests/test_docs_house.py"


def test_the_house_names_every_part() -> None:
    listing = PAGE.read_text(encoding="utf-8").split("```")[1]
    names = re.findall(r"^  ((?:\S+  ?)+)", listing, re.MULTILINE)
    parts = {re.sub(r"(\.py|/|\*\.py)$", "", name) for line in names for name in line.split()}
    assert ROW.keys() <= parts


def test_every_arrow_points_up() -> None:
    svg = PICTURE.read_text(encoding="utf-8")
    arrows = re.findall(r'<path d="M\S+ (\S+)C\S+ \S+ \S+ \S+ \S+ (\S+)"/>', svg)
    assert len(arrows) > len(ROW)
    assert all(float(start) > float(end) for start, end in arrows)

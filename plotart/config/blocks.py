"""A config as text, key by key, with the comments above each: for copies that people read and change."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile
from typing import Any

from plotart.config.layers import dump_yaml, merge, parse_yaml

_KEY = re.compile(r"[a-z_]+(?=:)")


@dataclass(frozen=True)
class Block:
    """A key at the top of a config.

    comment  the lines of comment above it, with their line ends
    text     the key with its value as they are written, with a line end
    """

    key: str
    comment: str
    text: str

    @property
    def value(self) -> Any:
        return parse_yaml(self.text, self.key)[self.key]

    def over(self, below: Block) -> Block:
        """This one on top of one that it builds on: mappings key by key, everything else replaced."""
        merged = merge(below.value, self.value)
        if merged == self.value:
            return replace(self, comment=self.comment or below.comment)
        return replace(self.with_value(merged), comment=below.comment + self.comment)

    def with_value(self, value: Any) -> Block:
        text = dump_yaml({self.key: value})
        # What holds no other mapping or list is dumped as {key: value}.
        return replace(self, text=text if isinstance(value, (dict, list)) else f"{text[1:-2]}\n")


def read_blocks(text: str) -> tuple[str, list[Block]]:
    """The comment at the head of a file, and its blocks; of one written as those of plotart are, without documents or
    tags."""
    lines = [f"{line.rstrip()}\n" for line in text.splitlines() if line.strip()]
    head = "".join(takewhile(_is_comment, lines))
    blocks, comment = list[Block](), ""
    for line in dropwhile(_is_comment, lines):
        if (key := _KEY.match(line)) is not None:
            blocks.append(Block(key[0], comment, line))
            comment = ""
        elif _is_comment(line):
            comment += line
        else:
            blocks[-1] = replace(blocks[-1], text=blocks[-1].text + line)
    return head, blocks


def flatten(layers: Iterable[list[Block]]) -> list[Block]:
    """One list of blocks for files of which each builds on those before it."""
    found = dict[str, Block]()
    for blocks in layers:
        for block in blocks:
            if block.key != "extends":
                found[block.key] = block.over(found[block.key]) if block.key in found else block
    return list(found.values())


def written(head: str, blocks: Iterable[Block]) -> str:
    """The file; name and seed stand together at its top."""
    parts = [block.comment + block.text for block in blocks]
    return head + re.sub(r"(?<=\n)\n(?=seed:)", "", "\n".join(parts))


def _is_comment(line: str) -> bool:
    return line.startswith("#")

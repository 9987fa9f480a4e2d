"""What other parts say, as a page says it."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """A message of the command line without the dashes of its options, and without what only a terminal has."""
    return re.sub(r"(?<![\w-])--(?=[a-z])", "", text.replace("; --dry-run shows the plan without it", ""))


def sentence(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]

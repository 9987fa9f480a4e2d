"""Text in the letters that a font has."""

from __future__ import annotations

import unicodedata

from plotart.errors import DrawingError
from plotart.export.lettering.font import Font


def spelled(text: str, font: Font) -> str:
    """The text with plain letters for accented ones, and plain marks for typographic ones, where the font lacks those.

    Raises DrawingError, which names the characters that it has no way to write.
    """
    written = [_plain(letter, font) for letter in text]
    lacking = [letter for letter, found in zip(text, written, strict=True) if found is None]
    if lacking:
        named = ", ".join(dict.fromkeys(map(_named, lacking)))
        raise DrawingError(f"found {named}, which the font {font.name} lacks; allowed: what it has, or another font")
    return "".join(found or "" for found in written)


def _plain(letter: str, font: Font) -> str | None:
    from text_unidecode import unidecode

    if letter == "\n" or font.has(letter):
        return letter
    # What unidecode makes of other scripts is how they sound, and of signs what they are called.
    if unicodedata.category(letter)[0] not in "NPZ" and not unicodedata.name(letter, "").startswith("LATIN "):
        return None
    plain = unidecode(letter)
    return plain if plain and all(map(font.has, plain)) else None


def _named(letter: str) -> str:
    code = f"U+{ord(letter):04X}"
    return f"{letter} ({code})" if letter.isprintable() and not letter.isspace() else code

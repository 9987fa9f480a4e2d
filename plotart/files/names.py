"""Names that a file or folder can have on Linux, macOS and Windows.

Our own, as python-slugify drops commas between digits and doubled hyphens, which tell a sweep's folders apart, and
pathvalidate lets ".." and half characters pass.
"""

from __future__ import annotations

import re

#: Names that stand for devices on Windows, whatever follows after a dot.
_DEVICE = re.compile(r"(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\..*)?", re.IGNORECASE)

#: What Windows has in no name, and halves of characters, which no file system encodes.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')

#: Bytes of a name, one less than file systems have room for: a device's name gets one more.
_MOST_BYTES = 254


def is_device(name: str) -> bool:
    return _DEVICE.fullmatch(name) is not None


def file_name(text: str, default: str) -> str:
    """The text as it is, but for what some system has in no name; `default` if nothing is left of it."""
    plain = _FORBIDDEN.sub("-", text).encode()[:_MOST_BYTES].decode(errors="ignore").strip(" ").rstrip(". ") or default
    return f"_{plain}" if is_device(plain) else plain


def slug(text: str, default: str = "", *, keep: str = "", lower: bool = True) -> str:
    """Latin letters and digits, whatever the text is written in, with hyphens for all else that is not in `keep`:
    "Škoda/Été" is "skoda-ete". `default` if nothing is left."""
    from text_unidecode import unidecode

    latin = unidecode(text)
    return re.sub(rf"[^A-Za-z0-9{re.escape(keep)}]+", "-", latin.lower() if lower else latin).strip("-._") or default

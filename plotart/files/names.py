"""Names that no file or folder can have on Windows, whatever follows after a dot."""

from __future__ import annotations

import re

_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def is_device(name: str) -> bool:
    return _DEVICE.fullmatch(name) is not None

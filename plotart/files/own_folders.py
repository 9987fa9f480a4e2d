"""Where a person's own things lie: sets of pens, what was fetched, queues."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from platformdirs import user_cache_path, user_config_path, user_state_path

#: The system's place for each: settings, what can be fetched again, what programs keep.
_USUAL = {"config": user_config_path, "cache": user_cache_path, "state": user_state_path}


def own_folder(kind: Literal["config", "cache", "state"]) -> Path:
    """$PLOTART_CONFIG (or _CACHE, or _STATE), else plotart in $XDG_CONFIG_HOME, else in the system's place, as
    ~/.config/plotart, ~/.cache/plotart and ~/.local/state/plotart on Linux. It need not exist."""
    if own := os.environ.get(f"PLOTART_{kind.upper()}"):
        return Path(os.path.expanduser(own))
    if home := os.environ.get(f"XDG_{kind.upper()}_HOME"):
        return Path(os.path.expanduser(home), "plotart")
    return _USUAL[kind]("plotart", appauthor=False)

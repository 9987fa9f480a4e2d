"""How torch's threads wait."""

from __future__ import annotations

import os
import sys


def wait_passively() -> bool:
    """Let torch's threads wait without spinning, unless OMP_WAIT_POLICY says how; False if torch is loaded already.

    Those of torch and of the renderer would spin, each on the other's cores: a run takes up to ten times as long where
    anything else wants a core. OpenMP reads the variable when torch is loaded, and never again.
    """
    if "torch" not in sys.modules:
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return "OMP_WAIT_POLICY" in os.environ

"""The config: YAML to frozen, validated models. The whole of it is loaded on first use, its export by itself."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from plotart.config.export import ExportConfig, Machine
from plotart.config.read_export import load_export

if TYPE_CHECKING:
    from plotart.config.config import Config, config_schema, files_named

__all__ = ["Config", "ExportConfig", "Machine", "config_schema", "files_named", "load_export"]


def __getattr__(name: str) -> Any:
    if name not in ("Config", "config_schema", "files_named"):
        raise AttributeError(f"module 'plotart.config' has no attribute {name!r}")
    value = getattr(importlib.import_module("plotart.config.config"), name)
    globals()[name] = value
    return value

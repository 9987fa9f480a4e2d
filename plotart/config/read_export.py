"""The export of a config, read by itself."""

from __future__ import annotations

import os
from typing import Any

from pydantic import ValidationError

from plotart.config.export import ExportConfig
from plotart.config.layers import merge, read_layers
from plotart.files.shipped import find_config


def load_export(path: str | os.PathLike[str]) -> ExportConfig:
    """The export of the config in a YAML file, as `Config.load` gives it: what only asks for a run's plotter need not
    wait until all of its config is checked, nor trip over what is wrong elsewhere in it. Raises ConfigError: where the
    export is wrong, of all that is."""
    data: Any = {}
    for layer in read_layers(find_config(path)):
        data = merge(data, layer.data)
    try:
        return ExportConfig.model_validate(data.get("export", {}))
    except ValidationError:
        from plotart.config.config import Config

        return Config.load(path).export

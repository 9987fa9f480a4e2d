"""The config: YAML to frozen, validated models."""

from plotart.config.config import Config, config_schema, files_named
from plotart.config.sections import ExportConfig, Machine

__all__ = ["Config", "ExportConfig", "Machine", "config_schema", "files_named"]

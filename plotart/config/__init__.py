"""The config: YAML to frozen, validated models."""

from plotart.config.config import Config, ExportConfig, Machine, config_schema

__all__ = ["Config", "ExportConfig", "Machine", "config_schema"]

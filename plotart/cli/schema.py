"""plotart schema: the config for editors."""

from __future__ import annotations

import json

import typer


def schema_command() -> None:
    """Print the JSON Schema of the config, for editors that complete and check YAML."""
    from plotart.config import config_schema

    typer.echo(json.dumps(config_schema(), indent=2, ensure_ascii=False))

"""`feedpub config`."""

import json
from pathlib import Path

import click

from feedpub.cli.common import config_option


@click.group(name="config")
def command() -> None:
    """Show the configuration as feedpub sees it."""


@command.command(name="show")
@config_option
def show(config_path: Path) -> None:
    """Print the effective configuration, defaults included, as YAML."""
    import yaml

    from feedpub.config_file import load_config

    config = load_config(config_path, str(config_path)).config
    values = config.model_dump(mode="json", exclude_none=True)
    click.echo(yaml.safe_dump(values, allow_unicode=True, sort_keys=False), nl=False)


@command.command(name="schema")
def schema() -> None:
    """Print the JSON Schema of the configuration, for editors."""
    from feedpub.config import Config

    click.echo(json.dumps(Config.model_json_schema(mode="validation"), indent=1))

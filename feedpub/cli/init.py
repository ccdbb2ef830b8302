"""`feedpub init`."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import click

from feedpub.cli.common import current_time
from feedpub.config_file import parse_config
from feedpub.dates import rfc3339
from feedpub.errors import OutputError, printable
from feedpub.links import clean_url

CONFIG = """\
# feedpub's configuration. Every key: docs/configuration.md; check it with `feedpub check`.
site:
  title: {title}
  url: {url}      # where the folder feeds/ will be served
  description: {description}
  language: {language}
  tag: {tag}          # pins the ids of all entries; never change it
sources:
  - articles/
output: feeds/
"""
RECORD = """\
---
title: "Hello, feed readers"
excerpt: "This is the first record. Replace it with an article of your own."
publishedDateTime: {date}
webUrl: "https://www.example.com/hello"
provider:
  name: Example Daily
  domain: example.com
topics:
  - Examples
---
"""


@click.command(name="init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--title", default="Example Every Day", show_default=True, help="The site's name.")
@click.option(
    "--url",
    default="https://feeds.example.org/",
    show_default=True,
    help="The address at which the feeds will be served.",
)
@click.option("--description", default="What the world writes", show_default=True)
@click.option("--language", default="en", show_default=True, help="A tag like en or pt-BR.")
def command(folder: Path, *, title: str, url: str, description: str, language: str) -> None:
    """Make a configuration and a first record in FOLDER (default: here).

    Files that are there already are left alone.
    """
    now = current_time()
    host = urlsplit(clean_url(url) or "https://example.org/").hostname  # IDNA, as a tag must be
    tag = f"{host},{now:%Y}"
    text = CONFIG.format(
        title=_scalar(title),
        url=_scalar(url),
        description=_scalar(description),
        language=_scalar(language),
        tag=tag,
    )
    parse_config(text.encode(), "feedpub init")
    _write(folder / "config.yaml", text)
    articles = folder / "articles"
    if not articles.exists():
        _write(articles / "hello.md", RECORD.format(date=rfc3339(now)))
    click.echo("next: put records into articles/, then run `feedpub build`")


def _scalar(text: str) -> str:
    """Return a text as a YAML scalar that means just this text."""
    import yaml

    return (
        yaml.safe_dump(text, allow_unicode=True, width=10**6)
        .removesuffix("\n...\n")
        .removesuffix("\n")
    )


def _write(location: Path, text: str) -> None:
    if os.path.lexists(location):
        click.echo(f"{location} is there already, left alone")
        return
    try:
        location.parent.mkdir(parents=True, exist_ok=True)
        location.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {printable(str(location))}: {error.strerror}") from error
    click.echo(f"wrote {location}")

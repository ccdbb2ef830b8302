"""`feedpub snippet`."""

import sys
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feedpub.cli.common import config_option, load, published_feeds
from feedpub.hosting import KINDS

if TYPE_CHECKING:
    from feedpub.hosting import Hosting
    from feedpub.settings import Settings


@click.command(name="snippet")
@click.argument("kind", type=click.Choice(list(KINDS)))
@config_option
def command(kind: str, config_path: Path) -> None:
    """Print a configuration for a web server, a static host or a scheduler.

    It is made for this very site: its address, its folders, its formats. Its first lines say where
    it goes.
    """
    from feedpub.hosting import snippet

    click.echo(snippet(kind, _hosting(load(config_path), config_path)), nl=False)


def _hosting(settings: "Settings", config: Path) -> "Hosting":
    from feedpub.databases import LOCATION
    from feedpub.formats import FORMATS
    from feedpub.hosting import Hosting

    earlier = {name for feed in published_feeds(settings).values() for name in feed.formats}
    return Hosting(
        url=settings.site.url,
        formats=tuple(n for n in FORMATS if n in settings.formats or n in earlier),
        precompress=settings.precompress,
        folder=settings.folder,
        config=str(config.resolve()),
        output=normpath(settings.output),
        state=str(Path(settings.folder, LOCATION.parent)),
        outside=_outside(settings),
        command=_command(),
        hubs=settings.hubs,
    )


def _outside(settings: "Settings") -> tuple[str, ...]:
    """Return what is read and lies neither with the configuration nor in the output."""
    roots = {normpath(place.files.root) for place in settings.places}
    known = (settings.folder, normpath(settings.output))
    return tuple(sorted(r for r in roots if not any(Path(r).is_relative_to(k) for k in known)))


def _command() -> tuple[str, ...]:
    """Return how this feedpub is run from anywhere."""
    script = Path(sys.executable).with_name("feedpub")
    return (str(script),) if script.is_file() else (sys.executable, "-m", "feedpub")

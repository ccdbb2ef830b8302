"""`feedpub publish`."""

from pathlib import Path

import click

from feedpub.cli.common import config_option, load
from feedpub.errors import counted

_WAIT_SECONDS = 10


@click.command(name="publish")
@config_option
def command(config_path: Path) -> None:
    """Send the feeds to where `publish:` in the configuration says.

    `feedpub build` does so too; this sends what stands in the output folder, without a build. Only
    what changed is sent, and only what feedpub sent before is removed.

    Exit codes: 0 all is sent; 74 something could not be written; 75 a run is active; 78 the
    configuration cannot be used, or what is there was not written by feedpub.
    """
    from feedpub.keeping import keeping_of
    from feedpub.syncing import send

    settings = load(config_path)
    if not settings.targets:
        click.echo(f"publish: names no place; the feeds stay in {settings.output_shown}")
    keeping = keeping_of(settings)
    for target in settings.targets:
        with keeping.only_run(_WAIT_SECONDS):
            outcome = send(settings, target)
        counts = f"{len(outcome.unchanged)} unchanged, {len(outcome.removed)} removed"
        click.echo(f"{target.url}: {counted(len(outcome.written), 'file')} sent, {counts}")

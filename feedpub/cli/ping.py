"""`feedpub ping`."""

from pathlib import Path

import click

from feedpub.cli.build import say_pinged
from feedpub.cli.common import config_option, load, say_problems
from feedpub.report import Summary


@click.command(name="ping")
@config_option
def command(config_path: Path) -> None:
    """Tell WebSub hubs which feeds changed, as far as they do not know.

    `feedpub build` does so too, at its end. This is for where something else brings the files to
    readers: build with --no-ping, bring them there, then ping.

    Exit codes: 0 hubs were told, or are still owed what did not arrive; 75 another program has
    locked the state; 78 the configuration cannot be used.
    """
    from feedpub.keeping import keeping_of
    from feedpub.pinging import carry_out

    settings = load(config_path)
    hubs, keeping = settings.hubs, keeping_of(settings)
    with keeping.at() as state:
        owed = [ping for ping in state.memory.pings() if ping.hub in hubs]
    summary = carry_out(owed, keeping, Summary())
    if owed:
        say_pinged(summary)
    else:
        click.echo("no hub is owed a ping" if hubs else "websub.hubs names no hub")
    say_problems(summary.problems, summary.records)

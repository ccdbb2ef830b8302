"""`feedpub watch`."""

import os
from pathlib import Path

import click

from feedpub.cli.build import say_summary
from feedpub.cli.common import config_option, current_time, load, needs_extra
from feedpub.cli.telling import Listeners, telling
from feedpub.course import Course
from feedpub.errors import FeedpubError, Problem
from feedpub.run import Wish, run


@click.command(name="watch")
@config_option
@click.option("--offline", is_flag=True, help="Make no network connection, whatever is configured.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something is amiss.")
def command(config_path: Path, *, offline: bool, quiet: bool) -> None:
    """Build now and again and again, on every change.

    A change of a record, of metadata, of a template or of the configuration is published at once,
    and so is a record whose time has come. A build that fails says why; the next change is the
    next try.

    Exit codes: 130 interrupted; 143 terminated; 78 the configuration cannot be used at the start.
    """
    with needs_extra("serve"):
        from feedpub.watching import keep_built
    load(config_path)
    keep_built(config_path, Builder(config_path, offline=offline, quiet=quiet), current_time)


class Builder:
    """Builds a site, and says what is new: not what it said the last time."""

    def __init__(self, config_path: Path, *, offline: bool, quiet: bool = False) -> None:
        self._config_path = config_path
        self._offline = offline
        self._quiet = quiet
        self._processes = os.cpu_count() or 1
        self._said: str | tuple[Problem, ...] | None = None

    def __call__(self) -> None:
        """Build; a failure is said, not raised."""
        now, course = current_time(), Course()
        wish = Wish(offline=self._offline, processes=self._processes, course=course)
        # Once there are other threads, starting processes is not safe.
        self._processes = 1
        try:
            with telling(Listeners(started=now), course):
                summary = run(self._config_path, wish, now)
        except FeedpubError as error:
            self._say_failure(str(error))
            return
        done = summary.written_feeds + summary.removed_files
        done += summary.measured_pictures + summary.sent_pings
        if done or self._said != summary.problems:
            say_summary(summary, course.elapsed, quiet=self._quiet)
        self._said = summary.problems

    def _say_failure(self, message: str) -> None:
        if message != self._said:
            for line in message.splitlines():
                click.echo(f"feedpub: {line}", err=True)
        self._said = message

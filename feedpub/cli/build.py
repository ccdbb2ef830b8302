"""`feedpub build`."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from feedpub import checking
from feedpub.cli.common import (
    SKIPPED_RECORDS,
    config_option,
    current_time,
    say_problems,
    unpublished_option,
)
from feedpub.cli.progress_bar import ProgressBar
from feedpub.cli.telling import Listeners, telling
from feedpub.course import Course
from feedpub.errors import counted
from feedpub.progress import Silence
from feedpub.report import Summary

_CHANGES_SHOWN = 20
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(name="build")
@config_option
@unpublished_option
@click.option("--prune", is_flag=True, help="Remove the files of feeds that no longer belong.")
@click.option(
    "--accept-shrink",
    is_flag=True,
    help="Publish, this once, what the guard holds to be an accident.",
)
@click.option("--strict", is_flag=True, help="Publish nothing if a record cannot be used.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would change.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Read with N processes (default: as many as there are processors).",
)
@click.option(
    "--lock-wait",
    type=click.FloatRange(min=0),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait while another run is active.",
)
@click.option("--report", type=_FILE, metavar="FILE", help="Write what happened, as JSON.")
@click.option(
    "--metrics",
    type=_FILE,
    metavar="FILE",
    help="Write what happened for the textfile collector of Prometheus.",
)
@click.option("--offline", is_flag=True, help="Make no network connection, whatever is configured.")
@click.option("--no-ping", is_flag=True, help="Leave what hubs are owed to a later run.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something is amiss.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    config_path: Path,
    *,
    jobs: int | None,
    quiet: bool,
    report: Path | None,
    metrics: Path | None,
    **asked: Any,
) -> None:
    """Read the records and publish the feeds.

    Files are replaced whole, and only those whose bytes change. A feed that was published stays,
    empty if need be, until --prune removes it.

    Exit codes: 0 all is published; 3 published, but some records could not be used;
    4 refused as a likely accident, nothing was published; 74 a file could not be written;
    75 another run is active; 78 the configuration cannot be used.
    """
    now, course = current_time(), Course()
    listeners = Listeners(
        started=now,
        report=report,
        metrics=None if asked["dry_run"] else metrics,
        dry_run=asked["dry_run"],
    )
    processes = jobs or os.cpu_count() or 1
    with telling(listeners, course):
        with checking.begun(config_path, processes) as under_way, ProgressBar() as bar:
            from feedpub.run import Wish, run  # 30 ms, while a first configuration is checked

            wish = Wish(
                processes=processes,
                progress=Silence() if quiet or not sys.stderr.isatty() else bar,
                course=course,
                checking=under_way,
                **asked,  # the other options, which a wish calls by the same names
            )
            summary = run(config_path, wish, now)
        if listeners.dry_run:
            _say_changes(summary)
        say_summary(summary, course.elapsed, quiet=quiet)
    if summary.errors:
        ctx.exit(SKIPPED_RECORDS)


def say_summary(summary: Summary, seconds: float, *, quiet: bool) -> None:
    """Say what a run did; a quiet one only what is amiss."""
    if not quiet:
        click.echo(_sentence(summary, seconds))
        _say_kept(summary)
        _say_measured(summary)
        if summary.sent_files:
            click.echo(f"{counted(summary.sent_files, 'file')} sent to where publish: says")
        say_pinged(summary)
    say_problems(summary.errors if quiet else summary.problems, summary.records)
    _say_nothing_listed(summary)


def _say_changes(summary: Summary) -> None:
    """Tell what a dry run would have done."""
    for change in summary.changes[:_CHANGES_SHOWN]:
        counts = f"{change.added} added, {change.changed} changed, {change.gone} gone"
        click.echo(f"would write {change.path}: {counts}")
    rest = len(summary.changes) - _CHANGES_SHOWN
    if rest > 0:
        click.echo(f"and {counted(rest, 'feed')} more")
    click.echo("dry run: nothing was written")


def _sentence(summary: Summary, seconds: float) -> str:
    written, unchanged = summary.written_feeds, summary.feeds - summary.written_feeds
    parts = [
        counted(summary.records, "record") + " read",
        _held_back(summary),
        f"{summary.merged} merged",
        counted(len(summary.errors) + len(summary.warnings), "problem"),
        f"{summary.listed} listed",
        f"{counted(summary.feeds, 'feed')}: {written} written, {unchanged} unchanged",
        f"{seconds:.1f} s",
    ]
    return "; ".join(parts)


def _held_back(summary: Summary) -> str:
    reasons = sorted(summary.held_back.items(), key=lambda item: (-item[1], item[0]))
    return "held back: " + (", ".join(f"{n} {reason}" for reason, n in reasons) or "none")


def _say_kept(summary: Summary) -> None:
    if summary.kept:
        paths = ", ".join(summary.kept[:5])
        more = f" and {len(summary.kept) - 5} more" if len(summary.kept) > 5 else ""
        click.echo(
            f"{counted(len(summary.kept), 'feed')} kept for subscribers though nothing asks for"
            f" them: {paths}{more}; `feedpub build --prune` removes them"
        )
    if summary.obsolete_files:
        files = counted(summary.obsolete_files, "file")
        click.echo(f"{files} no longer belong; `feedpub build --prune` removes them")
    if summary.removed_files:
        click.echo(f"{counted(summary.removed_files, 'file')} removed")


def _say_measured(summary: Summary) -> None:
    if summary.measured_pictures or summary.unmeasured_pictures:
        pictures = counted(summary.measured_pictures, "picture")
        left = summary.unmeasured_pictures
        click.echo(f"{pictures} measured" + (f", {left} left for the next run" if left else ""))


def say_pinged(summary: Summary) -> None:
    """Say how many pings were sent to hubs, if there was any to send."""
    if summary.sent_pings or summary.owed_pings:
        pings, owed = counted(summary.sent_pings, "ping"), summary.owed_pings
        click.echo(f"{pings} sent to hubs" + (f", {owed} owed until the next run" if owed else ""))


def _say_nothing_listed(summary: Summary) -> None:
    """Tell a newcomer whose every record was held back which switch to turn."""
    if summary.listed:
        return
    unpublished = summary.held_back.get("unpublished", 0)
    if unpublished:
        who = "the only record" if summary.records == 1 else counted(unpublished, "record")
        says = "says" if unpublished == 1 else "say"
        click.echo(
            f"feedpub: nothing is listed: {who} {says} `published: false`; to include such records"
            " run `feedpub build --unpublished`, or put `select: {unpublished: true}` into the"
            " configuration",
            err=True,
        )
    elif summary.records:
        click.echo(f"feedpub: nothing is listed ({_held_back(summary)})", err=True)
    else:
        click.echo("feedpub: nothing is listed: no record was found in sources:", err=True)

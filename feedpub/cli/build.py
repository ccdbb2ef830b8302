"""`feedpub build`."""

import time
from pathlib import Path

import click

from feedpub.build import Report, Survey, build
from feedpub.cli.common import (
    SKIPPED_RECORDS,
    config_option,
    counted,
    current_time,
    load,
    say_problems,
    unpublished_option,
)
from feedpub.destinations.directory import Directory


@click.command(name="build")
@config_option
@unpublished_option
@click.option("--prune", is_flag=True, help="Remove the files of feeds that no longer belong.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something is amiss.")
@click.pass_context
def command(
    ctx: click.Context, config_path: Path, *, unpublished: bool, prune: bool, quiet: bool
) -> None:
    """Read the records and publish the feeds.

    Files are replaced whole, and only those whose bytes change. A feed that was published stays,
    empty if need be, until --prune removes it.

    Exit codes: 0 all is published; 3 published, but some records could not be used;
    74 a file could not be written; 78 the configuration cannot be used.
    """
    started = time.monotonic()
    loaded = load(config_path)
    destination = Directory(loaded.path(loaded.config.output), loaded.config.output)
    report = build(loaded, destination, now=current_time(), unpublished=unpublished, prune=prune)
    survey = report.survey
    if not quiet:
        click.echo(_summary(report, time.monotonic() - started))
        _say_kept(report)
    say_problems(survey.errors if quiet else survey.problems, survey.records)
    _say_nothing_listed(survey)
    if survey.errors:
        ctx.exit(SKIPPED_RECORDS)


def _summary(report: Report, seconds: float) -> str:
    survey = report.survey
    parts = [
        counted(survey.records, "record") + " read",
        _held_back(survey),
        f"{len(survey.corpus.merged)} merged",
        counted(len(survey.errors) + len(survey.warnings), "problem"),
        f"{len(survey.corpus.listed)} listed",
        _feeds(report),
        f"{seconds:.1f} s",
    ]
    return "; ".join(parts)


def _held_back(survey: Survey) -> str:
    reasons = sorted(survey.held_back.items(), key=lambda item: (-item[1], item[0]))
    return "held back: " + (", ".join(f"{n} {reason}" for reason, n in reasons) or "none")


def _feeds(report: Report) -> str:
    total, written = len(report.groups), report.written_feeds
    return f"{counted(total, 'feed')}: {written} written, {total - written} unchanged"


def _say_kept(report: Report) -> None:
    if report.kept:
        paths = ", ".join(group.path for group in report.kept[:5])
        more = f" and {len(report.kept) - 5} more" if len(report.kept) > 5 else ""
        click.echo(
            f"{counted(len(report.kept), 'feed')} kept for subscribers though nothing asks for"
            f" them: {paths}{more}; `feedpub build --prune` removes them"
        )
    if report.outcome.obsolete:
        files = counted(len(report.outcome.obsolete), "file")
        click.echo(f"{files} no longer belong; `feedpub build --prune` removes them")
    if report.outcome.removed:
        click.echo(f"{counted(len(report.outcome.removed), 'file')} removed")


def _say_nothing_listed(survey: Survey) -> None:
    """Tell a newcomer whose every record was held back which switch to turn."""
    if survey.corpus.listed:
        return
    unpublished = survey.held_back["unpublished"]
    if unpublished:
        who = "the only record" if survey.records == 1 else counted(unpublished, "record")
        says = "says" if unpublished == 1 else "say"
        click.echo(
            f"feedpub: nothing is listed: {who} {says} `published: false`; to include such records"
            " run `feedpub build --unpublished`, or put `select: {unpublished: true}` into the"
            " configuration",
            err=True,
        )
    elif survey.records:
        click.echo(f"feedpub: nothing is listed ({_held_back(survey)})", err=True)
    else:
        click.echo("feedpub: nothing is listed: no record was found in sources:", err=True)

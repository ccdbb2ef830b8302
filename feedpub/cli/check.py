"""`feedpub check`."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import click

from feedpub.cli.common import (
    SKIPPED_RECORDS,
    config_option,
    current_time,
    format_option,
    load,
    published_feeds,
    remembered,
    unpublished_option,
)
from feedpub.engines import HERE, Engine
from feedpub.errors import Problem, counted, quoted
from feedpub.plan import check_slugs, make_plan
from feedpub.publication import render_everything
from feedpub.survey import Survey, read_everything


@click.command(name="check")
@config_option
@unpublished_option
@format_option
@click.pass_context
def command(
    ctx: click.Context, config_path: Path, *, unpublished: bool, output_format: str
) -> None:
    """Read and validate everything, write nothing.

    Every record is read and every feed is rendered, as `feedpub build` would.

    Exit codes: 0 every record can be used; 3 some cannot; 78 the configuration cannot be used.
    """
    settings = load(config_path)
    now = current_time()
    # One record may be the death of whoever reads it: it is to be named.
    others = Engine(processes=os.cpu_count() or 1, wary=True)
    survey = read_everything(
        settings,
        now=now,
        unpublished=unpublished,
        whole=True,
        state=remembered(settings),
        engine=HERE if settings.engine.name == "serial" else others,
    )
    check_slugs(settings, survey, published_feeds(settings))
    plan = make_plan(settings, survey, now=now)
    for _ in render_everything(plan, survey, settings):
        pass
    if output_format == "json":
        click.echo(json.dumps(_report(survey, len(plan.groups)), indent=1))
    else:
        _say(survey, len(plan.groups))
    if survey.errors:
        ctx.exit(SKIPPED_RECORDS)


def _report(survey: Survey, feeds: int) -> dict[str, Any]:
    return {
        "records": survey.records,
        "listed": len(survey.corpus.listed),
        "held_back": dict(sorted(survey.held_back.items())),
        "merged": len(survey.corpus.merged),
        "feeds": feeds,
        "findings": [_finding(problem) for problem in survey.problems],
        "unknown_fields": dict(sorted(survey.unknown_keys.items())),
    }


def _finding(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "code": problem.code,
        "source": problem.source,
        "line": problem.line,
        "field": problem.field,
        "message": problem.message,
        "help": problem.help,
    }


def _say(survey: Survey, feeds: int) -> None:
    for problem in survey.problems:
        click.echo(f"{problem.severity}: {problem}")
    for key, count in sorted(survey.unknown_keys.items()):
        click.echo(f"note: field {quoted(key, 60)} is not read ({counted(count, 'record')})")
    kinds = Counter(problem.severity for problem in survey.problems)
    click.echo(
        f"{counted(survey.records, 'record')} read, {len(survey.corpus.listed)} listed in"
        f" {counted(feeds, 'feed')}; {counted(kinds['error'], 'error')},"
        f" {counted(kinds['warning'], 'warning')}"
    )

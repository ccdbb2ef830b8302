"""What a run has to tell to programs: one JSON object, described by a JSON Schema."""

import json
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from feedpub.course import Course
from feedpub.dates import rfc3339
from feedpub.errors import Problem
from feedpub.report import FeedChange, Summary

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Ending(Struct, frozen=True, kw_only=True):
    """How a run ended: the code it exits with, and, where it failed, what it said."""

    exit_code: int
    message: str | None = None


class RecordCounts(Struct, frozen=True, kw_only=True):
    """Numbers of records: read, listed, merged into others, rejected, held back by reason.

    Of those rejected, `stale` stay published in their last good version.
    """

    read: int
    listed: int
    merged: int
    rejected: int
    stale: int
    held_back: dict[str, int]


class FeedCounts(Struct, frozen=True, kw_only=True):
    """Numbers of feeds: all, and those written anew; of entries in them all; of files removed.

    `kept` are the paths of feeds that no longer belong and stay for their subscribers; `changes`
    tells of each feed written anew how many entries were added, changed, and gone.
    """

    total: int
    written: int
    entries: int
    removed_files: int
    kept: tuple[str, ...]
    changes: tuple[FeedChange, ...]


class PingCounts(Struct, frozen=True, kw_only=True):
    """Numbers of WebSub pings, one for each hub and changed feed: sent, and still owed."""

    sent: int
    owed: int


class ReportedProblem(Struct, frozen=True, kw_only=True):
    """Something amiss: its code, the file and line and field it is in, and why (`reason`).

    `help` says what to do, `stale_until` until which day the last good version stays published.
    """

    code: str
    severity: Literal["error", "warning", "note"]
    file: str
    line: int | None
    field: str | None
    reason: str
    help: str | None
    stale_until: str | None


class RunReport(Struct, frozen=True, kw_only=True):
    """One run of `feedpub build`.

    `started` is an RFC 3339 time; `seconds` are those of each stage that was passed, and of all
    (`total`). `records`, `feeds`, `pings` and `problems` are null if the run failed before it knew
    them; in one that was refused or could not write, they tell what it would have published.
    """

    version: Literal[1]
    started: str
    seconds: dict[str, float]
    exit_code: int
    message: str | None
    dry_run: bool
    records: RecordCounts | None
    feeds: FeedCounts | None
    pings: PingCounts | None
    problems: tuple[ReportedProblem, ...] | None


def report_of(course: Course, ending: Ending, started: datetime, *, dry_run: bool) -> RunReport:
    """Return what there is to tell of a run that has come so far."""
    summary = course.summary
    seconds = {**course.seconds, "total": course.elapsed}
    return RunReport(
        version=1,
        started=rfc3339(started),
        seconds={stage: round(value, 4) for stage, value in seconds.items()},
        exit_code=ending.exit_code,
        message=ending.message,
        dry_run=dry_run,
        records=_records(summary) if summary else None,
        feeds=_feeds(summary) if summary else None,
        pings=PingCounts(sent=summary.sent_pings, owed=summary.owed_pings) if summary else None,
        problems=tuple(map(_problem, summary.problems)) if summary else None,
    )


def encoded(report: RunReport) -> bytes:
    """Return a report as JSON."""
    # In ASCII: names of files hold what would move the cursor of whoever prints this.
    return json.dumps(msgspec.to_builtins(report), indent=2).encode() + b"\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a report."""
    described = msgspec.json.schema(RunReport)
    for kind in described["$defs"].values():
        kind["description"] = " ".join(kind["description"].split())
    return {"$schema": _DIALECT, **described}


def _records(summary: Summary) -> RecordCounts:
    return RecordCounts(
        read=summary.records,
        listed=summary.listed,
        merged=summary.merged,
        rejected=len(summary.errors),
        stale=summary.stale,
        held_back=dict(sorted(summary.held_back.items())),
    )


def _feeds(summary: Summary) -> FeedCounts:
    return FeedCounts(
        total=summary.feeds,
        written=summary.written_feeds,
        entries=summary.entries,
        removed_files=summary.removed_files,
        kept=summary.kept,
        changes=summary.changes,
    )


def _problem(problem: Problem) -> ReportedProblem:
    return ReportedProblem(
        code=problem.code,
        severity=problem.severity,
        file=problem.source,
        line=problem.line,
        field=problem.field,
        reason=problem.message,
        help=problem.help,
        stale_until=problem.stale_until,
    )

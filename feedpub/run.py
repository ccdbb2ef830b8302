"""One run of `feedpub build` on a site on disk: its state, its output, and what it remembers."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from feedpub.course import Course
from feedpub.databases import LOCATION
from feedpub.errors import Problem, unreadable
from feedpub.keeping import Keeping, keeping_at
from feedpub.kept_settings import keep_settings, settings_of_run
from feedpub.last_run import (
    LastRun,
    conditions,
    forget,
    nothing_to_do,
    recalled,
    remember,
    remember_files,
    remember_pictures,
    rest_holds,
    still_valid,
)
from feedpub.progress import Progress, Silence
from feedpub.report import Summary
from feedpub.sources.files import Scans
from feedpub.state import State
from feedpub.unfinished import noted

if TYPE_CHECKING:
    from feedpub.beside import Beside
    from feedpub.build import Report
    from feedpub.guard import Guard
    from feedpub.measuring.client import Client
    from feedpub.memory import Ping
    from feedpub.picture_task import PictureTask
    from feedpub.reading import Changes
    from feedpub.settings import Settings

_ALL_LOCAL = "all is on this disk"


class Wish(Struct, frozen=True, kw_only=True):
    """What the command line asks for.

    `lock_wait` is how many seconds to wait for another run. A `dry_run` writes nothing; a `strict`
    one publishes nothing if a record cannot be used; `accept_shrink` is for the guard. `no_ping`
    leaves hubs to a later run. `course` is told how far the run has come. `checking` is the check
    of the configuration, if that is under way already. Who is `wary` reads even a few records in
    other processes: the run before was cut off, perhaps by one of them.
    """

    unpublished: bool = False
    prune: bool = False
    offline: bool = False
    no_ping: bool = False
    dry_run: bool = False
    strict: bool = False
    accept_shrink: bool = False
    processes: int = 1
    lock_wait: float = 10
    progress: Progress = field(default_factory=Silence)
    course: Course = field(default_factory=Course)
    checking: "Beside | None" = None
    wary: bool = False


def run(config: Path, wish: Wish, now: datetime, client: "Client | None" = None) -> Summary:
    """Publish the site of a configuration; end at once if that would change nothing.

    Raises `RefusedError` for what looks like an accident, and `BusyError` while another run does
    so. Once all is published, hubs are told, and pictures measured with `client`; no run waits for
    that.
    """
    try:
        asked = conditions(config, unpublished=wish.unpublished, prune=wish.prune)
    except OSError as error:
        raise unreadable(error, str(config)) from error
    keeping = keeping_at(config)
    if wish.dry_run:
        with closing(keeping.copy(whole=True)) as state:
            return _publish(config, wish, now, state, asked, scans=Scans())[0]
    with keeping.only_run(wish.lock_wait), keeping.at() as state:
        wish.course.passed("lock")
        elsewhere = _elsewhere(config, wish, state, asked)
        fetched = _fetch(elsewhere, wish) if elsewhere else ()
        summary, task = _publish_changes(config, wish, now, state, asked)
        owed = state.memory.pings()
        damaged = (_damaged(),) if state.was_damaged else ()
        problems = damaged + fetched + summary.problems
        summary = replace(summary, problems=problems, owed_pings=len(owed))
        wish.course.summary = summary
        if elsewhere:
            summary = replace(summary, sent_files=_send(elsewhere, state))
            wish.course.passed("send", summary)
    if wish.offline:
        return summary
    if owed and not wish.no_ping:
        summary = _ping(wish, keeping, owed, summary)
    return _measure(wish, keeping, task, summary, client) if task and task.due else summary


def _ping(wish: Wish, keeping: Keeping, owed: "Sequence[Ping]", summary: Summary) -> Summary:
    """Tell hubs what changed, in this run or in one that could not; readers can fetch it now."""
    from feedpub.pinging import carry_out

    summary = carry_out(owed, keeping, summary)
    wish.course.passed("ping", summary)
    return summary


def _measure(
    wish: Wish, keeping: Keeping, task: "PictureTask", summary: Summary, client: "Client | None"
) -> Summary:
    """Measure pictures, for the next run."""
    from feedpub.picture_task import carry_out

    found = carry_out(task, keeping, client, wish.progress)
    left = len(task.due) - found
    summary = replace(summary, measured_pictures=found, unmeasured_pictures=left)
    wish.course.passed("measure", summary)
    return summary


def _publish_changes(
    config: Path, wish: Wish, now: datetime, state: State, asked: bytes
) -> tuple[Summary, "PictureTask | None"]:
    """Publish, unless that would change nothing."""
    scans = Scans()
    last = nothing_to_do(state, asked, now, scans, offline=wish.offline)
    if last is None:
        state.look_over()
        with noted((config.resolve().parent / LOCATION).parent) as was_unfinished:
            wish = replace(wish, wary=was_unfinished)
            last, changes = _unseen(config, wish, now, state, asked, scans=scans)
            if last is None:
                import feedpub.build  # noqa: F401 - a run with nothing to do never loads it

                state.make_sure()
                wish.course.passed("look")
                return _publish(config, wish, now, state, asked, scans=scans, changes=changes)
    _begin(wish, last.healthcheck)
    wish.course.passed("look", last.summary)
    if wish.strict:
        _refuse_errors(last.summary.errors, last.summary.records)
    return last.summary, None


def _unseen(
    config: Path, wish: Wish, now: datetime, state: State, asked: bytes, *, scans: Scans
) -> tuple[LastRun | None, "Changes | None"]:
    """Return the last run if records changed since, but nobody sees that they did.

    Otherwise the changes that are still to be read, if they were looked for.
    """
    last = still_valid(state, asked, now, offline=wish.offline)
    if last is None or wish.wary:
        return None, None
    from feedpub.unseen import few_changes, record_unseen

    state.make_sure()
    settings, _ = settings_of_run(config, state, wish.processes, wish.checking)
    changes = few_changes(state, settings, scans)
    if changes is None:
        return None, None
    is_unseen, changes = record_unseen(state, settings, changes, now)
    if not (is_unseen and rest_holds(last, state, scans)):
        return None, changes
    remember_files(state, last, scans)
    return last, None


def _damaged() -> Problem:
    return Problem(
        code="damaged-state",
        source=str(LOCATION),
        message=f"damaged; set aside as {LOCATION.name}.corrupt and made anew",
        severity="warning",
    )


def _elsewhere(config: Path, wish: Wish, state: State, asked: bytes) -> "Settings | None":
    """Return the settings if the network is to be asked for sources, or told of the output."""
    if wish.offline or state.fact(_ALL_LOCAL) == asked:
        return None
    state.make_sure()
    settings, _ = settings_of_run(config, state, wish.processes, wish.checking)
    return None if settings.is_local else settings


def _fetch(settings: "Settings", wish: Wish) -> tuple[Problem, ...]:
    """Bring sources elsewhere up to date; return what went wrong."""
    from feedpub.fetching import refresh

    fetched = refresh(settings)
    wish.course.passed("fetch")
    if wish.strict:
        errors = [problem for problem in fetched if problem.severity == "error"]
        _refuse_errors(errors, len(settings.remotes), "source")
    return fetched


def _send(settings: "Settings", state: State) -> int:
    """Bring the copies of the output up to date; return how many files were sent."""
    from feedpub.syncing import send_changes

    outcomes = send_changes(settings, state)
    state.commit()
    return sum(len(outcome.written) for outcome in outcomes)


def _begin(wish: Wish, healthcheck: str | None) -> None:
    """Tell whoever watches that a run begins, and remember to tell of its end."""
    if healthcheck is None or wish.offline or wish.dry_run:
        return
    from feedpub.healthcheck import tell_start

    wish.course.healthcheck = healthcheck
    tell_start(healthcheck)


def last_run(config: Path) -> LastRun | None:
    """Return what the last run on a configuration recorded of itself, if it did."""
    with keeping_at(config).at() as state:
        return recalled(state)


def _refuse_errors(errors: Sequence[Problem], number: int, what: str = "record") -> None:
    from feedpub.guard import refuse_errors

    refuse_errors(errors, number, what)


def _publish(
    config: Path,
    wish: Wish,
    now: datetime,
    state: State,
    asked: bytes,
    *,
    scans: Scans,
    changes: "Changes | None" = None,
) -> tuple[Summary, "PictureTask | None"]:
    settings, checked = settings_of_run(config, state, wish.processes, wish.checking)
    # What a run with nothing to do never loads.
    from feedpub.build import build
    from feedpub.destinations.directory import Directory
    from feedpub.destinations.rehearsal import Rehearsal
    from feedpub.this_run import as_last_run, beside_records

    _begin(wish, settings.healthcheck)
    guard = _guard(settings, wish, state, scans)
    destination = Directory(settings.output_folder, settings.output_shown, state.outputs())
    seen = beside_records(settings, scans)
    report = build(
        settings,
        Rehearsal(destination) if wish.dry_run else destination,
        now=now,
        state=state,
        unpublished=wish.unpublished,
        prune=wish.prune,
        engine=replace(settings.engine, processes=wish.processes, wary=wish.wary),
        progress=wish.progress,
        scans=scans,
        changes=changes,
        guard=guard,
        course=wish.course,
    )
    wish.course.passed("publish", report.summary)
    files = report.survey.files
    if files is None or report.is_provisional:
        forget(state)  # the next run has to look again
    else:
        this_run = as_last_run(settings, report, state, files, asked=asked, seen=seen, now=now)
        remember(state, this_run)
    keep_settings(state, checked)
    state.record_fact(_ALL_LOCAL, asked if settings.is_local else b"")
    guard.remember(report.survey)
    task = _pictures(settings, report, state, now)
    state.commit()
    return report.summary, task


def _guard(settings: "Settings", wish: Wish, state: State, scans: Scans) -> "Guard":
    """Return what watches over a run, once it found the sources where they should be."""
    from feedpub.guard import Guard
    from feedpub.sourcing import check_places

    guard = Guard(
        rules=settings.guard, state=state, accept_shrink=wish.accept_shrink, strict=wish.strict
    )
    guard.watch_sources(settings.sources, scans)
    check_places(settings, state)
    return guard


def _pictures(
    settings: "Settings", report: "Report", state: State, now: datetime
) -> "PictureTask | None":
    """Return which pictures are to be measured, if any are; when, is recorded."""
    if settings.measuring is None:
        remember_pictures(state, None)
        return None
    from feedpub.picture_task import PictureTask

    task = PictureTask(
        shown=report.pictures,
        known=report.survey.measured,
        now=int(now.timestamp()),
        budget=settings.measuring.total_seconds(),
    )
    remember_pictures(state, task.next_due(task.known))
    return task

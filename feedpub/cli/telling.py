"""Telling programs how a run went, however it ended: a report, metrics, a monitor."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from msgspec import Struct

from feedpub.cli.common import SKIPPED_RECORDS
from feedpub.course import Course
from feedpub.errors import FeedpubError, OutputError

_INTERRUPTED = 130
_PUBLISHED = frozenset({0, SKIPPED_RECORDS})


class Listeners(Struct, frozen=True, kw_only=True):
    """Which files want to know of a run: one for a report, one for metrics."""

    started: datetime
    report: Path | None = None
    metrics: Path | None = None
    dry_run: bool = False


@contextmanager
def telling(listeners: Listeners, course: Course) -> Iterator[None]:
    """Tell how what happens inside ends.

    Raises `OutputError` if a file cannot be written; a run that failed keeps its own error.
    """
    ended: BaseException | None = None
    try:
        yield
    except BaseException as error:
        ended = error
        raise
    finally:
        _tell(listeners, course, ended)


def _tell(listeners: Listeners, course: Course, ended: BaseException | None) -> None:
    code, said = _exit_code(ended), _message(ended)
    if code == 0 and course.summary and course.summary.errors:
        code = SKIPPED_RECORDS
    is_published, failure = code in _PUBLISHED, None
    for location, is_report in ((listeners.report, True), (listeners.metrics, False)):
        if location is None:
            continue
        try:
            make = _report if is_report else _metrics
            _write(location, make(listeners, course, code, said))
        except OutputError as error:
            failure = error
            if is_published:
                code, said = error.exit_code, str(error)
    if course.healthcheck:
        from feedpub.healthcheck import tell_end

        tell_end(course.healthcheck, code)
    if failure is not None and is_published:
        raise failure
    if failure is not None:
        click.echo(f"feedpub: {failure}", err=True)


def _report(listeners: Listeners, course: Course, code: int, said: str | None) -> bytes:
    from feedpub.run_report import Ending, encoded, report_of

    ending = Ending(exit_code=code, message=said)
    return encoded(report_of(course, ending, listeners.started, dry_run=listeners.dry_run))


def _metrics(listeners: Listeners, course: Course, code: int, _said: str | None) -> bytes:
    from feedpub.metrics import metrics_of

    return metrics_of(course, code, listeners.started)


def _write(location: Path, data: bytes) -> None:
    from feedpub.destinations.aside import replace_durably

    try:
        replace_durably(location, data)
    except OSError as error:
        raise OutputError(f"cannot write {location}: {error.strerror}") from error


def _exit_code(ended: BaseException | None) -> int:
    """Return the exit code that an ending leads to."""
    if isinstance(ended, click.exceptions.Abort | KeyboardInterrupt):
        return _INTERRUPTED
    if isinstance(ended, SystemExit):
        return ended.code if isinstance(ended.code, int) else 1
    if isinstance(ended, FeedpubError):
        return ended.exit_code
    return 0 if ended is None or isinstance(ended, BrokenPipeError) else 1


def _message(ended: BaseException | None) -> str | None:
    if isinstance(ended, FeedpubError):
        return str(ended)
    if _exit_code(ended) == 0:
        return None
    is_bug = _exit_code(ended) == 1
    return f"internal error: {type(ended).__name__}" if is_bug else "interrupted"

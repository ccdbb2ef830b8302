"""What a run has to tell to Prometheus, in its text format 0.0.4, for the textfile collector."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from feedpub.course import Course
from feedpub.report import Summary


class _Metric(NamedTuple):
    """A gauge; `values` are told apart by the value of their `label`."""

    name: str
    help: str
    values: Mapping[str, float]
    label: str = ""


def metrics_of(course: Course, exit_code: int, started: datetime) -> bytes:
    """Return the metrics of a run; those it failed before it knew are left out."""
    metrics = [
        _one("exit_code", "How the last run ended; 0 is well.", exit_code),
        _one("run_timestamp_seconds", "When the last run began.", int(started.timestamp())),
        _one("run_duration_seconds", "How long the last run took.", round(course.elapsed, 4)),
        _Metric(
            "stage_duration_seconds",
            "How long each stage of the last run took.",
            {stage: round(value, 4) for stage, value in course.seconds.items()},
            "stage",
        ),
    ]
    if course.summary:
        metrics += _of_summary(course.summary)
    return "".join(line for metric in metrics for line in _lines(metric)).encode()


def _of_summary(summary: Summary) -> Iterator[_Metric]:
    held_back = dict(sorted(summary.held_back.items()))
    yield _one("records", "Records that were read.", summary.records)
    yield _one("records_listed", "Records that are listed.", summary.listed)
    yield _one("records_merged", "Records that are merged into others.", summary.merged)
    yield _one("records_rejected", "Records that cannot be used.", len(summary.errors))
    yield _one("records_stale", "Records published in their last good version.", summary.stale)
    yield _Metric("records_held_back", "Records held back, by reason.", held_back, "reason")
    yield _one("warnings", "Problems that cost no record its place.", len(summary.warnings))
    yield _one("feeds", "Feeds there are.", summary.feeds)
    yield _one("feeds_written", "Feeds the last run wrote anew.", summary.written_feeds)
    yield _one("entries", "Entries of all feeds together.", summary.entries)
    yield _one("pings_sent", "Pings the last run sent to hubs.", summary.sent_pings)
    yield _one("pings_owed", "Pings that hubs are still owed.", summary.owed_pings)
    if summary.newest is not None:
        newest = "Date of the newest listed record."
        yield _one("newest_record_timestamp_seconds", newest, summary.newest)


def _one(name: str, text: str, value: float) -> _Metric:
    return _Metric(name, text, {"": value})


def _lines(metric: _Metric) -> Iterator[str]:
    name = f"feedpub_{metric.name}"
    yield f"# HELP {name} {metric.help}\n# TYPE {name} gauge\n"
    for value, number in metric.values.items():
        labels = f'{{{metric.label}="{value}"}}' if metric.label else ""
        yield f"{name}{labels} {number}\n"

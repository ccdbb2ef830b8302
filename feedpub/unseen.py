"""Changes that nobody sees: where there are no others, a run records them and is done.

Of a record scores, related list and signature move all day. What a site chose by them before stays
as it is until an editor changes something: heads of stories, what stands beside an entry. A related
list that was parsed with its record counts as part of that.
"""

import time
from collections.abc import Sequence
from datetime import datetime

from feedpub.errors import UnreadableFolderError
from feedpub.file_reading import (
    FileReading,
    decoded_reading,
    read_item,
    seconds_to_read,
    was_deadly,
)
from feedpub.reading import Changes, changes_of
from feedpub.same_bytes import trusted
from feedpub.selection import Selection, unselected_reason
from feedpub.settings import Settings
from feedpub.sources.files import Scans
from feedpub.state import State

# Reading what turns out to be seen is work for nothing: so long, and no longer.
_SECONDS = 0.2


def few_changes(state: State, settings: Settings, scans: Scans) -> Changes | None:
    """Return which files changed; None if they are many, or others cannot be looked for."""
    try:
        changes = changes_of(state, settings.sources, scans)
    except UnreadableFolderError:
        return None
    is_much = sum(map(seconds_to_read, changes.jobs)) > _SECONDS
    return None if is_much or scans.unreadable else changes


def record_unseen(
    state: State, settings: Settings, changes: Changes, now: datetime
) -> tuple[bool, Changes]:
    """Record how records changed, up to the first change that somebody may see.

    Return whether there is none, and the changes that are not recorded. The state must be that of a
    run after which nothing else changed.
    """
    if changes.gone or not all(job.known and not was_deadly(job) for job in changes.jobs):
        return False, changes
    started_ns = time.time_ns()
    rules = (settings.selection, *(named.selection for named in settings.rules.named))
    items, is_unseen = [], True
    for job in changes.jobs:
        item, before = read_item(job), state.reading(job.file.location)
        if item.gone or item.lacks:  # more is to be known of it than it tells
            is_unseen = False
            break
        items.append(item._replace(stamp=trusted(item.stamp, started_ns)))
        if before is None or _is_seen(before, item.reading, rules, now):
            is_unseen = False
            break
    state.record_items(items)
    return is_unseen, Changes(changes.jobs[len(items) :], changes.gone)


def _is_seen(
    encoded_before: bytes, encoded: bytes, rules: Sequence[Selection], now: datetime
) -> bool:
    """Tell whether what a file holds looks like something else, or is chosen by other rules."""
    before, reading = decoded_reading(encoded_before), decoded_reading(encoded)
    if _chosen_by(before, rules, now) != _chosen_by(reading, rules, now):
        return True
    return _steady(before) != _steady(reading)


def _chosen_by(reading: FileReading, rules: Sequence[Selection], now: datetime) -> list[str | None]:
    return [unselected_reason(a, rule, now) for a in reading.articles for rule in rules]


def _steady(reading: FileReading) -> FileReading:
    """Return a reading without what moves all day."""
    for article in reading.articles:
        article.settle(quality=0.0, heat=None, related_keys=b"")
    return reading

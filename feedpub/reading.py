"""From files to articles: only what changed is read, in this process or in several."""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from msgspec.structs import replace

from feedpub.article import Article
from feedpub.engines import Engine
from feedpub.errors import Problem
from feedpub.file_reading import (
    FileReading,
    Job,
    deadly_item,
    decoded_reading,
    encoded_reading,
    read_batch,
    seconds_to_read,
    was_deadly,
)
from feedpub.last_good import with_last_good
from feedpub.progress import Progress, tracked
from feedpub.renames import by_link, renamed
from feedpub.same_bytes import digest_of, trusted
from feedpub.settings import Source
from feedpub.sources.files import Scans, Stamp
from feedpub.sources.readers import READERS
from feedpub.state import Item, State
from feedpub.workers import spread


class Changes(NamedTuple):
    """Files that are not as the state knows them, and those it knows that are gone."""

    jobs: list[Job]
    gone: set[str]


class Update(NamedTuple):
    """How many files had to be parsed, and what comparing them with earlier ones tells."""

    parsed: int
    problems: tuple[Problem, ...]


def jobs_of(
    sources: Iterable[Source],
    scans: Scans,
    known: Mapping[str, Stamp] | None = None,
    gone: set[str] | None = None,
) -> Iterator[Job]:
    """Yield every file that is not as `known`; of two overlapping sources the first counts.

    Whatever there is is taken out of `gone`.
    """
    seen: set[str] = set()
    known, gone = known or {}, gone or set()
    for source in sources:
        root = source.files.root
        changed = {}
        for relative, stamp in scans.readable(source.files, tuple(READERS)).items():
            location = f"{root}/{relative}"
            gone.discard(location)
            if known.get(location) != stamp and location not in seen:
                changed[relative] = stamp
            seen.add(location)
        for file, stamp in source.files.stamped_files(changed):
            before = known.get(file.location)
            yield Job(file=file, stamp=stamp, rules=source.rules, known=before)


def changes_of(state: State, sources: Iterable[Source], scans: Scans) -> Changes:
    """Return which files are not as the state knows them.

    Those in a folder that cannot be read stay as they were; the error of one in which none are
    known is raised.
    """
    known = state.stamps()
    gone = set(known)
    jobs = list(jobs_of(sources, scans, known, gone))
    return Changes(jobs, gone - _out_of_reach(state, scans))


def update(
    state: State,
    changes: Changes,
    *,
    now: datetime,
    whole: bool,
    engine: Engine,
    progress: Progress,
) -> Update:
    """Bring what the state holds of the files up to date; return what that took.

    A file with another stamp but the same bytes, as in a fresh clone, is not parsed again. One
    that changed as the run began may change once more within the same stamp: its stamp is not
    trusted next time. A file that vanished since it was found has been deleted.
    """
    started_ns = time.time_ns()
    changed, gone = changes
    known = {job.file.location for job in changed if job.known}
    former = by_link(_articles_in(map(state.reading, sorted(gone))))
    state.forget_items(gone)
    same, different = _with_same_bytes(changed, state.digests(known))
    state.record_stamps({job.file.location: trusted(job.stamp, started_ns) for job in same})
    read = partial(read_batch, whole=whole)
    wary = engine.wary or any(map(was_deadly, different))
    engine = replace(engine, wary=wary)
    seconds = [*map(seconds_to_read, different)]
    items = spread(read, different, seconds, engine=engine, fatal=deadly_item)
    items = tracked(items, "Reading records", len(different), progress)
    vanished: list[str] = []
    problems: list[Problem] = []

    def there() -> Iterator[Item]:
        for item in items:
            if item.gone:
                vanished.append(item.key)
                continue
            if former and item.key not in known:
                problems.extend(renamed(_articles_in([item.reading]), former))
            stamp = trusted(item.stamp, started_ns)
            yield _with_last_good(item, state, now)._replace(stamp=stamp)

    state.record_items(there())
    state.forget_items(vanished)
    return Update(parsed=len(different) - len(vanished), problems=tuple(problems))


def _articles_in(encoded: Iterable[bytes | None]) -> Iterator[Article]:
    for reading in filter(None, encoded):
        yield from decoded_reading(reading).articles


def _out_of_reach(state: State, scans: Scans) -> set[str]:
    """Return the known files in folders that cannot be read."""
    files: set[str] = set()
    for failure in scans.unreadable:
        known = state.known_below(failure.location)
        if not known:
            raise failure
        files |= known
    return files


def _with_last_good(item: Item, state: State, now: datetime) -> Item:
    """Return a file with what records that cannot be used were when it was last read."""
    earlier = state.reading(item.key) if item.lacks else None
    if earlier is None:
        return item
    reading, before = decoded_reading(item.reading), decoded_reading(earlier)
    there = {article.id for article in reading.articles}
    unusable = with_last_good(reading.unusable, before.articles, before.unusable, there, now)
    kept = [article for each in unusable for article in each.last_good if article.details_kept]
    details = tuple((a.details_kept, state.details(a.details_kept)) for a in kept)
    encoded = encoded_reading(replace(reading, unusable=unusable))
    return item._replace(reading=encoded, details=item.details + details)


def readings(state: State) -> Iterator[FileReading]:
    """Yield the content of every file, sorted by location."""
    yield from map(decoded_reading, state.readings())


def _with_same_bytes(jobs: list[Job], digests: dict[str, bytes]) -> tuple[list[Job], list[Job]]:
    same: list[Job] = []
    different: list[Job] = []
    for job in jobs:
        known = digests.get(job.file.location)
        is_same = known is not None and known == digest_of(job.file, job.stamp)
        (same if is_same else different).append(job)
    return same, different

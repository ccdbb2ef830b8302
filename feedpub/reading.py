"""From files to articles: only what changed is read, in this process or in several."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct, field
from msgspec.structs import asdict, replace

from feedpub.article import Article, Details
from feedpub.comments import cut_texts
from feedpub.digests import address_key
from feedpub.editorial import editorial_fingerprint
from feedpub.engines import Engine
from feedpub.errors import Problem, RecordError, printable
from feedpub.fields import unknown_keys
from feedpub.last_good import hidden_by, with_last_good
from feedpub.progress import Progress, tracked
from feedpub.records import Record, RecordRules, Unusable, read_article
from feedpub.renames import by_link, renamed
from feedpub.same_bytes import content_digest, digest_of, trusted
from feedpub.sources.files import FileSource, Scans, SourceFile, Stamp
from feedpub.sources.readers import READERS, bytes_of, read_data
from feedpub.sources.remote import Remote
from feedpub.state import Item, State
from feedpub.workers import spread


class Source(Struct, frozen=True, kw_only=True):
    """A source and the rules for its records; of one that is `remote`, the files are a copy."""

    files: FileSource
    rules: RecordRules
    remote: Remote | None = None

    @property
    def facts(self) -> tuple[object, ...]:
        """Return all that decides what is made of a file, wherever the site lies."""
        files, rules = self.files, self.rules
        return (
            files.shown,
            files.prefix,
            rules.tag,
            rules.base,
            str(rules.zone),
            dict(rules.names),
            rules.link,
            rules.limits,
        )


class Job(Struct, frozen=True, kw_only=True):
    """A file to read, what it looks like, and the rules of its source.

    `known` is what it looked like when it was last read, if it ever was.
    """

    file: SourceFile
    stamp: Stamp
    rules: RecordRules
    known: Stamp | None = None


class Changes(NamedTuple):
    """Files that are not as the state knows them, and those it knows that are gone."""

    jobs: list[Job]
    gone: set[str]


class FileReading(Struct, omit_defaults=True):
    """What one file holds: articles, what could not become one, and what else to say."""

    articles: list[Article] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown_keys: dict[str, int] = field(default_factory=dict)


class Update(NamedTuple):
    """How many files had to be parsed, and what comparing them with earlier ones tells."""

    parsed: int
    problems: tuple[Problem, ...]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(FileReading)
_DETAILS_DECODER = msgspec.msgpack.Decoder(Details)
_DETAILS: dict[str, Any] = asdict(Details())
_related_key = lru_cache(maxsize=4096)(address_key)  # of the same few, in the lists of a story
_NO_DETAILS = _ENCODER.encode(Details())
# Measured on records without and with related lists; of use to tell much work from little.
_SECONDS_A_FILE, _SECONDS_A_BYTE = 0.00015, 1e-8
# What mends these may leave no trace in the stamp.
_PASSING = frozenset({"unreadable", "changing"})
# The time in the recorded stamp of a file that kills whoever reads it: none it could have.
_DEADLY_NS = -2


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
    read = partial(_read_batch, whole=whole)
    wary = engine.wary or any(map(was_deadly, different))
    engine = replace(engine, wary=wary)
    items = spread(read, different, [*map(seconds_to_read, different)], engine=engine, fatal=_fatal)
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


def seconds_to_read(job: Job) -> float:
    """Return about how long reading a file takes."""
    return _SECONDS_A_FILE + job.stamp.size * _SECONDS_A_BYTE


def _articles_in(encoded: Iterable[bytes | None]) -> Iterator[Article]:
    for reading in filter(None, encoded):
        yield from _DECODER.decode(reading).articles


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
    reading, before = _DECODER.decode(item.reading), _DECODER.decode(earlier)
    there = {article.id for article in reading.articles}
    unusable = with_last_good(reading.unusable, before.articles, before.unusable, there, now)
    kept = [article for each in unusable for article in each.last_good if article.details_kept]
    details = tuple((a.details_kept, state.details(a.details_kept)) for a in kept)
    encoded = _ENCODER.encode(replace(reading, unusable=unusable))
    return item._replace(reading=encoded, details=item.details + details)


def decoded_reading(encoded: bytes) -> FileReading:
    """Return what a file holds, as the state keeps it."""
    return _DECODER.decode(encoded)


def readings(state: State) -> Iterator[FileReading]:
    """Yield the content of every file, sorted by location."""
    yield from map(_DECODER.decode, state.readings())


def _understood(
    records: list[Record | Problem], rules: RecordRules, file: SourceFile, data: bytes
) -> FileReading:
    reading = FileReading()
    for record in records:
        if isinstance(record, Problem):
            hides = hidden_by(_text_of(record, file, data), rules.names)
            reading.unusable.append(Unusable(problem=record, hides=hides))
            continue
        result, problems = read_article(record, rules)
        if isinstance(result, Article):
            keys = b"".join(map(_related_key, _related_links(result, record, rules)))
            result.settle(fingerprint=editorial_fingerprint(result), related_keys=keys)
            reading.articles.append(result)
        else:
            reading.unusable.append(result)
        reading.problems.extend(problems)
        reading.problems.extend(cut_texts(record, rules.names, data))
        for key in map(printable, unknown_keys(record.fields, rules.names)):
            reading.unknown_keys[key] = reading.unknown_keys.get(key, 0) + 1
    return reading


def _text_of(problem: Problem, file: SourceFile, data: bytes) -> bytes:
    """Return the part of a file that a problem is about, as far as that is known."""
    if file.suffix in {".jsonl", ".ndjson"} and problem.line:
        return data.split(b"\n")[problem.line - 1]
    return data


def _related_links(article: Article, record: Record, rules: RecordRules) -> Iterable[str]:
    if record.related_unread:
        return record.related_unread(rules.base)
    return [item.link for item in article.related]


def _with_same_bytes(jobs: list[Job], digests: dict[str, bytes]) -> tuple[list[Job], list[Job]]:
    same: list[Job] = []
    different: list[Job] = []
    for job in jobs:
        known = digests.get(job.file.location)
        is_same = known is not None and known == digest_of(job.file, job.stamp)
        (same if is_same else different).append(job)
    return same, different


def _read_batch(jobs: Sequence[Job], *, whole: bool) -> list[Item]:
    return [read_item(job, whole=whole) for job in jobs]


def read_item(job: Job, *, whole: bool = False) -> Item:
    """Read a file; unless it is wanted `whole`, related lists are left in it where that is safe."""
    file, stamp, data, digest = job.file, job.stamp, b"", b""
    try:
        data = bytes_of(file, job.rules.limits)
        records = read_data(data, file, job.rules.limits, whole=whole)
        digest = content_digest(data)
    except RecordError as error:
        records = [error.problem(file.shown)]
        if error.code == "gone":
            return Item(file.location, stamp, digest, b"", gone=True)
        if error.code in _PASSING:
            stamp = Stamp(stamp.size, -1)
    reading = _understood(records, job.rules, file, data)
    details = () if whole else _set_aside(reading)
    encoded = _ENCODER.encode(reading)
    return Item(file.location, stamp, digest, encoded, details, lacks=bool(reading.unusable))


def _fatal(job: Job) -> Item:
    """Return what is known of a file that kills every process that reads it: its stamp is not."""
    file, data = job.file, b""
    problem = RecordError(
        "kills-reader",
        "the process that reads it is killed, whenever it is read",
        help="leave it out with exclude:, or give the machine more memory",
    ).problem(file.shown)
    with suppress(RecordError):  # it may say, however broken it is, that it is to be hidden
        data = bytes_of(file, job.rules.limits)
    encoded = _ENCODER.encode(_understood([problem], job.rules, file, data))
    return Item(file.location, Stamp(job.stamp.size, _DEADLY_NS), b"", encoded, lacks=True)


def was_deadly(job: Job) -> bool:
    """Tell whether a file killed whoever read it in the last run: others are to read it."""
    return job.known is not None and job.known.mtime_ns == _DEADLY_NS


def _set_aside(reading: FileReading) -> tuple[tuple[bytes, bytes], ...]:
    """Take the details of the articles out of a reading; return them, each with its digest."""
    aside = []
    for article in reading.articles:
        encoded = _ENCODER.encode(Details(**{name: getattr(article, name) for name in _DETAILS}))
        if encoded != _NO_DETAILS:
            digest = content_digest(encoded)
            aside.append((digest, encoded))
            article.settle(**_DETAILS, details_kept=digest)
    return tuple(aside)


def with_details(article: Article, state: State) -> Article:
    """Return an article with the details that were left in the state."""
    if not article.details_kept:
        return article
    details = _DETAILS_DECODER.decode(state.details(article.details_kept))
    return replace(article, **{name: getattr(details, name) for name in _DETAILS}, details_kept=b"")

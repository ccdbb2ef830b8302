"""From files to articles: only what changed is read, in this process or in several."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import msgspec

from feedpub.article import Article
from feedpub.errors import Problem, RecordError, printable
from feedpub.fields import unknown_keys
from feedpub.parts import Embedded, embedded_in
from feedpub.progress import Progress, tracked
from feedpub.records import Record, RecordRules, Unusable, read_article
from feedpub.sources.files import FileSource, SourceFile, Stamp, decoded, read_bytes
from feedpub.sources.readers import READERS, read_data, reader_of
from feedpub.state import Item, State

# Below this many files a second process costs more than it gains.
_WORTH_A_POOL = 300
_BATCH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source and the rules for its records."""

    files: FileSource
    rules: RecordRules

    @property
    def facts(self) -> tuple[object, ...]:
        """Return all that decides what is made of a file."""
        rules = self.rules
        return (self.files, rules.tag, rules.base, str(rules.zone), rules.names, rules.link)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A file to read, what it looked like, and the rules of its source."""

    file: SourceFile
    stamp: Stamp
    rules: RecordRules


@dataclass(slots=True)
class FileReading:
    """What one file holds: articles, what could not become one, and what else to say."""

    articles: list[Article] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown_keys: dict[str, int] = field(default_factory=dict)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(FileReading)


def scan(sources: Iterable[Source]) -> dict[str, Job]:
    """Return every file to read, by location; of two overlapping sources the first counts."""
    jobs: dict[str, Job] = {}
    for source in sources:
        for file, stamp in source.files.stamped_files(READERS):
            if file.location not in jobs:
                jobs[file.location] = Job(file=file, stamp=stamp, rules=source.rules)
    return jobs


def update(
    state: State,
    jobs: dict[str, Job],
    *,
    whole: bool,
    processes: int,
    started_ns: int,
    progress: Progress,
) -> int:
    """Bring what the state holds of the files up to date; return how many had to be parsed.

    A file with another stamp but the same bytes, as in a fresh clone, is not parsed again. One
    that changed as the run began may change once more within the same stamp: its stamp is not
    trusted next time.
    """
    known = state.stamps()
    state.forget_items(known.keys() - jobs.keys())
    changed = [job for key, job in jobs.items() if known.get(key) != job.stamp]
    digests = state.digests() if known and changed else {}
    same, different = _with_same_bytes(changed, digests)
    state.record_stamps({job.file.location: _trusted(job.stamp, started_ns) for job in same})
    items = _read_all(different, processes, whole=whole)
    items = tracked(items, "Reading records", len(different), progress)
    state.record_items(item._replace(stamp=_trusted(item.stamp, started_ns)) for item in items)
    return len(different)


def readings(state: State) -> Iterator[tuple[bytes, FileReading]]:
    """Yield digest and content of every file, sorted by location."""
    for digest, reading in state.readings():
        yield digest, _DECODER.decode(reading)


def read_related(job: Job) -> list[Embedded]:
    """Return the related articles that were left in a file, which is read anew.

    One that changed meanwhile gives what it gives: the next run sees the change.
    """
    reader = reader_of(job.file)
    try:
        node = reader.read_related(decoded(read_bytes(job.file, reader.MAX_BYTES)))
    except RecordError:
        return []
    return list(embedded_in(node, job.rules.base, job.rules.zone))


def _understood(records: list[Record | Problem], rules: RecordRules) -> FileReading:
    reading = FileReading()
    for record in records:
        if isinstance(record, Problem):
            reading.unusable.append(Unusable(problem=record))
            continue
        result, problems = read_article(record, rules)
        if isinstance(result, Article):
            reading.articles.append(result)
        else:
            reading.unusable.append(result)
        reading.problems.extend(problems)
        for key in map(printable, unknown_keys(record.fields, rules.names)):
            reading.unknown_keys[key] = reading.unknown_keys.get(key, 0) + 1
    return reading


def _trusted(stamp: Stamp, started_ns: int) -> Stamp:
    return stamp if stamp.mtime_ns < started_ns - 2_000_000_000 else Stamp(stamp.size, -1)


def _with_same_bytes(jobs: list[Job], digests: dict[str, bytes]) -> tuple[list[Job], list[Job]]:
    same: list[Job] = []
    different: list[Job] = []
    for job in jobs:
        known = digests.get(job.file.location)
        is_same = known is not None and known == _digest_of_file(job.file)
        (same if is_same else different).append(job)
    return same, different


def _digest_of_file(file: SourceFile) -> bytes | None:
    try:
        return _digest(read_bytes(file, reader_of(file).MAX_BYTES))
    except RecordError:
        return None


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _read_all(jobs: list[Job], processes: int, *, whole: bool) -> Iterator[Item]:
    read_batch = partial(_read_batch, whole=whole)
    if processes < 2 or len(jobs) < _WORTH_A_POOL:
        yield from read_batch(jobs)
        return
    from concurrent.futures import ProcessPoolExecutor  # 60 ms that small changes never pay

    with ProcessPoolExecutor(processes) as pool:
        for items in pool.map(read_batch, _batched(jobs, _BATCH)):
            yield from items


def _read_batch(jobs: Iterable[Job], *, whole: bool) -> list[Item]:
    return [_item(job, whole=whole) for job in jobs]


def _item(job: Job, *, whole: bool) -> Item:
    file = job.file
    try:
        data = read_bytes(file, reader_of(file).MAX_BYTES)
        records = read_data(data, file, whole=whole)
        digest = _digest(data)
    except RecordError as error:
        records, digest = [error.problem(file.shown)], b""
    reading = _ENCODER.encode(_understood(records, job.rules))
    return Item(key=file.location, stamp=job.stamp, digest=digest, reading=reading)


def _batched(jobs: Iterable[Job], size: int) -> Iterator[list[Job]]:
    iterator = iter(jobs)
    while batch := list(islice(iterator, size)):
        yield batch

"""What one file holds: read, understood, and as the state keeps it."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import asdict, replace

from feedpub.article import Article, Details
from feedpub.comments import cut_texts
from feedpub.digests import address_key
from feedpub.editorial import editorial_fingerprint
from feedpub.errors import Problem, RecordError, printable
from feedpub.fields import unknown_keys
from feedpub.last_good import hidden_by
from feedpub.records import Record, RecordRules, Unusable, read_article
from feedpub.same_bytes import content_digest
from feedpub.sources.contents import PASSING
from feedpub.sources.files import SourceFile, Stamp
from feedpub.sources.readers import bytes_of, read_data
from feedpub.state import Item, State
from feedpub.steps import Steps, done, in_step


class Job(Struct, frozen=True, kw_only=True):
    """A file to read, what it looks like, and the rules of its source.

    `known` is what it looked like when it was last read, if it ever was.
    """

    file: SourceFile
    stamp: Stamp
    rules: RecordRules
    known: Stamp | None = None


class FileReading(Struct, omit_defaults=True):
    """What one file holds: articles, what could not become one, and what else to say."""

    articles: list[Article] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown_keys: dict[str, int] = field(default_factory=dict)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(FileReading)
_DETAILS_DECODER = msgspec.msgpack.Decoder(Details)
_DETAILS: dict[str, Any] = asdict(Details())
_related_key = lru_cache(maxsize=4096)(address_key)  # of the same few, in the lists of a story
_NO_DETAILS = _ENCODER.encode(Details())
# Measured on records without and with related lists; of use to tell much work from little.
_SECONDS_A_FILE, _SECONDS_A_BYTE = 0.00015, 1e-8
# The time in the recorded stamp of a file that kills whoever reads it: none it could have.
_DEADLY_NS = -2


def seconds_to_read(job: Job) -> float:
    """Return about how long reading a file takes."""
    return _SECONDS_A_FILE + job.stamp.size * _SECONDS_A_BYTE


def decoded_reading(encoded: bytes) -> FileReading:
    """Return what a file holds, as the state keeps it."""
    return _DECODER.decode(encoded)


def encoded_reading(reading: FileReading) -> bytes:
    """Return what the state keeps of what a file holds."""
    return _ENCODER.encode(reading)


def _understood(
    records: list[Record | Problem], rules: RecordRules, file: SourceFile, data: bytes
) -> Steps[FileReading]:
    reading = FileReading()
    for record in records:
        if isinstance(record, Problem):
            hides = hidden_by(_text_of(record, file, data), rules.names)
            reading.unusable.append(Unusable(problem=record, hides=hides))
            continue
        result, problems = read_article(record, rules)
        yield
        if isinstance(result, Article):
            result.settle(fingerprint=editorial_fingerprint(result))
            yield
            keys = b"".join(map(_related_key, _related_links(result, record, rules)))
            result.settle(related_keys=keys)
            yield
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


def read_batch(jobs: Sequence[Job], *, whole: bool) -> list[Item]:
    """Read some files; unless wanted `whole`, related lists are left in them where that is safe."""
    return in_step([_item(job, whole=whole) for job in jobs])


def read_item(job: Job) -> Item:
    """Read a file; its related lists are left in it where that is safe."""
    return done(_item(job, whole=False))


def _item(job: Job, *, whole: bool) -> Steps[Item]:
    file, stamp, data, digest = job.file, job.stamp, b"", b""
    try:
        data = bytes_of(file, job.rules.limits)
        yield
        digest = content_digest(data)
        yield
        records = yield from read_data(data, file, job.rules.limits, whole=whole)
    except RecordError as error:
        records = [error.problem(file.shown)]
        if error.code == "gone":
            return Item(file.location, stamp, digest, b"", gone=True)
        if error.code in PASSING:
            stamp = Stamp(stamp.size, -1)
    yield
    reading = yield from _understood(records, job.rules, file, data)
    yield
    details = () if whole else _set_aside(reading)
    yield
    encoded = _ENCODER.encode(reading)
    return Item(file.location, stamp, digest, encoded, details, lacks=bool(reading.unusable))


def deadly_item(job: Job) -> Item:
    """Return what is known of a file that kills every process that reads it: its stamp is not."""
    file, data = job.file, b""
    problem = RecordError(
        "kills-reader",
        "the process that reads it is killed, whenever it is read",
        help="leave it out with exclude:, or give the machine more memory",
    ).problem(file.shown)
    with suppress(RecordError):  # it may say, however broken it is, that it is to be hidden
        data = bytes_of(file, job.rules.limits)
    encoded = _ENCODER.encode(done(_understood([problem], job.rules, file, data)))
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

"""The kinds of files records come in; a new one is a module and a line in `READERS`.

A reader module has `read_records(data, file) -> Iterator[Record | Problem | None]`: what one file
holds, and None where one step of reading it ends. A defect of one record is a value, and costs no
other record its place.
"""

from collections.abc import Iterator
from datetime import tzinfo
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from feedpub.errors import Problem, RecordError
from feedpub.limits import RecordLimits
from feedpub.parts import Embedded
from feedpub.records import Record
from feedpub.sources.contents import read_bytes
from feedpub.sources.files import SourceFile
from feedpub.steps import Steps, done

READERS = {
    ".md": "feedpub.sources.front_matter",
    ".markdown": "feedpub.sources.front_matter",
    ".html": "feedpub.sources.front_matter",
    ".htm": "feedpub.sources.front_matter",
    ".yaml": "feedpub.sources.data_files",
    ".yml": "feedpub.sources.data_files",
    ".json": "feedpub.sources.data_files",
    ".jsonl": "feedpub.sources.data_files",
    ".ndjson": "feedpub.sources.data_files",
}


class Reader(Protocol):
    """A module that reads the records of one file."""

    def max_bytes(self, limits: RecordLimits) -> int:
        """Return how large a file may be."""

    def read_records(
        self, data: bytes, file: SourceFile, limits: RecordLimits, *, whole: bool = True
    ) -> Iterator[Record | Problem | None]:
        """Yield the records in the bytes of a file, and a problem for each that is none.

        None stands between two steps of the work. Unless wanted `whole`, related lists may be left
        unread.
        """

    def read_related(
        self, data: bytes, base: str, zone: tzinfo, limits: RecordLimits, *, is_proven: bool = False
    ) -> list[Embedded]:
        """Return the related articles that were left unread; in the same bytes if `is_proven`."""


def read_file(file: SourceFile, limits: RecordLimits) -> list[Record | Problem]:
    """Return what a file holds; whatever is wrong with it is a problem in the list."""
    try:
        return done(read_data(bytes_of(file, limits), file, limits, whole=True))
    except RecordError as error:
        return [error.problem(file.shown)]


def bytes_of(file: SourceFile, limits: RecordLimits) -> bytes:
    """Return the bytes of a file; raise `RecordError` if it is too large or no readable file."""
    return read_bytes(file, reader_of(file).max_bytes(limits))


def read_data(
    data: bytes, file: SourceFile, limits: RecordLimits, *, whole: bool
) -> Steps[list[Record | Problem]]:
    """Find what the bytes of a file hold; whatever is wrong with it is a problem in the list."""
    found: list[Record | Problem] = []
    try:
        for record in reader_of(file).read_records(data, file, limits, whole=whole):
            if record is None:
                yield
            else:
                found.append(record)
    except RecordError as error:
        return [error.problem(file.shown)]
    return found


def reader_of(file: SourceFile) -> Reader:
    """Return the module that reads files of that kind."""
    return _reader(READERS[file.suffix])


@cache
def _reader(name: str) -> Reader:
    return cast("Reader", import_module(name))

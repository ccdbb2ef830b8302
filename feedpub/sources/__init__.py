"""Where records come from; a new kind of file is a module and a line in `READERS`.

A reader module has `read_records(text, file) -> Iterator[Record | Problem]`: what one file holds. A
defect of one record is a value, and costs no other record its place.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Protocol, cast

from feedpub.errors import Problem, RecordError
from feedpub.records import Record
from feedpub.sources.files import SourceFile, read_text

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

    MAX_BYTES: int

    def read_records(self, text: str, file: SourceFile) -> Iterator[Record | Problem]:
        """Yield the records of a file's text, and a problem for each that is none."""


def read_file(file: SourceFile) -> list[Record | Problem]:
    """Return what a file holds; whatever is wrong with it is a problem in the list."""
    reader = cast("Reader", import_module(READERS[file.suffix]))
    try:
        text = read_text(file, reader.MAX_BYTES)
        return list(reader.read_records(text, file))
    except RecordError as error:
        return [error.problem(file.shown)]

"""Databases that can hold a state: tables of rows, each replaced as a whole by its key.

Queries are in the SQL that all of them know, with `?` for values.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

# Where a state in a file lies, from the folder of the configuration.
LOCATION = Path(".feedpub", "state.sqlite3")
_MAY_NAME_A_STATE = re.compile(rb"""state["']?\s*:""")
# The version of all the tables together.
SCHEMA_VERSION = 6
# By table, the columns that are its key; they come first.
KEYS = {
    "meta": ("name",),
    "item": ("key",),
    "details": (),
    "entry": ("id",),
    "feed": ("path",),
    "output": ("path",),
    "memory": ("id",),
    "head": ("scope", "name"),
    "pin": ("name",),
    "made": ("name",),
    "window": ("path",),
    "tombstone": ("path", "id"),
    "picture": ("url",),
    "note": ("name",),
    "topic": ("path",),
    "ping": ("hub", "url"),
}
# What cannot be made again from the records, and what can.
MEMORY = (
    "memory", "head", "pin", "made", "window", "tombstone", "picture", "note", "topic", "ping"
)  # fmt: skip
CACHE = ("meta", "item", "details", "entry", "feed", "output")


def may_name_a_state(config: bytes) -> bool:
    """Tell whether a configuration may say where the state is; else it is in a file beside it."""
    return _MAY_NAME_A_STATE.search(config) is not None


class Database(Protocol):
    """Tables in which everything since the last commit is durable or nothing is."""

    was_damaged: bool

    def look_over(self) -> None:
        """Begin with what `make_sure` takes time for."""

    def make_sure(self) -> None:
        """Begin anew if what is there is not what was written."""

    def readable(self, query: str, values: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a query; of a damaged database none."""

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, which may be many; no other table is changed meanwhile."""

    def row(self, query: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, if there is one."""

    def find(
        self, table: str, column: str, keys: Iterable[Any], key: str
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the key and another column of those of some rows that there are."""

    def put(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows, in place of those with the same key."""

    def update(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write some columns of rows that there are; each begins with its key."""

    def drop(self, table: str, column: str, values: Iterable[Any]) -> None:
        """Delete the rows with some values in a column."""

    def empty(self, table: str) -> None:
        """Delete all rows of a table."""

    def commit(self) -> None:
        """Make everything since the last commit durable, all or nothing."""

    def close(self) -> None:
        """Drop what was not committed."""

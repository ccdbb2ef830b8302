"""A database in a file, or in memory: SQLite."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from feedpub.databases import KEYS, SCHEMA_VERSION
from feedpub.errors import UnwritableStateError
from feedpub.safekeeping import (
    LOGGED,
    Look,
    failure,
    is_damage,
    is_sound,
    opened,
    prepared,
    readable,
    seal,
    set_aside,
    unseal,
)

# Each brings a state from the version before it to its own.
_MIGRATIONS = (
    """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE item (
    key BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    digest BLOB NOT NULL, reading BLOB NOT NULL
);
CREATE TABLE entry (
    id TEXT PRIMARY KEY, fingerprint BLOB NOT NULL, mentions BLOB NOT NULL,
    fragments BLOB NOT NULL
);
CREATE TABLE feed (path TEXT PRIMARY KEY, fingerprint BLOB NOT NULL, sha256 TEXT NOT NULL);
CREATE TABLE output (path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL);
""",
    """
DELETE FROM item;
CREATE TABLE details (digest BLOB NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL);
CREATE INDEX details_by_digest ON details (digest);
CREATE INDEX details_by_key ON details (key);
""",
    """
CREATE TABLE memory (
    id TEXT PRIMARY KEY, story TEXT NOT NULL, fingerprint BLOB NOT NULL, version INTEGER NOT NULL,
    arrived INTEGER, changed INTEGER, gone INTEGER
);
CREATE TABLE head (
    scope TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (scope, name)
);
CREATE TABLE pin (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE made (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE "window" (path TEXT PRIMARY KEY, entries BLOB NOT NULL);
CREATE TABLE tombstone (
    path TEXT NOT NULL, id TEXT NOT NULL, moment INTEGER NOT NULL, PRIMARY KEY (path, id)
);
""",
    """
CREATE TABLE picture (
    url TEXT PRIMARY KEY, moment INTEGER NOT NULL, length INTEGER, media_type TEXT,
    width INTEGER, height INTEGER, etag TEXT, modified TEXT, failure TEXT
);
""",
    """
CREATE TABLE topic (path TEXT PRIMARY KEY, hash BLOB NOT NULL);
CREATE TABLE ping (
    id INTEGER PRIMARY KEY AUTOINCREMENT, hub TEXT NOT NULL, url TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0, UNIQUE (hub, url)
);
""",
    """
CREATE TABLE note (name TEXT PRIMARY KEY, value BLOB NOT NULL);
ALTER TABLE ping RENAME TO former_ping;
CREATE TABLE ping (
    hub TEXT NOT NULL, url TEXT NOT NULL, id INTEGER NOT NULL, failures INTEGER NOT NULL,
    PRIMARY KEY (hub, url)
);
INSERT INTO ping SELECT hub, url, id, failures FROM former_ping;
DROP TABLE former_ping;
""",
)


class SqliteDatabase:
    """A connection that has begun to write: no other one can, meanwhile."""

    def __init__(self, connection: sqlite3.Connection, location: Path | None = None) -> None:
        self._location = location
        self._begin(connection)
        self.was_damaged = False

    def _begin(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._has_changed = self._is_sure = False
        self._look: Look | None = None

    @classmethod
    def in_memory(cls) -> "SqliteDatabase":
        """Return a database that forgets."""
        connection = sqlite3.connect(":memory:", isolation_level=None, uri=True)
        return cls(prepared(connection, _MIGRATIONS))

    @classmethod
    def open(cls, location: Path) -> "SqliteDatabase":
        """Open or make a file; one that is no database any more is set aside and made anew.

        Raises `StateError` for one of a newer feedpub, or one that cannot be written, and
        `BusyError` for one that another program has locked for ten seconds.
        """
        try:
            location.parent.mkdir(parents=True, exist_ok=True)
            return cls(opened(location, _MIGRATIONS), location)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise failure(location, error) from error
            set_aside(location)
            database = cls(opened(location, _MIGRATIONS), location)
            database.was_damaged = True
            return database
        except OSError as error:
            raise UnwritableStateError(f"cannot write {location}: {error.strerror}") from error

    def look_over(self) -> None:
        """Begin to read the file, so that `make_sure` need not wait."""
        if self._location is not None and self._look is None:
            self._look = Look(self._location)

    def make_sure(self) -> None:
        """Begin anew if the file is not what was written; what it is, is set aside."""
        if self._location is None or self._is_sure:
            return
        self.look_over()
        assert self._look
        self._is_sure = is_sound(self._location, self._connection, self._look)
        if self._is_sure:
            return
        self.close()
        set_aside(self._location)
        self._begin(opened(self._location, _MIGRATIONS))
        self.was_damaged = True

    def take_over(self, location: Path, tables: Iterable[str]) -> None:
        """Take over tables of a file of the same version, which is only read."""
        self._connection.execute("COMMIT")
        with suppress(sqlite3.Error):
            other = f"{location.resolve().as_uri()}?immutable=1"
            self._connection.execute("ATTACH ? AS other", (other,))
            (version,) = self._connection.execute("PRAGMA other.user_version").fetchone()
            for table in tables if version == SCHEMA_VERSION else ():
                copy = f'INSERT INTO main."{table}" SELECT * FROM other."{table}"'  # noqa: S608 - our own names
                self._connection.execute(copy)
            self._connection.execute("DETACH other")
        self._connection.execute("BEGIN IMMEDIATE")

    def readable(self, query: str, values: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a query; of a damaged file none."""
        return readable(self._connection, query, *values)

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""
        return self._connection.execute(query, values)

    def row(self, query: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, if there is one."""
        found: tuple[Any, ...] | None = self._connection.execute(query, values).fetchone()
        return found

    def find(
        self, table: str, column: str, keys: Iterable[Any], key: str
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the key and another column of those of some rows that there are."""
        query = f'SELECT {key}, {column} FROM "{table}" WHERE {key} = ?'  # noqa: S608 - our own names
        return chain.from_iterable(self._connection.execute(query, (value,)) for value in keys)

    def put(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows, in place of those with the same key."""
        iterator = iter(rows)
        first = next(iterator, None)
        if first is not None:
            marks = ", ".join("?" for _ in first)
            statement = f'INSERT OR REPLACE INTO "{table}" VALUES ({marks})'  # noqa: S608 - our own names
            self._connection.executemany(statement, chain([first], iterator))

    def update(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write some columns of rows that there are; each begins with its key."""
        places = ", ".join(f"{column} = ?" for column in columns)
        (key,) = KEYS[table]
        statement = f'UPDATE "{table}" SET {places} WHERE {key} = ?'  # noqa: S608 - our own names
        self._connection.executemany(statement, ((*row[1:], row[0]) for row in rows))

    def drop(self, table: str, column: str, values: Iterable[Any]) -> None:
        """Delete the rows with some values in a column."""
        statement = f'DELETE FROM "{table}" WHERE {column} = ?'  # noqa: S608 - our own names
        self._connection.executemany(statement, ((value,) for value in values))

    def empty(self, table: str) -> None:
        """Delete all rows of a table."""
        self._connection.execute(f'DELETE FROM "{table}"')  # noqa: S608 - our own names

    def commit(self) -> None:
        """Make everything since the last commit durable, all or nothing."""
        if self._location is not None:
            unseal(self._location)
            self._has_changed = True
        self._connection.execute("COMMIT")
        self._connection.execute(LOGGED)  # as a new one is not yet
        self._connection.execute("BEGIN IMMEDIATE")

    def close(self) -> None:
        """Drop what was not committed."""
        with suppress(sqlite3.Error):
            self._connection.execute("ROLLBACK")
        self._connection.close()
        if self._location is not None and self._has_changed:
            seal(self._location)


@contextmanager
def telling(location: Path) -> Iterator[None]:
    """Say in one line what is the matter with a file that cannot be used."""
    try:
        yield
    except sqlite3.Error as error:
        raise failure(location, error) from error

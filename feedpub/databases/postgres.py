"""A schema in PostgreSQL, which builders on several machines share, one after the other.

Keys may be longer than a B-tree takes, so rows are found by hashes of them, and what replaces a row
deletes it first: there is one writer at a time. Texts are compared as SQLite does, byte by byte.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any

from feedpub.databases import KEYS, SCHEMA_VERSION
from feedpub.errors import BusyError, EnvironmentUnfitError, StateError, UnavailableError
from feedpub.safekeeping import refuse_newer

if TYPE_CHECKING:
    from psycopg import Connection

# Each brings a schema to the version at its place; the tables are those of SQLite.
_MIGRATIONS = {
    SCHEMA_VERSION: """
CREATE TABLE version (number BIGINT NOT NULL);
INSERT INTO version VALUES (0);
CREATE TABLE meta (name TEXT COLLATE "C", value BYTEA NOT NULL);
CREATE TABLE item (
    key BYTEA, size BIGINT NOT NULL, mtime_ns BIGINT NOT NULL, digest BYTEA NOT NULL,
    reading BYTEA NOT NULL
);
CREATE TABLE details (digest BYTEA NOT NULL, key BYTEA NOT NULL, value BYTEA NOT NULL);
CREATE TABLE entry (
    id TEXT COLLATE "C", fingerprint BYTEA NOT NULL, mentions BYTEA NOT NULL,
    fragments BYTEA NOT NULL
);
CREATE TABLE feed (path TEXT COLLATE "C", fingerprint BYTEA NOT NULL, sha256 TEXT NOT NULL);
CREATE TABLE output (path TEXT COLLATE "C", size BIGINT NOT NULL, mtime_ns BIGINT NOT NULL);
CREATE TABLE memory (
    id TEXT COLLATE "C", story TEXT NOT NULL, fingerprint BYTEA NOT NULL, version BIGINT NOT NULL,
    arrived BIGINT, changed BIGINT, gone BIGINT
);
CREATE TABLE head (scope TEXT COLLATE "C", name TEXT COLLATE "C", value BYTEA NOT NULL);
CREATE TABLE pin (name TEXT COLLATE "C", value BYTEA NOT NULL);
CREATE TABLE made (name TEXT COLLATE "C", value BYTEA NOT NULL);
CREATE TABLE "window" (path TEXT COLLATE "C", entries BYTEA NOT NULL);
CREATE TABLE tombstone (path TEXT COLLATE "C", id TEXT COLLATE "C", moment BIGINT NOT NULL);
CREATE TABLE picture (
    url TEXT COLLATE "C", moment BIGINT NOT NULL, length BIGINT, media_type TEXT, width BIGINT,
    height BIGINT, etag TEXT, modified TEXT, failure TEXT
);
CREATE TABLE note (name TEXT COLLATE "C", value BYTEA NOT NULL);
CREATE TABLE topic (path TEXT COLLATE "C", hash BYTEA NOT NULL);
CREATE TABLE ping (
    hub TEXT COLLATE "C", url TEXT COLLATE "C", id BIGINT NOT NULL, failures BIGINT NOT NULL
);
CREATE INDEX ON topic USING hash (path);
CREATE INDEX ON ping USING hash (url);
CREATE INDEX ON meta USING hash (name);
CREATE INDEX ON item USING hash (key);
CREATE INDEX ON details USING hash (digest);
CREATE INDEX ON details USING hash (key);
CREATE INDEX ON entry USING hash (id);
CREATE INDEX ON memory USING hash (id);
CREATE INDEX ON head USING hash (name);
CREATE INDEX ON pin USING hash (name);
CREATE INDEX ON made USING hash (name);
CREATE INDEX ON "window" USING hash (path);
CREATE INDEX ON picture USING hash (url);
CREATE INDEX ON note USING hash (name);
UPDATE version SET number = 6;
""",
}
_ROWS, _LOCK_SECONDS = 2000, 10
# A builder that vanished from the network gives up its locks within a minute, not within hours.
_SESSION = f"""
SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0;
SET lock_timeout = '{_LOCK_SECONDS}s'; SET client_min_messages = warning;
SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
"""


class PostgresDatabase:
    """A connection that has begun to write: no other one can, meanwhile."""

    was_damaged = False

    def __init__(self, url: str, schema: str) -> None:
        """Connect, and make or bring up to date the schema.

        Raises `UnavailableError` if the server cannot be reached, `StateError` for a schema of a
        newer feedpub or one that may not be used, and `BusyError` for one in use for ten seconds.
        """
        self._url, self._schema = url, schema
        self._waiting: dict[str, dict[tuple[Any, ...], Sequence[Any]]] = {}
        self._number = 0
        self._connection = connected(url)
        try:
            with telling(url):
                self._begin()
                self._migrate()
        except BaseException:
            self._connection.close()
            raise

    def _begin(self) -> None:
        """Begin a transaction, in which nobody else can write."""
        from psycopg import errors

        try:
            query = "SELECT pg_advisory_xact_lock(%s)"
            self._connection.execute(query, (lock_key("state", self._schema),))
        except errors.LockNotAvailable as error:
            raise BusyError(f"{self._url}: another program uses the state") from error

    def _migrate(self) -> None:
        execute = self._connection.execute
        name = '"' + self._schema.replace('"', '""') + '"'
        there = execute("SELECT to_regnamespace(%s)", (name,)).fetchone()
        if not (there and there[0]):
            execute(f"CREATE SCHEMA {name}".encode())
        execute(f"SET search_path = {name}".encode())
        made = execute("SELECT to_regclass('version')").fetchone()
        found = made and made[0] and execute("SELECT number FROM version").fetchone()
        version = found[0] if found else 0
        refuse_newer(version, SCHEMA_VERSION)
        for number, statements in _MIGRATIONS.items():
            if number > version:
                execute(statements.encode())
        self.commit()

    def look_over(self) -> None:
        """Do nothing, as `make_sure`."""

    def make_sure(self) -> None:
        """Do nothing: what a server keeps is its own to check."""

    def readable(self, query: str, values: Sequence[Any] = ()) -> Sequence[tuple[Any, ...]]:
        """Return the rows of a query."""
        return list(self.rows(query, values))

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, which stay with the server until they are wanted."""
        self._number += 1
        with telling(self._url):
            self._flush()
            with self._connection.cursor(f"feedpub_{self._number}") as cursor:
                cursor.itersize = _ROWS
                cursor.execute(query.replace("?", "%s").encode(), values)
                yield from cursor

    def row(self, query: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, if there is one."""
        with telling(self._url):
            self._flush()
            return self._connection.execute(query.replace("?", "%s").encode(), values).fetchone()

    def find(
        self, table: str, column: str, keys: Iterable[Any], key: str
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the key and another column of those of some rows that there are."""
        query = f'SELECT {key}, {column} FROM "{table}" WHERE {key} = ANY(?)'  # noqa: S608 - our own names
        iterator = iter(keys)
        while some := list(islice(iterator, _ROWS)):
            yield from ((row[0], row[1]) for row in self.rows(query, (some,)))

    def put(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows, in place of those with the same key: soon, and many at once."""
        width = len(KEYS[table])
        for row in rows:
            waiting = self._waiting.setdefault(table, {})
            waiting[tuple(row[:width]) if width else (len(waiting),)] = row
            if len(waiting) >= _ROWS:
                with telling(self._url):
                    self._write(table)

    def update(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write some columns of rows that there are; each begins with its key."""
        places = ", ".join(f"{column} = %s" for column in columns)
        (key,) = KEYS[table]
        statement = f'UPDATE "{table}" SET {places} WHERE {key} = %s'  # noqa: S608 - our own names
        self._many(statement, ((*row[1:], row[0]) for row in rows))

    def drop(self, table: str, column: str, values: Iterable[Any]) -> None:
        """Delete the rows with some values in a column."""
        statement = f'DELETE FROM "{table}" WHERE {column} = ANY(%s)'  # noqa: S608 - our own names
        iterator = iter(values)
        while some := list(islice(iterator, _ROWS)):
            self._many(statement, [(some,)])

    def empty(self, table: str) -> None:
        """Delete all rows of a table."""
        self._waiting.pop(table, None)
        self._many(f'DELETE FROM "{table}"', [()])  # noqa: S608 - our own names

    def commit(self) -> None:
        """Make everything since the last commit durable, all or nothing."""
        with telling(self._url):
            self._flush()
            self._connection.commit()
            self._begin()

    def close(self) -> None:
        """Drop what was not committed."""
        self._connection.close()

    def _many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        with telling(self._url), self._connection.cursor() as cursor:
            self._flush()
            cursor.executemany(statement.encode(), rows)

    def _flush(self) -> None:
        for table in list(self._waiting):
            self._write(table)

    def _write(self, table: str) -> None:
        """Write what waits for a table: a copy, after the rows it replaces are gone."""
        waiting, keys = self._waiting.pop(table), KEYS[table]
        with self._connection.cursor() as cursor:
            if keys:
                kind = "bytea[]" if table == "item" else "text[]"
                columns, arrays = ", ".join(keys), ", ".join(f"%s::{kind}" for _ in keys)
                same = " AND ".join(f'"{table}".{key} = old.{key}' for key in keys)
                cursor.execute(
                    f'DELETE FROM "{table}" USING unnest({arrays}) AS old ({columns})'  # noqa: S608 - our own names
                    f" WHERE {same}".encode(),
                    [list(column) for column in zip(*waiting, strict=True)],
                )
            with cursor.copy(f'COPY "{table}" FROM STDIN'.encode()) as copy:
                for row in waiting.values():
                    copy.write_row(row)


def connected(url: str) -> "Connection":
    """Return a connection; raise `UnavailableError`, or `StateError` if it is of no use."""
    try:
        import psycopg
    except ImportError:
        raise EnvironmentUnfitError(
            "state: postgresql:// needs psycopg: pip install 'feedpub[postgres]'"
        ) from None
    with telling(url):
        connection = psycopg.connect(url, connect_timeout=_LOCK_SECONDS, application_name=_name())
        try:
            connection.execute(_SESSION.encode())
            connection.commit()
            _refuse_encoding(connection, url)
        except BaseException:
            connection.close()
            raise
    return connection


def _refuse_encoding(connection: "Connection", url: str) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StateError(f"{url}: the database is in {encoding}; it has to be in UTF8")


def _name() -> str:
    """Return what others see of a connection: whose it is."""
    import os
    import socket

    return f"feedpub on {socket.gethostname()[:30]}, pid {os.getpid()}"


@contextmanager
def telling(url: str) -> Iterator[None]:
    """Say in one line, with the address, what the server says; it holds no password."""
    import psycopg

    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise UnavailableError(f"{url}: {_last_line(error)}") from error
    except (psycopg.errors.InsufficientPrivilege, psycopg.ProgrammingError) as error:
        raise StateError(f"{url}: {_last_line(error)}") from error


def _last_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()


def lock_key(purpose: str, schema: str) -> int:
    """Return the number of an advisory lock."""
    hashed = sha256(f"feedpub {purpose} {schema}".encode()).digest()
    return int.from_bytes(hashed[:8], "big", signed=True)


@contextmanager
def only_builder(url: str, schema: str, wait_seconds: float) -> Iterator[None]:
    """Hold the lock of a site, which the server takes back when the connection ends.

    Raises `BusyError` after `wait_seconds`.
    """
    import time

    key, until = lock_key("run", schema), time.monotonic() + wait_seconds
    connection = connected(url)
    try:
        with telling(url):
            connection.autocommit = True
            while not _locked(connection, key):
                if time.monotonic() >= until:
                    raise BusyError(f"another run{_holder(connection, key)} is active")
                time.sleep(0.2)
        try:
            yield
        finally:
            # That the connection ended, the server may notice later than the next run begins.
            with suppress(Exception):
                connection.execute("SELECT pg_advisory_unlock(%s)", (key,))
    finally:
        with suppress(Exception):
            connection.close()


def _locked(connection: "Connection", key: int) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone()
    return bool(row and row[0])


_WHO = """
SELECT application_name, to_char(backend_start AT TIME ZONE 'UTC', 'HH24:MI')
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND classid::bigint = %s AND objid::bigint = %s
"""


def _holder(connection: "Connection", key: int) -> str:
    """Tell who has the lock: ` (feedpub on builder-a, pid 123, since 10:05 UTC)`."""
    number = key & (2**64 - 1)
    row = connection.execute(_WHO, (number >> 32, number & (2**32 - 1))).fetchone()
    return f" ({row[0]}, since {row[1]} UTC)" if row and row[0] else ""

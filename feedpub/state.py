"""What earlier runs found and did, in SQLite beside the configuration: a cache, never a source.

Losing it costs time, never an id: everything in it can be made again from the records, and the
output is the same with and without it. It is written in one transaction after the output, so that
a run that is cut off is repeated, not believed.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from feedpub.digests import digest
from feedpub.errors import UnwritableStateError
from feedpub.memory import Memory
from feedpub.safekeeping import (
    failure,
    is_broken,
    is_damage,
    is_sound,
    opened,
    prepared,
    readable,
    seal,
    set_aside,
    unseal,
)
from feedpub.sources.files import Stamp

# Where it lies, from the folder of the configuration.
LOCATION = Path(".feedpub", "state.sqlite3")

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
CREATE TABLE window (path TEXT PRIMARY KEY, entries BLOB NOT NULL);
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
)
SCHEMA_VERSION = len(_MIGRATIONS)
# What can be made again from the records; the other tables cannot.
_MEMORY = ("memory", "head", "pin", "made", "window", "tombstone", "picture", "topic", "ping")
_TABLES = ("meta", "item", "details", "entry", "feed", "output")


_DIGEST_SIZE = len(digest())


class Item(NamedTuple):
    """A file of a source as it was read; `details` are those of its articles, with digests.

    It `lacks` records if some in it cannot be used.
    """

    key: str
    stamp: Stamp
    digest: bytes
    reading: bytes
    details: tuple[tuple[bytes, bytes], ...] = ()
    lacks: bool = False


class CachedEntry(NamedTuple):
    """A rendered entry; `mentions` is what its fingerprint depends on beside the article."""

    id: str
    fingerprint: bytes
    mentions: bytes
    fragments: bytes


class State:
    """The state of one site; see the module for what it promises."""

    def __init__(self, connection: sqlite3.Connection, location: Path | None = None) -> None:
        self._location = location
        self._begin(connection)
        self.was_damaged = False

    def _begin(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._has_changed = self._is_sure = False
        self.memory = Memory(connection)

    @classmethod
    def in_memory(cls, like: Path | None = None, *, whole: bool = False) -> "State":
        """Return a state that forgets; it knows what the state at `like` remembers.

        Wanted `whole`, it also knows what can be made again.
        """
        state = cls(
            prepared(sqlite3.connect(":memory:", isolation_level=None, uri=True), _MIGRATIONS)
        )
        if like is not None and like.exists() and not is_broken(like):
            state._copy(like, _MEMORY + _TABLES if whole else _MEMORY)
        return state

    def _copy(self, location: Path, tables: Iterable[str]) -> None:
        """Take over tables of a state of the same version, which is only read."""
        self._db.execute("COMMIT")
        with suppress(sqlite3.Error):
            self._db.execute("ATTACH ? AS other", (f"{location.resolve().as_uri()}?immutable=1",))
            (version,) = self._db.execute("PRAGMA other.user_version").fetchone()
            for table in tables if version == SCHEMA_VERSION else ():
                self._db.execute(f"INSERT INTO main.{table} SELECT * FROM other.{table}")  # noqa: S608
            self._db.execute("DETACH other")
        self._db.execute("BEGIN IMMEDIATE")

    @classmethod
    @contextmanager
    def at(cls, location: Path) -> Iterator["State"]:
        """Open the state for a run, which must be the only one; close it in the end.

        Raises what `open` raises, whenever it shows.
        """
        with closing(cls.open(location)) as state:
            try:
                yield state
            except sqlite3.Error as error:
                raise failure(location, error) from error

    @classmethod
    def open(cls, location: Path) -> "State":
        """Open or make the state; one that is no database any more is set aside and made anew.

        Raises `StateError` for a state of a newer feedpub, or one that cannot be written, and
        `BusyError` for one that another program has locked for ten seconds.
        """
        try:
            location.parent.mkdir(parents=True, exist_ok=True)
            return cls(opened(location, _MIGRATIONS), location)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise failure(location, error) from error
            set_aside(location)
            state = cls(opened(location, _MIGRATIONS), location)
            state.was_damaged = True
            return state
        except OSError as error:
            raise UnwritableStateError(f"cannot write {location}: {error.strerror}") from error

    def make_sure(self) -> None:
        """Begin anew if the state is not what was written; what it is, is set aside.

        To be asked before it is relied on: that takes as long as reading all of it.
        """
        if self._location is None or self._is_sure:
            return
        self._is_sure = is_sound(self._location, self._db)
        if self._is_sure:
            return
        self.close()
        set_aside(self._location)
        self._begin(opened(self._location, _MIGRATIONS))
        self.was_damaged = True

    def commit(self) -> None:
        """Make everything since the last commit durable, all or nothing."""
        if self._location is not None:
            unseal(self._location)
            self._has_changed = True
        self._db.execute("COMMIT")
        self._db.execute("BEGIN IMMEDIATE")

    def close(self) -> None:
        """Drop what was not committed."""
        with suppress(sqlite3.Error):
            self._db.execute("ROLLBACK")
        self._db.close()
        if self._location is not None and self._has_changed:
            seal(self._location)

    def clear(self) -> None:
        """Forget everything."""
        for table in _TABLES:
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    def believe_if(self, fingerprint: bytes) -> None:
        """Forget everything unless it was made under the same conditions."""
        if self.fact("conditions") != fingerprint:
            self.clear()
            self.record_fact("conditions", fingerprint)

    def fact(self, name: str) -> bytes | None:
        """Return a fact about the last run, if it is what was recorded.

        A run that finds nothing to do relies on no more than some of these.
        """
        for (kept,) in readable(self._db, "SELECT value FROM meta WHERE name = ?", name):
            value = kept[_DIGEST_SIZE:] if isinstance(kept, bytes) else b""
            return value if kept == digest(name, value) + value else None
        return None

    def forget_fact(self, name: str) -> None:
        """Forget a fact about the last run."""
        self._db.execute("DELETE FROM meta WHERE name = ?", (name,))

    def record_fact(self, name: str, value: bytes) -> None:
        """Record a fact about this run."""
        kept = digest(name, value) + value
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, kept))

    def stamps(self) -> dict[str, Stamp]:
        """Return the stamp of every file, by key."""
        rows = self._db.execute("SELECT key, size, mtime_ns FROM item")
        return {os.fsdecode(row[0]): Stamp(row[1], row[2]) for row in rows}

    def untrusted_stamps(self) -> dict[str, Stamp]:
        """Return the stamps, by key, that are recorded as none a file could have."""
        rows = self._db.execute("SELECT key, size, mtime_ns FROM item WHERE mtime_ns < 0")
        return {os.fsdecode(row[0]): Stamp(row[1], row[2]) for row in rows}

    def digests(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the digests of those of some files that are known, by key."""
        query = "SELECT digest FROM item WHERE key = ?"
        rows = ((key, self._db.execute(query, (os.fsencode(key),)).fetchone()) for key in keys)
        return {key: row[0] for key, row in rows if row}

    def readings(self) -> Iterator[bytes]:
        """Yield the reading of every file, sorted by key."""
        for (reading,) in self._db.execute("SELECT reading FROM item ORDER BY key"):
            yield reading

    def reading(self, key: str) -> bytes | None:
        """Return the reading of a file, if it is known."""
        query = "SELECT reading FROM item WHERE key = ?"
        row = self._db.execute(query, (os.fsencode(key),)).fetchone()
        return bytes(row[0]) if row else None

    def known_below(self, place: str) -> set[str]:
        """Return the keys of the files in a folder, or of the one in that very place."""
        folder = place.rstrip("/")
        below = f"{folder}/"
        return {key for key in self.stamps() if key == folder or key.startswith(below)}

    def record_items(self, items: Iterable[Item]) -> None:
        """Record files as they were read."""
        for item in items:
            key = os.fsencode(item.key)
            row = (key, *item.stamp, item.digest, item.reading)
            self._db.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?)", row)
            self._db.execute("DELETE FROM details WHERE key = ?", (key,))
            self._db.executemany(
                "INSERT INTO details VALUES (?, ?, ?)",
                ((digest, key, value) for digest, value in item.details),
            )

    def details(self, digest: bytes) -> bytes:
        """Return the details of an article that were recorded with its file."""
        query = "SELECT value FROM details WHERE digest = ? LIMIT 1"
        (value,) = self._db.execute(query, (digest,)).fetchone()
        return bytes(value)

    def record_stamps(self, stamps: dict[str, Stamp]) -> None:
        """Record that files look different but hold the same."""
        self._db.executemany(
            "UPDATE item SET size = ?, mtime_ns = ? WHERE key = ?",
            ((*stamp, os.fsencode(key)) for key, stamp in stamps.items()),
        )

    def forget_items(self, keys: Iterable[str]) -> None:
        """Forget files that are gone."""
        gone = [(os.fsencode(key),) for key in keys]
        self._db.executemany("DELETE FROM item WHERE key = ?", gone)
        self._db.executemany("DELETE FROM details WHERE key = ?", gone)

    def entries(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Yield id, fingerprint and mentions of every rendered entry."""
        yield from self._db.execute("SELECT id, fingerprint, mentions FROM entry")

    def fragments(self, id_: str) -> bytes:
        """Return the fragments of a rendered entry."""
        row = self._db.execute("SELECT fragments FROM entry WHERE id = ?", (id_,)).fetchone()
        return bytes(row[0])

    def record_entries(self, entries: Iterable[CachedEntry]) -> None:
        """Record rendered entries."""
        self._db.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)", entries)

    def forget_entries(self, ids: Iterable[str]) -> None:
        """Forget entries that no feed shows any more."""
        self._db.executemany("DELETE FROM entry WHERE id = ?", ((id_,) for id_ in ids))

    def feeds(self) -> dict[str, tuple[bytes, str]]:
        """Return fingerprint and hash of every published feed, by path."""
        rows = self._db.execute("SELECT path, fingerprint, sha256 FROM feed")
        return {path: (fingerprint, sha256) for path, fingerprint, sha256 in rows}

    def record_feeds(self, feeds: dict[str, tuple[bytes, str]]) -> None:
        """Record all feeds as they are published now."""
        self._db.execute("DELETE FROM feed")
        rows = ((path, *feed) for path, feed in feeds.items())
        self._db.executemany("INSERT INTO feed VALUES (?, ?, ?)", rows)

    def outputs(self) -> dict[str, Stamp]:
        """Return the stamp of every published file, by path."""
        rows = readable(self._db, "SELECT path, size, mtime_ns FROM output")
        return {path: Stamp(size, mtime_ns) for path, size, mtime_ns in rows}

    def record_outputs(self, stamps: dict[str, Stamp]) -> None:
        """Record all published files."""
        self._db.execute("DELETE FROM output")
        rows = ((path, *stamp) for path, stamp in stamps.items())
        self._db.executemany("INSERT INTO output VALUES (?, ?, ?)", rows)

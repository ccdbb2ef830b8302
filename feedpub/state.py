"""What earlier runs found and did, in SQLite beside the configuration: a cache, never a source.

Losing it costs time, never an id: everything in it can be made again from the records, and the
output is the same with and without it. It is written in one transaction after the output, so that
a run that is cut off is repeated, not believed.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from feedpub.databases import CACHE, MEMORY, Database
from feedpub.databases.sqlite import SqliteDatabase, telling
from feedpub.digests import digest
from feedpub.memory import Memory
from feedpub.safekeeping import is_broken, is_in_the_making
from feedpub.sources.files import Stamp

_BATCH = 500
_DIGEST_SIZE = len(digest())


class Item(NamedTuple):
    """A file of a source as it was read; `details` are those of its articles, with digests.

    It `lacks` records if some in it cannot be used; it may be `gone` since it was found.
    """

    key: str
    stamp: Stamp
    digest: bytes
    reading: bytes
    details: tuple[tuple[bytes, bytes], ...] = ()
    lacks: bool = False
    gone: bool = False


class CachedEntry(NamedTuple):
    """A rendered entry; `mentions` is what its fingerprint depends on beside the article."""

    id: str
    fingerprint: bytes
    mentions: bytes
    fragments: bytes


class State:
    """The state of one site; see the module for what it promises."""

    def __init__(self, database: Database, folder: str = "", *, is_shared: bool = False) -> None:
        self._db = database
        self.is_shared = is_shared
        self._folder = f"{folder}/"
        self.memory = Memory(database)

    @property
    def was_damaged(self) -> bool:
        """Tell whether what was there could not be believed, and all began anew."""
        return self._db.was_damaged

    def look_over(self) -> None:
        """Begin with what `make_sure` takes time for."""
        self._db.look_over()

    def make_sure(self) -> None:
        """Begin anew if the state is not what was written; what it is, is set aside.

        To be asked before it is relied on: that takes as long as reading all of it.
        """
        self._db.make_sure()

    @classmethod
    def in_memory(cls, like: Path | None = None, *, whole: bool = False) -> "State":
        """Return a state that forgets; it knows what the state at `like` remembers.

        Wanted `whole`, it also knows what can be made again.
        """
        database = SqliteDatabase.in_memory()
        if like is None:
            return cls(database)
        if like.exists() and not is_in_the_making(like) and not is_broken(like):
            database.take_over(like, MEMORY + CACHE if whole else MEMORY)
        return cls(database, _folder_of(like))

    @classmethod
    def open(cls, location: Path) -> "State":
        """Open or make the state in a file; see `SqliteDatabase.open`."""
        return cls(SqliteDatabase.open(location), _folder_of(location))

    @classmethod
    @contextmanager
    def at(cls, location: Path) -> Iterator["State"]:
        """Open the state for a run, which must be the only one; close it in the end.

        Raises what `open` raises, whenever it shows.
        """
        with closing(cls.open(location)) as state, telling(location):
            yield state

    def commit(self) -> None:
        """Make everything since the last commit durable, all or nothing."""
        self._db.commit()

    def close(self) -> None:
        """Drop what was not committed."""
        self._db.close()

    def hand_over(self, other: Database, tables: Iterable[str]) -> None:
        """Copy tables into another database."""
        for table in tables:
            other.put(table, self._db.rows(f'SELECT * FROM "{table}"'))  # noqa: S608 - our own names

    def _kept_key(self, key: str) -> bytes:
        """Return a file's key as it is kept: the same wherever the folder of the site lies."""
        below = key.startswith(self._folder)
        return os.fsencode(f"./{key[len(self._folder) :]}" if below else key)

    def _key(self, kept: bytes) -> str:
        key = os.fsdecode(kept)
        return f"{self._folder}{key[2:]}" if key.startswith("./") else key

    def clear(self) -> None:
        """Forget everything."""
        for table in CACHE:
            self._db.empty(table)

    def believe_if(self, fingerprint: bytes) -> bool:
        """Forget everything unless it was made under the same conditions; tell whether it was."""
        is_same = self.fact("conditions") == fingerprint
        if not is_same:
            self.clear()
            self.record_fact("conditions", fingerprint)
        return is_same

    def fact(self, name: str) -> bytes | None:
        """Return a fact about the last run, if it is what was recorded.

        A run that finds nothing to do relies on no more than some of these.
        """
        for (kept,) in self._db.readable("SELECT value FROM meta WHERE name = ?", (name,)):
            value = kept[_DIGEST_SIZE:] if isinstance(kept, bytes) else b""
            return value if kept == digest(name, value) + value else None
        return None

    def forget_fact(self, name: str) -> None:
        """Forget a fact about the last run."""
        self._db.drop("meta", "name", [name])

    def record_fact(self, name: str, value: bytes) -> None:
        """Record a fact about this run."""
        self._db.put("meta", [(name, digest(name, value) + value)])

    def stamps(self) -> dict[str, Stamp]:
        """Return the stamp of every file, by key."""
        rows = self._db.rows("SELECT key, size, mtime_ns FROM item")
        return {self._key(row[0]): Stamp(row[1], row[2]) for row in rows}

    def extent(self) -> tuple[int, int]:
        """Return how many files are known, and their size in bytes, all together.

        Nobody may have made sure yet: a damaged state knows none.
        """
        totals = "SELECT count(*), CAST(coalesce(sum(size), 0) AS BIGINT) FROM item"
        ((number, size),) = self._db.readable(totals) or [(0, 0)]
        return number, size

    def untrusted_stamps(self) -> dict[str, Stamp]:
        """Return the stamps, by key, that are recorded as none a file could have."""
        rows = self._db.rows("SELECT key, size, mtime_ns FROM item WHERE mtime_ns < 0")
        return {self._key(row[0]): Stamp(row[1], row[2]) for row in rows}

    def digests(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the digests of those of some files that are known, by key."""
        found = self._db.find("item", "digest", map(self._kept_key, keys), "key")
        return {self._key(key): digest for key, digest in found}

    def readings(self) -> Iterator[bytes]:
        """Yield the reading of every file, sorted by key."""
        for (reading,) in self._db.rows("SELECT reading FROM item ORDER BY key"):
            yield reading

    def reading(self, key: str) -> bytes | None:
        """Return the reading of a file, if it is known."""
        row = self._db.row("SELECT reading FROM item WHERE key = ?", (self._kept_key(key),))
        return bytes(row[0]) if row else None

    def known_below(self, place: str) -> set[str]:
        """Return the keys of the files in a folder, or of the one in that very place."""
        folder = place.rstrip("/")
        below = f"{folder}/"
        return {key for key in self.stamps() if key == folder or key.startswith(below)}

    def record_items(self, items: Iterable[Item]) -> None:
        """Record files as they were read."""
        iterator = iter(items)
        while batch := [(self._kept_key(i.key), i) for i in islice(iterator, _BATCH)]:
            rows = ((key, *item.stamp, item.digest, item.reading) for key, item in batch)
            self._db.put("item", rows)
            self._db.drop("details", "key", [key for key, _ in batch])
            details = ((d, key, value) for key, item in batch for d, value in item.details)
            self._db.put("details", details)

    def details(self, digest: bytes) -> bytes:
        """Return the details of an article that were recorded with its file."""
        query = "SELECT value FROM details WHERE digest = ? LIMIT 1"
        return _only(self._db.row(query, (digest,)))

    def record_stamps(self, stamps: dict[str, Stamp]) -> None:
        """Record that files look different but hold the same."""
        rows = ((self._kept_key(key), *stamp) for key, stamp in stamps.items())
        self._db.update("item", ("size", "mtime_ns"), rows)

    def forget_items(self, keys: Iterable[str]) -> None:
        """Forget files that are gone."""
        gone = [self._kept_key(key) for key in keys]
        self._db.drop("item", "key", gone)
        self._db.drop("details", "key", gone)

    def entries(self) -> Iterator[tuple[str, bytes, bytes, int]]:
        """Yield id, fingerprint, mentions and size of fragments of every rendered entry."""
        rows = self._db.rows("SELECT id, fingerprint, mentions, length(fragments) FROM entry")
        yield from ((id_, mark, mentions, size) for id_, mark, mentions, size in rows)

    def fragments(self, id_: str) -> bytes:
        """Return the fragments of a rendered entry."""
        return _only(self._db.row("SELECT fragments FROM entry WHERE id = ?", (id_,)))

    def record_entries(self, entries: Iterable[CachedEntry]) -> None:
        """Record rendered entries."""
        self._db.put("entry", entries)

    def forget_entries(self, ids: Iterable[str]) -> None:
        """Forget entries that no feed shows any more."""
        self._db.drop("entry", "id", ids)

    def feeds(self) -> dict[str, tuple[bytes, str]]:
        """Return fingerprint and hash of every published feed, by path."""
        rows = self._db.rows("SELECT path, fingerprint, sha256 FROM feed")
        return {path: (fingerprint, sha256) for path, fingerprint, sha256 in rows}

    def record_feeds(self, feeds: dict[str, tuple[bytes, str]]) -> None:
        """Record all feeds as they are published now."""
        self._db.empty("feed")
        self._db.put("feed", ((path, *feed) for path, feed in feeds.items()))

    def outputs(self) -> dict[str, Stamp]:
        """Return the stamp of every published file, by path."""
        rows = self._db.readable("SELECT path, size, mtime_ns FROM output")
        return {path: Stamp(size, mtime_ns) for path, size, mtime_ns in rows}

    def record_outputs(self, stamps: dict[str, Stamp]) -> None:
        """Record all published files."""
        self._db.empty("output")
        self._db.put("output", ((path, *stamp) for path, stamp in stamps.items()))


def _folder_of(location: Path) -> str:
    """Return the folder of the configuration beside which a state lies."""
    return str(location.parent.parent)


def _only(row: tuple[Any, ...] | None) -> bytes:
    assert row is not None, "what the state says it has, it has"
    return bytes(row[0])

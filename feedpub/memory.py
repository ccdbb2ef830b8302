"""The part of the state that cannot be made again from the records: what subscribers have seen.

It outlives upgrades and changes of the configuration. Without it the records' own dates count, and
ids stay as they are.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from feedpub.heads import Head
from feedpub.measurements import Measurement
from feedpub.recollection import Remembered

_ENCODER = msgspec.msgpack.Encoder()
_HEAD = msgspec.msgpack.Decoder(Head)


class Ping(NamedTuple):
    """A hub that is to be told that the feed at `url` changed; a new change gives it a new `id`."""

    id: int
    hub: str
    url: str


class Memory:
    """What a site remembers of its articles and feeds."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def articles(self) -> Iterator[Remembered]:
        """Yield what is remembered of every article that was ever listed."""
        rows = self._db.execute(
            "SELECT id, story, fingerprint, version, arrived, changed, gone FROM memory"
        )
        yield from map(Remembered._make, rows)

    def count_listed(self) -> int:
        """Return how many articles the last run listed."""
        query = "SELECT count(*) FROM memory WHERE gone IS NULL"
        (count,) = self._db.execute(query).fetchone()
        return int(count)

    def record_articles(self, facts: Iterable[Remembered]) -> None:
        """Remember articles."""
        self._db.executemany("INSERT OR REPLACE INTO memory VALUES (?, ?, ?, ?, ?, ?, ?)", facts)

    def heads(self) -> dict[tuple[str, str], Head]:
        """Return which records led their stories, by feed and story."""
        rows = self._db.execute("SELECT scope, name, value FROM head")
        return {(scope, name): _HEAD.decode(value) for scope, name, value in rows}

    def record_heads(
        self, heads: Mapping[tuple[str, str], Head], last: Mapping[tuple[str, str], Head]
    ) -> None:
        """Remember which records lead now; `last` is what is remembered already.

        What is away may return: nothing is forgotten.
        """
        new = [(*place, _ENCODER.encode(h)) for place, h in heads.items() if last.get(place) != h]
        self._db.executemany("INSERT OR REPLACE INTO head VALUES (?, ?, ?)", new)

    def pin(self, name: str) -> bytes | None:
        """Return what was chosen to stand beside an entry."""
        row = self._db.execute("SELECT value FROM pin WHERE name = ?", (name,)).fetchone()
        return bytes(row[0]) if row else None

    def record_pin(self, name: str, value: bytes) -> None:
        """Remember what was chosen to stand beside an entry."""
        self._db.execute("INSERT OR REPLACE INTO pin VALUES (?, ?)", (name, value))

    def keep_pins(self, names: Collection[str]) -> None:
        """Forget the choices for entries that no feed shows any more."""
        known = (name for (name,) in self._db.execute("SELECT name FROM pin").fetchall())
        gone = ((name,) for name in known if name not in names)
        self._db.executemany("DELETE FROM pin WHERE name = ?", gone)

    def made(self) -> dict[str, bytes]:
        """Return what was made once and stays as it is, by name."""
        return dict(self._db.execute("SELECT name, value FROM made"))

    def record_made(self, made: Mapping[str, bytes]) -> None:
        """Remember what was made once."""
        self._db.executemany("INSERT OR REPLACE INTO made VALUES (?, ?)", made.items())

    def windows(self) -> dict[str, bytes]:
        """Return the keys of the entries that each feed showed, by path."""
        return dict(self._db.execute("SELECT path, entries FROM window"))

    def record_windows(self, windows: Mapping[str, bytes], paths: Collection[str]) -> None:
        """Remember what feeds show now; those not at one of all the `paths` are no more."""
        self._db.executemany("INSERT OR REPLACE INTO window VALUES (?, ?)", windows.items())
        known = self._db.execute("SELECT path FROM window").fetchall()
        gone = [(path,) for (path,) in known if path not in paths]
        self._db.executemany("DELETE FROM window WHERE path = ?", gone)

    def tombstones(self) -> list[tuple[str, str, int]]:
        """Return path, id and moment of every entry that was withdrawn from a feed, sorted."""
        rows = self._db.execute("SELECT path, id, moment FROM tombstone ORDER BY path, id")
        return rows.fetchall()

    def record_tombstones(self, tombstones: Iterable[tuple[str, str, int]]) -> None:
        """Remember all tombstones there are now."""
        self._db.execute("DELETE FROM tombstone")
        self._db.executemany("INSERT INTO tombstone VALUES (?, ?, ?)", tombstones)

    def measurements(self) -> dict[str, Measurement]:
        """Return what is known of every picture that was measured, by address."""
        rows = self._db.execute(
            "SELECT url, moment, length, media_type, width, height, etag, modified, failure"
            " FROM picture"
        )
        return {row[0]: Measurement._make(row) for row in rows}

    def record_measurements(self, found: Iterable[Measurement], shown: Collection[str]) -> None:
        """Remember what was found out of pictures, and forget those not `shown` any more."""
        self._db.executemany(
            "INSERT OR REPLACE INTO picture VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", found
        )
        known = self._db.execute("SELECT url FROM picture").fetchall()
        gone = [(url,) for (url,) in known if url not in shown]
        self._db.executemany("DELETE FROM picture WHERE url = ?", gone)

    def topics(self) -> dict[str, bytes]:
        """Return the hashes that feed files had when hubs were last owed a ping, by path."""
        return dict(self._db.execute("SELECT path, hash FROM topic"))

    def record_topics(self, hashes: Mapping[str, bytes], gone: Iterable[str]) -> None:
        """Remember the hashes of feed files, and forget those that are gone."""
        self._db.executemany("DELETE FROM topic WHERE path = ?", [(path,) for path in gone])
        self._db.executemany("INSERT OR REPLACE INTO topic VALUES (?, ?)", hashes.items())

    def pings(self) -> list[Ping]:
        """Return the pings that are owed; those that failed most often come last."""
        rows = self._db.execute("SELECT id, hub, url FROM ping ORDER BY failures, id")
        return [Ping._make(row) for row in rows]

    def owe(self, pings: Iterable[tuple[str, str]]) -> None:
        """Remember that hubs are to be told of addresses, even if they are owed that already."""
        self._db.executemany("INSERT OR REPLACE INTO ping (hub, url) VALUES (?, ?)", pings)

    def keep_pings(self, pings: Collection[tuple[str, str]]) -> None:
        """Forget what is owed to others, or of other addresses."""
        gone = [(ping.id,) for ping in self.pings() if (ping.hub, ping.url) not in pings]
        self._db.executemany("DELETE FROM ping WHERE id = ?", gone)

    def settle_pings(self, done: Iterable[Ping], failed: Iterable[Ping]) -> None:
        """Forget the pings that arrived; what came to be owed meanwhile has other ids."""
        self._db.executemany("DELETE FROM ping WHERE id = ?", [(ping.id,) for ping in done])
        self._db.executemany(
            "UPDATE ping SET failures = failures + 1 WHERE id = ?", [(ping.id,) for ping in failed]
        )

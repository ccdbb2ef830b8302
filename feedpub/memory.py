"""The part of the state that cannot be made again from the records: what subscribers have seen.

It outlives upgrades and changes of the configuration. Without it, what the output tells of stories
and editorial changes counts, then the records' own dates; ids stay as they are.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from feedpub.databases import Database

# What is remembered is loaded by whoever asks for it: a run with nothing to do does not.
if TYPE_CHECKING:
    from feedpub.heads import Head
    from feedpub.measurements import Measurement
    from feedpub.recollection import Remembered

_PUBLISHED, _LAST_PING = "published", "last ping"
_ENCODER = msgspec.msgpack.Encoder()


class Ping(NamedTuple):
    """A hub that is to be told that the feed at `url` changed; a new change gives it a new `id`."""

    id: int
    hub: str
    url: str


class Memory:
    """What a site remembers of its articles and feeds."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def articles(self) -> "Iterator[Remembered]":
        """Yield what is remembered of every article that was ever listed."""
        from feedpub.recollection import Remembered

        rows = self._db.rows(
            "SELECT id, story, fingerprint, version, arrived, changed, gone FROM memory"
        )
        yield from map(Remembered._make, rows)

    def published(self) -> bytes | None:
        """Return the manifest of the feeds that stand, if the output is not the one to tell."""
        row = self._db.row("SELECT value FROM note WHERE name = ?", (_PUBLISHED,))
        return bytes(row[0]) if row else None

    def record_published(self, manifest: bytes) -> None:
        """Remember the manifest of the feeds that stand."""
        self._db.put("note", [(_PUBLISHED, manifest)])

    def count_listed(self) -> int:
        """Return how many articles the last run listed."""
        query = "SELECT count(*) FROM memory WHERE gone IS NULL"
        row = self._db.row(query)
        return int(row[0]) if row else 0

    def record_articles(self, facts: "Iterable[Remembered]") -> None:
        """Remember articles."""
        self._db.put("memory", facts)

    def heads(self) -> "dict[tuple[str, str], Head]":
        """Return which records led their stories, by feed and story."""
        from feedpub.heads import Head

        decode = msgspec.msgpack.Decoder(Head).decode
        rows = self._db.rows("SELECT scope, name, value FROM head")
        texts: dict[str, str] = {}
        same = texts.setdefault  # a feed has many heads, a record leads in many feeds
        heads = {}
        for scope, name, value in rows:
            head = decode(value)
            head.settle(id=same(head.id, head.id))
            heads[same(scope, scope), same(name, name)] = head
        return heads

    def record_heads(
        self, heads: "Mapping[tuple[str, str], Head]", last: "Mapping[tuple[str, str], Head]"
    ) -> None:
        """Remember which records lead now; `last` is what is remembered already.

        What is away may return: nothing is forgotten.
        """
        new = [(*place, _ENCODER.encode(h)) for place, h in heads.items() if last.get(place) != h]
        self._db.put("head", new)

    def pin(self, name: str) -> bytes | None:
        """Return what was chosen to stand beside an entry."""
        row = self._db.row("SELECT value FROM pin WHERE name = ?", (name,))
        return bytes(row[0]) if row else None

    def record_pins(self, pins: Iterable[tuple[str, bytes]]) -> None:
        """Remember what was chosen to stand beside entries, by name."""
        self._db.put("pin", pins)

    def keep_pins(self, names: Collection[str]) -> None:
        """Forget the choices for entries that no feed shows any more."""
        self._keep("pin", "name", names)

    def made(self) -> dict[str, bytes]:
        """Return what was made once and stays as it is, by name."""
        pairs: Iterable[Any] = self._db.rows("SELECT name, value FROM made")
        return dict(pairs)

    def record_made(self, made: Mapping[str, bytes]) -> None:
        """Remember what was made once."""
        self._db.put("made", made.items())

    def windows(self) -> dict[str, bytes]:
        """Return the keys of the entries that each feed showed, by path."""
        pairs: Iterable[Any] = self._db.rows('SELECT path, entries FROM "window"')
        return dict(pairs)

    def record_windows(self, windows: Mapping[str, bytes], paths: Collection[str]) -> None:
        """Remember what feeds show now; those not at one of all the `paths` are no more."""
        self._db.put("window", windows.items())
        self._keep("window", "path", paths)

    def tombstones(self) -> list[tuple[str, str, int]]:
        """Return path, id and moment of every entry that was withdrawn from a feed, sorted."""
        rows = self._db.rows("SELECT path, id, moment FROM tombstone ORDER BY path, id")
        return [(path, id_, moment) for path, id_, moment in rows]

    def record_tombstones(self, tombstones: Iterable[tuple[str, str, int]]) -> None:
        """Remember all tombstones there are now."""
        self._db.empty("tombstone")
        self._db.put("tombstone", tombstones)

    def measurements(self) -> "dict[str, Measurement]":
        """Return what is known of every picture that was measured, by address."""
        from feedpub.measurements import Measurement

        rows = self._db.rows(
            "SELECT url, moment, length, media_type, width, height, etag, modified, failure"
            " FROM picture"
        )
        return {row[0]: Measurement._make(row) for row in rows}

    def record_measurements(self, found: "Iterable[Measurement]", shown: Collection[str]) -> None:
        """Remember what was found out of pictures, and forget those not `shown` any more."""
        self._db.put("picture", found)
        self._keep("picture", "url", shown)

    def topics(self) -> dict[str, bytes]:
        """Return the hashes that feed files had when hubs were last owed a ping, by path."""
        pairs: Iterable[Any] = self._db.rows("SELECT path, hash FROM topic")
        return dict(pairs)

    def record_topics(self, hashes: Mapping[str, bytes], gone: Iterable[str]) -> None:
        """Remember the hashes of feed files, and forget those that are gone."""
        self._db.drop("topic", "path", gone)
        self._db.put("topic", hashes.items())

    def pings(self) -> list[Ping]:
        """Return the pings that are owed; those that failed most often come last."""
        rows = self._db.rows("SELECT id, hub, url FROM ping ORDER BY failures, id")
        return [Ping._make(row) for row in rows]

    def owe(self, pings: Iterable[tuple[str, str]]) -> None:
        """Remember that hubs are to be told of addresses, even if they are owed that already."""
        last = self._db.row("SELECT value FROM note WHERE name = ?", (_LAST_PING,))
        start = int(last[0]) if last else max((ping.id for ping in self.pings()), default=0)
        rows = [(*pair, number, 0) for number, pair in enumerate(pings, start + 1)]
        if rows:
            self._db.put("ping", rows)
            self._db.put("note", [(_LAST_PING, b"%d" % rows[-1][2])])

    def keep_pings(self, pings: Collection[tuple[str, str]]) -> None:
        """Forget what is owed to others, or of other addresses."""
        gone = [ping.id for ping in self.pings() if (ping.hub, ping.url) not in pings]
        self._db.drop("ping", "id", gone)

    def settle_pings(self, done: Iterable[Ping], failed: Iterable[Ping]) -> None:
        """Forget the pings that arrived; what came to be owed meanwhile has other ids."""
        self._db.drop("ping", "id", [ping.id for ping in done])
        ids = {ping.id for ping in failed}
        rows = list(self._db.rows("SELECT hub, url, id, failures FROM ping"))
        self._db.put("ping", [(*row[:3], row[3] + 1) for row in rows if row[2] in ids])

    def _keep(self, table: str, key: str, wanted: Collection[str]) -> None:
        """Forget the rows of a table whose key is not wanted."""
        known = self._db.rows(f'SELECT {key} FROM "{table}"')  # noqa: S608 - our own names
        self._db.drop(table, key, [name for (name,) in known if name not in wanted])

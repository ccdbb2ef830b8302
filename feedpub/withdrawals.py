"""Entries that were withdrawn: which feeds tell so, and for how long (RFC 6721)."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from feedpub.feed import Withdrawal

_KEY_BYTES = 8
Tombstone = tuple[str, str, int]


def window_key(ids: Iterable[str]) -> bytes:
    """Return the entries that a feed shows in a form fit to be kept: a few bytes for each."""
    return b"".join(map(_key, ids))


def window_changes(ids: Iterable[str], before: bytes) -> tuple[frozenset[str], int]:
    """Return which entries a feed did not show before, and how many it shows no more."""
    known = {before[start : start + _KEY_BYTES] for start in range(0, len(before), _KEY_BYTES)}
    keys = {_key(id_): id_ for id_ in ids}
    added = frozenset(id_ for key, id_ in keys.items() if key not in known)
    return added, len(known - keys.keys())


def _key(id_: str) -> bytes:
    data = id_.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=_KEY_BYTES).digest()


def tombstones(
    last: Iterable[Tombstone],
    windows: Mapping[str, bytes],
    gone: Mapping[str, int],
    shows: Callable[[str, str], bool],
    oldest: datetime,
) -> list[Tombstone]:
    """Return path, id and moment of all entries that feeds tell were withdrawn, sorted.

    `last` are those of the last run: they stay until `oldest` is past them, or the feed has the
    entry again. New are those `gone` now, by id, from a feed whose window showed them. `shows`
    tells whether the feed at a path has an entry of some id.
    """
    stones = {
        (path, id_): moment
        for path, id_, moment in last
        if not shows(path, id_) and datetime.fromtimestamp(moment, UTC) > oldest
    }
    keys = {_key(id_): id_ for id_ in sorted(gone)}
    for path, window in windows.items() if keys else ():
        for start in range(0, len(window), _KEY_BYTES):
            id_ = keys.get(window[start : start + _KEY_BYTES])
            if id_ is not None and not shows(path, id_):
                stones[path, id_] = gone[id_]
    return sorted((path, id_, moment) for (path, id_), moment in stones.items())


def by_path(stones: Iterable[Tombstone]) -> dict[str, tuple[Withdrawal, ...]]:
    """Return what each feed tells, the latest first."""
    found: dict[str, list[Withdrawal]] = defaultdict(list)
    for path, id_, moment in stones:
        found[path].append(Withdrawal(id=id_, moment=datetime.fromtimestamp(moment, UTC)))
    return {
        path: tuple(sorted(some, key=lambda each: (-each.moment.timestamp(), each.id)))
        for path, some in found.items()
    }


def expiry(stones: Iterable[Tombstone], kept_for: timedelta) -> datetime | None:
    """Return when the first tombstone has been told for long enough."""
    moments = [datetime.fromtimestamp(moment, UTC) for _, _, moment in stones]
    return min(moments) + kept_for if moments else None

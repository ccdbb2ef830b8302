"""A bucket that a CDN serves: a copy of the output folder, in which only what changed is written.

The object `.feedpub` lists what feedpub wrote, with a hash of it and the ETag it got. An object
that is not in the list is somebody else's.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from feedpub.buckets import Bucket, BucketError, Object, at_once
from feedpub.destinations import Outcome
from feedpub.errors import NotOursError, OutputError, printable

if TYPE_CHECKING:
    from obstore import Attributes

LEDGER = ".feedpub"
# Feeds as `application/xml`, so that browsers show them with their stylesheet.
MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "opml": "text/x-opml; charset=utf-8",
}


class _Kept(NamedTuple):
    """An object as it was written; it has no ETag yet while that goes on."""

    mark: str
    etag: str


class ObjectStore:
    """The objects at `url`, which caches keep for `cache_seconds`."""

    def __init__(self, url: str, cache_seconds: int) -> None:
        self._bucket = Bucket(url)
        self._cache = f"public, max-age={cache_seconds}"
        self.shown = self._bucket.shown

    def sync(self, files: Mapping[str, str], read: Callable[[str], bytes]) -> Outcome:
        """Make the objects those `files`, given by path with their SHA-256, and no others of ours.

        What the pages name is there before the pages, feeds before the lists of feeds, the index
        comes last; then what is no longer wanted goes. Raises `OutputError`, and `NotOursError`
        before anything is written in the place of an object of somebody else's.
        """
        try:
            return self._sync(files, read)
        except BucketError as error:
            raise OutputError(f"cannot publish to {self.shown}: {error}") from error

    def _sync(self, files: Mapping[str, str], read: Callable[[str], bytes]) -> Outcome:
        there = self._bucket.list()
        ledger = self._ledger(there)
        self._refuse_foreign(files, there, ledger)
        marks = {path: self._mark(path, sha256) for path, sha256 in files.items()}
        changed = [path for path in files if not _stands(path, marks[path], ledger, there)]
        obsolete = sorted(set(ledger) - set(files))
        if changed or obsolete:
            self._write_ledger({**ledger, **{p: _Kept(marks[p], "") for p in changed}})
            for _, batch in groupby(sorted(changed, key=_turn), key=lambda path: _turn(path)[0]):
                paths = list(batch)
                etags = at_once(lambda path: self._send(path, read(path), files[path]), paths)
                ledger |= {p: _Kept(marks[p], e) for p, e in zip(paths, etags, strict=True)}
            self._bucket.remove(obsolete)
            self._write_ledger({path: ledger[path] for path in files})
        written = frozenset(changed)
        return Outcome(
            written=tuple(changed),
            unchanged=tuple(path for path in files if path not in written),
            removed=tuple(obsolete),
        )

    def _mark(self, path: str, sha256: str) -> str:
        """Return what tells whether an object is as it should be: its content, and its headers."""
        return _sha256(f"{sha256} {self._attributes(path)}".encode())

    def _send(self, path: str, data: bytes, sha256: str) -> str:
        if _sha256(data) != sha256:
            hint = "is not as feedpub wrote it; run `feedpub build`"
            raise OutputError(f"cannot publish to {self.shown}: {printable(path)} {hint}")
        return self._bucket.write(path, data, self._attributes(path))

    def _attributes(self, path: str) -> "Attributes":
        name = path.rpartition("/")[2]
        suffix = name.rpartition(".")[2]
        media_type = MEDIA_TYPES.get(suffix, "application/octet-stream")
        if name == "feed.json":
            media_type = "application/feed+json; charset=utf-8"
        return {"Content-Type": media_type, "Cache-Control": self._cache}

    def _ledger(self, there: Mapping[str, Object]) -> dict[str, _Kept]:
        if LEDGER not in there:
            if there:
                raise NotOursError(
                    f"{self.shown} holds objects that feedpub did not write; name an empty place"
                    f" with publish:, or put an empty object {LEDGER} there to let feedpub add its"
                    " own"
                )
            return {}
        data = self._bucket.read(LEDGER) or b""
        rows = (line.split("\t") for line in data.decode("utf-8", "replace").splitlines())
        return {row[2]: _Kept(row[0], row[1]) for row in rows if len(row) == 3}

    def _write_ledger(self, ledger: Mapping[str, _Kept]) -> None:
        rows = (f"{ledger[p].mark}\t{ledger[p].etag}\t{p}\n" for p in sorted(ledger))
        attributes: Attributes = {"Content-Type": "text/plain", "Cache-Control": "no-store"}
        self._bucket.write(LEDGER, "".join(rows).encode(), attributes)

    def _refuse_foreign(
        self, files: Iterable[str], there: Mapping[str, Object], ledger: Mapping[str, _Kept]
    ) -> None:
        foreign = [path for path in files if path in there and path not in ledger]
        if foreign:
            raise NotOursError(
                f"{self.shown}/{printable(foreign[0])} was not written by feedpub; nothing was"
                " published there: move it away, or name another place with publish:"
            )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _stands(path: str, mark: str, ledger: Mapping[str, _Kept], there: Mapping[str, Object]) -> bool:
    kept = ledger.get(path)
    if kept is None or path not in there:
        return False
    return kept.mark == mark and kept.etag == there[path].etag != ""


def _turn(path: str) -> tuple[int, str]:
    """Return when a file's turn is to become visible."""
    if "/" in path:
        return 1, path
    if path.endswith((".css", ".js")):
        return 0, path
    return (3 if path == "index.html" else 2), path

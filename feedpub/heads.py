"""Which of several records stands for all of them: chosen once, until an editor changes something.

Quality moves all day; what subscribers see must not. A choice holds for the records it was made
among, as editors left them.
"""

from collections.abc import Collection, Container, Iterable, Mapping
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from feedpub import editorial
from feedpub.article import Article, Settling
from feedpub.digests import digest


class Head(Settling, frozen=True, kw_only=True):
    """The record, by its id, that leads those `key` stands for.

    `since` is when it took the place of another one, None if it was the first. `records` stands for
    those records as such, whatever editors made of them; `version` is that of the fingerprints.
    """

    key: bytes
    id: str
    since: datetime | None = None
    records: bytes = b""
    version: int = 0


class Heads(Struct, kw_only=True):
    """The choices of a run, which knows those of the run before.

    Both are by scope (the path of a feed; empty for records with one link) and by the id that the
    records go by.
    """

    moment: datetime
    last: Mapping[tuple[str, str], Head] = field(default_factory=dict)
    chosen: dict[tuple[str, str], Head] = field(default_factory=dict)

    def choose(
        self, scope: str, name: str, articles: Collection[Article], seen: Container[str] = ()
    ) -> Head:
        """Choose by quality, then age; the same records keep the head they had.

        One record alone needs no choice: `seen` are the ids of those that earlier runs listed.
        """
        edited = _as_edited(articles)
        key = digest(edited)
        last = self.last.get((scope, name))
        if last and last.key == key and last.version == editorial.VERSION:
            head = last  # as nearly always
        else:
            head = self._chosen(last, key, digest([id_ for id_, _ in edited]), articles, seen)
        self.chosen[scope, name] = head
        return head

    def _chosen(
        self,
        last: Head | None,
        key: bytes,
        records: bytes,
        articles: Collection[Article],
        seen: Container[str],
    ) -> Head:
        """Choose among records of which something is not as it was."""
        if last and (last.key == key or self._is_merely_newer(last, records)):
            head = replace(last, key=key)
        else:
            best = min(articles, key=_best_first)
            head = Head(key=key, id=best.id, since=self._since(last, best, articles, seen))
        return replace(head, records=records, version=editorial.VERSION)

    def had(self, scope: str, name: str) -> bool:
        """Tell whether a choice was made before."""
        return (scope, name) in self.last

    def _is_merely_newer(self, last: Head, records: bytes) -> bool:
        """Tell whether only the way of taking fingerprints has changed."""
        return last.version != editorial.VERSION and last.records == records

    def _since(
        self,
        last: Head | None,
        best: Article,
        articles: Collection[Article],
        seen: Container[str],
    ) -> datetime | None:
        if last:
            return last.since if last.id == best.id else self.moment
        alone = [article.id for article in articles if article.id in seen]
        return self.moment if len(alone) == 1 and best.id not in alone else None


def _best_first(article: Article) -> tuple[float, datetime, str]:
    return (-article.quality, article.published, article.id)


def editorial_key(articles: Collection[Article]) -> bytes:
    """Return a digest of what editors made of some articles: nothing else moves it."""
    return digest(_as_edited(articles))


def _as_edited(articles: Iterable[Article]) -> list[tuple[str, bytes]]:
    return sorted((article.id, article.fingerprint) for article in articles)

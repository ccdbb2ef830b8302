"""Which of several records stands for all of them: chosen once, until an editor changes something.

Quality moves all day; what subscribers see must not. A choice holds for the records it was made
among, as editors left them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from feedpub.article import Article
from feedpub.digests import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The record, by its id, that leads those `key` stands for.

    `since` is when it took the place of another one, None if it was the first.
    """

    key: bytes
    id: str
    since: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Heads:
    """The choices of a run, which knows those of the run before.

    Both are by scope (the path of a feed; empty for records with one link) and by the id that the
    records go by.
    """

    moment: datetime
    last: Mapping[tuple[str, str], Head] = field(default_factory=dict)
    chosen: dict[tuple[str, str], Head] = field(default_factory=dict)

    def choose(self, scope: str, name: str, articles: Collection[Article]) -> Head:
        """Choose by quality, then age; the same records keep the head they had."""
        key = editorial_key(articles)
        last = self.last.get((scope, name))
        if last is None or last.key != key:
            best = min(articles, key=_best_first)
            since = last.since if last else None
            if last and last.id != best.id:
                since = self.moment
            last = Head(key=key, id=best.id, since=since)
        self.chosen[scope, name] = last
        return last


def _best_first(article: Article) -> tuple[float, datetime, str]:
    return (-article.quality, article.published, article.id)


def editorial_key(articles: Collection[Article]) -> bytes:
    """Return a digest of what editors made of some articles: nothing else moves it."""
    return digest(sorted((article.id, article.fingerprint) for article in articles))

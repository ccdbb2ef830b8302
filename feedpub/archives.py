"""Archived feeds (RFC 5005 §4): what is older than the months a feed shows, a document a month.

A month is archived as a whole, once it lies before everything the feed shows. Its document is made
of its own entries alone: it changes only when one of them does, or a neighbour comes or goes.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC

from msgspec import Struct

from feedpub.article import Article


class Archive(Struct, frozen=True, kw_only=True):
    """A month of a feed, as `2025-03`, its entries newest first, and its neighbours."""

    month: str
    articles: tuple[Article, ...]
    previous: str | None = None
    next: str | None = None


def month_of(article: Article) -> str:
    """Return the month in which an article was published."""
    return f"{article.published.astimezone(UTC):%Y-%m}"


def unarchived(articles: Sequence[Article], limit: int) -> int:
    """Return how many entries a feed with archives shows itself: `limit`, and their whole months.

    The articles are newest first.
    """
    if len(articles) <= limit:
        return limit
    oldest = month_of(articles[limit - 1])
    return sum(1 for article in articles if month_of(article) >= oldest)


def archives(articles: Sequence[Article]) -> tuple[Archive, ...]:
    """Return the archives of articles that a feed does not show itself, the newest first."""
    months: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        months[month_of(article)].append(article)
    names = sorted(months, reverse=True)
    neighbours = zip([None, *names[:-1]], names, [*names[1:], None], strict=True) if names else ()
    return tuple(
        Archive(month=name, articles=tuple(months[name]), previous=older, next=newer)
        for newer, name, older in neighbours
    )

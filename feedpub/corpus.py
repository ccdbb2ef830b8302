"""All articles of a run: what is listed, what is held back, what was merged."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from feedpub.article import Article
from feedpub.heads import Heads
from feedpub.links import same_address
from feedpub.selection import (
    CLOCK_TOLERANCE,
    WITHHELD_REASONS,
    Selection,
    unselected_reason,
    withheld_reason,
)

# The scope of the choice among records with one link; a feed always has a path.
ONE_LINK = ""


class Merge(Struct, frozen=True, kw_only=True):
    """An article that another one stands for."""

    article: Article
    into: Article
    reason: Literal["same id", "same link"]


class Corpus(Struct, frozen=True, kw_only=True, dict=True):  # for its indexes
    """The articles of a run, sorted out.

    `listed` is newest first, ties by id, unique by id and by link. Every other article is in
    `held_back`, with the reason, or in `merged`. `unselected` are those held back that may be shown
    beside others.
    """

    listed: tuple[Article, ...]
    held_back: tuple[tuple[Article, str], ...] = ()
    merged: tuple[Merge, ...] = ()
    unselected: tuple[Article, ...] = ()
    withheld_addresses: frozenset[str] = frozenset()

    @cached_property
    def by_address(self) -> dict[str, Article]:
        """Return what is at each address, made when it is first asked for: often, nobody does."""
        merged = (merge.article for merge in self.merged)
        return _by_address([*self.unselected, *merged], self.listed)

    @cached_property
    def by_id(self) -> dict[str, Article]:
        """Return the listed articles by id, made when it is first asked for: stories do."""
        return {article.id: article for article in self.listed}

    @property
    def passed_over(self) -> frozenset[str]:
        """Return the ids of articles that are not listed though nothing was withdrawn."""
        unselected = (a.id for a, reason in self.held_back if reason not in WITHHELD_REASONS)
        stood_for = (id_ for merge in self.merged for id_ in merge.into.merged_ids)
        return frozenset((*unselected, *stood_for))


def newest_first(articles: Iterable[Article]) -> tuple[Article, ...]:
    """Sort by date, the newest first, ties by id."""
    by_id = sorted(articles, key=lambda article: article.id)
    return tuple(sorted(by_id, key=lambda article: article.published, reverse=True))


def sort_out(
    articles: Iterable[Article], selection: Selection, now: datetime, heads: Heads | None = None
) -> Corpus:
    """Select, merge and index the articles of a run; the order they come in does not matter."""
    selected: list[Article] = []
    held_back: list[tuple[Article, str]] = []
    withheld: set[str] = set()
    unselected: list[Article] = []
    takes_all = selection.takes_all
    for article in sorted(articles, key=lambda article: (article.id, article.source)):
        article = _without_future_change(article, now)  # noqa: PLW2901 - the one used from here on
        reason = withheld_reason(article, selection, now)
        if reason:
            withheld.update(map(same_address, article.addresses))
        elif not takes_all:
            reason = unselected_reason(article, selection, now)
            if reason:
                unselected.append(article)
        if reason:
            held_back.append((article, reason))
        else:
            selected.append(article)
    kept, merged = merge(selected, heads or Heads(moment=now))
    listed = newest_first(kept)
    return Corpus(
        listed=listed,
        held_back=tuple(held_back),
        merged=merged,
        unselected=tuple(unselected),
        withheld_addresses=frozenset(but_not_of(withheld, listed)),
    )


def _without_future_change(article: Article, now: datetime) -> Article:
    """Forget the date of a change that is still to come: a feed must not be dated ahead."""
    if article.updated is None or article.updated <= now + CLOCK_TOLERANCE:
        return article
    return replace(article, updated=None)


def merge(articles: list[Article], heads: Heads) -> tuple[list[Article], tuple[Merge, ...]]:
    """Merge articles with the same id or the same link; return those kept and what was merged.

    The better `quality`, then the older stays, until an editor changes one of them. It takes the id
    of the oldest, so that quality, which moves up and down, never changes an id; the other ids are
    remembered.
    """
    kept: list[Article] = []
    merged: list[Merge] = []
    for same in _groups(_unique_by_id(articles, merged)):
        best = same[0]
        if len(same) > 1:
            oldest = min(same, key=lambda article: (article.published, article.id))
            chosen = heads.choose(ONE_LINK, oldest.id, same).id
            best = next(article for article in same if article.id == chosen)
            others = [article for article in same if article is not best]
            ids = sorted({article.id for article in same} - {oldest.id})
            stays = replace(best, id=oldest.id, merged_ids=tuple(ids))
            merged.extend(Merge(article=a, into=stays, reason="same link") for a in others)
            kept.append(stays)
        else:
            kept.append(best)
    return kept, tuple(merged)


def _oldest_first(article: Article) -> tuple[object, ...]:
    """Sort the older first, then by whatever tells two records apart and does not move all day."""
    texts = (article.title, article.summary or "", article.body or "", article.details_kept)
    return (article.published, article.source, article.link, *texts)


def _unique_by_id(articles: list[Article], merged: list[Merge]) -> list[Article]:
    by_id: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        by_id[article.id].append(article)
    unique = []
    for same in by_id.values():
        first, *others = sorted(same, key=_oldest_first) if len(same) > 1 else same
        unique.append(first)
        merged.extend(Merge(article=a, into=first, reason="same id") for a in others)
    return unique


def _groups(articles: list[Article]) -> list[list[Article]]:
    by_link: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        by_link[same_address(article.link)].append(article)
    return list(by_link.values())


def but_not_of(addresses: set[str], articles: Iterable[Article]) -> set[str]:
    """Return addresses without those of some articles."""
    if not addresses:  # as on most sites: that spares a look at every article
        return addresses
    return addresses - {same_address(url) for article in articles for url in article.addresses}


def _by_address(others: Iterable[Article], listed: Iterable[Article]) -> dict[str, Article]:
    """Index by address; a listed article wins over others, a link over an original address."""
    index: dict[str, Article] = {}
    for articles in (others, listed):
        ordered = sorted(articles, key=lambda article: article.id)
        for article in ordered:
            if article.via:
                index[same_address(article.via)] = article
        for article in ordered:
            index[same_address(article.link)] = article
    return index

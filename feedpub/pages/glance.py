"""What the index shows of a feed at a glance: how busy it is, and what it has lately."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from msgspec import Struct

from feedpub.article import Article
from feedpub.pages.site_map import Published, SiteMap

WEEKS = 12
NEWEST = 3
# So many feeds show titles and a picture, the others are a line each: an index of 450 feeds must
# stay under 300 KB.
CARDS = 80

_WEEK = timedelta(weeks=1)
# Which feeds are shown in full first, where there are too many.
_RANKS = {"all": 0, "named": 1, "topic": 2, "provider": 3, "topic-provider": 4}

Picture = Callable[[Article], str | None]


class Glance(Struct, frozen=True, kw_only=True):
    """A feed at a glance: `weeks` are the articles a week, oldest first; a logo is no picture."""

    newest: tuple[Article, ...] = ()
    picture: str | None = None
    logo: str | None = None
    last: datetime | None = None
    weeks: tuple[int, ...] = ()

    @property
    def bars(self) -> str:
        """Return the weeks as an SVG path: a bar each, the highest one 10 high."""
        top = max(self.weeks, default=0)
        heights = ((week, -(-count * 10 // top)) for week, count in enumerate(self.weeks) if count)
        return "".join(f"M{4 * week + 2} 10v-{height}" for week, height in heights)


def glances(site_map: SiteMap, picture: Picture) -> dict[str, Glance]:
    """Return what to show of each feed, by path."""
    ranked = sorted(site_map.feeds, key=_rank)
    cards = {item.feed.path for item in ranked[:CARDS]}
    moments = (item.group.articles[0].published for item in site_map.feeds if item.group.articles)
    end = max(moments, default=None)
    return {
        item.feed.path: _glance(item, end, picture, is_card=item.feed.path in cards)
        for item in site_map.feeds
    }


def _rank(item: Published) -> tuple[int, int, str]:
    return _RANKS[item.group.kind], -item.entries, item.feed.path


def _glance(item: Published, end: datetime | None, picture: Picture, *, is_card: bool) -> Glance:
    articles = item.group.articles
    if not articles or end is None:
        return Glance()
    newest = articles[:NEWEST] if is_card else ()
    return Glance(
        newest=newest,
        picture=next(filter(None, map(picture, newest)), None),
        logo=_logo(item),
        last=articles[0].published,
        weeks=articles_a_week(articles, end),
    )


def _logo(item: Published) -> str | None:
    group = item.group
    if group.kind != "provider" or group.provider is None or group.provider.logo is None:
        return None
    return group.provider.logo.url


def articles_a_week(articles: Sequence[Article], end: datetime) -> tuple[int, ...]:
    """Return how many articles were in each of the weeks before `end`, oldest first.

    They are newest first, so that few of them have to be looked at.
    `end` is the newest article of the site, not the time of the run: the same records give the
    same page.
    """

    def age(article: Article) -> timedelta:
        return end - article.published

    newer = [bisect_left(articles, _WEEK * week, key=age) for week in range(WEEKS + 1)]
    return tuple(after - before for before, after in pairwise(newer))[::-1]

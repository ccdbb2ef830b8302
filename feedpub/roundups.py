"""Digests: one entry a day or a week, with the best stories of that time, made once it is over.

A digest that was made stays as it is, whatever becomes of quality and of late arrivals; only a
story whose records are no longer listed leaves it.
"""

import html
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from feedpub.article import Article, Image
from feedpub.editorial import editorial_fingerprint
from feedpub.pictures import illustrates

Period = Literal["daily", "weekly"]
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_LENGTHS = {"daily": timedelta(days=1), "weekly": timedelta(weeks=1)}


class DigestRule(Struct, frozen=True, kw_only=True):
    """How often a digest is made, and how many stories are in it."""

    period: Period
    best: int = 10


class Item(Struct, frozen=True, kw_only=True):
    """A story in a digest; `ids` are those of its records."""

    ids: tuple[str, ...]
    title: str
    link: str
    summary: str | None = None
    provider: str | None = None
    picture: Image | None = None


class Roundup(Struct, frozen=True, kw_only=True):
    """The best stories of a period, best first; it ended at `end`."""

    end: datetime
    items: tuple[Item, ...]


def period_start(moment: datetime, period: Period) -> datetime:
    """Return when the day or the week (from Monday) of a moment began, in UTC."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday()) if period == "weekly" else day


def period_end(moment: datetime, period: Period) -> datetime:
    """Return when the day or the week of a moment is over."""
    return period_start(moment, period) + _LENGTHS[period]


def period_name(end: datetime, period: Period) -> str:
    """Return the name of the period that ended then: `2026-02-03`, `2026-W05` (ISO 8601)."""
    day = _first_day(end, period)
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}" if period == "weekly" else day.isoformat()


def _first_day(end: datetime, period: Period) -> date:
    return (end - _LENGTHS[period]).date()


class Digests(Struct, kw_only=True):
    """Makes the digests of a run; `made` are those of earlier runs, by feed and period.

    `listed` are the ids of all articles that may be seen; `with_details` completes an article.
    """

    tag: str
    url: str
    moment: datetime
    listed: Container[str]
    with_details: Callable[[Article], Article]
    made: Mapping[str, Roundup] = field(default_factory=dict)
    new: dict[str, Roundup] = field(default_factory=dict)

    def entries(
        self, path: str, title: str, rule: DigestRule, articles: Iterable[Article]
    ) -> tuple[Article, ...]:
        """Return an article a period that is over and had stories, the newest first.

        `articles` are one a story.
        """
        by_end: dict[datetime, list[Article]] = defaultdict(list)
        for article in articles:
            end = period_end(article.published, rule.period)
            if end <= self.moment:
                by_end[end].append(article)
        found = {
            name.removeprefix(f"{path} "): roundup
            for name, roundup in self.made.items()
            if name.startswith(f"{path} {rule.period} ")
        }
        for end, stories in by_end.items():
            key = f"{rule.period} {period_name(end, rule.period)}"
            if key not in found:
                found[key] = self._made(end, stories, rule.best)
                self.new[f"{path} {key}"] = found[key]
        entries = [self._entry(path, title, rule.period, each) for each in found.values()]
        present = [entry for entry in entries if entry is not None]
        return tuple(sorted(present, key=lambda entry: entry.published, reverse=True))

    def _made(self, end: datetime, stories: list[Article], best: int) -> Roundup:
        ranked = sorted(stories, key=lambda a: (-a.quality, a.published, a.id))[:best]
        return Roundup(end=end, items=tuple(map(self._item, ranked)))

    def _item(self, article: Article) -> Item:
        whole = self.with_details(article)
        usable = (i for i in article.images if i.medium == "image" and illustrates(i, frozenset()))
        return Item(
            ids=article.story.members if article.story else (article.id,),
            title=article.title,
            link=article.link,
            summary=whole.summary,
            provider=article.provider.name if article.provider else None,
            picture=next(usable, None),
        )

    def _entry(self, path: str, title: str, period: Period, roundup: Roundup) -> Article | None:
        items = [item for item in roundup.items if any(id_ in self.listed for id_ in item.ids)]
        if not items:
            return None
        name = period_name(roundup.end, period)
        picture = next((item.picture for item in items if item.picture), None)
        article = Article(
            id=f"tag:{self.tag}:digest:{path}:{name}",
            source=f"digest {path} {name}",
            title=f"{title}: {_said(roundup.end, period)}",
            link=f"{self.url}{path}/#{name}",
            published=roundup.end,
            summary="\n".join(item.title for item in items),
            body="".join(map(_item_html, items)),
            body_format="html",
            images=(picture,) if picture else (),
        )
        return replace(article, fingerprint=editorial_fingerprint(article))


def _said(end: datetime, period: Period) -> str:
    day = _first_day(end, period)
    if period == "weekly":
        year, week, _ = day.isocalendar()
        return f"week {week} of {year}"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"  # strftime would ask the locale


def _item_html(item: Item) -> str:
    picture = f'<p><img src="{html.escape(item.picture.url)}" alt=""></p>' if item.picture else ""
    provider = f" ({html.escape(item.provider)})" if item.provider else ""
    summary = f"<p>{html.escape(item.summary)}</p>" if item.summary else ""
    link = f'<a href="{html.escape(item.link)}">{html.escape(item.title)}</a>'
    return f"<h3>{link}{provider}</h3>{picture}{summary}"

"""What is remembered of articles that were listed before, and what this run adds to it.

A pure decider: old facts and the time of the run in, new facts out. A site without memory behaves
as one whose articles were all seen long ago: their own dates count, and what the output tells.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from feedpub.article import Article
from feedpub.editorial import VERSION


class Remembered(NamedTuple):
    """An article that was listed: moments are seconds since 1970.

    `story` is the id its entries go by. `arrived` is when it was first listed (None: before there
    was a memory), `changed` when an editor was last seen to have changed it, `gone` since when it
    is no longer listed.
    """

    id: str
    story: str
    fingerprint: bytes
    version: int
    arrived: int | None = None
    changed: int | None = None
    gone: int | None = None


class Told(Struct, frozen=True, kw_only=True):
    """What the output tells of articles, by id, that their records do not.

    `stories` are those named after another record than their oldest, `changed` the moments of
    editorial changes.
    """

    stories: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, datetime] = field(default_factory=dict)


class Recollection(Struct, kw_only=True):
    """What is known of the listed articles, by id, and the facts to remember.

    `stories` are those of articles listed before, `changed` the editorial changes that were seen
    and of which the records say nothing, `arrived` the articles first listed lately, `new` those
    first listed now.
    """

    moment: datetime
    is_first: bool = True
    stories: dict[str, str] = field(default_factory=dict)
    changed: dict[str, datetime] = field(default_factory=dict)
    arrived: dict[str, datetime] = field(default_factory=dict)
    new: tuple[Article, ...] = ()
    facts: list[Remembered] = field(default_factory=list)

    def dated(self, article: Article) -> Article:
        """Return an article with the date of its last change, if the record gives none."""
        moment = self.changed.get(article.id)
        if moment is None:
            return article
        return replace(article, updated=max(moment, article.published))

    def gone(self, still_there: Collection[str]) -> dict[str, int]:
        """Return the entries that may have been withdrawn in this run, with the moment, by id.

        Records `still_there`, by id, were not: they are passed over, or stand for one another.
        """
        seconds = int(self.moment.timestamp())
        facts = [fact for fact in self.facts if fact.id not in still_there]
        ids = (id_ for fact in facts if fact.gone == seconds for id_ in (fact.id, fact.story))
        return dict.fromkeys(ids, seconds)

    def with_new(self, stories: Mapping[str, str]) -> list[Remembered]:
        """Return all the facts to remember, once the stories of new articles are known."""
        arrived = None if self.is_first else int(self.moment.timestamp())
        return [
            *self.facts,
            *(
                Remembered(
                    a.id,
                    stories[a.id],
                    a.fingerprint,
                    VERSION,
                    arrived=arrived,
                    changed=_seconds(self.changed.get(a.id)),
                )
                for a in self.new
            ),
        ]


def recollect(
    articles: Iterable[Article],
    remembered: Iterable[Remembered],
    now: datetime,
    min_visible: timedelta,
    told: Told | None = None,
) -> Recollection:
    """Compare the listed articles with what is remembered of them.

    Without a memory, what the output tells of them stays as it is.
    """
    result = Recollection(moment=now)
    unseen = {article.id: article for article in articles}
    seconds = int(now.timestamp())
    for fact in remembered:
        result.is_first = False
        article = unseen.pop(fact.id, None)
        kept = _brought_up_to_date(fact, article, seconds)
        if kept is not fact:
            result.facts.append(kept)
        if article is not None:
            _take_over(result, kept, article, min_visible)
    result.new = tuple(unseen.values())
    if result.is_first and told:
        result.stories = {id_: told.stories[id_] for id_ in unseen if id_ in told.stories}
        result.changed = {
            article.id: told.changed[article.id]
            for article in result.new
            if article.id in told.changed and article.updated is None
        }
    if not result.is_first and min_visible:
        result.arrived.update((article.id, now) for article in result.new)
    return result


def _brought_up_to_date(fact: Remembered, article: Article | None, seconds: int) -> Remembered:
    """Return what is to be remembered at a moment: the very same if nothing changed."""
    if article is None:
        return fact if fact.gone is not None else fact._replace(gone=seconds)
    if fact.version != VERSION:
        return fact._replace(gone=None, fingerprint=article.fingerprint, version=VERSION)
    if fact.fingerprint != article.fingerprint:
        later = max(seconds, (fact.changed or 0) + 1)  # though the clock went back
        return fact._replace(gone=None, fingerprint=article.fingerprint, changed=later)
    return fact if fact.gone is None else fact._replace(gone=None)


def _take_over(
    result: Recollection, fact: Remembered, article: Article, min_visible: timedelta
) -> None:
    result.stories[article.id] = article.id if fact.story == article.id else fact.story
    if fact.changed is not None and article.updated is None:
        result.changed[article.id] = _moment(fact.changed)
    if fact.arrived is not None and _moment(fact.arrived) + min_visible > result.moment:
        result.arrived[article.id] = _moment(fact.arrived)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())

"""Stories: records that list one another in `related` tell of the same thing, and are one entry.

A record joins a story when it is first listed, and stays in it: lists of related articles are
rewritten all the time, and a feed must not change when no editor changed anything.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from feedpub.article import Article, Story
from feedpub.heads import Head, Heads
from feedpub.mutual_links import MutualLinks


class StoryRules(Struct, frozen=True, kw_only=True):
    """How wide a story may be: in time, from its first to its last record, and in records."""

    fold: bool = True
    window: timedelta = timedelta(days=14)
    limit: int = 200


def assigned(
    articles: Iterable[Article], rules: StoryRules, known: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the story of each article, by its id; a story is named after one of its records.

    `known` are the stories of articles that were listed before: they stay. A new article joins a
    story with which it shares a mutual link, the nearest in time first, as long as the story stays
    within the rules; new articles without one make stories of their own, named after the oldest.
    """
    known = known or {}
    by_id = {article.id: article for article in articles}
    if not rules.fold:
        return {id_: id_ for id_ in by_id}
    names = {id_: known.get(id_, id_) for id_ in by_id}
    links = MutualLinks(by_id.values(), known)
    for group in links.groups():
        clusters = _Clusters([by_id[id_] for id_ in group], rules, known)
        # Where all of them may be one story, the order in which they join does not matter.
        if not clusters.join(group):
            for pair in links.pairs(group):
                clusters.join(pair)
        names.update(clusters.names())
    return names


class _Cluster(Struct, kw_only=True):
    """A story in the making; it has a name if it was there before."""

    ids: list[str]
    oldest: tuple[datetime, str]
    newest: datetime
    name: str | None = None

    def absorb(self, other: "_Cluster") -> None:
        """Take over what another one holds."""
        self.ids += other.ids
        self.oldest = min(self.oldest, other.oldest)
        self.newest = max(self.newest, other.newest)
        self.name = self.name or other.name


class _Clusters:
    """Stories in the making."""

    def __init__(
        self, articles: Iterable[Article], rules: StoryRules, known: Mapping[str, str]
    ) -> None:
        self._rules = rules
        self._of: dict[str, _Cluster] = {}
        named: dict[str, _Cluster] = {}
        for article in articles:
            name = known.get(article.id)
            cluster = _Cluster(
                ids=[article.id],
                oldest=(article.published, article.id),
                newest=article.published,
                name=name,
            )
            if name is not None:
                if name in named:
                    named[name].absorb(cluster)
                cluster = named.setdefault(name, cluster)
            self._of[article.id] = cluster

    def join(self, ids: Iterable[str]) -> bool:
        """Make the stories of some articles one, unless the rules forbid it; tell whether it is."""
        found = {id(cluster): cluster for cluster in map(self._of.__getitem__, ids)}
        if len(found) == 1:
            return True
        if not self._may_be_one(found.values()):
            return False
        largest, *others = sorted(found.values(), key=lambda cluster: -len(cluster.ids))
        for other in others:
            largest.absorb(other)
            self._of.update(dict.fromkeys(other.ids, largest))
        return True

    def _may_be_one(self, clusters: Collection[_Cluster]) -> bool:
        moments = [cluster.oldest[0] for cluster in clusters]
        width = max(cluster.newest for cluster in clusters) - min(moments)
        size = sum(len(cluster.ids) for cluster in clusters)
        named = sum(cluster.name is not None for cluster in clusters)
        return width <= self._rules.window and size <= self._rules.limit and named <= 1

    def names(self) -> dict[str, str]:
        """Return the name of the story of each article."""
        return {id_: cluster.name or cluster.oldest[1] for id_, cluster in self._of.items()}


class Members(Struct, frozen=True, kw_only=True):
    """All articles of a story: the ids of each and of the oldest, and how many outlets have it."""

    ids: tuple[str, ...]
    oldest: str
    outlets: int


def _members(articles: Collection[Article]) -> Members:
    return Members(
        ids=tuple(sorted(article.id for article in articles)),
        oldest=min(articles, key=lambda article: (article.published, article.id)).id,
        outlets=len({who for article in articles if (who := _who(article))}),
    )


class Stories(Struct, frozen=True, kw_only=True):
    """The stories of a run: the name of each article's story, and the members of the larger ones.

    `seen` are the ids of the articles that earlier runs listed. `entries` holds what stands for a
    story, by its name and who leads it since when: most feeds that it is in show the very same.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, Members] = field(default_factory=dict)
    seen: Container[str] = ()
    entries: dict[tuple[str, str, datetime | None], Article] = field(default_factory=dict)

    @property
    def renamed(self) -> dict[str, str]:
        """Return the stories, by article, that do not go by the id of their oldest article."""
        return {
            id_: name
            for name, members in self.members.items()
            if members.oldest != name
            for id_ in members.ids
        }

    def folded(self, path: str, articles: tuple[Article, ...], heads: Heads) -> tuple[Article, ...]:
        """Return one article a story, its head in the feed at `path`, newest first.

        It goes by the name of the story.
        """
        if not self.members and not heads.last:
            return articles
        here: dict[str, list[Article]] = defaultdict(list)
        for article in articles:
            here[self.names[article.id]].append(article)
        entries = [self._entry(path, name, here[name], heads) for name in here]
        by_id = sorted(entries, key=lambda article: article.id)
        return tuple(sorted(by_id, key=lambda article: article.published, reverse=True))

    def _entry(self, path: str, name: str, here: list[Article], heads: Heads) -> Article:
        everywhere = self.members.get(name)
        if everywhere is None:
            if not heads.had(path, name):
                return here[0]
            everywhere = _members(here)  # the last of a story that was larger
        head = heads.choose(path, name, here, self.seen)
        place = (name, head.id, head.since)
        if place not in self.entries:
            self.entries[place] = _led(head, name, here, everywhere)
        return self.entries[place]


def _led(head: Head, name: str, articles: Iterable[Article], members: Members) -> Article:
    """Return what stands for a story in feeds where that one of its articles leads."""
    leading = next(article for article in articles if article.id == head.id)
    story = Story(id=name, head=head.id, members=members.ids, outlets=members.outlets)
    updated = max(leading.changed, head.since) if head.since else leading.updated
    return replace(leading, id=name, story=story, updated=updated)


def stories_of(
    articles: Iterable[Article], names: Mapping[str, str], seen: Container[str] = ()
) -> Stories:
    """Return the stories of several articles, or of one that goes by another's name."""
    # Most articles are all of their story: of those nothing is kept.
    larger = {name for id_, name in names.items() if name != id_}
    members: dict[str, list[Article]] = defaultdict(list)
    for article in articles if larger else ():
        if names[article.id] in larger:
            members[names[article.id]].append(article)
    return Stories(
        names=names,
        members={name: _members(some) for name, some in members.items()},
        seen=seen,
    )


def _who(article: Article) -> str | None:
    return (article.provider.domain or article.provider.name) if article.provider else None

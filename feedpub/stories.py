"""Stories: records that list one another in `related` tell of the same thing, and are one entry.

A record joins a story when it is first listed, and stays in it: lists of related articles are
rewritten all the time, and a feed must not change when no editor changed anything.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, compress

from msgspec import Struct, field
from msgspec.structs import replace

from feedpub.article import Article, Story
from feedpub.digests import address_keys, numbered
from feedpub.heads import Heads

_EPOCH, _INSTANT = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


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
    pairs = _mutual_links(by_id, known)
    if pairs:
        clusters = _Clusters(_concerned(pairs, by_id, names), rules, known)
        for one, other in pairs:
            clusters.join(one, other)
        names.update(clusters.names())
    return names


def _concerned(
    pairs: Iterable[tuple[str, str]], by_id: Mapping[str, Article], names: Mapping[str, str]
) -> list[Article]:
    """Return the articles of some pairs, with all others of their stories."""
    stories = {names[id_] for id_ in set(chain.from_iterable(pairs))}
    return [article for id_, article in by_id.items() if names[id_] in stories]


def _mutual_links(by_id: Mapping[str, Article], known: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the ids of those that list one another, one of them new; the nearest in time first."""
    ids = sorted(by_id)
    articles = [by_id[id_] for id_ in ids]
    is_new = [id_ not in known for id_ in ids]
    if not any(article.related_keys for article in compress(articles, is_new)):
        return []
    moments = [(article.published - _EPOCH) // _INSTANT for article in articles]
    links = _Links(articles)
    pairs = [
        (abs(moments[one] - moments[other]), min(one, other), max(one, other))
        for one in compress(range(len(ids)), is_new)
        for other in links[one]
        # Of two that are new the first has the pair.
        if (one < other or not is_new[other]) and one in links[other]
    ]
    return [(ids[one], ids[other]) for _, one, other in sorted(pairs)]


class _Links(dict[int, frozenset[int]]):
    """Which of some articles each of them lists, by their numbers; looked for when asked."""

    def __init__(self, articles: Sequence[Article]) -> None:
        super().__init__()
        self._articles = articles
        self._at: dict[int, int] = {}  # of those with the same address the first has it
        for number, article in reversed(list(enumerate(articles))):
            if article.related_keys:
                for key in numbered(address_keys(article.addresses)):
                    self._at[key] = number

    def __missing__(self, number: int) -> frozenset[int]:
        keys = self._at.keys() & numbered(self._articles[number].related_keys)
        found = self[number] = frozenset(self._at[key] for key in keys) - {number}
        return found


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

    def join(self, one: str, other: str) -> None:
        """Make the stories of two articles one, unless the rules forbid it."""
        left, right = self._of[one], self._of[other]
        if left is right or (left.name is not None and right.name is not None):
            return
        if max(left.newest, right.newest) - min(left.oldest, right.oldest)[0] > self._rules.window:
            return
        if len(left.ids) + len(right.ids) > self._rules.limit:
            return
        small, large = sorted((left, right), key=lambda cluster: len(cluster.ids))
        large.absorb(small)
        self._of.update(dict.fromkeys(small.ids, large))

    def names(self) -> dict[str, str]:
        """Return the name of the story of each article."""
        return {id_: cluster.name or cluster.oldest[1] for id_, cluster in self._of.items()}


class Stories(Struct, frozen=True, kw_only=True):
    """The stories of a run: the name of each article's story, and the articles of each story.

    `seen` are the ids of the articles that earlier runs listed.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, tuple[Article, ...]] = field(default_factory=dict)
    seen: Container[str] = ()

    @property
    def renamed(self) -> dict[str, str]:
        """Return the stories, by article, that do not go by the id of their oldest article."""
        return {
            article.id: name
            for name, members in self.members.items()
            if _oldest(members).id != name
            for article in members
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
            everywhere = tuple(here)  # the last of a story that was larger
        head = heads.choose(path, name, here, self.seen)
        leading = next(article for article in here if article.id == head.id)
        story = Story(
            id=name,
            head=head.id,
            members=tuple(sorted(article.id for article in everywhere)),
            outlets=len({who for article in everywhere if (who := _who(article))}),
        )
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
        members={name: tuple(some) for name, some in members.items()},
        seen=seen,
    )


def _oldest(articles: Iterable[Article]) -> Article:
    return min(articles, key=lambda article: (article.published, article.id))


def _who(article: Article) -> str | None:
    return (article.provider.domain or article.provider.name) if article.provider else None

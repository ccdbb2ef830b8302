"""Stories: records that list one another in `related` tell of the same thing, and are one entry.

A record joins a story when it is first listed, and stays in it: lists of related articles are
rewritten all the time, and a feed must not change when no editor changed anything.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from feedpub.article import Article, Story
from feedpub.digests import address_keys, numbered
from feedpub.heads import Heads


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
    pairs: Iterable[tuple[Article, Article]],
    by_id: Mapping[str, Article],
    names: Mapping[str, str],
) -> dict[str, Article]:
    """Return the articles of some pairs, with all others of their stories."""
    stories = {names[article.id] for pair in pairs for article in pair}
    return {id_: article for id_, article in by_id.items() if names[id_] in stories}


def _mutual_links(
    by_id: Mapping[str, Article], known: Mapping[str, str]
) -> list[tuple[Article, Article]]:
    """Return the pairs that list one another, one of them new; the nearest in time first."""
    new = [article for article in by_id.values() if article.id not in known]
    if not any(article.related_keys for article in new):
        return []
    at: dict[int, Article] = {}
    for article in sorted(by_id.values(), key=lambda article: article.id, reverse=True):
        if article.related_keys:
            for key in numbered(address_keys(article.addresses)):
                at[key] = article
    pairs = {
        (min(one.id, other.id), max(one.id, other.id)): (one, other)
        for one in new
        for other in _linked(one, at)
        if any(back is one for back in _linked(other, at))
    }
    return sorted(pairs.values(), key=lambda pair: (_apart(*pair), *_ids(pair)))


def _linked(article: Article, at: Mapping[int, Article]) -> Iterator[Article]:
    for key in at.keys() & numbered(article.related_keys):
        if at[key] is not article:
            yield at[key]


def _ids(pair: tuple[Article, Article]) -> tuple[str, str]:
    one, other = sorted(article.id for article in pair)
    return one, other


def _apart(one: Article, other: Article) -> timedelta:
    return abs(one.published - other.published)


class _Clusters:
    """Stories in the making."""

    def __init__(
        self, by_id: Mapping[str, Article], rules: StoryRules, known: Mapping[str, str]
    ) -> None:
        self._rules = rules
        self._of: dict[str, list[Article]] = {}
        self._name: dict[int, str] = {}
        members: dict[str, list[Article]] = defaultdict(list)
        for id_, article in by_id.items():
            if id_ in known:
                members[known[id_]].append(article)
            else:
                self._of[id_] = [article]
        for name, cluster in members.items():
            self._name[id(cluster)] = name
            self._of.update((article.id, cluster) for article in cluster)

    def join(self, one: Article, other: Article) -> None:
        """Make the stories of two articles one, unless the rules forbid it."""
        left, right = self._of[one.id], self._of[other.id]
        if left is right or (id(left) in self._name and id(right) in self._name):
            return
        if id(right) in self._name:
            left, right = right, left
        dates = [article.published for article in (*left, *right)]
        if max(dates) - min(dates) > self._rules.window:
            return
        if len(dates) > self._rules.limit:
            return
        left.extend(right)
        self._of.update((article.id, left) for article in right)

    def names(self) -> dict[str, str]:
        """Return the name of the story of each article."""
        return {id_: self._name_of(cluster) for id_, cluster in self._of.items()}

    def _name_of(self, cluster: list[Article]) -> str:
        name = self._name.get(id(cluster))
        if name is None:
            name = _oldest(cluster).id
            self._name[id(cluster)] = name
        return name


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

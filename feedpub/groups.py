"""Which feeds there are: all, topics, providers, topics by provider, and named selections."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from feedpub.archives import Archive, archives, unarchived
from feedpub.article import Article
from feedpub.catalog import Catalog, ProviderEntry, Topic
from feedpub.corpus import Corpus
from feedpub.heads import Heads
from feedpub.roundups import DigestRule, Digests
from feedpub.selection import Selection, unselected_reason
from feedpub.slugs import domain_folder, topic_key
from feedpub.stories import Stories

Kind = Literal["all", "topic", "provider", "topic-provider", "named"]
KINDS: tuple[Kind, ...] = ("all", "topic", "provider", "topic-provider", "named")
Standing = Literal["current", "kept"]


class NamedRule(Struct, frozen=True, kw_only=True):
    """A feed of the user's own: a selection under a name."""

    name: str
    selection: Selection
    title: str | None = None
    subtitle: str | None = None
    limit: int | None = None
    digest: DigestRule | None = None


class GroupRules(Struct, frozen=True, kw_only=True):
    """What the configuration says about groups."""

    kinds: frozenset[Kind]
    limit: int = 50
    min_entries: int = 5
    include_children: bool = False
    named: tuple[NamedRule, ...] = ()


class PublishedFeed(Struct, frozen=True, kw_only=True):
    """What the previous run recorded about a feed."""

    path: str
    kind: Kind
    name: str | None
    updated: datetime
    formats: tuple[str, ...] = ()
    entries: int = 0


class Group(Struct, frozen=True, kw_only=True):
    """The articles of one feed.

    `path` is its folder, `name` what it is about (None for the feed of everything), `articles` are
    newest first, one a story, and not yet capped; `late` are those past the limit that came too
    late to have been seen; `archives` hold all the others. `kept`: published before, belongs no
    more. One that `is_retired` shows a notice of that alone.
    """

    kind: Kind
    path: str
    name: str | None
    articles: tuple[Article, ...]
    limit: int
    subtitle: str | None = None
    parent: str | None = None
    topic: Topic | None = None
    provider: ProviderEntry | None = None
    standing: Standing = "current"
    published: PublishedFeed | None = None
    late: tuple[Article, ...] = ()
    archives: tuple[Archive, ...] = ()
    digest: DigestRule | None = None
    is_retired: bool = False

    @property
    def window(self) -> tuple[Article, ...]:
        """Return the articles the feed shows."""
        return (*self.articles[: self.limit], *self.late)


class Editing(Struct, frozen=True, kw_only=True):
    """What makes a feed of the articles of a group: stories, late arrivals, archives.

    `arrived` tells when an article was first listed, for those that subscribers may have missed.
    """

    heads: Heads
    stories: Stories = field(default_factory=Stories)
    arrived: Mapping[str, datetime] = field(default_factory=dict)
    archive: bool = False
    digests: Digests | None = None

    def edited(self, group: Group) -> Group:
        """Return a group with one article a story, and its late arrivals."""
        articles = self.stories.folded(group.path, group.articles, self.heads)
        if group.digest and self.digests:
            title = group.name or group.path
            articles = self.digests.entries(group.path, title, group.digest, articles)
        limit = unarchived(articles, group.limit) if self.archive else group.limit
        late = list(filter(self._is_late, articles[limit:]))[: group.limit] if self.arrived else []
        if articles is group.articles and not late and not self.archive:
            return group
        shown = {article.id for article in late}
        rest = [article for article in articles[limit:] if article.id not in shown]
        return replace(
            group,
            articles=articles,
            limit=limit,
            late=tuple(late),
            archives=archives(rest) if self.archive else (),
        )

    def _is_late(self, article: Article) -> bool:
        """Tell whether an entry is new to subscribers: every record of it is."""
        members = article.story.members if article.story else (article.id,)
        return all(id_ in self.arrived for id_ in members)


def groups_of(
    corpus: Corpus,
    catalog: Catalog,
    rules: GroupRules,
    now: datetime,
    published: Mapping[str, PublishedFeed] | None = None,
    *,
    editing: Editing | None = None,
) -> tuple[Group, ...]:
    """Return the groups to publish, sorted by kind and path.

    A feed that was published stays, whatever became of its articles: with those it still has if
    it merely fell below a threshold or out of the configuration, else empty. Only pruning, for
    which `published` is left out, ends it.
    """
    published = published or {}
    editing = editing or Editing(heads=Heads(moment=now))
    groups: dict[str, Group] = {}
    kinds = rules.kinds | {record.kind for record in published.values()}
    for possible in _possible_groups(corpus, catalog, replace(rules, kinds=kinds), now):
        if not (_belongs(possible, rules) or possible.path in published):
            continue  # nor does what editing leaves of it
        group = editing.edited(possible)
        belongs = _belongs(group, rules)
        if belongs or group.path in published:
            standing: Standing = "current" if belongs else "kept"
            record = published.get(group.path)
            groups[group.path] = replace(group, standing=standing, published=record)
    for path, record in published.items():
        if path not in groups:
            groups[path] = _emptied(record, catalog, rules)
    return tuple(sorted(groups.values(), key=lambda group: (KINDS.index(group.kind), group.path)))


def _belongs(group: Group, rules: GroupRules) -> bool:
    if group.kind == "named":
        return True
    if group.kind not in rules.kinds:
        return False
    return group.kind != "topic-provider" or len(group.articles) >= rules.min_entries


def _emptied(record: PublishedFeed, catalog: Catalog, rules: GroupRules) -> Group:
    topics = {topic_path(topic): topic for topic in catalog.topics.values()}
    topic = topics.get(record.path)
    return Group(
        kind=record.kind,
        path=record.path,
        name=record.name,
        articles=(),
        limit=rules.limit,
        parent=_parent_path(topic, catalog) if topic else None,
        topic=topic,
        standing="kept",
        published=record,
    )


def _possible_groups(
    corpus: Corpus, catalog: Catalog, rules: GroupRules, now: datetime
) -> Iterator[Group]:
    """Yield the groups of the kinds that may have feeds, and perhaps of others."""
    yield Group(kind="all", path="all", name=None, articles=corpus.listed, limit=rules.limit)
    yield from _topic_groups(corpus, catalog, rules)
    yield from _provider_groups(corpus.listed, catalog, rules)
    for named in rules.named:
        yield _named_group(named, corpus, rules, now)


def _topic_groups(corpus: Corpus, catalog: Catalog, rules: GroupRules) -> Iterator[Group]:
    ancestors = rules.include_children
    by_topic = _grouped(corpus.listed, lambda a: _topics_of(a, catalog, with_ancestors=ancestors))
    for key, articles in by_topic.items():
        topic = catalog.topics[key]
        path = topic_path(topic)
        yield Group(
            kind="topic",
            path=path,
            name=topic.name,
            subtitle=topic.description,
            articles=articles,
            limit=rules.limit,
            parent=_parent_path(topic, catalog),
            topic=topic,
        )
        if "topic-provider" in rules.kinds:
            yield from _pair_groups(topic, articles, catalog, rules)


def _pair_groups(
    topic: Topic, articles: tuple[Article, ...], catalog: Catalog, rules: GroupRules
) -> Iterator[Group]:
    path = topic_path(topic)
    for domain, members in _grouped(articles, _domains_of).items():
        provider = catalog.providers[domain]
        yield Group(
            kind="topic-provider",
            path=f"{path}/{domain_folder(domain)}",
            name=f"{topic.name}: {provider.name}",
            articles=members,
            limit=rules.limit,
            parent=path,
            topic=topic,
            provider=provider,
        )


def _provider_groups(
    articles: tuple[Article, ...], catalog: Catalog, rules: GroupRules
) -> Iterator[Group]:
    for domain, members in _grouped(articles, _domains_of).items():
        provider = catalog.providers[domain]
        yield Group(
            kind="provider",
            path=provider_path(domain),
            name=provider.name,
            subtitle=provider.description,
            articles=members,
            limit=rules.limit,
            provider=provider,
        )


def _named_group(named: NamedRule, corpus: Corpus, rules: GroupRules, now: datetime) -> Group:
    articles = (a for a in corpus.listed if unselected_reason(a, named.selection, now) is None)
    return Group(
        kind="named",
        path=named.name,
        name=named.title or named.name,
        subtitle=named.subtitle,
        articles=tuple(articles),
        limit=named.limit or rules.limit,
        digest=named.digest,
    )


def _grouped(
    articles: Iterable[Article], keys_of: Callable[[Article], Iterable[str]]
) -> dict[str, tuple[Article, ...]]:
    """Group in the order of the articles; the keys come out sorted."""
    groups: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        for key in keys_of(article):
            groups[key].append(article)
    return {key: tuple(groups[key]) for key in sorted(groups)}


def _topics_of(article: Article, catalog: Catalog, *, with_ancestors: bool) -> tuple[str, ...]:
    keys = dict.fromkeys(key for key in map(topic_key, article.topics) if key in catalog.topics)
    if with_ancestors:
        for key in tuple(keys):
            parent = catalog.topics[key].parent
            while parent is not None:
                keys.setdefault(parent)
                parent = catalog.topics[parent].parent
    return tuple(keys)


def _domains_of(article: Article) -> tuple[str, ...]:
    domain = article.provider.domain if article.provider else None
    return (domain,) if domain else ()


def topic_path(topic: Topic) -> str:
    """Return the folder of a topic's feed."""
    return f"topics/{topic.slug}"


def provider_path(domain: str) -> str:
    """Return the folder of a provider's feed."""
    return f"providers/{domain_folder(domain)}"


def _parent_path(topic: Topic, catalog: Catalog) -> str | None:
    return topic_path(catalog.topics[topic.parent]) if topic.parent else None

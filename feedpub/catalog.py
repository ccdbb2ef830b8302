"""What topics and providers are called, and what is known about them beside the articles."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from feedpub.article import Article, Image
from feedpub.slugs import suffixed, topic_key, topic_slug


class TopicMetadata(Struct, frozen=True, kw_only=True):
    """What the configuration or a metadata folder says about a topic; `slug` is its `_id`."""

    name: str
    slug: str | None = None
    parent: str | None = None
    description: str | None = None


class ProviderMetadata(Struct, frozen=True, kw_only=True):
    """What the configuration or a metadata folder says about a provider."""

    domain: str
    name: str | None = None
    description: str | None = None
    url: str | None = None
    feed: str | None = None
    logos: tuple[Image, ...] = ()


class Topic(Struct, frozen=True, kw_only=True):
    """A topic of this run; `parent` is the key of another, `spellings` are counted, most first."""

    key: str
    name: str
    slug: str
    parent: str | None = None
    description: str | None = None
    spellings: tuple[tuple[str, int], ...] = ()


class ProviderEntry(Struct, frozen=True, kw_only=True):
    """A provider of this run; `names` are counted, most first."""

    domain: str
    name: str
    description: str | None = None
    url: str
    feed: str | None = None
    logo: Image | None = None
    names: tuple[tuple[str, int], ...] = ()


class Catalog(Struct, frozen=True, kw_only=True):
    """Topics by key and providers by domain, each in sorted order; `logos` are addresses."""

    topics: dict[str, Topic] = field(default_factory=dict)
    providers: dict[str, ProviderEntry] = field(default_factory=dict)
    logos: frozenset[str] = frozenset()


def build_catalog(
    articles: Iterable[Article],
    topics: Iterable[TopicMetadata] = (),
    providers: Iterable[ProviderMetadata] = (),
) -> Catalog:
    """Bring together what the articles and the metadata say."""
    articles = tuple(articles)
    providers = tuple(providers)
    return Catalog(
        topics=_topics(articles, topics),
        providers=_providers(articles, providers),
        logos=frozenset(logo.url for provider in providers for logo in provider.logos),
    )


def _topics(articles: tuple[Article, ...], metadata: Iterable[TopicMetadata]) -> dict[str, Topic]:
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for article in articles:
        for key, name in {topic_key(name): name for name in reversed(article.topics)}.items():
            spellings[key][name] += 1
    known = {topic_key(topic.name): topic for topic in metadata}
    keys = sorted(set(spellings) | set(known))
    slugs = _slugs(keys, known)
    named = {key: topic_key(topic.parent) for key, topic in known.items() if topic.parent}
    parents = {key: parent for key, parent in named.items() if parent in slugs}
    return {
        key: Topic(
            key=key,
            name=known[key].name if key in known else _commonest(spellings[key]),
            slug=slugs[key],
            parent=_parent(key, parents),
            description=known[key].description if key in known else None,
            spellings=_ranked(spellings[key]),
        )
        for key in keys
    }


def _slugs(keys: list[str], known: dict[str, TopicMetadata]) -> dict[str, str]:
    """Give every topic a folder: a slug of the user's choice first, clashes get a suffix."""
    slugs: dict[str, str] = {}
    taken: set[str] = set()
    chosen = {key: topic.slug for key, topic in known.items() if topic.slug}
    for key in sorted(keys, key=lambda key: (key not in chosen, key)):
        slug = chosen.get(key) or topic_slug(key)
        slugs[key] = suffixed(slug, key) if slug in taken else slug
        taken.add(slugs[key])
    return slugs


def displaced(
    topics: Iterable[TopicMetadata], catalog: Catalog
) -> Iterator[tuple[TopicMetadata, Topic]]:
    """Yield topics whose slug another topic had to do without, each with that topic."""
    others = {topic_slug(key): topic for key, topic in catalog.topics.items()}
    for topic in topics:
        other = others.get(topic.slug) if topic.slug else None
        if other and topic.slug and other.slug == suffixed(topic.slug, other.key):
            yield topic, other


def _parent(key: str, parents: dict[str, str]) -> str | None:
    """Return the parent's key; a chain that leads back to the topic itself has no parent."""
    step, seen = parents.get(key), {key}
    while step is not None:
        if step in seen:
            return None
        seen.add(step)
        step = parents.get(step)
    return parents.get(key)


def _providers(
    articles: tuple[Article, ...], metadata: Iterable[ProviderMetadata]
) -> dict[str, ProviderEntry]:
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for article in articles:
        if article.provider and article.provider.domain:
            names[article.provider.domain][article.provider.name or article.provider.domain] += 1
    known = {provider.domain: provider for provider in metadata}
    return {domain: _provider(domain, names[domain], known.get(domain)) for domain in sorted(names)}


def _provider(domain: str, names: Counter[str], known: ProviderMetadata | None) -> ProviderEntry:
    known = known or ProviderMetadata(domain=domain)
    return ProviderEntry(
        domain=domain,
        name=known.name or _commonest(names),
        description=known.description,
        url=known.url or f"https://{domain}/",
        feed=known.feed,
        logo=max(known.logos, key=lambda logo: logo.width or 0, default=None),
        names=_ranked(names),
    )


def _ranked(counter: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _commonest(counter: Counter[str]) -> str:
    return _ranked(counter)[0][0]

"""Which feeds a run publishes, and what composes their entries."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct

from feedpub.article import Article, Candidate
from feedpub.catalog import Catalog, TopicMetadata, displaced
from feedpub.compose import Site
from feedpub.entries import EntryComposer, Pin, entry_composer
from feedpub.errors import ConfigError
from feedpub.feed import Entry
from feedpub.groups import Group, PublishedFeed, groups_of, topic_path
from feedpub.retirement import with_notices
from feedpub.settings import Settings
from feedpub.slugs import topic_key
from feedpub.survey import Survey


class Plan(Struct, frozen=True, kw_only=True):
    """The feeds of a run, and what composes their entries."""

    groups: tuple[Group, ...]
    composer: EntryComposer
    site: Site
    read_related: Callable[[Article], Sequence[Candidate] | None]
    with_details: Callable[[Article], Article]
    pin: Callable[[Article], Pin | None]

    def entry(self, article: Article) -> Entry:
        """Return the entry of a listed article."""
        whole = self.with_details(article)
        read = partial(self.read_related, whole) if whole.related_unread else lambda: None
        return self.composer.composed(whole, read, self.pin(article)).entry


def check_slugs(settings: Settings, survey: Survey, published: Mapping[str, PublishedFeed]) -> None:
    """Raise `ConfigError` if a slug of the configuration takes the folder of another topic.

    A topic that has been published there stays: who comes later gets another folder.
    """
    mistakes = [
        f"topics: the slug {topic.slug} of {topic.name} is the folder of the topic {other.name};"
        " choose another"
        for topic, other in displaced(settings.topics, survey.catalog)
        if not _is_published(topic, survey.catalog, published)
    ]
    if mistakes:
        raise ConfigError(mistakes)


def _is_published(
    topic: TopicMetadata, catalog: Catalog, published: Mapping[str, PublishedFeed]
) -> bool:
    key = topic_key(topic.name)
    feed = published.get(topic_path(catalog.topics[key]))
    return feed is not None and topic_key(feed.name or "") == key


def make_plan(
    settings: Settings,
    survey: Survey,
    *,
    now: datetime,
    published: dict[str, PublishedFeed] | None = None,
) -> Plan:
    """Decide which feeds there are."""
    site = settings.site
    corpus, catalog = survey.corpus, survey.catalog
    groups = groups_of(
        corpus, catalog, settings.rules, now, published=published, editing=survey.editing
    )
    return Plan(
        groups=with_notices(groups, settings.retired, site),
        composer=entry_composer(corpus, catalog, site, settings.presentation, survey.measured),
        site=site,
        read_related=survey.read_related,
        with_details=survey.with_details,
        pin=survey.pin,
    )

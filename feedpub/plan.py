"""Which feeds a run publishes, and what composes their entries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedpub.article import Article, Candidate
from feedpub.compose import EntryComposer, Site, entry_composer
from feedpub.feed import Entry
from feedpub.groups import Group, PublishedFeed, groups_of
from feedpub.settings import Settings
from feedpub.survey import Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The feeds of a run, and what composes their entries."""

    groups: tuple[Group, ...]
    composer: EntryComposer
    site: Site
    read_related: Callable[[Article], Sequence[Candidate]]
    with_details: Callable[[Article], Article]

    def entry(self, article: Article) -> Entry:
        """Return the entry of a listed article."""
        whole = self.with_details(article)
        embedded = self.read_related(whole) if whole.related_unread else None
        return self.composer.entry(whole, embedded)


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
    return Plan(
        groups=groups_of(corpus, catalog, settings.rules, now, published),
        composer=entry_composer(corpus, catalog, site, settings.presentation),
        site=site,
        read_related=survey.read_related,
        with_details=survey.with_details,
    )

"""Which feeds a run publishes, and what composes their entries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from feedpub.article import Article, Candidate
from feedpub.compose import Site
from feedpub.entries import EntryComposer, Pin, entry_composer
from feedpub.feed import Entry
from feedpub.groups import Group, PublishedFeed, groups_of
from feedpub.retirement import with_notices
from feedpub.settings import Settings
from feedpub.survey import Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
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

"""The configuration: `config.yaml` as types, every mistake at once, each with its place.

The shapes are pydantic models; `docs/configuration.md` describes the keys. What the core needs of
them is handed on in the core's own types.
"""

from collections.abc import Iterator
from datetime import UTC, timedelta, tzinfo
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from feedpub.article import Image, Person
from feedpub.catalog import ProviderMetadata, TopicMetadata
from feedpub.compose import Site
from feedpub.config_parts import (
    ChoiceConfig,
    LimitsConfig,
    Model,
    PagesConfig,
    ProviderItem,
    PublishConfig,
    RetiredItem,
    SourceConfig,
    StateConfig,
    StoriesConfig,
    TombstonesConfig,
    TopicItem,
)
from feedpub.config_types import (
    Address,
    Clean,
    Duration,
    FieldMap,
    FolderAddress,
    FormatName,
    GroupKind,
    Language,
    Listed,
    Percent,
    SchedulerAddress,
    Score,
    Slug,
    SomeTime,
    Tag,
    Text,
    Zone,
)
from feedpub.dates import parse_duration
from feedpub.engines import EngineName
from feedpub.entries import Presentation
from feedpub.groups import GroupRules, Kind, NamedRule
from feedpub.links import clean_domain
from feedpub.media import media_type
from feedpub.roundups import DigestRule
from feedpub.selection import Choice, Selection
from feedpub.settings import GuardRules
from feedpub.slugs import topic_key


class AuthorConfig(Model):
    """`site.author`."""

    name: Text
    url: Address | None = None


class SiteConfig(Model):
    """`site:`."""

    title: Text
    url: FolderAddress
    description: Clean = ""
    language: Language = "en"
    tag: Tag
    author: AuthorConfig | None = None
    logo: Address | None = None
    icon: Address | None = None
    rights: Text | None = None

    def site(self) -> Site:
        """Return the site as the core knows it."""
        author = self.author or AuthorConfig(name=self.title, url=self.url)
        return Site(
            title=self.title,
            url=self.url,
            tag=self.tag,
            description=self.description if self.description.strip() else self.title,
            language=self.language,
            author=Person(name=author.name, uri=author.url),
            logo=self.logo,
            icon=self.icon,
            rights=self.rights,
        )


class SelectConfig(Model):
    """`select:`, and what a named feed selects."""

    min_heat: Score | None = None
    min_quality: Score | None = None
    max_age: Duration | None = None
    types: ChoiceConfig = ChoiceConfig()
    languages: ChoiceConfig = ChoiceConfig()
    topics: ChoiceConfig = ChoiceConfig()
    providers: ChoiceConfig = ChoiceConfig()

    def selection(self, *, unpublished: bool = False) -> Selection:
        """Return the rule as the core knows it."""
        return Selection(
            unpublished=unpublished,
            min_heat=self.min_heat,
            min_quality=self.min_quality,
            max_age=parse_duration(self.max_age) if self.max_age else None,
            types=_choice(self.types, str.lower),
            languages=_choice(self.languages, lambda name: name.replace("_", "-").lower()),
            topics=_choice(self.topics, topic_key),
            providers=_choice(self.providers, lambda name: clean_domain(name) or name),
        )


class RootSelectConfig(SelectConfig):
    """`select:` of the whole site."""

    unpublished: bool = False


class NamedConfig(SelectConfig):
    """An item of `named:`."""

    title: Text | None = None
    description: Text | None = None
    limit: int | None = Field(default=None, ge=1, le=1000)
    digest: Literal["daily", "weekly"] | None = None
    best: int = Field(default=10, ge=1, le=50)


class RelatedConfig(Model):
    """`related:`."""

    limit: int = Field(default=5, ge=0, le=100)


class ImagesConfig(Model):
    """`images:`."""

    limit: int = Field(default=10, ge=1, le=50)
    fallback: Literal["related", "none"] = "related"
    stock_threshold: int = Field(default=10, ge=1)
    measure: bool = False
    budget: SomeTime = "10s"

    def measuring(self) -> timedelta | None:
        """Return for how long pictures are measured in a run; None for not at all."""
        return parse_duration(self.budget) if self.measure else None


class GuardConfig(Model):
    """`guard:`."""

    max_drop: Percent = "20%"
    min_drop: int = Field(default=10, ge=0)
    new_topics: int = Field(default=50, ge=0)
    topics: int = Field(default=1_000, ge=1)

    def rules(self) -> GuardRules:
        """Return the rules as a run knows them."""
        return GuardRules(
            max_drop=int(self.max_drop.rstrip("%")),
            min_drop=self.min_drop,
            new_topics=self.new_topics,
            topics=self.topics,
        )


class NotifyConfig(Model):
    """`notify:`."""

    healthcheck: Address | None = None


class WebSubConfig(Model):
    """`websub:`."""

    hubs: Annotated[tuple[Address, ...], Listed] = ()


class Config(Model):
    """The whole of `config.yaml`."""

    site: SiteConfig
    sources: Annotated[tuple[SourceConfig, ...], Listed, Field(min_length=1)]
    output: Text = "feeds/"
    publish: Annotated[tuple[PublishConfig, ...], Listed] = ()
    formats: Annotated[tuple[FormatName, ...], Listed, Field(min_length=1)] = (
        "rss",
        "atom",
        "json",
    )
    groups: Annotated[tuple[GroupKind, ...], Listed] = (
        "all",
        "topic",
        "provider",
        "topic-provider",
    )
    limit: int = Field(default=50, ge=1, le=1000)
    min_entries: int = Field(default=5, ge=1)
    include_children: bool = False
    select: RootSelectConfig = RootSelectConfig()
    named: dict[Slug, NamedConfig] = Field(default_factory=dict)
    stories: StoriesConfig = StoriesConfig()
    min_visible: int = Field(default=48, ge=0, le=8784)
    tombstones: TombstonesConfig = TombstonesConfig()
    archive: bool = False
    precompress: bool = False
    content: Literal["full", "excerpt"] = "full"
    related: RelatedConfig = RelatedConfig()
    images: ImagesConfig = ImagesConfig()
    pages: PagesConfig = PagesConfig()
    guard: GuardConfig = GuardConfig()
    limits: LimitsConfig = LimitsConfig()
    stale_days: int = Field(default=7, ge=0, le=366)
    notify: NotifyConfig = NotifyConfig()
    websub: WebSubConfig = WebSubConfig()
    fields: FieldMap = Field(default_factory=dict)
    retired: tuple[RetiredItem, ...] = ()
    topics: Annotated[tuple[TopicItem, ...], Listed] = ()
    providers: Annotated[tuple[ProviderItem, ...], Listed] = ()
    timezone: Zone = "UTC"
    allow_outside: bool = False
    engine: EngineName = "processes"
    scheduler: SchedulerAddress | None = None
    state: StateConfig | None = None

    @model_validator(mode="after")
    def _engine_has_all_it_needs(self) -> "Config":
        if self.engine == "dask" and self.scheduler is None:
            raise ValueError(
                "engine: dask needs a scheduler: (like tcp://scheduler.example.net:8786)"
            )
        if self.engine != "dask" and self.scheduler is not None:
            raise ValueError("scheduler: is of use with engine: dask alone")
        return self

    def paths(self) -> Iterator[tuple[tuple[int | str, ...], str]]:
        """Yield each path of a file or folder, after where it stands."""
        yield ("output",), self.output
        for number, source in enumerate(self.sources):
            if source.path:
                yield ("sources", number, "path"), source.path
        for number, topic in enumerate(self.topics):
            if topic.folder:
                yield ("topics", number, "folder"), topic.folder
        for number, provider in enumerate(self.providers):
            if provider.folder:
                yield ("providers", number, "folder"), provider.folder
        if self.pages.templates:
            yield ("pages", "templates"), self.pages.templates

    def zone(self) -> tzinfo:
        """Return the zone of dates that name none."""
        return UTC if self.timezone.upper() == "UTC" else ZoneInfo(self.timezone)

    def selection(self, *, unpublished: bool = False) -> Selection:
        """Return the site's rule; `unpublished` lifts that bar for one run."""
        return self.select.selection(unpublished=unpublished or self.select.unpublished)

    def group_rules(self) -> GroupRules:
        """Return which groups there are."""
        kinds: frozenset[Kind] = frozenset(self.groups)
        return GroupRules(
            kinds=kinds,
            limit=self.limit,
            min_entries=self.min_entries,
            include_children=self.include_children,
            named=tuple(_named(name, rule) for name, rule in sorted(self.named.items())),
        )

    def own_topics(self) -> list[TopicMetadata]:
        """Return the topics the configuration describes itself."""
        return [
            TopicMetadata(
                name=item.name, slug=item.slug, parent=item.parent, description=item.description
            )
            for item in self.topics
            if item.name
        ]

    def own_providers(self) -> list[ProviderMetadata]:
        """Return the providers the configuration describes itself."""
        return [
            ProviderMetadata(
                domain=item.domain,
                name=item.name,
                description=item.description,
                url=item.url,
                feed=item.feed,
                logos=(Image(url=item.logo, media_type=media_type(item.logo)),)
                if item.logo
                else (),
            )
            for item in self.providers
            if item.domain
        ]

    def presentation(self) -> Presentation:
        """Return how entries are shown."""
        return Presentation(
            full_content=self.content == "full",
            related_limit=self.related.limit,
            image_limit=self.images.limit,
            related_pictures=self.images.fallback == "related",
            stock_threshold=self.images.stock_threshold,
        )


def _choice(choice: ChoiceConfig, normalise: Any) -> Choice:
    return Choice(
        include=frozenset(map(normalise, choice.include)),
        exclude=frozenset(map(normalise, choice.exclude)),
    )


def _named(name: str, rule: NamedConfig) -> NamedRule:
    return NamedRule(
        name=name,
        selection=rule.selection(),
        title=rule.title,
        subtitle=rule.description,
        limit=rule.limit,
        digest=DigestRule(period=rule.digest, best=rule.best) if rule.digest else None,
    )

"""The configuration: `config.yaml` as types, every mistake at once, each with its place.

The shapes are pydantic models; `docs/configuration.md` describes the keys. What the core needs of
them is handed on in the core's own types.
"""

from datetime import UTC, tzinfo
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from feedpub.article import Image, Person
from feedpub.catalog import ProviderMetadata, TopicMetadata
from feedpub.compose import Presentation, Site
from feedpub.config_types import (
    Address,
    Clean,
    Domain,
    Duration,
    Excludes,
    FeedName,
    FieldMap,
    FolderAddress,
    FormatName,
    GroupKind,
    Language,
    Listed,
    Score,
    Slug,
    Tag,
    Template,
    Text,
    Texts,
    Zone,
)
from feedpub.dates import parse_duration
from feedpub.groups import GroupRules, Kind, NamedRule
from feedpub.links import clean_domain
from feedpub.media import media_type
from feedpub.selection import Choice, Selection
from feedpub.slugs import topic_key


class Model(BaseModel):
    """Base of the shapes: unknown keys are mistakes, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


class ShortModel(Model):
    """A shape for which something shorter may stand; `_short` is the JSON Schema of that."""

    _short: ClassVar[list[JsonSchemaValue]] = [{"type": "string"}]

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Let editors accept the short form too."""
        return {"anyOf": [*cls._short, handler(schema)]}


class SourceConfig(ShortModel):
    """An item of `sources:`; a bare path means `path:`."""

    path: Text
    exclude: Excludes = ()
    prefix: Clean = ""
    link: Template | None = None
    fields: FieldMap = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value


class ChoiceConfig(ShortModel):
    """Names to include or exclude; a bare list means `include:`."""

    _short = [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]

    include: Texts = ()
    exclude: Texts = ()

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return {"include": value} if isinstance(value, str | list) else value


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


class RelatedConfig(Model):
    """`related:`."""

    limit: int = Field(default=5, ge=0, le=100)


class ImagesConfig(Model):
    """`images:`."""

    limit: int = Field(default=10, ge=1, le=50)
    fallback: Literal["related", "none"] = "related"
    stock_threshold: int = Field(default=10, ge=1)


class TopicItem(ShortModel):
    """An item of `topics:`: a folder of metadata files, or one topic."""

    folder: Text | None = None
    name: Text | None = None
    slug: Slug | None = None
    parent: Text | None = None
    description: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: Any) -> Any:
        return {"folder": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_or_other(self) -> "TopicItem":
        if (self.folder is None) == (self.name is None):
            raise ValueError("expected a folder, or a topic with a name:")
        if self.name is not None and not topic_key(self.name):
            raise ValueError("expected a topic whose name: can be seen")
        return self


class ProviderItem(ShortModel):
    """An item of `providers:`: a folder of metadata files, or one provider."""

    folder: Text | None = None
    domain: Domain | None = None
    name: Text | None = None
    description: Text | None = None
    url: Address | None = None
    feed: Address | None = None
    logo: Address | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: Any) -> Any:
        return {"folder": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_or_other(self) -> "ProviderItem":
        if (self.folder is None) == (self.domain is None):
            raise ValueError("expected a folder, or a provider with a domain:")
        return self


class Config(Model):
    """The whole of `config.yaml`."""

    site: SiteConfig
    sources: Annotated[tuple[SourceConfig, ...], Listed, Field(min_length=1)]
    output: Text = "feeds/"
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
    named: dict[FeedName, NamedConfig] = Field(default_factory=dict)
    content: Literal["full", "excerpt"] = "full"
    related: RelatedConfig = RelatedConfig()
    images: ImagesConfig = ImagesConfig()
    fields: FieldMap = Field(default_factory=dict)
    topics: Annotated[tuple[TopicItem, ...], Listed] = ()
    providers: Annotated[tuple[ProviderItem, ...], Listed] = ()
    timezone: Zone = "UTC"

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
    )

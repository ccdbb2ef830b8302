"""Parts of the configuration: the shapes of its items, many of which have a shorter form."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from feedpub.config_types import (
    Address,
    BucketAddress,
    Clean,
    DatabaseAddress,
    Day,
    Domain,
    Duration,
    Excludes,
    FeedPath,
    FieldMap,
    Language,
    Listed,
    ReaderAddress,
    Size,
    Slug,
    SomeTime,
    SourceAddress,
    Template,
    Text,
    Texts,
    VariableName,
    size_bytes,
)
from feedpub.dates import parse_duration
from feedpub.limits import DEFAULT_LIMITS, RecordLimits
from feedpub.pages.theme import READERS
from feedpub.retirement import Retirement
from feedpub.settings import SharedState, Target
from feedpub.slugs import topic_key
from feedpub.stories import StoryRules
from feedpub.tree import Limits


class Model(BaseModel):
    """Base of the shapes: unknown keys are mistakes, nothing changes after reading."""

    # Built when the whole is: each part by itself would be built twice.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


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
    """An item of `sources:`; a bare path means `path:`, a bare address `url:`."""

    path: Text | None = None
    url: SourceAddress | None = None
    token_env: VariableName | None = None
    pages: int = Field(default=100, ge=1, le=100_000)
    budget: SomeTime = "60s"
    exclude: Excludes = ()
    prefix: Clean = ""
    link: Template | None = None
    fields: FieldMap = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return {"url" if "://" in value else "path": value}

    @model_validator(mode="after")
    def _one_or_other(self) -> "SourceConfig":
        if (self.path is None) == (self.url is None):
            raise ValueError("expected a path: or a url:")
        return self


class ChoiceConfig(ShortModel):
    """Names to include or exclude; a bare list means `include:`."""

    _short = [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]

    include: Texts = ()
    exclude: Texts = ()

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return {"include": value} if isinstance(value, str | list) else value


class StoriesConfig(ShortModel):
    """`stories:`; a bare word means `mode:`."""

    _short = [{"type": "string", "enum": ["fold", "all"]}]

    mode: Literal["fold", "all"] = "fold"
    window: Duration = "14d"
    limit: int = Field(default=200, ge=2, le=1000)

    @model_validator(mode="before")
    @classmethod
    def _from_mode(cls, value: Any) -> Any:
        return {"mode": value} if isinstance(value, str) else value

    def rules(self) -> StoryRules:
        """Return the rules as the core knows them."""
        window = parse_duration(self.window)
        return StoryRules(fold=self.mode == "fold", window=window, limit=self.limit)


class LimitsConfig(Model):
    """`limits:`."""

    file_size: Size = "1MiB"
    front_matter_size: Size = "256KiB"
    data_file_size: Size = "64MiB"
    depth: int = Field(default=16, ge=4, le=64)
    values: int = Field(default=20_000, ge=100, le=1_000_000)
    title: int = Field(default=1_000, ge=20, le=10_000)
    excerpt: int = Field(default=10_000, ge=20, le=100_000)
    # Escaped twice, a body must be less than the 10 MB that libxml2 reads of a text.
    body: int = Field(default=1_000_000, ge=100, le=1_000_000)
    url: int = Field(default=2_048, ge=100, le=8_192)
    topics: int = Field(default=20, ge=1, le=1_000)
    images: int = Field(default=50, ge=1, le=1_000)
    related: int = Field(default=500, ge=0, le=10_000)

    def limits(self) -> RecordLimits:
        """Return the limits as those who read records know them."""
        return RecordLimits(
            file_bytes=size_bytes(self.file_size),
            front_matter=Limits(
                size_bytes=size_bytes(self.front_matter_size), depth=self.depth, nodes=self.values
            ),
            data_file=Limits(
                size_bytes=size_bytes(self.data_file_size),
                depth=self.depth,
                nodes=DEFAULT_LIMITS.data_file.nodes,
            ),
            title=self.title,
            excerpt=self.excerpt,
            body=self.body,
            url=self.url,
            topics=self.topics,
            images=self.images,
            related=self.related,
        )


class TombstonesConfig(Model):
    """`tombstones:`."""

    days: int = Field(default=30, ge=0, le=3650)


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


class RetiredItem(Model):
    """An item of `retired:`."""

    feed: FeedPath
    to: Address | None = None
    since: Day

    def retirement(self) -> Retirement:
        """Return the end of a feed as the core knows it."""
        since = datetime.fromisoformat(self.since).replace(tzinfo=UTC)
        return Retirement(path=self.feed, since=since, to=self.to)


class PublishConfig(ShortModel):
    """An item of `publish:`; a bare address means `url:`."""

    url: BucketAddress
    cache: Duration = "300s"

    @model_validator(mode="before")
    @classmethod
    def _from_url(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    def target(self) -> Target:
        """Return the place as a run knows it."""
        seconds = int(parse_duration(self.cache).total_seconds())
        return Target(url=self.url, cache_seconds=seconds)


class StateConfig(ShortModel):
    """`state:`; a bare address means `url:`."""

    url: DatabaseAddress
    # PostgreSQL cuts longer names, and two would be one.
    name: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_url(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    def place(self, tag: str) -> SharedState:
        """Return the place as a run knows it; without a name of its own, the tag names it."""
        return SharedState(url=self.url, schema=self.name or _schema_of(tag))


class ReaderItem(Model):
    """An item of `pages.readers`."""

    name: Text
    url: ReaderAddress


class PagesConfig(Model):
    """`pages:`."""

    language: Language | None = None
    readers: Annotated[tuple[ReaderItem, ...], Listed] = tuple(
        ReaderItem(name=reader.name, url=reader.url) for reader in READERS
    )
    templates: Text | None = None


def _schema_of(tag: str) -> str:
    name = "feedpub_" + re.sub(r"[^a-z0-9]", "_", tag)
    return name if len(name) <= 63 else f"{name[:46]}_{sha256(tag.encode()).hexdigest()[:16]}"

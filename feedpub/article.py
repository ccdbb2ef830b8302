"""What comes in: an article as feedpub understands it, cleaned, before any feed is thought of."""

from datetime import datetime
from typing import Any, Literal, Protocol

from msgspec import Struct
from msgspec.structs import force_setattr

BodyFormat = Literal["markdown", "html"]
Withheld = Literal["removed", "draft", "unpublished", "doubtful"]


class Person(Struct, frozen=True, kw_only=True):
    """An author (RFC 4287 §3.2)."""

    name: str
    uri: str | None = None


class Settling(Struct, frozen=True):
    """Something frozen, of which fields may be set as long as nobody else has seen it."""

    def settle(self, **changes: Any) -> None:
        """Set fields: sooner than making another."""
        for name, value in changes.items():
            force_setattr(self, name, value)


class Image(Settling, frozen=True, kw_only=True, omit_defaults=True):
    """A picture, or another medium listed among the pictures; `url` is absolute and clean.

    `type_declared` if the record says of what type it is: else `media_type` is a guess.
    `length_bytes` is known of those that were measured.
    """

    url: str
    media_type: str
    width: int | None = None
    height: int | None = None
    title: str | None = None
    type_declared: bool = False
    length_bytes: int | None = None

    @property
    def medium(self) -> str:
        """Return the Media RSS medium: `image`, `video` or `audio`."""
        return self.media_type.partition("/")[0]


class Provider(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The publisher of an article, as the record names it; grouped by `domain`."""

    name: str | None = None
    domain: str | None = None
    logos: tuple[Image, ...] = ()


class Related(Struct, frozen=True, kw_only=True):
    """A related article as embedded in a record: a copy that may lag behind the real one."""

    title: str
    link: str
    published: datetime | None = None
    provider: Provider | None = None
    quality: float = 0.0
    images: tuple[Image, ...] = ()
    withheld: Withheld | None = None

    @property
    def who(self) -> str | None:
        """Return what tells its provider from others."""
        return (self.provider.domain or self.provider.name) if self.provider else None

    def full(self) -> "Related":
        """Return itself: all of it is there already."""
        return self


class Candidate(Protocol):
    """A related article, known as far as ranking it needs; the rest is read when it is shown."""

    @property
    def link(self) -> str:
        """Return its address."""

    @property
    def quality(self) -> float:
        """Return its score."""

    @property
    def who(self) -> str | None:
        """Return what tells its provider from others."""

    @property
    def withheld(self) -> Withheld | None:
        """Return why it may not be shown."""

    def full(self) -> Related | None:
        """Return all of it; None if it turns out to have no title."""


class Story(Struct, frozen=True, kw_only=True):
    """The records that tell of one thing: their ids, and how many providers they come from.

    `head` is the id of the record that leads, `members` are sorted and include it.
    """

    id: str
    head: str
    members: tuple[str, ...]
    outlets: int


class Details(Struct, frozen=True, kw_only=True):
    """What of an article only its entry needs: left in the state until then."""

    summary: str | None = None
    body: str | None = None
    body_format: BodyFormat = "markdown"
    authors: tuple[Person, ...] = ()
    related: tuple[Related, ...] = ()


class Article(Settling, frozen=True, kw_only=True, omit_defaults=True):
    """One record, understood.

    `id` is an absolute URI (RFC 4287 §4.2.6) that never changes, `via` the original address where
    it is another than `link`. Texts are plain text, dates are aware and in UTC. With
    `related_unread` the related articles are still in the file; `details_kept` is the digest of
    its details where those were left in the state. `fingerprint` tells whether an editor changed
    it, `related_keys` are the keys of the addresses of its related articles, one after the other.
    As the entry of a story it has the id of the story.
    """

    id: str
    source: str
    line: int | None = None
    title: str
    link: str
    via: str | None = None
    summary: str | None = None
    body: str | None = None
    body_format: BodyFormat = "markdown"
    published: datetime
    updated: datetime | None = None
    type: str | None = None
    language: str | None = None
    provider: Provider | None = None
    authors: tuple[Person, ...] = ()
    topics: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    related: tuple[Related, ...] = ()
    related_unread: bool = False
    quality: float = 0.0
    heat: float | None = None
    withheld: Withheld | None = None
    merged_ids: tuple[str, ...] = ()
    details_kept: bytes = b""
    fingerprint: bytes = b""
    related_keys: bytes = b""
    story: Story | None = None

    @property
    def entry_key(self) -> str:
        """Return what tells its entry from those of all others, and of other heads of its story."""
        if self.story is None:
            return self.id
        return f"{self.id} {self.story.head} {self.changed.timestamp():.0f}"

    @property
    def changed(self) -> datetime:
        """Return when an editor last changed it, as far as the record tells."""
        return self.updated or self.published

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return every address under which the article may be listed elsewhere."""
        return (self.link, self.via) if self.via else (self.link,)

"""What goes out, format-neutral, in the words of RFC 4287."""

from datetime import datetime

from msgspec import Struct

from feedpub.article import Image, Person, Story


class RelatedLink(Struct, frozen=True, kw_only=True):
    """A related article as a reader sees it; `same_story` if it tells of the same thing."""

    href: str
    title: str
    provider: str | None = None
    published: datetime | None = None
    same_story: bool = False


class Category(Struct, frozen=True, kw_only=True):
    """A topic of an entry (RFC 4287 §4.2.2); `scheme` is the page of the topic's feed."""

    term: str
    scheme: str | None = None


class Source(Struct, frozen=True, kw_only=True):
    """The feed of the provider an entry comes from; only known when it was configured."""

    title: str
    feed_url: str


class Entry(Struct, frozen=True, kw_only=True):
    """One article in a feed.

    `title` and `summary` are plain text, `content` is a sanitised HTML fragment with absolute
    addresses. `lead` is one of `images`, or None.
    """

    id: str
    title: str
    link: str
    published: datetime
    updated: datetime
    authors: tuple[Person, ...]
    content: str
    summary: str | None = None
    via: str | None = None
    categories: tuple[Category, ...] = ()
    images: tuple[Image, ...] = ()
    lead: Image | None = None
    related: tuple[RelatedLink, ...] = ()
    source: Source | None = None
    language: str | None = None
    provider_name: str | None = None
    provider_domain: str | None = None
    merged_ids: tuple[str, ...] = ()
    story: Story | None = None


class Withdrawal(Struct, frozen=True, kw_only=True):
    """An entry that was withdrawn from a feed (RFC 6721 §3)."""

    id: str
    moment: datetime


class History(Struct, frozen=True, kw_only=True):
    """Where the rest of a feed is (RFC 5005 §4): addresses by format, and `page` of its page.

    `current` is there in an archive only: the feed that is subscribed to.
    """

    current: dict[str, str] | None = None
    previous: dict[str, str] | None = None
    next: dict[str, str] | None = None


class Feed(Struct, frozen=True, kw_only=True):
    """A feed, whatever the format it is rendered in.

    `page` is the address of its HTML page, `addresses` maps a format's name (`rss`, `atom`,
    `json`) to the address of the feed in that format. `entries` are newest first, unique by id;
    `newest` is when the newest of them was published, `withdrawn` are those that were, and are no
    longer to be seen. `hubs` are told of every change
    (WebSub).
    """

    id: str
    path: str
    title: str
    subtitle: str
    updated: datetime
    page: str
    addresses: dict[str, str]
    author: Person
    language: str
    entries: tuple[Entry, ...]
    site_title: str
    site_url: str
    newest: datetime | None = None
    logo: str | None = None
    icon: str | None = None
    rights: str | None = None
    withdrawn: tuple[Withdrawal, ...] = ()
    history: History | None = None
    hubs: tuple[str, ...] = ()


class Document(Struct, frozen=True, kw_only=True):
    """A finished file: `path` is relative to the output folder, with `/` between its parts."""

    path: str
    media_type: str
    data: bytes

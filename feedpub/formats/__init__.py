"""The formats a feed can be rendered in; a new one is a module and a line in `FORMATS`.

Every module has `render_entries(entries, feed)`, the bytes of each entry, the same in every feed of
a site, and `render(feed)`, which puts such fragments into the feed's frame. Both are pure.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from feedpub.feed import Document, Entry, Feed

FORMATS = {
    "rss": "feedpub.formats.rss",
    "atom": "feedpub.formats.atom",
    "json": "feedpub.formats.jsonfeed",
}
MEDIA_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
# As what a host should send the files. Browsers show and style XML of this type (RFC 7303), while
# application/rss+xml is plain text to Chromium and a download to Firefox; readers take either.
HOSTED_TYPES = {
    "rss": "application/xml",
    "atom": "application/xml",
    "json": "application/feed+json",
}


class Renderer(Protocol):
    """A module that turns a feed into a file."""

    def render_entries(self, entries: Sequence[Entry], feed: Feed) -> list[bytes]:
        """Return each entry's part of a file; of the feed only what all feeds share is used."""

    def render(self, feed: Feed, fragments: Sequence[bytes] | None = None) -> Document:
        """Return the finished file, with the feed's entries or with these fragments of them."""


def renderer(name: str) -> Renderer:
    """Return the renderer of the format of that name."""
    return cast("Renderer", import_module(FORMATS[name]))


def render(name: str, feed: Feed, fragments: Sequence[bytes] | None = None) -> Document:
    """Render a feed in the format of that name."""
    return renderer(name).render(feed, fragments)

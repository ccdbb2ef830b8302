"""The formats a feed can be rendered in; a new one is a module and a line in `FORMATS`.

Every module has `render(feed) -> Document`, pure and deterministic.
"""

from importlib import import_module
from typing import Protocol, cast

from feedpub.feed import Document, Feed

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


class Renderer(Protocol):
    """A module that turns a feed into a file."""

    def render(self, feed: Feed) -> Document:
        """Return the finished file."""


def render(name: str, feed: Feed) -> Document:
    """Render a feed in the format of that name."""
    return cast("Renderer", import_module(FORMATS[name])).render(feed)

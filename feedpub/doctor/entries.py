"""An RSS feed as a profile looks at it: its channel and its items, with the little they need."""

import re
from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from feedpub.doctor.documents import Element, moment

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
MEDIA = "{http://search.yahoo.com/mrss/}"


class Channel(Struct, frozen=True, kw_only=True):
    """A live RSS feed: where it is served, its bytes and its `channel` element."""

    url: str
    data: bytes
    element: Element

    def text(self, name: str) -> str:
        """Return the text of an element of the channel, empty if there is none."""
        return (self.element.findtext(name) or "").strip()

    def items(self, now: datetime) -> "Iterator[Item]":
        """Go through the items."""
        for element in self.element.iterfind("item"):
            yield Item(element=element, feed=self.url, now=now)


class Item(Struct, frozen=True, kw_only=True):
    """An item of the feed at `feed`; `now` is the time of the run."""

    element: Element
    feed: str
    now: datetime

    def text(self, name: str) -> str:
        """Return the text of an element of the item, empty if there is none."""
        return (self.element.findtext(name) or "").strip()

    @property
    def name(self) -> str:
        """What the item is called in a report: its link, or its title, or its guid."""
        return self.text("link") or self.text("title") or self.text("guid") or "an item"

    @property
    def key(self) -> str:
        """What tells the item from others, in all feeds that hold it."""
        return self.text("guid") or self.name

    @property
    def published(self) -> datetime | None:
        """When it was published, if it says so."""
        return moment(self.text("pubDate"))

    @property
    def body(self) -> str:
        """Its full content as HTML, or its description where there is none."""
        return self.text(CONTENT) or self.text("description")

    def pictures(self) -> Iterator[tuple[str, int | None, int | None]]:
        """Go through the pictures: address, width and height, where the item tells them."""
        for element in self.element.iter("enclosure", f"{MEDIA}content", f"{MEDIA}thumbnail"):
            media_type = element.get("type") or element.get("medium") or "image"
            if media_type.startswith("image"):
                yield (
                    element.get("url", ""),
                    _number(element.get("width")),
                    _number(element.get("height")),
                )


def has_markup(text: str) -> bool:
    """Tell whether a text that should be plain holds HTML tags."""
    return re.search(r"</?[a-zA-Z][^<>]*>", text) is not None


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,6}", text) else None

"""The rules of aggregators, each a function: it tells whether a channel or an item keeps the rule.

Which aggregator has which rule, and where it says so, is the table in `profiles`.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from feedpub.doctor.entries import CREATOR, Channel, Item, has_markup

_REFUSED_TAGS = re.compile(r"<(?:style|script|object|embed|param|applet)\b", re.IGNORECASE)
_ADDRESS_OF_IMAGE = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


def channel_has(name: str) -> Callable[[Channel], bool]:
    """Return the rule that a channel has an element, and text in it."""
    return lambda channel: channel.text(name) != ""


def item_has(name: str) -> Callable[[Item], bool]:
    """Return the rule that an item has an element, and text in it."""
    return lambda item: item.text(name) != ""


def served_by_https(channel: Channel) -> bool:
    """Tell whether the feed's own address is https."""
    return channel.url.startswith("https://")


def in_utf8(channel: Channel) -> bool:
    """Tell whether the file is UTF-8."""
    try:
        channel.data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def at_most_a_megabyte(channel: Channel) -> bool:
    """Tell whether the file, unpacked, has a megabyte or less."""
    return len(channel.data) <= 1024 * 1024


def language_with_region(channel: Channel) -> bool:
    """Tell whether the language names a region too, as `en-US` does."""
    return (
        re.fullmatch(
            r"[A-Za-z]{2,3}([-_][A-Za-z]+)*[-_]([A-Za-z]{2}|\d{3})", channel.text("language")
        )
        is not None
    )


def short_description(channel: Channel) -> bool:
    """Tell whether the channel's description has 30 characters or fewer."""
    return len(channel.text("description")) <= 30


def at_least_20_items(channel: Channel) -> bool:
    """Tell whether the feed has 20 items."""
    return len(channel.element.findall("item")) >= 20


def unique_guids(channel: Channel) -> bool:
    """Tell whether no two items of the feed share a guid."""
    guids = [guid for element in channel.element.iterfind("item/guid") if (guid := element.text)]
    return len(guids) == len(set(guids))


def has_date(item: Item) -> bool:
    """Tell whether the item has a pubDate that can be read."""
    return item.published is not None


def dated_within_a_year(item: Item) -> bool:
    """Tell whether the item's date is in the past, and less than 365 days ago."""
    published = item.published
    return published is None or timedelta() <= item.now - published < timedelta(days=365)


def has_body(item: Item) -> bool:
    """Tell whether there is any content."""
    return item.body != ""


def excerpt_of_300(item: Item) -> bool:
    """Tell whether the description has 300 characters or more."""
    return len(item.text("description")) >= 300


def has_author(item: Item) -> bool:
    """Tell whether dc:creator names somebody."""
    return item.text(CREATOR) != ""


def has_picture(item: Item) -> bool:
    """Tell whether there is a picture, in an element of its own or in the content."""
    return any(item.pictures()) or _ADDRESS_OF_IMAGE.search(item.body) is not None


def has_enclosure(item: Item) -> bool:
    """Tell whether there is an enclosure."""
    return item.element.find("enclosure") is not None


def pictures_of_500(item: Item) -> bool:
    """Tell whether no picture whose size is told is smaller than 500 pixels either way."""
    return all(
        size is None or size >= 500
        for _, width, height in item.pictures()
        for size in (width, height)
    )


def title_without_markup(item: Item) -> bool:
    """Tell whether the title is free of HTML."""
    return not has_markup(item.text("title"))


def title_over_20(item: Item) -> bool:
    """Tell whether the title has more than 20 characters."""
    return len(item.text("title")) > 20


def title_up_to_150(item: Item) -> bool:
    """Tell whether the title has 150 characters or fewer."""
    return len(item.text("title")) <= 150


def title_of_15_to_60(item: Item) -> bool:
    """Tell whether the title has from 15 to 60 characters."""
    return 15 <= len(item.text("title")) <= 60


def plain_description(item: Item) -> bool:
    """Tell whether the description is plain text."""
    return not has_markup(item.text("description"))


def body_without_scripts(item: Item) -> bool:
    """Tell whether no script, style or plug-in stands in the content."""
    return _REFUSED_TAGS.search(item.body) is None


def absolute_pictures(item: Item) -> bool:
    """Tell whether each picture in the content has an absolute address."""
    addresses = _ADDRESS_OF_IMAGE.findall(item.body)
    return all(address.startswith(("https://", "http://")) for address in addresses)


def link_without_password(item: Item) -> bool:
    """Tell whether the link names no user and no password."""
    return "@" not in urlsplit(item.text("link")).netloc


def link_on_the_feeds_domain(item: Item) -> bool:
    """Tell whether the link leads to the domain the feed is served from, or below or above it."""
    link, feed = urlsplit(item.text("link")).hostname, urlsplit(item.feed).hostname
    if not link or not feed:
        return False
    return (
        link == feed or link.endswith(f".{feed}") or feed.endswith(f".{link.removeprefix('www.')}")
    )

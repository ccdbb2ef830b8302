"""What the big aggregators ask of a feed: a table of requirements, each with its source.

The sources are the aggregators' own public pages; the words are ours. A requirement is a function
in `requirements` and a line here.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from feedpub.doctor import requirements as rules
from feedpub.doctor.documents import rss_channel
from feedpub.doctor.entries import Channel, Item
from feedpub.doctor.findings import Finding, ok

_FLIPBOARD = "https://about.flipboard.com/rss-spec/"
_FLIPBOARD_HELP = "https://flipboard.helpshift.com/hc/en/1-flipboard/faq/1023-resubmit-an-rss-feed/"
_MSN_ITEMS = (
    "https://support.microsoft.com/topic/"
    "msn-feed-item-metadata-requirements-0114c19c-36bb-4fef-8322-4a1ed6888329"
)
_MSN_HTML = (
    "https://support.microsoft.com/topic/"
    "msn-html-guidelines-and-tag-restrictions-2a12f610-f3da-43ea-8dc4-766f6df89e8d"
)
_MSN_FEEDS = "https://helpcenter.microsoftstart.com/kb/feed-specifications"
_SMARTNEWS = "https://publishers.smartnews.com/hc/en-us/articles/56500436151065"
_SMARTNEWS_ITEMS = "https://publishers.smartnews.com/hc/en-us/articles/360022906393"
_SMARTNEWS_SIZE = "https://publishers.smartnews.com/hc/ja/articles/360036526213"
_APPLE = "https://support.apple.com/guide/news-publisher/apdc2c7520ff/icloud"

Level = Literal["must", "should"]


class OfFeed(Struct, frozen=True):
    """A requirement of the feed as a whole; `keeps` tells whether a channel keeps it."""

    level: Level
    text: str
    keeps: Callable[[Channel], bool]
    source: str


class OfEntry(Struct, frozen=True):
    """A requirement of each entry; `keeps` tells whether an item keeps it."""

    level: Level
    text: str
    keeps: Callable[[Item], bool]
    source: str


Requirement = OfFeed | OfEntry

PROFILES: dict[str, tuple[Requirement, ...]] = {
    "flipboard": (
        OfFeed("must", "feed has a title", rules.channel_has("title"), _FLIPBOARD),
        OfFeed("must", "feed has a link", rules.channel_has("link"), _FLIPBOARD),
        OfFeed("must", "feed has a description", rules.channel_has("description"), _FLIPBOARD),
        OfFeed("must", "feed names its language", rules.channel_has("language"), _FLIPBOARD),
        OfFeed("should", "20 entries or more", rules.at_least_20_items, _FLIPBOARD_HELP),
        OfEntry("must", "title", rules.item_has("title"), _FLIPBOARD_HELP),
        OfEntry("must", "link", rules.item_has("link"), _FLIPBOARD_HELP),
        OfEntry("must", "description", rules.item_has("description"), _FLIPBOARD_HELP),
        OfEntry("must", "readable pubDate", rules.has_date, _FLIPBOARD_HELP),
        OfEntry("must", "guid", rules.item_has("guid"), _FLIPBOARD_HELP),
        OfEntry("must", "author in dc:creator", rules.has_author, _FLIPBOARD_HELP),
        OfEntry("must", "picture or video as enclosure", rules.has_enclosure, _FLIPBOARD_HELP),
        OfEntry("should", "pictures of 500 pixels or more", rules.pictures_of_500, _FLIPBOARD_HELP),
        OfEntry("should", "excerpt of 300 characters", rules.excerpt_of_300, _FLIPBOARD_HELP),
        OfEntry("should", "link on feed's domain", rules.link_on_the_feeds_domain, _FLIPBOARD_HELP),
    ),
    "msn": (
        OfFeed("must", "feed is served by https", rules.served_by_https, _MSN_FEEDS),
        OfFeed("must", "no two entries share an id", rules.unique_guids, _MSN_ITEMS),
        OfEntry("must", "guid", rules.item_has("guid"), _MSN_ITEMS),
        OfEntry("must", "title of more than 20 characters", rules.title_over_20, _MSN_ITEMS),
        OfEntry("must", "title without HTML", rules.title_without_markup, _MSN_ITEMS),
        OfEntry("must", "body", rules.has_body, _MSN_ITEMS),
        OfEntry("must", "readable pubDate", rules.has_date, _MSN_ITEMS),
        OfEntry(
            "must", "published within the last 365 days", rules.dated_within_a_year, _MSN_ITEMS
        ),
        OfEntry("must", "link", rules.item_has("link"), _MSN_ITEMS),
        OfEntry("must", "link without a password", rules.link_without_password, _MSN_FEEDS),
        OfEntry("should", "title of up to 150 characters", rules.title_up_to_150, _MSN_ITEMS),
        OfEntry("should", "description in plain text", rules.plain_description, _MSN_ITEMS),
        OfEntry("should", "picture (to be published unseen)", rules.has_picture, _MSN_FEEDS),
        OfEntry(
            "should", "body without scripts and plug-ins", rules.body_without_scripts, _MSN_HTML
        ),
        OfEntry("should", "absolute addresses of pictures", rules.absolute_pictures, _MSN_HTML),
    ),
    "smartnews": (
        OfFeed("must", "feed is UTF-8", rules.in_utf8, _SMARTNEWS),
        OfFeed("must", "feed has a title", rules.channel_has("title"), _SMARTNEWS),
        OfFeed("must", "feed has a link", rules.channel_has("link"), _SMARTNEWS),
        OfFeed("must", "feed has a description", rules.channel_has("description"), _SMARTNEWS),
        OfFeed("must", "feed has a pubDate", rules.channel_has("pubDate"), _SMARTNEWS),
        OfFeed("must", "feed names its language", rules.channel_has("language"), _SMARTNEWS),
        OfFeed("should", "description of up to 30 characters", rules.short_description, _SMARTNEWS),
        OfFeed("should", "feed of up to 1 MB", rules.at_most_a_megabyte, _SMARTNEWS_SIZE),
        OfEntry("must", "title", rules.item_has("title"), _SMARTNEWS_ITEMS),
        OfEntry("must", "link", rules.item_has("link"), _SMARTNEWS_ITEMS),
    ),
    "apple": (
        OfFeed("must", "feed is UTF-8", rules.in_utf8, _APPLE),
        OfFeed("must", "feed has a title", rules.channel_has("title"), _APPLE),
        OfFeed("must", "feed has a link", rules.channel_has("link"), _APPLE),
        OfFeed("must", "language with its region", rules.language_with_region, _APPLE),
        OfEntry("must", "title", rules.item_has("title"), _APPLE),
        OfEntry("must", "link", rules.item_has("link"), _APPLE),
        OfEntry("must", "description", rules.item_has("description"), _APPLE),
        OfEntry("should", "title without HTML", rules.title_without_markup, _APPLE),
        OfEntry("should", "title of 15 to 60 characters", rules.title_of_15_to_60, _APPLE),
    ),
}


class _Tally(Struct):
    """What was looked at by one requirement, and what broke it, each by its name."""

    seen: set[str] = field(default_factory=set)
    broken: dict[str, str] = field(default_factory=dict)


def channel(url: str, data: bytes) -> Channel:
    """Return the RSS feed served at `url`; raise `UnreadableError` if it is none."""
    return Channel(url=url, data=data, element=rss_channel(data))


def judged(name: str, channels: Iterable[Channel], now: datetime) -> Iterator[Finding]:
    """Hold feeds against a profile: a finding for each requirement, `url` being its source.

    An entry that is in several feeds counts once.
    """
    found = tuple(channels)
    items = tuple(item for one in found for item in one.items(now))
    for requirement in PROFILES[name]:
        tally = _Tally()
        if isinstance(requirement, OfFeed):
            for one in found:
                tally.seen.add(one.url)
                if not requirement.keeps(one):
                    tally.broken.setdefault(one.url, one.url)
        else:
            for item in items:
                tally.seen.add(item.key)
                if not requirement.keeps(item):
                    tally.broken.setdefault(item.key, f"{item.name} in {item.feed}")
        yield _finding(requirement, tally)


def _finding(requirement: Requirement, tally: _Tally) -> Finding:
    noun = "feeds" if isinstance(requirement, OfFeed) else "entries"
    if not tally.broken:
        return ok(requirement.text, requirement.source, f"kept by {len(tally.seen)} {noun}")
    return Finding(
        level="failure" if requirement.level == "must" else "warning",
        check=requirement.text,
        url=requirement.source,
        seen=f"broken by {len(tally.broken)} of {len(tally.seen)} {noun}",
        advice=f"for example {next(iter(tally.broken.values()))}",
    )

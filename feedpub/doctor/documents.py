"""Reads the served files: what each says of itself, whoever made it."""

import json
from datetime import datetime
from typing import Any

from lxml import etree
from msgspec import Struct

from feedpub.dates import DateError, parse_date

ATOM = "{http://www.w3.org/2005/Atom}"
_ROOTS = {"rss": "rss", "atom": f"{ATOM}feed", "opml": "opml"}

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type


class UnreadableError(Exception):
    """A file is not what it should be; the message says in what way."""


class SelfPortrait(Struct, frozen=True, kw_only=True):
    """What a feed says of itself: its addresses, its hubs, when it last changed."""

    selves: tuple[str, ...]
    hubs: frozenset[str]
    updated: datetime | None


def xml_root(data: bytes, format_name: str) -> Element:
    """Parse RSS, Atom or OPML; raise `UnreadableError`. Nothing outside the file is loaded."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(f"not well-formed XML: {error}") from None
    if root.tag != _ROOTS[format_name]:
        raise UnreadableError(f"the root element is {root.tag}, not {_ROOTS[format_name]}")
    return root


def rss_channel(data: bytes) -> Element:
    """Return the channel of an RSS feed; raise `UnreadableError`."""
    channel = xml_root(data, "rss").find("channel")
    if channel is None:
        raise UnreadableError("there is no channel")
    return channel


def json_object(data: bytes) -> dict[str, Any]:
    """Parse a JSON object; raise `UnreadableError`."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"not JSON: {error}") from None
    if not isinstance(found, dict):
        raise UnreadableError("not a JSON object")
    return found


def portrait(data: bytes, format_name: str) -> SelfPortrait:
    """Read what a feed says of itself; raise `UnreadableError`."""
    if format_name == "json":
        return _json_portrait(json_object(data))
    if format_name == "rss":
        channel = rss_channel(data)
        return _xml_portrait(channel, channel.findtext("lastBuildDate"))
    root = xml_root(data, format_name)
    return _xml_portrait(root, root.findtext(f"{ATOM}updated"))


def _xml_portrait(element: Element, updated: str | None) -> SelfPortrait:
    links = [(link.get("rel"), link.get("href", "")) for link in element.findall(f"{ATOM}link")]
    return SelfPortrait(
        selves=tuple(href for rel, href in links if rel == "self"),
        hubs=frozenset(href for rel, href in links if rel == "hub"),
        updated=moment(updated),
    )


def _json_portrait(feed: dict[str, Any]) -> SelfPortrait:
    """Read a JSON Feed; it does not say when it last changed."""
    if not str(feed.get("version", "")).startswith("https://jsonfeed.org/version/1"):
        raise UnreadableError("no `version` of JSON Feed")
    hubs = feed.get("hubs")
    return SelfPortrait(
        selves=(str(feed["feed_url"]),) if "feed_url" in feed else (),
        hubs=frozenset(
            str(hub["url"])
            for hub in (hubs if isinstance(hubs, list) else ())
            if isinstance(hub, dict) and "url" in hub
        ),
        updated=None,
    )


def moment(text: Any) -> datetime | None:
    """Return the instant a text names, if it names one."""
    try:
        return parse_date(text) if isinstance(text, str) else None
    except DateError:
        return None

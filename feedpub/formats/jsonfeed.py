"""JSON Feed 1.1 (jsonfeed.org/version/1.1), with the extension `_feedpub` for related links."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from feedpub.article import Image, Person, Story
from feedpub.dates import rfc3339
from feedpub.feed import Document, Entry, Feed, RelatedLink
from feedpub.formats import MEDIA_TYPES

_VERSION = "https://jsonfeed.org/version/1.1"
ABOUT = "#feedpub"  # the section of the site's index page that explains `_feedpub`


def render(feed: Feed, fragments: Sequence[bytes] | None = None) -> Document:
    """Render a feed as JSON Feed 1.1."""
    if fragments is None:
        fragments = render_entries(feed.entries, feed)
    data = with_list(_frame(feed), "items", fragments)
    return Document(path=f"{feed.path}/feed.json", media_type=MEDIA_TYPES["json"], data=data)


def render_entries(entries: Sequence[Entry], feed: Feed) -> list[bytes]:
    """Render each entry as an item, indented as it stands in a feed."""
    return [in_list(_item(entry, feed)) for entry in entries]


def _frame(feed: Feed) -> dict[str, Any]:
    older = feed.history.previous if feed.history else None
    return _present(
        {
            "version": _VERSION,
            "title": feed.title,
            "home_page_url": feed.page,
            "feed_url": feed.addresses["json"],
            "next_url": older["json"] if older else None,
            "description": feed.subtitle,
            "icon": feed.logo,
            "favicon": feed.icon,
            "language": feed.language,
            "authors": [_author(feed.author)],
            "hubs": [{"type": "WebSub", "url": hub} for hub in feed.hubs],
        }
    )


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """Serialise as RFC 8259 wants it: UTF-8 without BOM, no NaN, keys in their given order."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def in_list(item: Mapping[str, Any]) -> bytes:
    """Serialise an item as it stands in a list of a document."""
    # Texts hold no line break of their own: it is \n.
    return b"  " + json_bytes(item).rstrip(b"\n").replace(b"\n", b"\n  ")


def with_list(
    before: Mapping[str, Any],
    name: str,
    items: Iterable[bytes],
    after: Mapping[str, Any] | None = None,
) -> bytes:
    """Serialise a document that has a list among its members; items come as `in_list` made them.

    A list of thousands is never there twice.
    """
    written = bytearray(json_bytes(before).removesuffix(b"\n}\n"))
    written += f',\n "{name}": ['.encode()
    separator = b"\n"
    for item in items:
        written += separator + item
        separator = b",\n"
    written += b"]" if separator == b"\n" else b"\n ]"
    written += b"," + json_bytes(after).removeprefix(b"{") if after else b"\n}\n"
    return bytes(written)


def _item(entry: Entry, feed: Feed) -> dict[str, Any]:
    is_other = (entry.language or "").lower() != feed.language.lower()
    language = entry.language if is_other else None
    return _present(
        {
            "id": entry.id,
            "url": entry.link,
            "external_url": entry.via,
            "title": entry.title,
            "content_html": entry.content,
            "summary": entry.summary,
            "image": entry.lead.url if entry.lead else None,
            "date_published": rfc3339(entry.published),
            "date_modified": rfc3339(entry.updated),
            "authors": [_author(person) for person in entry.authors],
            "tags": [category.term for category in entry.categories],
            "language": language,
            "attachments": [_attachment(image) for image in entry.images],
            "_feedpub": _extension(entry, feed),
        }
    )


def _extension(entry: Entry, feed: Feed) -> dict[str, Any]:
    facts = _present(
        {
            "provider": _present({"name": entry.provider_name, "domain": entry.provider_domain}),
            "related": [_related(link) for link in entry.related],
            "merged_ids": list(entry.merged_ids),
            "story": _story(entry.story) if entry.story else {},
        }
    )
    return {"about": feed.site_url + ABOUT, **facts} if facts else {}


def _story(story: Story) -> dict[str, Any]:
    return {"id": story.id, "members": list(story.members), "outlets": story.outlets}


def _related(link: RelatedLink) -> dict[str, Any]:
    return _present(
        {
            "url": link.href,
            "title": link.title,
            "provider": link.provider,
            "date_published": rfc3339(link.published) if link.published else None,
        }
    )


def _attachment(image: Image) -> dict[str, Any]:
    """Describe a picture; no title, since equal titles would mean alternates of one thing."""
    return _present(
        {"url": image.url, "mime_type": image.media_type, "size_in_bytes": image.length_bytes}
    )


def _author(person: Person) -> dict[str, Any]:
    return _present({"name": person.name, "url": person.uri})


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    """Drop what is absent or empty."""
    return {key: value for key, value in fields.items() if value not in (None, [], {})}

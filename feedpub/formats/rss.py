"""RSS 2.0 (rssboard.org/rss-specification), with content, Dublin Core, Media RSS and Atom links."""

import html
from collections.abc import Sequence

from feedpub.dates import rfc822
from feedpub.feed import Document, Entry, Feed
from feedpub.formats import MEDIA_TYPES
from feedpub.formats.feedgen_document import (
    ARCHIVE,
    ATOM,
    CONTENT,
    DC,
    HISTORY,
    MEDIA,
    Element,
    FeedGenerator,
    append,
    append_history,
    append_media,
    cut_apart,
    framed,
    new_document,
    new_entry,
    rss_bytes,
    set_text,
    sort_children,
    styled,
    uses_media,
)
from feedpub.media import media_type
from feedpub.text import paragraphs

_DOCS = "https://www.rssboard.org/rss-specification"
_LINK = f"{{{ATOM}}}link"
_ENCODED = f"{{{CONTENT}}}encoded"

_CHANNEL_ORDER = (
    "title", "link", "description", "language", "copyright", "pubDate", "lastBuildDate",
    "generator", "docs", "image", _LINK, ARCHIVE,
)  # fmt: skip
# `link` precedes every `atom:link` and `description` precedes `content:encoded`: some parsers take
# the first element whose local name fits.
_ITEM_ORDER = (
    "title", "link", "guid", "pubDate", f"{{{DC}}}creator", "source", "category", "description",
    _ENCODED, "enclosure", f"{{{MEDIA}}}content", f"{{{MEDIA}}}thumbnail", _LINK,
)  # fmt: skip
_IMAGE_TYPES = frozenset({"image/gif", "image/jpeg", "image/png"})


_OPENING, _CLOSING = b"    <item>\n", b"  </channel>\n</rss>\n"


def render(feed: Feed, fragments: Sequence[bytes] | None = None) -> Document:
    """Render a feed as RSS 2.0."""
    if fragments is None:
        fragments = render_entries(feed.entries, feed)
    return Document(
        path=f"{feed.path}/rss.xml",
        media_type=MEDIA_TYPES["rss"],
        data=framed(
            styled(rss_bytes(_frame(feed, media=uses_media(fragments))), feed.path),
            _CLOSING,
            fragments,
        ),
    )


def render_entries(entries: Sequence[Entry], feed: Feed) -> list[bytes]:
    """Render each entry as an `item`."""
    document = _frame(feed, media=True)
    for entry in entries:
        _add_item(document, entry)
    return cut_apart(rss_bytes(document), _OPENING, _CLOSING)


def _frame(feed: Feed, *, media: bool) -> FeedGenerator:
    namespaces = {"dc": DC, "media": MEDIA} if media else {"dc": DC}
    if feed.history and feed.history.current:
        namespaces["fh"] = HISTORY
    document = new_document(namespaces, lambda root: _complete_channel(root, feed))
    document.title(feed.title)
    document.description(feed.subtitle)
    document.language(feed.language)
    document.generator("feedpub")
    document.docs(_DOCS)
    document.link(href=feed.addresses["rss"], rel="self", type=MEDIA_TYPES["rss"])
    document.link(href=feed.page, rel="alternate")  # feedgen: the last link becomes the channel's
    if feed.rights:
        document.copyright(feed.rights)
    if feed.logo and media_type(feed.logo) in _IMAGE_TYPES:
        document.image(url=feed.logo, title=feed.title, link=feed.page)
    return document


def _complete_channel(root: Element, feed: Feed) -> None:
    channel = root[0]
    set_text(channel, "lastBuildDate", rfc822(feed.updated))
    if feed.newest:
        append(channel, "pubDate", rfc822(feed.newest))
    for name, address in feed.addresses.items():  # feedgen: of the links only self reaches RSS
        if name != "rss":
            append(channel, _LINK, rel="alternate", type=MEDIA_TYPES[name], href=address)
    for hub in feed.hubs:
        append(channel, _LINK, rel="hub", href=hub)
    append_history(channel, feed.history, "rss", _LINK)
    sort_children(channel, _CHANNEL_ORDER)


def _add_item(document: FeedGenerator, entry: Entry) -> None:
    item = new_entry(document, lambda element: _complete_item(element, entry))
    item.title(entry.title)
    item.link(href=entry.link, rel="alternate")
    item.guid(entry.id, permalink=False)
    if entry.summary:
        item.description(description_html(entry.summary))
    item.content(entry.content)
    for category in entry.categories:
        item.category(term=category.term)  # no scheme: with a domain, rss-parser gives objects
    if entry.lead:
        length = entry.lead.length_bytes or 0  # 0: unknown, says the RSS board
        item.enclosure(entry.lead.url, length, entry.lead.media_type)
    if entry.source:
        item.source(url=entry.source.feed_url, title=entry.source.title)


def description_html(summary: str) -> str:
    """Return a summary as the HTML that an RSS description is."""
    return "<br><br>".join(
        html.escape(text, quote=False).replace("\n", "<br>") for text in paragraphs(summary)
    )


def _complete_item(item: Element, entry: Entry) -> None:
    # feedgen: its own formatting switches the locale of the process at every date.
    append(item, "pubDate", rfc822(entry.published))
    for person in entry.authors:  # feedgen: an author without an e-mail address vanishes
        append(item, f"{{{DC}}}creator", person.name)
    if not entry.summary:  # feedgen: content without a description becomes the description
        description = item.find("description")
        if description is not None:
            description.tag = _ENCODED
    append_media(item, entry.images, entry.lead)
    for link in entry.related:  # feedgen: related and via links do not reach RSS
        append(item, _LINK, rel="related", type="text/html", title=link.title, href=link.href)
    if entry.via:
        append(item, _LINK, rel="via", type="text/html", href=entry.via)
    sort_children(item, _ITEM_ORDER)

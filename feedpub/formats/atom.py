"""Atom 1.0 (RFC 4287), with Media RSS for the sizes of pictures."""

from collections.abc import Sequence

from lxml import etree

from feedpub.dates import rfc3339
from feedpub.feed import Document, Entry, Feed
from feedpub.formats import MEDIA_TYPES
from feedpub.formats.feedgen_document import (
    ARCHIVE,
    HISTORY,
    MEDIA,
    Element,
    FeedGenerator,
    append,
    append_history,
    append_media,
    atom_bytes,
    cut_apart,
    framed,
    new_document,
    new_entry,
    remove,
    set_text,
    sort_children,
    styled,
    uses_media,
)

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_DELETED = f"{{{TOMBSTONES}}}deleted-entry"
_FEED_ORDER = (
    "id", "title", "subtitle", "updated", "author", "link", "icon", "logo", "rights", "generator",
    ARCHIVE, _DELETED,
)  # fmt: skip
# `summary` before `content`, `content` before `media:content`, `source` last: parsers that take
# the first element of a local name, or let the source's children leak, read it right this way.
_ENTRY_ORDER = (
    "id", "title", "updated", "published", "author", "link", "category", "summary", "content",
    f"{{{MEDIA}}}content", f"{{{MEDIA}}}thumbnail", "source",
)  # fmt: skip


_OPENING, _CLOSING = b"  <entry", b"</feed>\n"


def render(feed: Feed, fragments: Sequence[bytes] | None = None) -> Document:
    """Render a feed as Atom 1.0."""
    if fragments is None:
        fragments = render_entries(feed.entries, feed)
    return Document(
        path=f"{feed.path}/atom.xml",
        media_type=MEDIA_TYPES["atom"],
        data=framed(
            styled(atom_bytes(_frame(feed, media=uses_media(fragments))), feed.path),
            _CLOSING,
            fragments,
        ),
    )


def render_entries(entries: Sequence[Entry], feed: Feed) -> list[bytes]:
    """Render each entry as an `entry`."""
    document = _frame(feed, media=True)
    for entry in entries:
        _add_entry(document, entry, feed)
    return cut_apart(atom_bytes(document), _OPENING, _CLOSING)


def _frame(feed: Feed, *, media: bool) -> FeedGenerator:
    namespaces = {"media": MEDIA} if media else {}
    if feed.withdrawn:
        namespaces["at"] = TOMBSTONES
    if feed.history and feed.history.current:
        namespaces["fh"] = HISTORY
    document = new_document(namespaces, lambda root: _complete_feed(root, feed))
    document.id(feed.id)
    document.title(feed.title)
    document.subtitle(feed.subtitle)
    document.updated(feed.updated)
    document.language(feed.language)
    document.generator("feedpub")
    document.author({"name": feed.author.name, "uri": feed.author.uri})
    document.link(href=feed.addresses["atom"], rel="self", type=MEDIA_TYPES["atom"])
    for name, address in feed.addresses.items():
        if name != "atom":
            document.link(href=address, rel="alternate", type=MEDIA_TYPES[name])
    for hub in feed.hubs:
        document.link(href=hub, rel="hub")
    # Last: newsboat opens the last alternate as the page of the feed.
    document.link(href=feed.page, rel="alternate", type="text/html")
    if feed.icon:
        document.icon(feed.icon)
    if feed.logo:
        document.logo(feed.logo)
    if feed.rights:
        document.rights(feed.rights)
    return document


def _complete_feed(root: Element, feed: Feed) -> None:
    set_text(root, "updated", rfc3339(feed.updated))
    for withdrawal in feed.withdrawn:  # RFC 6721 §3
        append(root, _DELETED, ref=withdrawal.id, when=rfc3339(withdrawal.moment))
    append_history(root, feed.history, "atom", "link")
    sort_children(root, _FEED_ORDER)


def _add_entry(document: FeedGenerator, entry: Entry, feed: Feed) -> None:
    element = new_entry(document, lambda tree: _complete_entry(tree, entry, feed))
    element.id(entry.id)
    element.title(entry.title)
    element.updated(entry.updated)
    element.published(entry.published)
    element.author([{"name": person.name, "uri": person.uri} for person in entry.authors])
    element.link(href=entry.link, rel="alternate")
    if entry.summary:
        element.summary(entry.summary)
    element.content(entry.content, type="html")
    for category in entry.categories:
        element.category(term=category.term, scheme=category.scheme, label=category.term)


def _complete_entry(element: Element, entry: Entry, feed: Feed) -> None:
    if entry.language and entry.language.lower() != feed.language.lower():
        element.set(_XML_LANG, entry.language)
    set_text(element, "updated", rfc3339(entry.updated))
    set_text(element, "published", rfc3339(entry.published))
    _set_links(element, entry)
    append_media(element, entry.images, entry.lead)
    if entry.source:
        _append_source(element, entry)
    sort_children(element, _ENTRY_ORDER)


def _set_links(element: Element, entry: Entry) -> None:
    """Write the links of an entry, the only alternate first.

    feedgen: `atom_entry` loses rel, type, title and length of every link (its issues 135, 143).
    """
    remove(element, "link")
    append(element, "link", rel="alternate", type="text/html", href=entry.link)
    if entry.via:
        append(element, "link", rel="via", type="text/html", href=entry.via)
    for link in entry.related:
        append(element, "link", rel="related", type="text/html", title=link.title, href=link.href)
    for image in entry.images:
        more = {"title": image.title} if image.title else {}
        if image.length_bytes:
            more["length"] = str(image.length_bytes)
        append(element, "link", rel="enclosure", type=image.media_type, **more, href=image.url)


def _append_source(element: Element, entry: Entry) -> None:
    """Name the feed an entry comes from (RFC 4287 §4.2.11).

    feedgen: its source lacks id and updated.
    """
    assert entry.source is not None
    source = etree.SubElement(element, "source")
    append(source, "id", entry.source.feed_url)
    append(source, "title", entry.source.title)
    append(source, "updated", rfc3339(entry.updated))
    append(source, "link", rel="self", href=entry.source.feed_url)

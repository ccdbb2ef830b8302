"""All that concerns feedgen: what it builds is completed and put right through its own extensions.

feedgen 1.0.0 builds the documents. Where it is wrong, an extension receives the lxml tree and
mends it; each such place names the defect as `feedgen:` and a test in `tests/formats/` fails when
a newer feedgen no longer needs it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator as FeedGenerator  # noqa: PLC0414 - handed on
from lxml import etree

from feedpub.article import Image
from feedpub.feed import History
from feedpub.formats import MEDIA_TYPES

if TYPE_CHECKING:
    from feedgen.entry import FeedEntry

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"

HISTORY = "http://purl.org/syndication/history/1.0"
ARCHIVE = f"{{{HISTORY}}}archive"

_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
_NAME = "feedpub"

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type
Completion = Callable[[Element], None]


class FeedExtension(BaseExtension):  # type: ignore[misc] # feedgen is untyped
    """Hands the tree of a feed, before its entries are added, to `complete`."""

    def __init__(self) -> None:
        self.namespaces: dict[str, str] = {}
        self.complete: Completion = lambda _root: None

    def extend_ns(self) -> dict[str, str]:
        """Return the namespaces to declare on the root."""
        return self.namespaces

    def extend_rss(self, feed: Element) -> Element:
        """Complete an RSS document."""
        self.complete(feed)
        return feed

    def extend_atom(self, feed: Element) -> Element:
        """Complete an Atom document."""
        self.complete(feed)
        return feed


class EntryExtension(BaseEntryExtension, FeedExtension):  # type: ignore[misc] # feedgen is untyped
    """Hands the tree of one entry to `complete`."""


def new_document(namespaces: dict[str, str], complete: Completion) -> FeedGenerator:
    """Return an empty feed document whose tree will be handed to `complete`."""
    document = FeedGenerator()
    # feedgen: RSS dates are formatted by switching the locale of the whole process; this one
    # starts as the time of the run. `complete` writes the date, and this keeps feedgen from it.
    document._FeedGenerator__rss_lastBuildDate = None  # noqa: SLF001
    document.register_extension(_NAME, FeedExtension, EntryExtension)
    extension = getattr(document, _NAME)
    extension.namespaces = namespaces
    extension.complete = complete
    return document


def new_entry(document: FeedGenerator, complete: Completion) -> "FeedEntry":
    """Append an entry whose tree will be handed to `complete`.

    feedgen: `add_entry` puts new entries in front unless told otherwise.
    """
    entry = document.add_entry(order="append")
    getattr(entry, _NAME).complete = complete
    return entry


def framed(frame: bytes, closing: bytes, fragments: Iterable[bytes]) -> bytes:
    """Put rendered entries into an empty document, before its closing tags."""
    head = frame.removesuffix(closing)
    if head == frame:
        raise ValueError("the frame does not end as expected")
    return b"".join((head, *fragments, closing))


def styled(document: bytes, path: str) -> bytes:
    """Return a document that browsers show with the stylesheet of feeds at the site's root.

    xml-stylesheet (W3C Recommendation, 2nd edition). The address is relative to the feed at `path`.
    """
    root = "../" * (path.count("/") + 1)
    instruction = f'<?xml-stylesheet type="text/css" href="{root}feed.css"?>\n'
    return document.replace(_DECLARATION, _DECLARATION + instruction.encode(), 1)


def uses_media(fragments: Iterable[bytes]) -> bool:
    """Tell whether any entry has Media RSS elements, whose namespace the root must declare."""
    return any(b"<media:" in fragment for fragment in fragments)


def cut_apart(document: bytes, opening: bytes, closing: bytes) -> list[bytes]:
    """Return the entries of a document, their indentation included.

    What opens one occurs nowhere else: within texts and attributes, every `<` is escaped.
    """
    _, *entries = document.removesuffix(closing).split(opening)
    return [opening + entry for entry in entries]


def rss_bytes(document: FeedGenerator) -> bytes:
    """Serialise as RSS, with the declaration in the spelling every parser knows."""
    return _DECLARATION + bytes(document.rss_str(pretty=True, xml_declaration=False))


def atom_bytes(document: FeedGenerator) -> bytes:
    """Serialise as Atom, with the declaration in the spelling every parser knows."""
    return _DECLARATION + bytes(document.atom_str(pretty=True, xml_declaration=False))


def append(parent: Element, tag: str, text: str | None = None, **attributes: str) -> None:
    """Append an element; `tag` is in Clark notation where it has a namespace."""
    element = etree.SubElement(parent, tag, None, None, **attributes)
    element.text = text


def set_text(parent: Element, tag: str, text: str) -> None:
    """Replace the text of a child that feedgen wrote, or append it."""
    element = parent.find(tag)
    if element is None:
        append(parent, tag, text)
    else:
        element.text = text


def remove(parent: Element, tag: str) -> None:
    """Remove every child of that name."""
    for element in parent.findall(tag):
        parent.remove(element)


def append_history(parent: Element, history: History | None, name: str, link: str) -> None:
    """Append where the archives are (RFC 5005 §4); `link` is the tag of a link.

    feedgen: it knows none of these relations.
    """
    if history is None:
        return
    relations = (
        ("current", history.current),
        ("prev-archive", history.previous),
        ("next-archive", history.next),
    )
    for relation, addresses in relations:
        if addresses:
            append(parent, link, rel=relation, type=MEDIA_TYPES[name], href=addresses[name])
    if history.current:
        append(parent, ARCHIVE)


def append_media(parent: Element, images: Sequence[Image], lead: Image | None) -> None:
    """Append Media RSS elements, one `content` a picture, the lead as thumbnail.

    feedgen: its media extension wraps a single picture in a group, an error by Media RSS 1.5.1,
    and fails on numbers. No `media:title` and `media:description`: feedparser lets them replace
    the title and summary of the entry.
    """
    for image in images:
        length = {"fileSize": str(image.length_bytes)} if image.length_bytes else {}
        append(
            parent,
            f"{{{MEDIA}}}content",
            url=image.url,
            type=image.media_type,
            medium=image.medium,
            **length,
            **_size(image),
        )
    if lead is not None:
        append(parent, f"{{{MEDIA}}}thumbnail", url=lead.url, **_size(lead))


def _size(image: Image) -> dict[str, str]:
    pairs = (("width", image.width), ("height", image.height))
    return {name: str(value) for name, value in pairs if value}


def sort_children(parent: Element, order: Sequence[str]) -> None:
    """Bring the children into the order of their tags; equal ones keep theirs.

    feedgen: its order is not the one readers need.
    """
    rank = {tag: position for position, tag in enumerate(order)}
    parent[:] = sorted(parent, key=lambda child: rank[str(child.tag)])

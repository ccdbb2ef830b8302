"""The subscription list: OPML 2.0 (opml.org/spec2.opml), with folders by parent topic."""

from lxml import etree

from feedpub.dates import rfc822
from feedpub.feed import Document
from feedpub.pages.site_map import Published, SiteMap

PATH = "feeds.opml"
MEDIA_TYPE = "text/x-opml"

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type


def render(site_map: SiteMap) -> Document:
    """List every feed once, in its first XML format (RSS before Atom, JSON where there is none)."""
    opml = etree.Element("opml", version="2.0")
    head = etree.SubElement(opml, "head")
    etree.SubElement(head, "title").text = site_map.site.title
    dates = (published.feed.updated for published in site_map.feeds)
    changed = max(dates, default=site_map.site.epoch)
    etree.SubElement(head, "dateModified").text = rfc822(changed)
    etree.SubElement(head, "ownerName").text = site_map.site.author.name
    body = etree.SubElement(opml, "body")
    for published in site_map.of_kind("all", "named"):
        _append_feed(body, published)
    topics = _folder(body, "Topics")
    _append_topics(topics, site_map, None)
    for pair in site_map.pairs_of(None):
        _append_feed(topics, pair)
    providers = _folder(body, "Providers")
    for published in site_map.of_kind("provider"):
        _append_feed(providers, published)
    for folder in body.findall("outline[@text]"):
        if folder.get("type") is None and not len(folder):
            body.remove(folder)
    etree.indent(opml, " ")
    data = etree.tostring(opml, encoding="utf-8", xml_declaration=False)
    declaration = b'<?xml version="1.0" encoding="utf-8"?>\n'
    return Document(path=PATH, media_type=MEDIA_TYPE, data=declaration + data + b"\n")


def _append_topics(parent: Element, site_map: SiteMap, path: str | None) -> None:
    """Append the topics below a path; those with feeds below them are folders.

    A feed's outline holds no other: Miniflux and FreshRSS do not look for feeds in one.
    """
    for published in site_map.below(path):
        folder = _folder(parent, published.name)
        _append_feed(folder, published)
        for pair in site_map.pairs_of(published.feed.path):
            _append_feed(folder, pair)
        _append_topics(folder, site_map, published.feed.path)
        if len(folder) == 1:
            parent.replace(folder, folder[0])


def _append_feed(parent: Element, published: Published) -> Element:
    feed = published.feed
    address = next(
        feed.addresses[name] for name in ("rss", "atom", "json") if name in feed.addresses
    )
    return etree.SubElement(
        parent,
        "outline",
        type="rss",  # for Atom too, says OPML 2.0
        text=published.name,
        title=feed.title,
        description=feed.subtitle,
        xmlUrl=address,
        htmlUrl=feed.page,
    )


def _folder(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, "outline", text=name)

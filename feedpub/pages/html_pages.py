"""The HTML pages: one at the root, one beside every feed, made from the templates."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from feedpub.dates import rfc3339
from feedpub.feed import Document, Entry, Feed
from feedpub.formats import MEDIA_TYPES
from feedpub.pages import opml
from feedpub.pages.site_map import SiteMap

if TYPE_CHECKING:
    from jinja2 import Environment

_MEDIA_TYPE = "text/html"
_FORMAT_TITLES = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}


def render_index(site_map: SiteMap) -> Document:
    """Render the page that lists every feed; it announces the feed of everything."""
    announced = next((item.feed for item in site_map.of_kind("all")), None)
    return _page(
        "index.html",
        "index.html",
        site_map=site_map,
        site=site_map.site,
        opml=opml.PATH,
        alternates=_alternates(announced) if announced else [],
    )


def render_feed_page(feed: Feed, fragments: Sequence[bytes] | None = None) -> Document:
    """Render the page of one feed; it announces that feed only."""
    from markupsafe import Markup

    if fragments is None:
        fragments = render_entries(feed.entries, feed)
    return _page(
        f"{feed.path}/index.html",
        "feed.html",
        feed=feed,
        articles=Markup(b"".join(fragments).decode()),  # noqa: S704 - escaped by the template
        alternates=_alternates(feed),
    )


def render_entries(entries: Sequence[Entry], feed: Feed) -> list[bytes]:
    """Render each entry as an `article` of a page."""
    template = _environment().get_template("entry.html")
    return [template.render(entry=entry, feed=feed).encode() for entry in entries]


def _alternates(feed: Feed) -> list[dict[str, str]]:
    return [
        {
            "type": MEDIA_TYPES[name],
            "href": address,
            "title": f"{feed.title} ({_FORMAT_TITLES[name]})",
            "format": _FORMAT_TITLES[name],
        }
        for name, address in feed.addresses.items()
    ]


def _page(path: str, template: str, **values: Any) -> Document:
    text = _environment().get_template(template).render(**values)
    return Document(path=path, media_type=_MEDIA_TYPE, data=f"{text}\n".encode())


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("feedpub", "pages/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["rfc3339"] = rfc3339
    environment.filters["day"] = lambda moment: moment.strftime("%Y-%m-%d")
    return environment

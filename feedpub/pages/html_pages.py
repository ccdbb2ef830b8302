"""The HTML pages: one at the root, one beside every feed, made from the templates of a theme."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from feedpub.dates import rfc3339
from feedpub.feed import Document, Entry, Feed
from feedpub.formats import MEDIA_TYPES
from feedpub.pages import opml
from feedpub.pages.glance import Picture, glances
from feedpub.pages.site_map import SiteMap
from feedpub.pages.theme import Theme, direction

if TYPE_CHECKING:
    from jinja2 import Environment

_MEDIA_TYPE = "text/html"
_FORMAT_TITLES = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}
_PLAIN = Theme()


def render_index(
    site_map: SiteMap, theme: Theme = _PLAIN, picture: Picture = lambda _: None
) -> Document:
    """Render the page that lists every feed; it announces the feed of everything.

    `picture` gives the address of the picture of an article.
    """
    announced = next((item.feed for item in site_map.of_kind("all")), None)
    return _page(
        "index.html",
        "index.html",
        theme,
        site_map=site_map,
        site=site_map.site,
        glances=glances(site_map, picture),
        opml=opml.PATH,
        titles=_FORMAT_TITLES | {"json": "JSON"},
        alternates=_alternates(announced) if announced else [],
    )


def render_embed(site_map: SiteMap, theme: Theme = _PLAIN) -> Document:
    """Render the page that shows a feed in a frame of somebody else's page."""
    example = site_map.feeds[0].feed.path if site_map.feeds else None
    return _page("embed.html", "embed.html", theme, site=site_map.site, example=example)


def render_feed_page(
    feed: Feed, fragments: Sequence[bytes] | None = None, theme: Theme = _PLAIN
) -> Document:
    """Render the page of one feed; it announces that feed only."""
    from markupsafe import Markup

    if fragments is None:
        fragments = render_entries(feed.entries, feed, theme)
    return _page(
        f"{feed.path}/index.html",
        "feed.html",
        theme,
        feed=feed,
        articles=Markup(b"".join(fragments).decode()),  # noqa: S704 - escaped by the template
        alternates=_alternates(feed),
        readers=theme.readers,
    )


def render_entries(entries: Sequence[Entry], feed: Feed, theme: Theme = _PLAIN) -> list[bytes]:
    """Render each entry as an `article` of a page."""
    template = _environment(theme.folder).get_template("entry.html")
    return [template.render(entry=entry, feed=feed, t=theme.texts).encode() for entry in entries]


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


def _page(path: str, template: str, theme: Theme, /, **values: Any) -> Document:
    # Relative, so that a page is styled wherever it is served: its policy allows its own host only.
    root = "../" * path.count("/")
    text = (
        _environment(theme.folder).get_template(template).render(root=root, t=theme.texts, **values)
    )
    return Document(path=path, media_type=_MEDIA_TYPE, data=f"{text}\n".encode())


@cache
def _environment(folder: str | None) -> "Environment":
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

    from feedpub.pages.compiled import compiled_templates

    own = PackageLoader("feedpub", "pages/templates")
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder), own]) if folder else own,
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        bytecode_cache=compiled_templates(),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["rfc3339"] = rfc3339
    environment.filters["day"] = lambda moment: moment.strftime("%Y-%m-%d")
    environment.filters["direction"] = direction
    return environment

"""What shows a feed on pages of others, a script and a page for frames: docs/embedding.md."""

from collections.abc import Iterator

from feedpub.feed import Document
from feedpub.pages import html_pages
from feedpub.pages.site_map import SiteMap
from feedpub.pages.theme import Theme

# By name, with the media type.
_FILES = {
    "embed.js": "text/javascript",
    "embed.css": "text/css",
    "embed-frame.js": "text/javascript",
}


def documents(site_map: SiteMap, theme: Theme) -> Iterator[Document]:
    """Yield the files, the page last; they lie at the root."""
    for name, media_type in _FILES.items():
        yield Document(path=name, media_type=media_type, data=theme.read(name))
    yield html_pages.render_embed(site_map, theme)

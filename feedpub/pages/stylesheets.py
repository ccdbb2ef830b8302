"""What pages and feeds load in a browser: stylesheets and a script."""

from collections.abc import Iterator

from feedpub.feed import Document
from feedpub.pages.theme import Theme

FEED_CSS = "feed.css"
# By name, with the media type.
_FILES = {
    "pages.css": "text/css",
    "pages.js": "text/javascript",
}

_BANNER = b"BANNER"


def documents(theme: Theme) -> Iterator[Document]:
    """Yield the files; they lie at the root."""
    for name, media_type in _FILES.items():
        yield Document(path=name, media_type=media_type, data=theme.read(name))
    yield Document(path=FEED_CSS, media_type="text/css", data=_feed_css(theme))


def _feed_css(theme: Theme) -> bytes:
    """Return the stylesheet of feeds, with the text that says what a feed is."""
    banner = _css_string(theme.texts["feed_banner"])
    return theme.read(FEED_CSS).replace(_BANNER, banner.encode())


def _css_string(text: str) -> str:
    """Return a text as a CSS string (CSS Syntax 3 §4.3.7): escapes for all that could end it."""
    escaped = (rf"\{ord(c):x} " if c in '"\\' or ord(c) < 32 else c for c in text)
    return f'"{"".join(escaped)}"'

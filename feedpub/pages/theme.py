"""How the pages look and what language they speak: templates, texts, readers to subscribe with.

Everything is looked for in the user's folder of templates first, then in feedpub's own.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from feedpub.digests import digest

SUFFIXES = (".css", ".html", ".js", ".toml")

_HOME = Path(__file__).parent
_DEFAULT_LANGUAGE = "en"
# Languages written from right to left, by their primary subtag (BCP 47).
_RIGHT_TO_LEFT = frozenset("ar ckb dv fa he ks ps sd ug ur yi".split())


class Reader(Struct, frozen=True, kw_only=True):
    """A feed reader on the web; `url` has `{url}` where the feed's address goes."""

    name: str
    url: str


READERS = (
    Reader(name="Feedly", url="https://feedly.com/i/subscription/feed%2F{url}"),
    Reader(name="Inoreader", url="https://www.inoreader.com/?add_feed={url}"),
    Reader(name="NewsBlur", url="https://www.newsblur.com/?url={url}"),
    Reader(name="The Old Reader", url="https://theoldreader.com/feeds/subscribe?url={url}"),
    Reader(name="Feedbin", url="https://feedbin.com/?subscribe={url}"),
)


class Theme(Struct, frozen=True, kw_only=True):
    """What the pages are made with; `folder` holds the user's own templates."""

    language: str = _DEFAULT_LANGUAGE
    readers: tuple[Reader, ...] = READERS
    folder: str | None = None

    @property
    def texts(self) -> Mapping[str, str]:
        """Return the texts of the pages, by key."""
        return _texts(self)

    def read(self, name: str) -> bytes:
        """Return a stylesheet or a script."""
        own = Path(self.folder, name) if self.folder else None
        return own.read_bytes() if own and own.is_file() else shipped(name)

    def fingerprint(self) -> bytes:
        """Return a digest of everything the pages are made with, but feedpub itself."""
        folder = Path(self.folder) if self.folder else None
        files = sorted(folder.rglob("*")) if folder else []
        found = [(str(f), f.read_bytes()) for f in files if f.suffix in SUFFIXES and f.is_file()]
        return digest(self.language, [(r.name, r.url) for r in self.readers], found)


@cache
def shipped(name: str) -> bytes:
    """Return a file that comes with feedpub and is published as it is."""
    return (_HOME / "static" / name).read_bytes()


def direction(language: str) -> str:
    """Return the direction a language is written in, as HTML's `dir` has it."""
    return "rtl" if language.lower().partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


@cache
def _texts(theme: Theme) -> Mapping[str, str]:
    """Return English, the texts of the site's language over it, and the user's own over both."""
    language = theme.language.lower().partition("-")[0]
    files = [_HOME / "texts" / f"{name}.toml" for name in (_DEFAULT_LANGUAGE, language)]
    if theme.folder:
        files.append(Path(theme.folder, "texts.toml"))
    found: dict[str, str] = {}
    for file in files:
        found |= _table(file)
    return MappingProxyType(found)


def _table(file: Path) -> dict[str, str]:
    import tomllib

    from feedpub.errors import ConfigError

    if not file.is_file():
        return {}
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{file}: is not TOML: {error}"]) from error
    wrong = sorted(key for key, text in table.items() if not isinstance(text, str))
    if wrong:
        raise ConfigError([f"{file}: {key} must be a text in quotes" for key in wrong])
    return table

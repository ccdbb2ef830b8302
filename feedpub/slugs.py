"""Names of folders: what a topic is called in an address.

A slug depends on the name alone, never on what else exists or came first, so that an address once
given out stays. Names that a slug cannot tell apart (`C`, `C++`, `C#`) differ in a suffix made
from the name.
"""

import hashlib
import re
import unicodedata
from functools import lru_cache

_MAX_LENGTH = 60
# Names that mean something to a file system or to a feed folder.
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "index", "all", "topics", "providers", "archive"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
)
# Files beside which a folder stands: in that of a topic, and at the root.
_FEED_FILES = frozenset({"rss.xml", "atom.xml", "feed.json", "index.html"})
ROOT_FILES = frozenset(
    """index.html feeds.json feeds.schema.json feeds.opml feed.css pages.css pages.js
    embed.html embed.css embed.js embed-frame.js""".split()
)
# What `slugify` would leave as it is, but for the spaces.
_WORDS = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_SUFFIXED = re.compile(r".*-[0-9a-f]{8}", re.DOTALL)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_DECLARED = re.compile(r"[\w](?:[\w.-]{0,58}[\w])?")


@lru_cache(maxsize=10_000)
def topic_key(name: str) -> str:
    """Return what makes two names the same topic: neither case nor kind of space or dash does."""
    key = _folded(name)
    while not key.isascii() and (again := _folded(key)) != key:
        key = again  # an accent composes anew with what folding and dropping left before it
    return key


def _folded(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    visible = "".join(c for c in folded if unicodedata.category(c) not in _INVISIBLE)
    return " ".join(re.sub(r"[\s_-]+", " ", visible).split())


def topic_slug(name: str) -> str:
    """Return the folder name of a topic: letters of any script, digits and dashes.

    A name that loses more than case and spacing on the way, or ends like one that did, gets a
    suffix of eight hexadecimal digits, which keeps the slugs of different topics different.
    """
    key = topic_key(name)
    whole = key.replace(" ", "-") if _WORDS.fullmatch(key) else _slugified(key)
    plain = whole == key.replace(" ", "-") and not _SUFFIXED.fullmatch(whole)
    if plain and len(whole) <= _MAX_LENGTH and whole not in _RESERVED:
        return whole
    base = _slugified(key, _MAX_LENGTH) or "topic"
    return suffixed(base, key)


def _slugified(key: str, limit: int = 0) -> str:
    from slugify import slugify  # 6 ms that plain words never pay

    return slugify(key, allow_unicode=True, max_length=limit, word_boundary=limit > 0)


def suffixed(base: str, key: str) -> str:
    """Append eight hexadecimal digits that depend on `key` alone."""
    return f"{base}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def declared_slug(text: str) -> str | None:
    """Return a slug the user chose (`_id`), or None if it cannot be one folder of an address."""
    slug = unicodedata.normalize("NFC", text.strip()).casefold()
    if not _DECLARED.fullmatch(slug) or ".." in slug or slug in ROOT_FILES:
        return None
    if slug.partition(".")[0] in _RESERVED:
        return None
    return slug


def domain_folder(domain: str) -> str:
    """Return the folder name of a provider: its domain, which is safe by its form.

    The likes of `con.example` are the exception, since Windows takes them for devices, and those
    of `rss.xml`, since the feed of a topic lies beside the folder.
    """
    safe = domain.partition(".")[0] not in _RESERVED and domain not in _FEED_FILES
    return domain if safe else suffixed(domain.replace(".", "-"), domain)

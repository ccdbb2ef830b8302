"""Names of folders: what a topic is called in an address.

A slug depends on the name alone, never on what else exists or came first, so that an address once
given out stays. Names that a slug cannot tell apart (`C`, `C++`, `C#`) differ in a suffix made
from the name.
"""

import hashlib
import re
import unicodedata

from slugify import slugify

_MAX_LENGTH = 60
# Names that mean something to a file system or to a feed folder.
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "index", "all", "topics", "providers", "archive"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_DECLARED = re.compile(r"[\w](?:[\w.-]{0,58}[\w])?")


def topic_key(name: str) -> str:
    """Return what makes two names the same topic: neither case nor kind of space or dash does."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    visible = "".join(c for c in folded if unicodedata.category(c) not in _INVISIBLE)
    return " ".join(re.sub(r"[\s_-]+", " ", visible).split())


def topic_slug(name: str) -> str:
    """Return the folder name of a topic: letters of any script, digits and dashes.

    A name that loses more than case and spacing on the way gets a suffix of eight hexadecimal
    digits, which keeps the slugs of different topics different.
    """
    key = topic_key(name)
    whole = slugify(key, allow_unicode=True)
    if whole == key.replace(" ", "-") and len(whole) <= _MAX_LENGTH and whole not in _RESERVED:
        return whole
    base = slugify(key, allow_unicode=True, max_length=_MAX_LENGTH, word_boundary=True) or "topic"
    return suffixed(base, key)


def suffixed(base: str, key: str) -> str:
    """Append eight hexadecimal digits that depend on `key` alone."""
    return f"{base}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def declared_slug(text: str) -> str | None:
    """Return a slug the user chose (`_id`), or None if it cannot be one folder of an address."""
    slug = unicodedata.normalize("NFC", text.strip()).casefold()
    if not _DECLARED.fullmatch(slug) or ".." in slug or slug.partition(".")[0] in _RESERVED:
        return None
    return slug


def domain_folder(domain: str) -> str:
    """Return the folder name of a provider: its domain, which is safe by its form.

    The likes of `con.example` are the exception: Windows takes them for devices.
    """
    first = domain.partition(".")[0]
    return suffixed(domain.replace(".", "-"), domain) if first in _RESERVED else domain

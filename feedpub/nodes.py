"""Nodes: the trees of texts that YAML and JSON are read into, and what must not be in them."""

import re
from typing import Self

from feedpub.errors import RecordError

# Never leaves the record: dropped here, before any object that could leak it exists.
SECRET_KEYS = frozenset({"secured"})

# A secret that a text swallowed, because a quotation mark or an indentation was forgotten.
_SWALLOWED_SECRET = re.compile(
    rf"""^[ \t]*(?:-[ \t]+)*["']?(?:{"|".join(sorted(SECRET_KEYS))})["']?[ \t]*:
    [ \t]*(?:[|>][+\-0-9]*)?\s*["']?[\w+/=;-]{{12}}""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
# The keys of an API page under which its records stand.
PAGE_KEYS = ("value", "items")

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Plain(str):
    """An unquoted scalar."""

    __slots__ = ()


class Mapping(dict[str, "Node"]):
    """A mapping that knows in which line each key stood (from 1; empty where nobody counted)."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class Sequence(list["Node"]):
    """A list that knows in which line each item began."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


class Defect(str):
    """Stands, as an empty text, for a record that had to be refused; `error` says why.

    Only `itemwise` parsing hands it out, and only where a record stands: as a whole document, as
    an item of a list at the root, as an item of the list of a page (`PAGE_KEYS`).
    """

    __slots__ = ("error",)
    error: RecordError

    def __new__(cls, error: RecordError) -> Self:
        """Make an empty text that carries `error`."""
        self = super().__new__(cls)
        self.error = error
        return self


Node = str | Mapping | Sequence


def is_null(node: Node | None) -> bool:
    """Tell whether a node is absent: nothing, `~`, `null`, in YAML's core schema (1.2 §10.3)."""
    return node is None or (isinstance(node, Plain) and node in _NULLS)


def is_secret(key: str) -> bool:
    """Tell whether a key's value must be forgotten unread."""
    return key.strip().casefold() in SECRET_KEYS


def check_swallowed(text: str, line: int | None) -> None:
    """Raise `RecordError` for a text that ran on over a secret; it is not quoted."""
    # The first test is that of a hundred texts, and thirty times as fast.
    if "ecured" in text.lower() and _SWALLOWED_SECRET.search(text):
        message = "a text runs on over a line of another field: a quotation mark is missing"
        raise RecordError("stray-front-matter", message, line=line)

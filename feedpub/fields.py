"""Fields of a record: which names they go by, and how a value becomes a text, a number, a flag.

The names are those of `docs/records.md`; those of Hugo, Jekyll, Eleventy and JSON Feed are known
beside them. `fields:` in the configuration puts a name of the user's own in front.
"""

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Literal

from msgspec import Struct, field

from feedpub.dates import DateError, parse_date
from feedpub.errors import Problem, RecordError, Severity, quoted
from feedpub.nodes import Mapping, Node, Sequence, is_null
from feedpub.text import one_line, plain_text, shortened

FIELD_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "guid"),
    "title": ("title", "name"),
    "excerpt": ("excerpt", "description", "summary"),
    "body": ("content_html", "content", "body"),
    "publishedDateTime": ("publishedDateTime", "date", "date_published"),
    "updatedDateTime": (
        "updatedDateTime",
        "lastmod",
        "updated",
        "modified",
        "last_modified_at",
        "date_modified",
    ),
    "webUrl": ("webUrl", "originalUrl", "website", "url", "link", "permalink", "canonical_url"),
    "originalUrl": ("originalUrl", "external_url"),
    "type": ("type",),
    "locale": ("locale", "language", "lang"),
    "provider": ("provider",),
    "authors": ("authors", "author"),
    "topics": ("topics",),
    "tags": ("tags",),
    "categories": ("categories",),
    "images": ("images", "image", "cover", "featured_image", "thumbnail"),
    "related": ("related",),
    "quality": ("quality",),
    "heat": ("heat",),
    "published": ("published",),
    "draft": ("draft",),
    "removed": ("removed",),
    "deleted": ("deleted",),
}
# Read by nobody, and no reason to wonder either.
SILENT_NAMES = frozenset(
    {
        "ampWebUrl",
        "cdnAmpWebUrl",
        "category",
        "featuredContent",
        "actions",
        "layout",
        "path",
        "slug",
    }
)

_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_YES = frozenset({"true", "yes", "on", "y", "1"})
_NO = frozenset({"false", "no", "off", "n", "0"})

Flag = Literal["yes", "no", "absent", "doubtful"]


class FieldNames(dict[str, tuple[str, ...]]):
    """The names that each field goes by, first come, first served; `roots` are those of records.

    A dotted name leads to a value within another one, of which the root is the first part.
    """

    __slots__ = ("roots",)

    def __init__(self, names: "dict[str, tuple[str, ...]]") -> None:
        super().__init__(names)
        self.roots = frozenset(key.partition(".")[0] for keys in names.values() for key in keys)


def flag(node: Node | None) -> Flag:
    """Read a yes or no; anything that is not clearly one of them is doubtful, never a guess."""
    if is_null(node):
        return "absent"
    word = node.strip().lower() if isinstance(node, str) else ""
    if word in _YES:
        return "yes"
    return "no" if word in _NO else "doubtful"


def number(node: Node | None) -> float | None:
    """Read a decimal number; anything else is None."""
    if isinstance(node, str) and _NUMBER.fullmatch(node.strip()):
        return float(node)
    return None


def line_of_text(node: Node | None, limit: int = 1000) -> str | None:
    """Read a text that stands on one line, cut at `limit` characters; None where there is none."""
    if is_null(node) or not isinstance(node, str):
        return None
    return shortened(one_line(node), limit) or None


def items(node: Node | None) -> Iterator[Node]:
    """Yield the items of a list, or a single value as a list of one."""
    if isinstance(node, Sequence):
        yield from (item for item in node if not is_null(item))
    elif node is not None and not is_null(node):
        yield node


def lookup(mapping: Mapping, path: str) -> Node | None:
    """Follow a dotted path; a key that itself holds dots is tried first."""
    if path in mapping:
        return mapping[path]
    head, dot, rest = path.partition(".")
    inner = mapping.get(head) if dot else None
    return lookup(inner, rest) if isinstance(inner, Mapping) else None


class FieldReader(Struct):
    """Reads the fields of one record by their meaning, and collects what was wrong with them."""

    source: str
    fields: Mapping
    names: FieldNames
    zone: tzinfo
    problems: list[Problem] = field(default_factory=list)

    def found(self, name: str) -> tuple[str, Node] | None:
        """Return the key and value of the first of the field's names that has a value."""
        fields = self.fields
        for key in self.names[name]:
            node = fields.get(key)
            if node is None and "." in key:
                node = lookup(fields, key)
            if node is not None and not is_null(node):
                return key, node
        return None

    def node(self, name: str) -> Node | None:
        """Return the field's value."""
        found = self.found(name)
        return found[1] if found else None

    def line(self, key: str) -> int | None:
        """Return the line a key stands in, where that is known."""
        return self.fields.lines.get(key.partition(".")[0])

    def text(self, name: str, limit: int) -> str | None:
        """Return a plain text of one or more paragraphs; raise RecordError for a list."""
        found = self.found(name)
        if found is None:
            return None
        return shortened(plain_text(self._scalar(*found)), limit) or None

    def line_of_text(self, name: str, limit: int = 1000) -> str | None:
        """Return a plain text on one line; raise RecordError for a list."""
        found = self.found(name)
        if found is None:
            return None
        return shortened(one_line(self._scalar(*found)), limit) or None

    def number(self, name: str) -> float | None:
        """Return a number; warn about and ignore anything else."""
        found = self.found(name)
        if found is None:
            return None
        value = number(found[1])
        if value is None:
            self.warn("not-a-number", f"{found[0]}: expected a number", key=found[0])
        return value

    def flag(self, name: str) -> Flag:
        """Return a yes or no, `doubtful` (with a warning) for what is neither.

        A `published` that is there but blank is doubtful: who withholds is heard, whoever forgot
        the word is asked.
        """
        found = self.found(name)
        blank_key = self._blank_key(name) if name == "published" and not found else None
        key, node = found or (blank_key or name, None)
        value = flag(node)
        if value == "doubtful" or blank_key:
            said = quoted(node, 60) if isinstance(node, str) else "this"
            self.warn(
                "doubtful-flag",
                f"{key}: expected true or false, and {said} is neither; the record is held back",
                key=key,
                help=f"write {key}: true or {key}: false",
            )
            return "doubtful"
        return value

    def _blank_key(self, name: str) -> str | None:
        """Return the first of the field's names that is there, without a value."""
        keys = self.names[name]
        return next((key for key in keys if lookup(self.fields, key) is not None), None)

    def date(self, name: str) -> datetime | None:
        """Return an instant in UTC; raise RecordError for a text that names none."""
        found = self.found(name)
        if found is None:
            return None
        key, _ = found
        text = self._scalar(*found)
        try:
            return parse_date(text, self.zone)
        except DateError as error:
            raise RecordError(
                "bad-date",
                f"{key}: {quoted(text, 60)} is not a date feedpub can use: {error}",
                line=self.line(key),
                help="write it like 2024-01-30T13:53:00Z",
                field=key,
            ) from error

    def warn(
        self,
        code: str,
        message: str,
        *,
        key: str,
        help: str | None = None,
        severity: Severity = "warning",
    ) -> None:
        """Collect a problem the record can be published with."""
        self.problems.append(
            Problem(
                code=code,
                source=self.source,
                line=self.line(key),
                message=message,
                help=help,
                severity=severity,
                field=key,
            )
        )

    def _scalar(self, key: str, node: Node) -> str:
        if isinstance(node, str):
            return node
        kind = "a list" if isinstance(node, Sequence) else "a mapping"
        raise RecordError(
            "not-a-text",
            f"{key}: expected a text, found {kind}",
            line=self.line(key),
            field=key,
        )


def merged_names(*mappings: dict[str, str]) -> FieldNames:
    """Put the user's names in front of the known ones; later mappings come first."""
    names = dict(FIELD_NAMES)
    for mapping in mappings:
        for name, own in mapping.items():
            names[name] = (own, *names[name])
    return FieldNames(names)


def unknown_keys(fields: Mapping, names: FieldNames) -> tuple[str, ...]:
    """Return the root keys of a record that no field goes by, in their order."""
    return tuple(key for key in fields if key not in names.roots and key not in SILENT_NAMES)

"""Markdown and HTML files with YAML front matter: one record a file."""

import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from functools import partial
from itertools import islice

from feedpub.errors import Problem, RecordError
from feedpub.parts import MAX_RELATED, Embedded, embedded, embedded_in, link_of
from feedpub.records import Record
from feedpub.sources.files import SourceFile
from feedpub.sources.plain_block import parse_plain
from feedpub.sources.related_block import (
    Split,
    addresses,
    parse_item,
    plain_link,
    sketch,
    split_related,
)
from feedpub.tree import RECORD_LIMITS, SECRET_KEYS, Mapping, parse_yaml

MAX_BYTES = 1024 * 1024

# Anchored to lines, and no `\s` that could run across them: `---` occurs in titles and addresses,
# and a greedy pattern takes seconds on a file of dashes.
_OPENING = re.compile(r"---[ \t]*\r?\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
# What a secret looks like where no parser dropped it: the front matter ended too early. A line of
# prose may begin with the word; a value of one word, in quotes or in a block is no prose.
_KEY = rf"""["']?(?:{"|".join(sorted(SECRET_KEYS))})["']?[ \t]*"""
_LINE_KEY = rf"^[ \t]*(?:[-?][ \t]+)*{_KEY}"
_STRAY_SECRET = re.compile(
    rf"""
    (?:{_LINE_KEY}|[{{,][ \t]*{_KEY}) :[ \t]*
        (?:["'|>!&{{\[] | [^\s,}}]+[ \t]*(?:[,}}\#]|\r?$) | \r?\n\s*["'|>!&{{\[] | \r?\n[ \t]+\S)
    | ^[ \t]*(?:-[ \t]+)*\?[ \t]+{_KEY}\r?$
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_SECRET_LINE = re.compile(rf"{_LINE_KEY}:", re.IGNORECASE | re.MULTILINE)


def read_records(text: str, file: SourceFile, *, whole: bool = True) -> Iterator[Record | Problem]:
    """Yield the one record of a file; raise `RecordError` if it is none.

    Unless it is wanted `whole`, its related list is left unread where that is safe.
    """
    header, body = split(text)
    if _holds_secret(body):
        raise RecordError(
            "stray-front-matter", "front matter goes on after its closing ---", line=1
        )
    parts = None if whole or len(header) > RECORD_LIMITS.size_bytes else split_related(header)
    fields = _fields_around(parts) if parts else None
    yield Record(
        source=file.shown,
        line=1,
        path=file.path,
        fields=fields or _fields(header),
        related_unread=partial(_links_in, parts.items) if parts and fields else None,
        body=body,
        body_format="html" if file.suffix in {".html", ".htm"} else "markdown",
    )


def _holds_secret(body: str) -> bool:
    """Tell whether a body looks like front matter with what must never be published."""
    if _STRAY_SECRET.search(body):
        return True
    line = _SECRET_LINE.search(body)
    return line is not None and _CLOSING.search(body, line.end()) is not None


def read_related(text: str, base: str, zone: tzinfo) -> list[Embedded]:
    """Return the related articles that `read_records` left in the file."""
    header, _ = split(text)
    parts = split_related(header)
    if parts is None:
        return list(embedded_in(_fields(header).get("related"), base, zone))
    items = islice(parts.items, MAX_RELATED)
    found = (embedded(sketch(item), base, zone, partial(parse_item, item)) for item in items)
    return [item for item in found if item]


def _links_in(unread: Iterable["re.Match[str]"], base: str) -> Iterator[str]:
    for item in islice(unread, MAX_RELATED):
        link = plain_link(item) or link_of(addresses(item), base)
        if link:
            yield link


def _fields(header: str, first_line: int = 2) -> Mapping:
    plain = parse_plain(header, first_line=first_line)
    if plain is not None:
        return plain
    documents = parse_yaml(header, first_line=first_line)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise RecordError("not-a-mapping", "the front matter is not a list of `key: value`", line=2)
    return documents[0]


def _fields_around(parts: Split) -> Mapping | None:
    """Parse what stands around the related list; None where only the whole can be trusted."""
    try:
        fields = _fields(parts.prefix)
        rest = _fields(parts.suffix, parts.line + 2) if parts.suffix.strip() else Mapping()
    except RecordError:
        return None
    if "related" in fields or "related" in rest or not fields.lines.keys().isdisjoint(rest.lines):
        return None
    fields.update(rest)
    fields.lines.update(rest.lines)
    return fields


def split(text: str) -> tuple[str, str]:
    """Return front matter and body; raise `RecordError` where there is no whole front matter."""
    opening = _OPENING.match(text)
    if opening is None:
        hint = "feedpub reads YAML front matter, between two lines of ---"
        if text.startswith("+++"):
            raise RecordError("toml", "TOML front matter (+++) is not read", line=1, help=hint)
        raise RecordError("no-front-matter", "no front matter", line=1, help=hint)
    closing = _closing(text, opening.end())
    if closing is None:
        raise RecordError("no-front-matter", "the front matter has no closing ---", line=1)
    return text[opening.end() : closing.start()], text[closing.end() :].lstrip("\r\n")


def _closing(text: str, start: int) -> re.Match[str] | None:
    """Return the first closing line; looking for its beginning first is ten times faster."""
    if match := _CLOSING.match(text, start):
        return match
    found = sorted(_positions(text, "\n---", start) + _positions(text, "\n...", start))
    return next(filter(None, (_CLOSING.match(text, position + 1) for position in found)), None)


def _positions(text: str, part: str, start: int) -> list[int]:
    positions = []
    while (start := text.find(part, start)) != -1:
        positions.append(start)
        start += 1
    return positions

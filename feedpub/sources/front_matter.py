"""Markdown and HTML files with YAML front matter: one record a file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from itertools import islice

from feedpub.errors import Problem, RecordError
from feedpub.links import are_clean, clean_domain, is_clean
from feedpub.parts import MAX_RELATED, Embedded, embedded, embedded_in, link_of
from feedpub.records import Record
from feedpub.sources.files import SourceFile
from feedpub.sources.plain_block import parse_plain
from feedpub.sources.related_block import Block, addresses, find_block, parse_item, sketch
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """A text in its parts: YAML from `start` to `end`, and the body from `body_start` on.

    `related` is the related list, where it could be left unparsed.
    """

    text: str
    start: int
    end: int
    body_start: int
    related: Block | None

    @property
    def header(self) -> str:
        """Return the YAML."""
        return self.text[self.start : self.end]

    @property
    def body(self) -> str:
        """Return what stands below the YAML."""
        return self.text[self.body_start :].lstrip("\r\n")


def read_records(text: str, file: SourceFile, *, whole: bool = True) -> Iterator[Record | Problem]:
    """Yield the one record of a file; raise `RecordError` if it is none.

    Unless it is wanted `whole`, its related list is left unread where that is safe.
    """
    parts = split(text, whole=whole)
    body = parts.body
    if _holds_secret(body):
        raise RecordError(
            "stray-front-matter", "front matter goes on after its closing ---", line=1
        )
    fields = _fields_around(parts.related, parts) if parts.related else None
    yield Record(
        source=file.shown,
        line=1,
        path=file.path,
        fields=fields or _fields(parts.header),
        related_unread=partial(_links_in, parts.related) if parts.related and fields else None,
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
    parts = split(text, whole=False)
    if parts.related is None:
        return list(embedded_in(_fields(parts.header).get("related"), base, zone))
    items = islice(parts.related.items(), MAX_RELATED)
    return [found for item in items if (found := _embedded(item, base, zone))]


def _embedded(item: re.Match[str], base: str, zone: tzinfo) -> Embedded | None:
    whole = partial(parse_item, item)
    url, domain, quality = item.group("webUrl", "domain", "quality")
    link, who = url[1:-1], clean_domain(domain.strip('"')) if domain else None
    if who and is_clean(link):  # as nearly all: nothing else decides how it ranks
        return Embedded(link, float(quality or 0), who, None, whole=whole, base=base, zone=zone)
    return embedded(sketch(item), base, zone, whole)


def _links_in(unread: Block, base: str) -> list[str]:
    urls = unread.web_urls()[:MAX_RELATED]
    if are_clean(urls):
        return urls
    items = islice(unread.items(), MAX_RELATED)
    return [link for item in items if (link := link_of(addresses(item), base))]


def _fields(header: str, first_line: int = 2) -> Mapping:
    plain = parse_plain(header, first_line=first_line)
    if plain is not None:
        return plain
    documents = parse_yaml(header, first_line=first_line)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise RecordError("not-a-mapping", "the front matter is not a list of `key: value`", line=2)
    return documents[0]


def _fields_around(unread: Block, parts: FrontMatter) -> Mapping | None:
    """Parse what stands around the related list; None where only the whole can be trusted."""
    prefix, suffix = parts.text[parts.start : unread.start], parts.text[unread.end : parts.end]
    gap = (prefix.count("\n") + 2, unread.lines)
    fields = parse_plain(prefix + suffix, first_line=2, gap=gap)
    if fields is None:
        try:
            fields = _fields(prefix)
            rest = _fields(suffix, sum(gap)) if suffix.strip() else Mapping()
        except RecordError:
            return None
        if not fields.lines.keys().isdisjoint(rest.lines):
            return None
        fields.update(rest)
        fields.lines.update(rest.lines)
    return None if "related" in fields.lines else fields


def split(text: str, *, whole: bool = True) -> FrontMatter:
    """Return the parts of a text; raise `RecordError` where there is no whole front matter.

    Unless it is wanted `whole`, its related list is set apart where that is safe.
    """
    opening = _OPENING.match(text)
    if opening is None:
        hint = "feedpub reads YAML front matter, between two lines of ---"
        if text.startswith("+++"):
            raise RecordError("toml", "TOML front matter (+++) is not read", line=1, help=hint)
        raise RecordError("no-front-matter", "no front matter", line=1, help=hint)
    start = opening.end()
    related = None if whole else find_block(text, start)
    closing = _closing(text, start, related.start if related else len(text))
    if related and closing:
        related = None  # it stands in the body
    elif related:  # no line of the list closes anything
        closing = _closing(text, related.end, len(text))
    if closing is None:
        raise RecordError("no-front-matter", "the front matter has no closing ---", line=1)
    end, body_start = closing.span()
    if end - start > RECORD_LIMITS.size_bytes:
        related = None
    return FrontMatter(text=text, start=start, end=end, body_start=body_start, related=related)


def _closing(text: str, start: int, end: int) -> re.Match[str] | None:
    """Return the first closing line; looking for its beginning first is ten times faster."""
    if match := _CLOSING.match(text, start):
        return match
    found = sorted(_positions(text, "\n---", start, end) + _positions(text, "\n...", start, end))
    return next(filter(None, (_CLOSING.match(text, position + 1) for position in found)), None)


def _positions(text: str, part: str, start: int, end: int) -> list[int]:
    positions = []
    while (start := text.find(part, start, end)) != -1:
        positions.append(start)
        start += 1
    return positions

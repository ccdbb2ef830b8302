"""Markdown and HTML files with YAML front matter: one record a file."""

import re
from collections.abc import Iterator
from datetime import tzinfo
from functools import partial
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from feedpub.errors import Problem, RecordError
from feedpub.limits import RecordLimits
from feedpub.links import clean_domain, is_clean
from feedpub.nodes import SECRET_KEYS, Mapping
from feedpub.parts import Embedded, embedded, embedded_in, link_of
from feedpub.records import Record
from feedpub.sources.contents import decoded
from feedpub.sources.files import SourceFile
from feedpub.sources.plain_block import parse_plain
from feedpub.sources.related_block import (
    Block,
    addresses,
    find_block,
    parse_item,
    proven_items,
    sketch,
)

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


class FrontMatter(Struct, frozen=True, kw_only=True):
    """A text in its parts: YAML from `start` to `end`, and the body from `body_start` on.

    Where the related list could be left unparsed, it is `related`, and was cut out at `cut`.
    """

    text: str
    start: int
    end: int
    body_start: int
    related: Block | None = None
    cut: int = 0

    @property
    def header(self) -> str:
        """Return the YAML."""
        return self.text[self.start : self.end]

    @property
    def body(self) -> str:
        """Return what stands below the YAML."""
        return self.text[self.body_start :].lstrip("\r\n")


def max_bytes(limits: RecordLimits) -> int:
    """Return how large a file may be."""
    return limits.file_bytes


def read_records(
    data: bytes, file: SourceFile, limits: RecordLimits, *, whole: bool = True
) -> Iterator[Record | Problem | None]:
    """Yield the one record of a file, and None between steps; raise `RecordError` if it is none.

    Unless it is wanted `whole`, its related list is left unread where that is safe.
    """
    related = _unread(data, limits, whole=whole)
    yield None
    parts = _around(data, related, limits)
    yield None
    fields = _fields_around(parts, limits) if parts.related else None
    if parts.related and not fields:
        parts = split(data, limits)
    yield None
    body = parts.body
    if _holds_secret(body):
        raise RecordError(
            "stray-front-matter", "front matter goes on after its closing ---", line=1
        )
    yield Record(
        source=file.shown,
        line=1,
        path=file.path,
        fields=fields or _fields(parts.header, limits),
        related_unread=partial(_links_in, parts.related, limits) if parts.related else None,
        body=body,
        body_format="html" if file.suffix in {".html", ".htm"} else "markdown",
    )


def _holds_secret(body: str) -> bool:
    """Tell whether a body looks like front matter with what must never be published."""
    if _STRAY_SECRET.search(body):
        return True
    line = _SECRET_LINE.search(body)
    return line is not None and _CLOSING.search(body, line.end()) is not None


def read_related(
    data: bytes, base: str, zone: tzinfo, limits: RecordLimits, *, is_proven: bool = False
) -> list[Embedded]:
    """Return the related articles that `read_records` left in the file.

    With `is_proven`, the file is what that read, and need not be looked at as closely.
    """
    found = proven_items(decoded(data)) if is_proven else iter(())
    items = list(islice(found, limits.related))
    if not items:
        parts = split(data, limits, whole=False)
        if parts.related is None:
            nodes = _fields(parts.header, limits).get("related")
            return list(embedded_in(nodes, base, zone, limits))
        items = list(islice(parts.related.items(), limits.related))
    return [known for item in items if (known := _embedded(item, base, zone, limits))]


def _embedded(
    item: re.Match[str], base: str, zone: tzinfo, limits: RecordLimits
) -> Embedded | None:
    whole = partial(parse_item, item)
    url, domain, quality = item.group("webUrl", "domain", "quality")
    link, who = url[1:-1], clean_domain(domain.strip('"')) if domain else None
    if not (who and is_clean(link, limits.url)):
        return embedded(sketch(item), base, zone, limits, whole)
    # As nearly all: nothing else decides how it ranks.
    return Embedded(link, float(quality or 0), who, None, whole, base, zone, limits)


def _links_in(unread: Block, limits: RecordLimits, base: str) -> list[str]:
    clean = unread.addresses(limits.related, limits.url)
    if clean is not None:
        return clean
    items = islice(unread.items(), limits.related)
    return [link for item in items if (link := link_of(addresses(item), base, limits))]


def _fields(header: str, limits: RecordLimits, first_line: int = 2) -> Mapping:
    plain = parse_plain(header, first_line=first_line) if limits.allow_shortcuts else None
    if plain is not None:
        return plain
    from feedpub.tree import parse_yaml  # 20 ms that plain front matter never pays

    documents = parse_yaml(header, first_line=first_line, limits=limits.front_matter)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise RecordError("not-a-mapping", "the front matter is not a list of `key: value`", line=2)
    return documents[0]


def _fields_around(parts: FrontMatter, limits: RecordLimits) -> Mapping | None:
    """Parse what stands around the related list; None where only the whole can be trusted."""
    assert parts.related is not None
    prefix, suffix = parts.text[parts.start : parts.cut], parts.text[parts.cut : parts.end]
    gap = (prefix.count("\n") + 2, parts.related.lines)
    fields = parse_plain(parts.header, first_line=2, gap=gap)
    if fields is None:
        try:
            fields = _fields(prefix, limits)
            rest = _fields(suffix, limits, sum(gap)) if suffix.strip() else Mapping()
        except RecordError:
            return None
        if not fields.lines.keys().isdisjoint(rest.lines):
            return None
        fields.update(rest)
        fields.lines.update(rest.lines)
    return None if "related" in fields.lines else fields


def split(data: bytes, limits: RecordLimits, *, whole: bool = True) -> FrontMatter:
    """Return the parts of a file; raise `RecordError` where there is no whole front matter.

    Unless it is wanted `whole`, its related list is cut out where that is safe.
    """
    return _around(data, _unread(data, limits, whole=whole), limits)


def _unread(data: bytes, limits: RecordLimits, *, whole: bool) -> Block | None:
    """Return the related list of a file, if it may be left unread."""
    return find_block(data) if limits.allow_shortcuts and not whole else None


def _around(data: bytes, related: Block | None, limits: RecordLimits) -> FrontMatter:
    """Return the parts of a file, without its related list unless that may not be one."""
    return (_without(related, data, limits) if related else None) or _parts(decoded(data))


def _without(related: Block, data: bytes, limits: RecordLimits) -> FrontMatter | None:
    """Return the parts of a file without its related list; None where that may not be one."""
    try:
        before, after = decoded(data[: related.start]), decoded(data[related.end :])
        parts = _parts(before + after)
    except RecordError:  # whatever is amiss is told of the whole
        return None
    size = parts.end - parts.start + related.end - related.start
    if parts.end < len(before) or size > limits.front_matter.size_bytes:
        return None  # it stands in the body, or all is too large
    return replace(parts, related=related, cut=len(before))


def _parts(text: str) -> FrontMatter:
    opening = _OPENING.match(text)
    if opening is None:
        hint = "feedpub reads YAML front matter, between two lines of ---"
        if text.startswith("+++"):
            raise RecordError("toml", "TOML front matter (+++) is not read", line=1, help=hint)
        raise RecordError("no-front-matter", "no front matter", line=1, help=hint)
    closing = _closing(text, opening.end())
    if closing is None:
        raise RecordError("no-front-matter", "the front matter has no closing ---", line=1)
    end, body_start = closing.span()
    return FrontMatter(text=text, start=opening.end(), end=end, body_start=body_start)


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

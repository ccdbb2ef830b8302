"""The `related:` list of a front matter, left unparsed: most bytes of a record, seldom needed.

What is left must prove itself: from its first to its last character it has the one shape the
aggregating sites write, whose meaning as YAML is beyond doubt (double-quoted scalars with the
simplest escapes, plain ones without indicators, fixed indentation, keys in a fixed order and so
never repeated, an address in every item). Whatever else is there goes the long way through the
parser.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from feedpub.links import is_clean_form
from feedpub.nodes import SECRET_KEYS, Mapping, Plain, Sequence

# Characters that have, or may have, a meaning beyond themselves. Those past Latin-1 are looked for
# once in the whole text: within every pattern, they make compiling it take 40 ms.
_ODD = r"\x00-\x1f\x7f-\x9f"
_RARE = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_IN_TEXT, _IN_WORD = rf'[^"\\{_ODD}]*+', rf"[^\s#:{_ODD}]*+"
TEXT = rf'"{_IN_TEXT}(?:\\["\\nrt]{_IN_TEXT})*+"'
PLAIN = rf"[A-Za-z0-9]{_IN_WORD}(?:(?::(?=[^\s])| (?=[^\s#])){_IN_WORD})*+"
# The plain scalars that dates, numbers and domains are, matched in half the time.
_WORD = r"[A-Za-z0-9][A-Za-z0-9:.+-]*+(?<!:)"
# From a quotation mark to one at the end of the line, whatever is between: `_are_simple` looks.
_QUOTED = r'".*+(?<=")'
_DELETED = bytes(set(range(0x20, 0x100)) - set(b'"\\\x7f'))

_OPENING, _ITEM_OPENING = "\nrelated:\n", "  - title: "
_LIST_OPENING = _OPENING + _ITEM_OPENING
# What stands before the first item of a list in a file, and before each further one.
_FIRST, _NEXT = _LIST_OPENING.encode(), b"\n" + _ITEM_OPENING.encode()
_END = re.compile(rb"\n(?! )")
_AFTER = re.compile(rb"\n*+(?=[A-Za-z]|(?:---|\.\.\.)[ \t]*$)", re.MULTILINE)
_WEB_URL = re.compile(r'\n    webUrl: "(.*)"\n')
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r'\\(["\\nrt])')
# A line of a text (`\n` within quotation marks) that a secret could be.
_SECRET_LINE = re.compile(rf"\\[nr][^\n]*(?:{'|'.join(sorted(SECRET_KEYS))})", re.IGNORECASE)
# Fewer values than `limits.RecordLimits` allows by default, however few each line holds.
_MAX_LINES = 5_000


class _Item(NamedTuple):
    """What is remembered of an item: its lines, and its address as written, which may be clean."""

    lines: int
    url: str
    is_clean: bool


# The items that have proven themselves, as long as they are few and short: the records of a story
# list one another, so that most items of a list are those of another one, word for word.
_KNOWN: dict[bytes, _Item] = {}
_MAX_KNOWN, _MAX_BYTES = 4096, 2048


class _Doubt(Exception):  # noqa: N818 - no error: the parser will know
    """Something is there that only the parser can judge."""


class Block(Struct, frozen=True, kw_only=True):
    """A related list in a file: where its line `related:` starts, its items, and what is after it.

    `lines` is the number of lines from start to end.
    """

    data: bytes
    start: int
    first: int
    end: int
    lines: int
    known: list[_Item]

    def items(self) -> Iterator["re.Match[str]"]:
        """Return the items, each of which begins where the one before it ends."""
        return _ITEM.finditer(self.data[self.first : self.end].decode())

    def addresses(self, limit: int, longest: int) -> list[str] | None:
        """Return the addresses of the first items; None if anything had to be done to one."""
        known = self.known[:limit]
        urls = [item.url for item in known if item.is_clean and len(item.url) <= longest]
        return urls if len(urls) == len(known) else None


def proven_items(text: str) -> Iterator["re.Match[str]"]:
    """Yield the items of the list in a text in which `find_block` found one, sooner than that."""
    opening = text.find(_LIST_OPENING)
    end = opening + len(_OPENING)
    for item in _ITEM.finditer(text, end) if opening >= 0 else ():
        if item.start() != end:
            return
        yield item
        end = item.end()


def is_rare(text: str) -> bool:
    """Tell whether a text has characters that the patterns here do not know."""
    return not text.isascii() and _RARE.search(text) is not None


def find_block(data: bytes) -> Block | None:
    """Return the list in a file; None where its shape leaves a doubt."""
    opening = data.find(_FIRST)
    if opening < 0:
        return None
    # Each without what stands before and behind it.
    *items, last = data[opening + len(_FIRST) :].split(_NEXT)
    items.append(last[: rest.start()] if (rest := _END.search(last)) else last)
    try:
        known = _proven(items)
    except _Doubt:
        return None
    first = opening + len(_OPENING)
    after = _AFTER.match(data, first + sum(map(len, items)) + len(_NEXT) * len(items))
    if after is None:
        return None
    # `related:`, its items, and the blank ones behind
    lines = 1 + sum([item.lines for item in known]) + after.end() - after.start()
    if lines > _MAX_LINES:
        return None
    return Block(
        data=data, start=opening + 1, first=first, end=after.end(), lines=lines, known=known
    )


def _proven(items: list[bytes]) -> list[_Item]:
    """Return what there is to know of some items; raise `_Doubt` if one may mean something else."""
    known = [item for item in map(_KNOWN.get, items) if item]
    if len(known) == len(items):
        return known
    if len(_KNOWN) > _MAX_KNOWN:
        _KNOWN.clear()
    fresh = _prove([item for item in items if item not in _KNOWN])
    _KNOWN.update(pair for pair in fresh.items() if len(pair[0]) <= _MAX_BYTES)
    return [_KNOWN.get(item) or fresh[item] for item in items]


def _prove(items: list[bytes]) -> dict[bytes, _Item]:
    try:
        texts = [f"{_ITEM_OPENING}{item.decode()}\n" for item in items]
    except UnicodeDecodeError:
        raise _Doubt from None
    text = "".join(texts)
    if is_rare(text) or not (_are_simple(text) or _have_the_shape(text)):
        raise _Doubt
    urls = _WEB_URL.findall(text)
    return {
        item: _Item(item.count(b"\n") + 1, url, is_clean_form(url))
        for item, url in zip(items, urls, strict=True)
    }


def _are_simple(items: str) -> bool:
    """Tell whether items have the shape, with no escape and no quotation mark in their texts."""
    if not _simple_items().fullmatch(items):
        return False
    kept = items.encode().translate(None, _DELETED)
    lines, with_text = kept.count(b"\n"), kept.count(b'""\n')
    return len(kept) == lines + 2 * with_text


def _have_the_shape(items: str) -> bool:
    """Tell whether items have the shape; the parser knows what to make of a swallowed secret."""
    return _items().fullmatch(items) is not None and not _SECRET_LINE.search(items)


def _shape(text: str) -> str:
    """Return the pattern of an item whose texts match another."""
    value, word = rf"(?:{text}|{PLAIN})\n", rf"(?:{_WORD}\n|(?:{text}|{PLAIN})\n)"

    def images(indent: int) -> str:
        outer, inner = " " * indent, " " * (indent + 2)
        return (
            rf"(?:{outer}- url: {value}(?:{inner}width: {word})?+(?:{inner}height: {word})?+"
            rf"(?:{inner}title: {value})?+(?:{inner}isCached: {word})?+)++"
        )

    return (
        rf"  - title: {value}"
        rf"(?:    excerpt: {value})?+"
        rf"(?:    publishedDateTime: {word})?+"
        rf"(?:    originalUrl: {value})?+"
        rf"    webUrl: {text}\n"
        rf"(?:    ampWebUrl: {value})?+"
        rf"(?:    cdnAmpWebUrl: {value})?+"
        rf"(?:    type: {word})?+"
        rf"(?:    provider:\n      name: {value}(?:      domain: {word})?+"
        rf"(?:      images:\n{images(8)})?+)?+"
        rf"(?:    quality: -?[0-9]{{1,9}}\n)?+"
        rf"(?:    images:\n{images(6)})?+"
    )


# An item of a list that has been found to have that shape, with what ranking it takes.
_ITEM = re.compile(
    r"  - title: .*\n(?:    (?:excerpt|publishedDateTime): .*\n)*+"
    r"(?:    originalUrl: (?P<originalUrl>.*)\n)?+    webUrl: (?P<webUrl>.*)\n"
    r"(?:    (?:ampWebUrl|cdnAmpWebUrl|type): .*\n)*+"
    r"(?:    provider:\n      name: (?P<name>.*)\n(?:      domain: (?P<domain>.*)\n)?+"
    r"(?:      .*\n)*+)?+"
    r"(?:    quality: (?P<quality>.*)\n)?+"
    r"(?:    images:\n(?:      .*\n)++)?+"
)

# A line of an item.
_FIELD = re.compile(r"( *)(- )?(\w+):(?: (.*))?\n")


# Made when they are needed: compiling each takes milliseconds.
@cache
def _simple_items() -> "re.Pattern[str]":
    return re.compile(rf"(?:{_shape(_QUOTED)})*+")


@cache
def _items() -> "re.Pattern[str]":
    return re.compile(rf"(?:{_shape(TEXT)})*+")


def addresses(item: "re.Match[str]") -> Mapping:
    """Return of an item of the list where its article is."""
    found = Mapping()
    for key in ("originalUrl", "webUrl"):
        if item[key] is not None:
            found[key] = scalar(item[key])
    return found


def sketch(item: "re.Match[str]") -> Mapping:
    """Return of an item of the list what ranking it takes: address, provider and quality."""
    found = addresses(item)
    if item["name"] is not None:
        found["provider"] = provider = Mapping()
        provider["name"] = scalar(item["name"])
        if item["domain"] is not None:
            provider["domain"] = scalar(item["domain"])
    if item["quality"] is not None:
        found["quality"] = Plain(item["quality"])
    return found


def parse_item(item: "re.Match[str]") -> Mapping:
    """Return what an item of the list means: what the parser would make of it, sooner."""
    found = provider = image = Mapping()
    images = Sequence()
    for spaces, dash, key, raw in _FIELD.findall(item[0]):
        depth = len(spaces)
        value = scalar(raw) if raw else None
        if dash:
            mapping = found if depth == 2 else Mapping()
            if depth > 2:
                image = mapping
                images.append(image)
            mapping[key] = value or Plain("")
        elif value is None:
            if key == "provider":
                found[key] = provider = Mapping()
            else:
                (found if depth == 4 else provider)[key] = images = Sequence()
        elif depth == 4:
            found[key] = value
        elif depth == 6:
            provider[key] = value
        else:
            image[key] = value
    return found


def scalar(raw: str) -> str:
    """Return what a `TEXT` or a `PLAIN` scalar means."""
    if raw[0] != '"':
        return Plain(raw)
    text = raw[1:-1]
    return _ESCAPE.sub(lambda match: _ESCAPES[match[1]], text) if "\\" in text else text

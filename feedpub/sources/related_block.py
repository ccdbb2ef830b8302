"""The `related:` list of a front matter, split off unparsed: most bytes of a record, seldom needed.

The split proves itself: what is cut out must have, from its first to its last character, the one
shape the aggregating sites write, whose meaning as YAML is beyond doubt (double-quoted scalars
without escapes, plain ones without indicators, fixed indentation, keys in a fixed order and so
never repeated). Whatever else is there goes the long way through the parser.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from feedpub.links import is_clean
from feedpub.tree import SECRET_KEYS, Mapping, Plain, Sequence

# Characters that have, or may have, a meaning beyond themselves. Those past Latin-1 are looked for
# once in the whole text: within every pattern, they make compiling it take 40 ms.
_ODD = r"\x00-\x1f\x7f-\x9f"
_RARE = re.compile(r"[\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_IN_TEXT, _IN_WORD = rf'[^"\\{_ODD}]*+', rf"[^\s#:{_ODD}]*+"
TEXT = rf'"{_IN_TEXT}(?:\\["\\nrt]{_IN_TEXT})*+"'
PLAIN = rf"[A-Za-z0-9]{_IN_WORD}(?:(?::(?=[^\s])| (?=[^\s#])){_IN_WORD})*+"
_VALUE = rf"(?:{TEXT}|{PLAIN})\n"


def _images(indent: int) -> str:
    outer, inner = " " * indent, " " * (indent + 2)
    return (
        rf"(?:{outer}- url: {_VALUE}(?:{inner}width: {_VALUE})?+(?:{inner}height: {_VALUE})?+"
        rf"(?:{inner}title: {_VALUE})?+(?:{inner}isCached: {_VALUE})?+)++"
    )


_ITEM = re.compile(
    rf"  - title: {_VALUE}"
    rf"(?:    excerpt: {_VALUE})?+"
    rf"(?:    publishedDateTime: {_VALUE})?+"
    rf"(?:    originalUrl: (?P<originalUrl>{TEXT}|{PLAIN})\n)?+"
    rf"(?:    webUrl: (?P<webUrl>{TEXT}|{PLAIN})\n)?+"
    rf"(?:    ampWebUrl: {_VALUE})?+"
    rf"(?:    cdnAmpWebUrl: {_VALUE})?+"
    rf"(?:    type: {_VALUE})?+"
    rf"(?:    provider:\n      name: (?P<name>{TEXT}|{PLAIN})\n"
    rf"(?:      domain: (?P<domain>{TEXT}|{PLAIN})\n)?+"
    rf"(?:      images:\n{_images(8)})?+)?+"
    rf"(?:    quality: (?P<quality>-?[0-9]{{1,9}})\n)?+"
    rf"(?:    images:\n{_images(6)})?+"
)
_OPENING = "related:\n"
_AFTER = re.compile(r"\n*+(?=[A-Za-z]|\Z)")
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r'\\(["\\nrt])')
# A line of a text (`\n` within quotation marks) that a secret could be.
_SECRET_LINE = re.compile(rf"\\[nr][^\n]*(?:{'|'.join(sorted(SECRET_KEYS))})", re.IGNORECASE)
# Fewer values than `tree.RECORD_LIMITS.nodes` allows, however few each line holds.
_MAX_LINES = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A front matter in three: what stands before the list, its items, and what stands after.

    `line` is the number of lines before `suffix`.
    """

    prefix: str
    items: tuple["re.Match[str]", ...]
    suffix: str
    line: int


def is_rare(text: str) -> bool:
    """Tell whether a text has characters that the patterns here do not know."""
    return not text.isascii() and _RARE.search(text) is not None


def split_related(header: str) -> Split | None:
    """Split the list off, or return None where there is none or its shape leaves a doubt."""
    if is_rare(header):
        return None
    start = 0 if header.startswith(_OPENING) else header.find(f"\n{_OPENING}") + 1
    if not header.startswith(_OPENING, start):
        return None
    first = start + len(_OPENING)
    items = tuple(_items(header, first))
    after = _AFTER.match(header, items[-1].end()) if items else None
    if after is None or header.count("\n", first, after.start()) > _MAX_LINES:
        return None
    if _SECRET_LINE.search(header, first, after.start()):
        return None  # the parser knows what to make of a text that runs over a secret
    end = after.end()
    return Split(
        prefix=header[:start], items=items, suffix=header[end:], line=header.count("\n", 0, end)
    )


def _items(header: str, position: int) -> Iterator["re.Match[str]"]:
    while match := _ITEM.match(header, position):
        yield match
        position = match.end()


def addresses(item: "re.Match[str]") -> Mapping:
    """Return of an item of the list where its article is."""
    found = Mapping()
    for key in ("originalUrl", "webUrl"):
        if item[key] is not None:
            found[key] = scalar(item[key])
    return found


def plain_link(item: "re.Match[str]") -> str | None:
    """Return the address of an item if it is as plain as nearly all are: the first, and clean."""
    raw = item["webUrl"]
    return raw[1:-1] if raw and raw[0] == '"' and is_clean(raw[1:-1]) else None


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
    for line in item[0].splitlines():
        key, _, raw = line.lstrip(" -").partition(":")
        depth = len(line) - len(line.lstrip(" "))
        value = scalar(raw[1:]) if raw else None
        if line[depth] == "-":
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

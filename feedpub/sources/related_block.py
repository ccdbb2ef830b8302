"""The `related:` list of a front matter, split off unparsed: most bytes of a record, seldom needed.

The split proves itself: what is cut out must have, from its first to its last character, the one
shape the aggregating sites write, whose meaning as YAML is beyond doubt (double-quoted scalars
without escapes, plain ones without indicators, fixed indentation, keys in a fixed order and so
never repeated). Whatever else is there goes the long way through the parser.
"""

import re
from dataclasses import dataclass

from feedpub.tree import SECRET_KEYS, Mapping, Plain, Sequence

_ODD = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"
_IN_TEXT, _IN_WORD = rf'[^"\\{_ODD}]*+', rf"[^\s#:{_ODD}]*+"
_TEXT = rf'"{_IN_TEXT}(?:\\["\\nrt]{_IN_TEXT})*+"'
_PLAIN = rf"[A-Za-z0-9]{_IN_WORD}(?:(?::(?=[^\s])| (?=[^\s#])){_IN_WORD})*+"
_VALUE = rf"(?:{_TEXT}|{_PLAIN})\n"


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
    rf"(?:    originalUrl: {_VALUE})?+"
    rf"(?:    webUrl: {_VALUE})?+"
    rf"(?:    ampWebUrl: {_VALUE})?+"
    rf"(?:    cdnAmpWebUrl: {_VALUE})?+"
    rf"(?:    type: {_VALUE})?+"
    rf"(?:    provider:\n      name: {_VALUE}(?:      domain: {_VALUE})?+"
    rf"(?:      images:\n{_images(8)})?+)?+"
    rf"(?:    quality: -?[0-9]{{1,9}}\n)?+"
    rf"(?:    images:\n{_images(6)})?+"
)
_BLOCK = re.compile(rf"^related:\n((?:{_ITEM.pattern})++)\n*+(?=[A-Za-z]|\Z)", re.MULTILINE)
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r'\\(["\\nrt])')
# A line of a text (`\n` within quotation marks) that a secret could be.
_SECRET_LINE = re.compile(rf"\\[nr][^\n]*(?:{'|'.join(sorted(SECRET_KEYS))})", re.IGNORECASE)
# Fewer values than `tree.RECORD_LIMITS.nodes` allows, however few each line holds.
_MAX_LINES = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A front matter in three: what stands before the list, the list, and what stands after.

    `line` is the number of lines before `suffix`.
    """

    prefix: str
    block: str
    suffix: str
    line: int


def split_related(header: str) -> Split | None:
    """Split the list off, or return None where there is none or its shape leaves a doubt."""
    match = _BLOCK.search(header)
    if match is None or match[1].count("\n") > _MAX_LINES:
        return None
    if _SECRET_LINE.search(match[1]):
        return None  # the parser knows what to make of a text that runs over a secret
    prefix, suffix = header[: match.start()], header[match.end() :]
    return Split(
        prefix=prefix, block=match[1], suffix=suffix, line=header.count("\n", 0, match.end())
    )


def parse_block(block: str) -> Sequence:
    """Return the list that a split-off block means: what the parser would make of it, sooner."""
    items = Sequence()
    item = provider = image = Mapping()
    images = Sequence()
    for line in block.splitlines():
        key, _, raw = line.lstrip(" -").partition(":")
        depth = len(line) - len(line.lstrip(" "))
        value = _scalar(raw[1:]) if raw else None
        if line[depth] == "-":
            mapping = Mapping()
            if depth == 2:
                item = mapping
                items.append(item)
            else:
                image = mapping
                images.append(image)
            mapping[key] = value or Plain("")
        elif value is None:
            if key == "provider":
                item[key] = provider = Mapping()
            else:
                (item if depth == 4 else provider)[key] = images = Sequence()
        elif depth == 4:
            item[key] = value
        elif depth == 6:
            provider[key] = value
        else:
            image[key] = value
    return items


def _scalar(raw: str) -> str:
    if raw[0] != '"':
        return Plain(raw)
    text = raw[1:-1]
    return _ESCAPE.sub(lambda match: _ESCAPES[match[1]], text) if "\\" in text else text

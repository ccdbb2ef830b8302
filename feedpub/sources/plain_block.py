"""Front matter of the plainest shape, read without the YAML parser: nearly all of it, sooner.

Every line must be `key: value`, `key:`, `- value` or `- key: value`, with values on one line whose
meaning as YAML is beyond doubt: double-quoted with the simplest escapes, or plain without any
indicator. Whatever else is there goes the long way through the parser.
"""

import re

from feedpub.nodes import Mapping, Node, Sequence, is_secret
from feedpub.sources.related_block import PLAIN, TEXT, is_rare, scalar

_VALUE = rf"{TEXT}|{PLAIN}|-[0-9]{{1,9}}"
_LINE = re.compile(rf"( *)(- )?(?:([A-Za-z][A-Za-z0-9_]*):(?: ({_VALUE}))?|({_VALUE}))")
# Less than `tree.RECORD_LIMITS` allows, in size, number and depth.
_MAX_LENGTH, _MAX_LINES, _MAX_INDENT = 64 * 1024, 2_000, 12

_Line = tuple[int, int, bool, str | None, str | None]


class _Doubt(Exception):  # noqa: N818 - no error: the parser will know
    """Something is there that only the parser can judge."""


def parse_plain(text: str, *, first_line: int = 1) -> Mapping | None:
    """Return the mapping that a text means, as `tree.parse_yaml` would; None where in doubt."""
    if len(text) > _MAX_LENGTH or is_rare(text):
        return None
    try:
        lines = _lines(text, first_line)
        mapping, end = _mapping(lines, 0, 0)
    except _Doubt:
        return None
    return mapping if end == len(lines) and lines else None


def _lines(text: str, first_line: int) -> list[_Line]:
    """Return number, indentation, whether it is an item, key and value of each line."""
    found: list[_Line] = []
    for number, line in enumerate(text.split("\n"), first_line):
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None or len(found) >= _MAX_LINES:
            raise _Doubt
        spaces, dash, key, value, alone = match.groups()
        # A secret that a text may have swallowed; and a text that stands alone.
        if (alone and not dash) or ("ecured" in line.lower() and not (key and is_secret(key))):
            raise _Doubt
        found.append((number, len(spaces), dash is not None, key, value or alone))
    return found


def _mapping(
    lines: list[_Line], start: int, indent: int, *, in_item: bool = False
) -> tuple[Mapping, int]:
    """Read a mapping at an indentation; of an item of a list, the first key stands behind `- `."""
    mapping, position = Mapping(), start
    if indent > _MAX_INDENT:
        raise _Doubt
    while position < len(lines):
        number, depth, is_item, key, raw = lines[position]
        behind_dash = in_item and position == start
        if not behind_dash and (depth < indent or (depth == indent and is_item)):
            break
        if key is None or key in mapping.lines or not (behind_dash or (depth == indent)):
            raise _Doubt
        mapping.lines[key] = number
        value: Node
        if raw is not None:
            value, position = scalar(raw), position + 1
        elif behind_dash:
            raise _Doubt
        else:
            value, position = _nested(lines, position + 1, indent)
        if not is_secret(key):
            mapping[key] = value
        elif raw is None:
            raise _Doubt
    return mapping, position


def _nested(lines: list[_Line], start: int, indent: int) -> tuple[Node, int]:
    """Read what stands below a key: a list, which need not be indented, or a mapping."""
    if start == len(lines):
        raise _Doubt
    _, depth, is_item, _, _ = lines[start]
    if is_item and depth >= indent:
        return _sequence(lines, start, depth)
    if depth > indent:
        return _mapping(lines, start, depth)
    raise _Doubt


def _sequence(lines: list[_Line], start: int, indent: int) -> tuple[Sequence, int]:
    sequence, position = Sequence(), start
    while position < len(lines):
        number, depth, is_item, key, raw = lines[position]
        if depth < indent or (depth == indent and not is_item):
            break
        if depth > indent:
            raise _Doubt
        if key is None:
            assert raw is not None
            sequence.append(scalar(raw))
            position += 1
        else:
            item, position = _mapping(lines, position, indent + 2, in_item=True)
            sequence.append(item)
        sequence.lines.append(number)
    return sequence, position

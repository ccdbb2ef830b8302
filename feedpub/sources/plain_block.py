"""Front matter of the plainest shape, read without the YAML parser: nearly all of it, sooner.

Every line must be `key: value`, `key:`, `- value` or `- key: value`, with values on one line whose
meaning as YAML is beyond doubt: double-quoted with the simplest escapes, or plain without any
indicator. Whatever else is there goes the long way through the parser.
"""

import re

from feedpub.nodes import Mapping, Node, Sequence, is_secret
from feedpub.sources.related_block import PLAIN, TEXT, is_rare, scalar

_VALUE = rf"{TEXT}|{PLAIN}|-[0-9]{{1,9}}"
_LINES = re.compile(
    rf"^(?:( *)(- )?(?:([A-Za-z][A-Za-z0-9_]*):(?: ({_VALUE}))?|({_VALUE})))?$", re.MULTILINE
)
# Less than `limits.RecordLimits` allows by default, in size, number and depth.
_MAX_LENGTH, _MAX_LINES, _MAX_INDENT = 64 * 1024, 2_000, 12

# Number, indentation, whether it is an item, key and value of a line.
_Line = tuple[int, int, bool, str, str]


class _Doubt(Exception):  # noqa: N818 - no error: the parser will know
    """Something is there that only the parser can judge."""


def parse_plain(text: str, *, first_line: int = 1, gap: tuple[int, int] = (0, 0)) -> Mapping | None:
    """Return the mapping that a text means, as `tree.parse_yaml` would; None where in doubt.

    A `gap` is the number of a line, counted from `first_line`, and how many lines were left out
    before it.
    """
    if len(text) > _MAX_LENGTH or is_rare(text):
        return None
    try:
        lines = _lines(text, first_line, *gap)
        mapping, end = _mapping(lines, 0, 0)
    except _Doubt:
        return None
    return mapping if end == len(lines) and lines else None


def _lines(text: str, first_line: int, gap_at: int, gap: int) -> list[_Line]:
    """Return the lines of a text that hold something."""
    matches = _LINES.findall(text)
    if len(matches) != text.count("\n") + 1 or len(matches) > _MAX_LINES:
        raise _Doubt
    found, secrets = [], 0
    for number, (spaces, dash, key, value, alone) in enumerate(matches, first_line):
        if key or alone:
            if alone and not dash:
                raise _Doubt
            secrets += "ecured" in key.lower() and is_secret(key)
            line = number if number < gap_at or not gap else number + gap
            found.append((line, len(spaces), bool(dash), key, value or alone))
    if text.lower().count("ecured") != secrets:
        raise _Doubt  # a text may have swallowed a secret
    return found


def _mapping(
    lines: list[_Line], start: int, indent: int, *, in_item: bool = False
) -> tuple[Mapping, int]:
    """Read a mapping at an indentation; of an item of a list, the first key stands behind `- `."""
    mapping, position, end = Mapping(), start, len(lines)
    numbers = mapping.lines
    if indent > _MAX_INDENT:
        raise _Doubt
    while position < end:
        number, depth, is_item, key, raw = lines[position]
        behind_dash = in_item and position == start
        if not behind_dash and (depth < indent or (depth == indent and is_item)):
            break
        if not key or key in numbers or not (behind_dash or depth == indent):
            raise _Doubt
        numbers[key] = number
        value: Node
        if raw:
            value, position = scalar(raw), position + 1
        elif behind_dash:
            raise _Doubt
        else:
            value, position = _nested(lines, position + 1, indent)
        if not ("ecured" in key.lower() and is_secret(key)):
            mapping[key] = value
        elif not raw:
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
        if not key:
            sequence.append(scalar(raw))
            position += 1
        else:
            item, position = _mapping(lines, position, indent + 2, in_item=True)
            sequence.append(item)
        sequence.lines.append(number)
    return sequence, position

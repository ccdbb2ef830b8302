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
# Less than `limits.RecordLimits` allows by default, in size, number and depth.
_MAX_LENGTH, _MAX_LINES, _MAX_INDENT = 64 * 1024, 2_000, 12


# What a line says: its indentation, whether it is an item, its key, its value and whether that is a
# secret.
_Line = tuple[int, bool, str, str | None, bool]

# The lines that were read, as long as they are few and short: most are those of another record.
_KNOWN: dict[str, _Line] = {}
_MAX_KNOWN, _MAX_CHARACTERS = 4096, 36


class _Doubt(Exception):  # noqa: N818 - no error: the parser will know
    """Something is there that only the parser can judge."""


def parse_plain(text: str, *, first_line: int = 1, gap: tuple[int, int] = (0, 0)) -> Mapping | None:
    """Return the mapping that a text means, as `tree.parse_yaml` would; None where in doubt.

    A `gap` is the number of a line, counted from `first_line`, and how many lines were left out
    before it.
    """
    if len(text) > _MAX_LENGTH or is_rare(text):
        return None
    fresh: dict[str, _Line] = {}
    try:
        lines = _lines(text, first_line, *gap, fresh)
        mapping, end = _mapping(lines, 0, 0)
    except _Doubt:
        return None
    if end < len(lines) or not lines:
        return None
    _remember(fresh)  # nothing below a secret is among them: of that there is doubt
    return mapping


def _lines(
    text: str, first_line: int, gap_at: int, gap: int, fresh: dict[str, _Line]
) -> list[tuple[int, _Line]]:
    """Return the lines of a text that hold something, after their numbers.

    Those that are not known are added to `fresh`.
    """
    texts = text.split("\n")
    if len(texts) > _MAX_LINES:
        raise _Doubt
    found, secrets = [], 0
    for number, line in enumerate(texts, first_line):
        if line:
            said = _KNOWN.get(line)
            if said is None:
                fresh[line] = said = _said(line)
                secrets += said[-1]
            found.append((number if number < gap_at else number + gap, said))
    if text.lower().count("ecured") != secrets:
        raise _Doubt  # a text may have swallowed a secret
    return found


def _said(line: str) -> _Line:
    match = _LINE.fullmatch(line)
    if match is None:
        raise _Doubt
    spaces, dash, key, raw, alone = match.groups("")
    if alone and not dash:
        raise _Doubt
    value = scalar(raw or alone) if raw or alone else None
    return len(spaces), bool(dash), key, value, "ecured" in key.lower() and is_secret(key)


def _remember(fresh: dict[str, _Line]) -> None:
    for text, said in fresh.items():
        if len(text) <= _MAX_CHARACTERS and len(_KNOWN) < _MAX_KNOWN and not said[-1]:
            _KNOWN[text] = said


def _mapping(
    lines: list[tuple[int, _Line]], start: int, indent: int, *, in_item: bool = False
) -> tuple[Mapping, int]:
    """Read a mapping at an indentation; of an item of a list, the first key stands behind `- `."""
    mapping, position, end = Mapping(), start, len(lines)
    numbers = mapping.lines
    if indent > _MAX_INDENT:
        raise _Doubt
    while position < end:
        number, (depth, is_item, key, said, is_secret_key) = lines[position]
        behind_dash = in_item and position == start
        if not behind_dash and (depth < indent or (depth == indent and is_item)):
            break
        if not key or key in numbers or not (behind_dash or depth == indent):
            raise _Doubt
        numbers[key] = number
        value: Node
        if said is not None:
            value, position = said, position + 1
        elif behind_dash or is_secret_key:
            raise _Doubt
        else:
            value, position = _nested(lines, position + 1, indent)
        if not is_secret_key:
            mapping[key] = value
    return mapping, position


def _nested(lines: list[tuple[int, _Line]], start: int, indent: int) -> tuple[Node, int]:
    """Read what stands below a key: a list, which need not be indented, or a mapping."""
    if start == len(lines):
        raise _Doubt
    _, (depth, is_item, *_) = lines[start]
    if is_item and depth >= indent:
        return _sequence(lines, start, depth)
    if depth > indent:
        return _mapping(lines, start, depth)
    raise _Doubt


def _sequence(lines: list[tuple[int, _Line]], start: int, indent: int) -> tuple[Sequence, int]:
    sequence, position = Sequence(), start
    while position < len(lines):
        number, (depth, is_item, key, said, _) = lines[position]
        if depth < indent or (depth == indent and not is_item):
            break
        if depth > indent:
            raise _Doubt
        if key:
            item, position = _mapping(lines, position, indent + 2, in_item=True)
            sequence.append(item)
        else:
            assert said is not None, "a line without a key has a value"
            sequence.append(said)
            position += 1
        sequence.lines.append(number)
    return sequence, position

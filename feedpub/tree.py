"""Trees of texts: the one shape in which YAML and JSON reach the rest of feedpub.

A scalar stays the text that was written: whether `No` is a title or a refusal, and `2024-01-30` a
date or a name, is decided where the field's meaning is known. `Plain` marks an unquoted scalar, the
only kind that may mean null, a number or a yes or no.

YAML is read from libyaml's *events* (PyYAML's CSafeLoader), with a stack of our own: constructing
objects with the loader itself recurses in C and dies without an exception at some 48 kB of nested
brackets, expands aliases without bound, and raises a dozen exception types.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from feedpub.errors import EnvironmentUnfitError, RecordError, quoted

# Never leaves the record: dropped here, before any object that could leak it exists.
SECRET_KEYS = frozenset({"secured"})

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TEXT_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})


class Plain(str):
    """An unquoted scalar."""

    __slots__ = ()


class Mapping(dict[str, "Node"]):
    """A mapping that knows in which line each key stood (from 1; empty where nobody counted)."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class Sequence(list["Node"]):
    """A list that knows in which line each item began."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


Node = str | Mapping | Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a document may cost before it is refused."""

    size_bytes: int = 256 * 1024
    depth: int = 16
    nodes: int = 20_000


RECORD_LIMITS = Limits()
# A data file holds many records in one document.
DATA_FILE_LIMITS = Limits(size_bytes=64 * 1024 * 1024, nodes=5_000_000)


def is_null(node: Node | None) -> bool:
    """Tell whether a node is absent: nothing, `~`, `null`, in YAML's core schema (1.2 §10.3)."""
    return node is None or (isinstance(node, Plain) and node in _NULLS)


def parse_yaml(text: str, *, first_line: int = 1, limits: Limits = RECORD_LIMITS) -> list[Node]:
    """Return the documents of a YAML text; raise `RecordError` naming the line for any defect.

    Aliases, merge keys, tags and repeated keys are refused: no real record uses them, and each
    is a way to make a small text mean something huge or something else.
    """
    _require_libyaml()
    if len(text) > limits.size_bytes:
        raise RecordError("too-large", f"larger than {limits.size_bytes} bytes")
    builder = _Builder(first_line=first_line, limits=limits)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.handle(event)
    except yaml.MarkedYAMLError as error:
        # Only the parser's own words: never the source line, which may be a secret's.
        line = error.problem_mark.line + first_line if error.problem_mark else None
        raise RecordError("yaml", f"YAML: {error.problem or 'unreadable'}", line=line) from None
    except (yaml.YAMLError, UnicodeError):
        raise RecordError("yaml", "YAML: a character that YAML does not allow") from None
    return builder.documents


def _require_libyaml() -> None:
    if not yaml.__with_libyaml__:
        raise EnvironmentUnfitError(
            "PyYAML was built without libyaml; install a PyYAML wheel, or libyaml and PyYAML anew"
        )


class _Builder:
    """Builds trees from events, without recursion."""

    def __init__(self, *, first_line: int, limits: Limits) -> None:
        self.documents: list[Node] = []
        self._first_line = first_line
        self._limits = limits
        self._open: list[tuple[Mapping | Sequence, int]] = []
        self._keys: list[str | None] = []
        self._nodes = 0

    def handle(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._check(event)
            plain = not event.style and event.tag is None  # libyaml says '' where PyYAML says None
            self._add(Plain(event.value) if plain else str(event.value), self._line(event))
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._check(event)
            if len(self._open) >= self._limits.depth:
                message = f"nested deeper than {self._limits.depth} levels"
                raise RecordError("too-deep", message, line=self._line(event))
            container = Mapping() if kind is yaml.MappingStartEvent else Sequence()
            self._open.append((container, self._line(event)))
            self._keys.append(None)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._keys.pop()
            self._add(*self._open.pop())
        elif kind is yaml.AliasEvent:
            message = "YAML aliases (*name) are not allowed"
            raise RecordError("yaml-alias", message, line=self._line(event))

    def _line(self, event: Any) -> int:
        return int(event.start_mark.line) + self._first_line

    def _check(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            message = f"more than {self._limits.nodes} values"
            raise RecordError("too-large", message, line=self._line(event))
        if event.tag not in _TEXT_TAGS:
            message = "YAML tags (!name) are not allowed"
            raise RecordError("yaml-tag", message, line=self._line(event))

    def _add(self, node: Node, line: int) -> None:
        if not self._open:
            self.documents.append(node)
            return
        container = self._open[-1][0]
        if isinstance(container, Sequence):
            container.append(node)
            container.lines.append(line)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = _new_key(node, container, line)
            return
        self._keys[-1] = None
        if not is_secret(key):
            container[key] = node


def _new_key(node: Node, container: Mapping, line: int) -> str:
    if not isinstance(node, str):
        raise RecordError("yaml", "YAML: a key must be a word", line=line)
    if node == "<<" and isinstance(node, Plain):
        raise RecordError("yaml-alias", "YAML merge keys (<<) are not allowed", line=line)
    key = str(node)
    if key in container.lines:
        raise RecordError("duplicate-key", f"key {quoted(key, 60)} appears twice", line=line)
    container.lines[key] = line
    return key


def is_secret(key: str) -> bool:
    """Tell whether a key's value must be forgotten unread."""
    return key.strip().casefold() in SECRET_KEYS


def parse_json(text: str, *, limits: Limits = RECORD_LIMITS, line: int | None = None) -> Node:
    """Return a JSON text (RFC 8259) as the same tree YAML gives; numbers keep their spelling."""
    if len(text) > limits.size_bytes:
        raise RecordError("too-large", f"larger than {limits.size_bytes} bytes", line=line)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_mapping_of(line),
            parse_int=Plain,
            parse_float=Plain,
            parse_constant=Plain,
        )
    except json.JSONDecodeError as error:
        place = error.lineno if line is None else line
        raise RecordError("json", f"JSON: {error.msg}", line=place) from None
    except RecursionError:
        raise RecordError("too-deep", "nested too deeply", line=line) from None
    return _tree(value, limits.depth, line)


def _mapping_of(line: int | None) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise RecordError("duplicate-key", f"key {quoted(twice, 60)} appears twice", line=line)
        return result

    return build


def _tree(value: Any, depth: int, line: int | None) -> Node:
    """Turn what `json` gives into nodes; recursion is bounded by `depth`."""
    match value:
        case Plain():
            return value
        case str():
            return value
        case None:
            return Plain("null")
        case bool():
            return Plain("true" if value else "false")
    if depth == 0:
        raise RecordError("too-deep", "nested too deeply", line=line)
    if isinstance(value, list):
        sequence = Sequence()
        sequence.extend(_tree(item, depth - 1, line) for item in value)
        return sequence
    mapping = Mapping()
    for key, item in value.items():
        if not is_secret(key):
            mapping[key] = _tree(item, depth - 1, line)
    return mapping

"""Trees of texts: the one shape in which YAML and JSON reach the rest of feedpub.

A scalar stays the text that was written: whether `No` is a title or a refusal, and `2024-01-30` a
date or a name, is decided where the field's meaning is known. `Plain` marks an unquoted scalar, the
only kind that may mean null, a number or a yes or no.

YAML is read from libyaml's *events* (PyYAML's CSafeLoader), with a stack of our own: constructing
objects with the loader itself recurses in C and dies without an exception at some 48 kB of nested
brackets, expands aliases without bound, and raises a dozen exception types.
"""

import json
import re
from functools import partial
from typing import Any

import yaml
from msgspec import Struct

from feedpub.errors import EnvironmentUnfitError, RecordError, quoted
from feedpub.limits import Limits
from feedpub.nodes import (
    PAGE_KEYS,
    SECRET_KEYS,
    Defect,
    Mapping,
    Node,
    Plain,
    Sequence,
    check_swallowed,
    is_null,
    is_secret,
)

__all__ = [
    "PAGE_KEYS", "SECRET_KEYS", "Defect", "Limits", "Mapping", "Node", "Plain", "Sequence",
    "is_null", "is_secret", "parse_json", "parse_yaml",
]  # fmt: skip

_WORDS = {None: "null", True: "true", False: "false"}
_TEXT_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})
_STARTS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # as libyaml counts lines


_OF_ONE_RECORD = Limits()


def parse_yaml(
    text: str, *, first_line: int = 1, limits: Limits = _OF_ONE_RECORD, itemwise: bool = False
) -> list[Node]:
    """Return the documents of a YAML text; raise `RecordError` naming the line for any defect.

    Aliases, merge keys, tags and repeated keys are refused: no real record uses them, and each
    is a way to make a small text mean something huge or something else. `itemwise`, what is
    refused inside one of several records becomes a `Defect` in its place; what makes the whole
    unreadable (syntax, `limits` of size and number) is raised all the same.
    """
    _require_libyaml()
    _check_size(text, limits)
    builder = _Builder(text, first_line=first_line, limits=limits, itemwise=itemwise)
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


def _check_size(text: str, limits: Limits, line: int | None = None) -> None:
    size = len(text)
    if size <= limits.size_bytes < 4 * size and not text.isascii():
        size = len(text.encode("utf-8", "surrogatepass"))
    if size > limits.size_bytes:
        raise RecordError("too-large", f"larger than {limits.size_bytes} bytes", line=line)


def _require_libyaml() -> None:
    if not yaml.__with_libyaml__:
        raise EnvironmentUnfitError(
            "PyYAML was built without libyaml; install a PyYAML wheel, or libyaml and PyYAML anew"
        )


class _Builder:
    """Builds trees from events, without recursion."""

    def __init__(self, text: str, *, first_line: int, limits: Limits, itemwise: bool) -> None:
        self.documents: list[Node] = []
        self._text = text
        self._first_line = first_line
        self._limits = limits
        self._itemwise = itemwise
        self._open: list[tuple[Mapping | Sequence, int]] = []
        self._keys: list[str | None] = []
        self._nodes = 0
        self._defect: tuple[Defect, int] | None = None
        self._open_in_defect = 0

    def handle(self, event: Any) -> None:
        if self._defect is not None:
            self._pass_over(event)
            return
        try:
            self._build(event)
        except RecordError as error:
            if not self._itemwise or error.code == "too-large":
                raise
            self._refuse_item(error, event)

    def _build(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            self._check(event)
            self._check_text(event)
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

    def _refuse_item(self, error: RecordError, event: Any) -> None:
        """Give up the record that holds `event`, and no other."""
        level = self._level_of_items()
        line = self._open[level][1] if len(self._open) > level else self._line(event)
        self._open_in_defect = len(self._open) - level + isinstance(event, _STARTS)
        del self._open[level:], self._keys[level:]
        self._defect = (Defect(error), line)
        self._finish_defect()

    def _level_of_items(self) -> int:
        """Return how many containers are open around the record at hand."""
        if self._open and isinstance(self._open[0][0], Sequence):
            return 1
        in_page = len(self._open) > 1 and self._keys[0] in PAGE_KEYS
        return 2 if in_page and isinstance(self._open[1][0], Sequence) else 0

    def _pass_over(self, event: Any) -> None:
        if isinstance(event, yaml.NodeEvent):
            self._count(event)
        if isinstance(event, _STARTS):
            self._open_in_defect += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open_in_defect -= 1
        self._finish_defect()

    def _finish_defect(self) -> None:
        if self._defect is not None and self._open_in_defect == 0:
            defect, self._defect = self._defect, None
            self._add(*defect)

    def _line(self, event: Any) -> int:
        return int(event.start_mark.line) + self._first_line

    def _count(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            message = f"more than {self._limits.nodes} values"
            raise RecordError("too-large", message, line=self._line(event))

    def _check(self, event: Any) -> None:
        self._count(event)
        if event.tag not in _TEXT_TAGS:
            message = "YAML tags (!name) are not allowed"
            raise RecordError("yaml-tag", message, line=self._line(event))

    def _check_text(self, event: Any) -> None:
        if "ecured" not in event.value.lower() or self._in_secret():
            return
        check_swallowed(event.value, self._line(event))
        first, last = event.start_mark.line, event.end_mark.line
        if first != last:  # folding hides where lines began
            lines = _LINE_BREAK.split(self._text)
            check_swallowed("\n".join(lines[first + 1 : last + 1]), self._line(event))

    def _in_secret(self) -> bool:
        return any(key is not None and is_secret(key) for key in self._keys)

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
            self._keys[-1] = self._new_key(node, container, line)
            return
        self._keys[-1] = None
        if not is_secret(key):
            container[key] = node

    def _new_key(self, node: Node, container: Mapping, line: int) -> str:
        if not isinstance(node, str):
            raise RecordError("yaml", "YAML: a key must be a word", line=line)
        if node == "<<" and isinstance(node, Plain):
            raise RecordError("yaml-alias", "YAML merge keys (<<) are not allowed", line=line)
        key = str(node)
        if key in container.lines:
            shown = None if self._in_secret() else key
            said = f"key {quoted(shown, 60)}" if shown else "a key"
            raise RecordError("duplicate-key", f"{said} appears twice", line=line, field=shown)
        container.lines[key] = line
        return key


def parse_json(
    text: str,
    *,
    limits: Limits = _OF_ONE_RECORD,
    line: int | None = None,
    itemwise: bool = False,
) -> Node:
    """Return a JSON text (RFC 8259) as the same tree YAML gives; numbers keep their spelling.

    Raises `RecordError`. `itemwise`, what is refused inside one of several records becomes a
    `Defect` in its place, as with `parse_yaml`.
    """
    _check_size(text, limits, line)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=Plain,
            parse_float=Plain,
            parse_constant=Plain,
        )
    except json.JSONDecodeError as error:
        place = error.lineno if line is None else line
        raise RecordError("json", f"JSON: {error.msg}", line=place) from None
    except RecursionError:
        raise RecordError("too-deep", "nested too deeply", line=line) from None
    trees = _Trees(limits=limits, line=line)
    read = partial(trees.record, root=True) if itemwise else trees.tree
    return read(value, limits.depth)


class _Repeated(Struct, frozen=True):
    """An object of JSON with a key that appears twice."""

    key: str


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Repeated:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    seen: set[str] = set()
    return _Repeated(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]


class _Trees:
    """Turns what `json` gives into nodes; recursion is bounded by a depth."""

    def __init__(self, *, limits: Limits, line: int | None) -> None:
        self._limits = limits
        self._line = line
        self._nodes = 0

    def record(self, value: Any, depth: int, *, root: bool = False) -> Node:
        """Return the tree of a value, or a `Defect`."""
        try:
            return self.tree(value, depth, root=root)
        except RecordError as error:
            if error.code == "too-large":
                raise
            return Defect(error)

    def tree(self, value: Any, depth: int, *, root: bool = False) -> Node:
        """Return the tree of a value of at most `depth` levels; a `root` may hold records."""
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            raise self._error("too-large", f"more than {self._limits.nodes} values")
        if isinstance(value, str):
            if not isinstance(value, Plain):
                check_swallowed(value, self._line)
            return value
        if value is None or isinstance(value, bool):
            return Plain(_WORDS[value])
        if isinstance(value, _Repeated):
            raise self._error("duplicate-key", f"key {quoted(value.key, 60)} appears twice")
        if depth == 0:
            raise self._error("too-deep", "nested too deeply")
        return self._container(value, depth - 1, root=root)

    def _container(self, value: list[Any] | dict[str, Any], depth: int, *, root: bool) -> Node:
        if isinstance(value, list):
            read = self.record if root else self.tree
            sequence = Sequence()
            sequence.extend(read(item, depth) for item in value)
            return sequence
        mapping = Mapping()
        for key, item in value.items():
            if not is_secret(key):
                page = root and key in PAGE_KEYS and isinstance(item, list)
                mapping[key] = self.tree(item, depth, root=page)
        return mapping

    def _error(self, code: str, message: str) -> RecordError:
        return RecordError(code, message, line=self._line)

"""YAML, JSON and JSON Lines files: one record, a list of them, or a page of an API."""

import hashlib
import re
from collections.abc import Iterator
from datetime import tzinfo
from typing import TypeGuard

from msgspec.structs import replace

from feedpub.errors import Problem, RecordError
from feedpub.fields import FIELD_NAMES, line_of_text
from feedpub.limits import RecordLimits
from feedpub.parts import Embedded
from feedpub.records import Record
from feedpub.sources.contents import decoded
from feedpub.sources.files import SourceFile
from feedpub.tree import (
    PAGE_KEYS,
    Defect,
    Limits,
    Mapping,
    Node,
    Sequence,
    is_null,
    parse_json,
    parse_yaml,
)

_EXTENSION = re.compile(r"\.(?:md|markdown|html?|ya?ml|json)$", re.IGNORECASE)


def max_bytes(limits: RecordLimits) -> int:
    """Return how large a file may be."""
    return limits.data_file.size_bytes


def read_records(
    data: bytes,
    file: SourceFile,
    limits: RecordLimits,
    *,
    whole: bool = True,  # noqa: ARG001 - always whole
) -> Iterator[Record | Problem]:
    """Yield the records of a file, and a problem for each item that is none."""
    text = decoded(data)
    if file.suffix in {".jsonl", ".ndjson"}:
        yield from _json_lines(text, file, limits.front_matter)
        return
    documents = list(_documents(text, file, limits.data_file))
    for number, (node, line) in enumerate(documents):
        if len(documents) == 1 or isinstance(node, Sequence):
            yield from _records(node, line, file)
        else:
            yield _item(node, line, file, file.path + "/", f"document {number}")


def read_related(
    _data: bytes,
    _base: str,
    _zone: tzinfo,
    _limits: RecordLimits,
    *,
    is_proven: bool = False,  # noqa: ARG001 - there is no list to prove
) -> list[Embedded]:
    """Return nothing: these files are always read whole."""
    return []


def _json_lines(text: str, file: SourceFile, limits: Limits) -> Iterator[Record | Problem]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            node = parse_json(line, limits=limits, line=number)
        except RecordError as error:
            yield error.problem(file.shown)
        else:
            yield _item(node, number, file, file.path + "/", "the line")


def _documents(text: str, file: SourceFile, limits: Limits) -> Iterator[tuple[Node, int | None]]:
    if file.suffix == ".json":
        if text.startswith("---"):
            hint = "a template? keep it out with exclude: in its source"
            raise RecordError("json", "front matter, not JSON", line=1, help=hint)
        yield parse_json(text, limits=limits, itemwise=True), None
        return
    for node in parse_yaml(text, limits=limits, itemwise=True):
        if not is_null(node):
            yield node, min(node.lines.values(), default=1) if isinstance(node, Mapping) else 1


def _records(node: Node, line: int | None, file: SourceFile) -> Iterator[Record | Problem]:
    if isinstance(node, Mapping):
        page = next(filter(_is_page, map(node.get, PAGE_KEYS)), None)
        if page is None:
            yield Record(source=file.shown, line=line, path=file.path, fields=node)
            return
        # Records move from page to page as new ones come: the file is no part of their identity.
        yield from _list(page, file, file.prefix)
    elif isinstance(node, Sequence):
        yield from _list(node, file, file.path + "/")
    elif isinstance(node, Defect):
        yield node.error.problem(file.shown, line)
    else:
        raise RecordError("not-a-mapping", "expected a record or a list of records", line=1)


def _is_page(node: Node | None) -> TypeGuard[Sequence]:
    """Tell whether a list holds records, whatever else: a record may have a field `items` too."""
    return isinstance(node, Sequence) and (
        not node or any(isinstance(item, Mapping | Defect) for item in node)
    )


def _list(items: Sequence, file: SourceFile, before: str) -> Iterator[Record | Problem]:
    for number, node in enumerate(items):
        line = items.lines[number] if items.lines else None
        place = file if line is not None else replace(file, shown=f"{file.shown}[{number}]")
        yield _item(node, line, place, before, f"item {number}")


def _item(
    node: Node, line: int | None, file: SourceFile, before: str, called: str
) -> Record | Problem:
    """Return one of several records, or why it is none; `before` is put before its own path."""
    if isinstance(node, Defect):
        return node.error.problem(file.shown, line)
    if not isinstance(node, Mapping):
        error = RecordError("not-a-mapping", f"{called} is not a record", line=line)
        return error.problem(file.shown)
    return Record(source=file.shown, line=line, path=before + own_path(node), fields=node)


def own_path(fields: Mapping) -> str:
    """Return what identifies one of several records in a file: its id, path or slug.

    Where it has none, its address must do: its place in the list changes with every new record.
    """
    for key in (*FIELD_NAMES["id"], "_id"):
        own = line_of_text(fields.get(key), 500)
        if own:
            return own
    path = line_of_text(fields.get("path"), 500)
    if path:
        return _EXTENSION.sub("", path.lstrip("/"))
    slug = line_of_text(fields.get("slug"), 500)
    if slug:
        return slug
    texts = (fields.get(key) for key in (*FIELD_NAMES["webUrl"], *FIELD_NAMES["title"]))
    spoken = (text for text in texts if isinstance(text, str) and not is_null(text))
    text = next(filter(str.strip, spoken), "")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

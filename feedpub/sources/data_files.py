"""YAML, JSON and JSON Lines files: one record, a list of them, or a page of an API."""

import hashlib
import re
from collections.abc import Iterator

from feedpub.errors import Problem, RecordError
from feedpub.fields import FIELD_NAMES, line_of_text
from feedpub.records import Record
from feedpub.sources.files import SourceFile
from feedpub.tree import (
    DATA_FILE_LIMITS,
    Mapping,
    Node,
    Sequence,
    is_null,
    parse_json,
    parse_yaml,
)

MAX_BYTES = DATA_FILE_LIMITS.size_bytes

_EXTENSION = re.compile(r"\.(?:md|markdown|html?|ya?ml|json)$", re.IGNORECASE)
_PAGE_KEYS = ("value", "items")


def read_records(text: str, file: SourceFile) -> Iterator[Record | Problem]:
    """Yield the records of a file, and a problem for each item that is none."""
    if file.suffix in {".jsonl", ".ndjson"}:
        yield from _json_lines(text, file)
        return
    documents = list(_documents(text, file))
    for node, line in documents:
        if len(documents) > 1 and isinstance(node, Mapping):
            yield _listed_record(node, line, file, file.path)
        else:
            yield from _records(node, line, file)


def _json_lines(text: str, file: SourceFile) -> Iterator[Record | Problem]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _listed_record(parse_json(line, line=number), number, file, file.path)
        except RecordError as error:
            yield error.problem(file.shown)


def _documents(text: str, file: SourceFile) -> Iterator[tuple[Node, int | None]]:
    if file.suffix == ".json":
        if text.startswith("---"):
            hint = "a template? keep it out with exclude: in its source"
            raise RecordError("json", "front matter, not JSON", line=1, help=hint)
        yield parse_json(text, limits=DATA_FILE_LIMITS), None
        return
    for node in parse_yaml(text, limits=DATA_FILE_LIMITS):
        if not is_null(node):
            yield node, min(node.lines.values(), default=1) if isinstance(node, Mapping) else 1


def _records(node: Node, line: int | None, file: SourceFile) -> Iterator[Record | Problem]:
    if isinstance(node, Mapping):
        page = next((node[key] for key in _PAGE_KEYS if _is_page(node.get(key))), None)
        if page is None:
            yield Record(source=file.shown, line=line, path=file.path, fields=node)
            return
        # Records move from page to page as new ones come: the file is no part of their identity.
        yield from _list(page, file, "")
    else:
        yield from _list(node, file, file.path)


def _is_page(node: Node | None) -> bool:
    return isinstance(node, Sequence) and all(isinstance(item, Mapping) for item in node)


def _list(node: Node, file: SourceFile, folder: str) -> Iterator[Record | Problem]:
    if not isinstance(node, Sequence):
        raise RecordError("not-a-mapping", "expected a record or a list of records", line=1)
    for number, item in enumerate(node):
        line = node.lines[number] if node.lines else None
        try:
            yield _listed_record(item, line, file, folder, number)
        except RecordError as error:
            yield error.problem(file.shown)


def _listed_record(
    node: Node, line: int | None, file: SourceFile, folder: str, number: int | None = None
) -> Record:
    place = f"{file.shown}[{number}]" if number is not None and line is None else file.shown
    if not isinstance(node, Mapping):
        raise RecordError("not-a-mapping", f"item {number or ''} is not a record", line=line)
    path = "/".join(part for part in (folder, own_path(node)) if part)
    return Record(source=place, line=line, path=path, fields=node)


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
    text = next((text for text in texts if isinstance(text, str)), "")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

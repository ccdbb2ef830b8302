"""Texts that YAML cuts: ` #` begins a comment, so that `title: C #1` is `C`."""

from collections.abc import Iterator

from feedpub.errors import Problem
from feedpub.nodes import Mapping, Node, Plain, Sequence
from feedpub.records import Record

_TEXTS = ("title", "excerpt", "topics")


def cut_texts(record: Record, names: dict[str, tuple[str, ...]], data: bytes) -> Iterator[Problem]:
    """Yield a warning for each text of a record, in a file of YAML, behind which is a comment."""
    if b"#" not in data or (b" #" not in data and b"\t#" not in data):  # the first is soon known
        return
    keys = [key for name in _TEXTS for key in names[name] if key in record.fields.lines]
    found = [(key, *each) for key in keys for each in _plain_texts(record.fields, key)]
    lines = data.split(b"\n") if found else []
    for key, text, line in found:
        if line <= len(lines) and _is_before_comment(text, lines[line - 1]):
            yield Problem(
                code="comment",
                source=record.source,
                line=line,
                message=f"{key}: what follows # is a comment in YAML, and left out",
                help="put the text into quotation marks if it is part of it",
                severity="warning",
                field=key,
            )


def _plain_texts(fields: Mapping, key: str) -> Iterator[tuple[str, int]]:
    """Yield the texts without quotation marks that a key has, with their lines.

    Where there is no text, none is cut: the comment may be all that was meant.
    """
    node: Node | None = fields.get(key)
    if isinstance(node, Sequence):
        pairs = zip(node, node.lines, strict=False)  # of JSON, nobody counted lines
        yield from ((item, line) for item, line in pairs if isinstance(item, Plain) and item)
    elif isinstance(node, Plain) and node:
        yield node, fields.lines[key]


def _is_before_comment(text: str, line: bytes) -> bool:
    _, found, rest = line.partition(text.encode("utf-8", "surrogatepass"))
    return bool(found) and rest[:1] in {b" ", b"\t"} and rest.lstrip(b" \t").startswith(b"#")

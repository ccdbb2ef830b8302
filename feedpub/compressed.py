"""Compressed copies: a `.gz` beside each text document, for servers that send it as it is.

A copy is a document derived from another one: it is published, kept and removed like any other.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from feedpub.feed import Document

SUFFIX = ".gz"
_GZIP = zlib.MAX_WBITS | 16  # RFC 1952
_GZIP_TYPE = "application/gzip"  # RFC 6713


def copy_path(path: str) -> str:
    """Return the path of a document's compressed copy."""
    return path + SUFFIX


def with_copies(
    documents: "Iterable[Document]", published: Callable[[str], bytes | None]
) -> "Iterator[Document]":
    """Yield documents, each text followed by its compressed copy.

    `published` returns what an earlier run published at a path. A copy that holds the document is
    taken as it is: unpacking takes a fraction of the time that packing does, and another version of
    zlib does not change it.
    """
    for document in documents:
        yield document
        if _is_text(document.media_type):
            path = copy_path(document.path)
            earlier = published(path)
            if earlier is None or not _holds(earlier, document.data):
                earlier = _packed(document.data)
            yield replace(document, path=path, data=earlier, media_type=_GZIP_TYPE)


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.endswith(("xml", "json"))


def _packed(data: bytes) -> bytes:
    """Return gzip's form of some bytes, without a name and a time.

    Level 9 takes four times as long as 6, and saves 0.2 % of the bytes.
    """
    return zlib.compress(data, 6, wbits=_GZIP)


def _holds(packed: bytes, data: bytes) -> bool:
    """Tell whether packed bytes are these and nothing else; they may have been tampered with."""
    unpacking = zlib.decompressobj(wbits=_GZIP)
    try:
        unpacked = unpacking.decompress(packed, len(data) + 1)
    except zlib.error:
        return False
    return unpacked == data and unpacking.eof and not unpacking.unused_data

"""What a destination writes has been read by a parser: what we cannot read nobody shall have to."""

from xml.parsers.expat import ParserCreate

import msgspec

from feedpub.feed import Document


def verify(document: Document) -> None:
    """Raise what a parser raises for a document it cannot read.

    The parser of XML builds no tree: several threads do this at once.
    """
    kind = document.media_type.partition(";")[0]
    if kind.endswith(("+xml", "/xml", "x-opml")):
        ParserCreate(namespace_separator=" ").Parse(document.data, True)
    elif kind.endswith(("+json", "/json")):
        msgspec.json.decode(document.data)

"""What a destination writes has been read by a parser: what we cannot read nobody shall have to."""

import msgspec

from feedpub.feed import Document


def verify(document: Document) -> None:
    """Raise what a parser raises for a document it cannot read.

    To be called in the thread that writes: lxml lets others work meanwhile.
    """
    kind = document.media_type.partition(";")[0]
    if kind.endswith(("+xml", "/xml", "x-opml")):
        from lxml import etree

        etree.fromstring(document.data, etree.XMLParser(resolve_entities=False, no_network=True))
    elif kind.endswith(("+json", "/json")):
        msgspec.json.decode(document.data)

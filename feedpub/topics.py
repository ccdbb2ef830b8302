"""Which feeds changed, for hubs to be told of (WebSub); each format of a feed is a topic.

A feed changed if its bytes are others than when its hubs were last owed a ping. That outlives a run
that is killed when its feeds are written: the next one finds the same difference.
"""

import hashlib
from collections.abc import Iterable, Iterator

from feedpub.compose import Site, is_feed
from feedpub.destinations import Outcome
from feedpub.feed import Document
from feedpub.memory import Memory


class Topics:
    """The feeds that a run made anew, noted on their way to publication."""

    def __init__(self, site: Site, hubs: tuple[str, ...]) -> None:
        self._site = site
        self._hubs = hubs
        self._hashes: dict[str, bytes] = {}

    def noting(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield documents as they are."""
        for document in documents:
            if self._hubs and is_feed(document.path):
                self._hashes[document.path] = hashlib.sha256(document.data).digest()
            yield document

    def record(self, memory: Memory, outcome: Outcome) -> None:
        """Remember which pings are owed now that the documents are published."""
        changed = self._changed(memory.topics(), frozenset(outcome.written))
        memory.record_topics(self._hashes, outcome.removed if self._hubs else memory.topics())
        memory.owe((hub, self._site.address(path)) for path in changed for hub in self._hubs)
        addresses = [self._site.address(path) for path in memory.topics()]
        memory.keep_pings({(hub, address) for address in addresses for hub in self._hubs})

    def _changed(self, known: dict[str, bytes], written: frozenset[str]) -> list[str]:
        """Return the files that hubs do not know; where nothing is remembered, those written."""
        return [
            path
            for path, hash_ in self._hashes.items()
            if (known[path] != hash_ if path in known else path in written)
        ]

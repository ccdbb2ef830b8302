"""A destination that only tells what another one would do."""

from collections.abc import Collection, Iterable

from feedpub.destinations import Destination, Outcome
from feedpub.destinations.ledger import NAME as LEDGER
from feedpub.feed import Document
from feedpub.sources.files import Stamp


class Rehearsal:
    """What is published to it goes nowhere; it is compared with what is there."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination

    def read(self, path: str) -> bytes | None:
        """Return a file that was published before, or None."""
        return self._destination.read(path)

    def stamps(self) -> dict[str, Stamp]:
        """Return what tells whether a published file is still as it was written."""
        return self._destination.stamps()

    def publish(
        self, documents: Iterable[Document], *, prune: bool, kept: Collection[str] = ()
    ) -> Outcome:
        """Tell what would be written and removed."""
        written: list[str] = []
        unchanged = list(kept)
        for document in documents:
            differs = self.read(document.path) != document.data
            (written if differs else unchanged).append(document.path)
        obsolete = tuple(sorted(set(self.stamps()) - {LEDGER, *written, *unchanged}))
        return Outcome(
            written=tuple(written),
            unchanged=tuple(unchanged),
            removed=obsolete if prune else (),
            obsolete=() if prune else obsolete,
        )

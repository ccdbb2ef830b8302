"""Where documents go."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from feedpub.feed import Document
from feedpub.sources.files import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What publishing did, as paths: written, left as they were, removed, and no longer wanted."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...] = ()
    obsolete: tuple[str, ...] = ()


class Destination(Protocol):
    """What a folder, a bucket or a dictionary must be able to do."""

    def read(self, path: str) -> bytes | None:
        """Return a file that feedpub published before, or None."""

    def stamps(self) -> dict[str, Stamp]:
        """Return, by path, what tells whether a published file is still as it was written."""

    def publish(
        self, documents: Iterable[Document], *, prune: bool, kept: Collection[str] = ()
    ) -> Outcome:
        """Make the documents visible in the order given, each at once or not at all.

        `kept` are the paths of documents that are known to stand as they should.
        """

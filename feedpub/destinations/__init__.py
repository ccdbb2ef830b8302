"""Where documents go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from feedpub.feed import Document


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

    def publish(self, documents: Sequence[Document], *, prune: bool) -> Outcome:
        """Make the documents visible in the order given, each at once or not at all."""

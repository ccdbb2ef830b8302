"""Where documents go."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from feedpub.compressed import SUFFIX

if TYPE_CHECKING:  # a run with nothing to do publishes nothing
    from feedpub.feed import Document
    from feedpub.sources.files import Stamp


class Outcome(Struct, frozen=True, kw_only=True):
    """What publishing did, as paths: written, left as they were, removed, and no longer wanted."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...] = ()
    obsolete: tuple[str, ...] = ()


class Destination(Protocol):
    """What a folder, a bucket or a dictionary must be able to do."""

    def read(self, path: str) -> bytes | None:
        """Return a file that feedpub published before, or None."""

    def stamps(self) -> "dict[str, Stamp]":
        """Return, by path, what tells whether a published file is still as it was written."""

    def publish(
        self, documents: "Iterable[Document]", *, prune: bool, kept: Collection[str] = ()
    ) -> Outcome:
        """Make the documents visible in the order given, each at once or not at all.

        `kept` are the paths of documents that are known to stand as they should. What becomes of
        the others of earlier runs is told by `no_longer_wanted`.
        """


def no_longer_wanted(
    own: Collection[str], wanted: Collection[str], *, prune: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which files of earlier runs are removed, and which stay until a run with `prune`.

    A compressed copy whose document is published without one goes at once: a server that sends it
    in place of the document would never show a change.
    """
    obsolete = sorted(path for path in own if path not in wanted)
    removed = tuple(path for path in obsolete if prune or _is_copy_of_any(path, wanted))
    return removed, tuple(path for path in obsolete if path not in set(removed))


def _is_copy_of_any(path: str, wanted: Collection[str]) -> bool:
    return path.endswith(SUFFIX) and path.removesuffix(SUFFIX) in wanted

"""How far a run has come, for whoever watches it."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Progress(Protocol):
    """Something that shows how far a run has come."""

    def begin(self, what: str, total: int) -> None:
        """Begin a stage of so many steps."""

    def advance(self) -> None:
        """Take a step."""


class Silence:
    """Shows nothing: in logs, in tests, and where a run was told to be quiet."""

    def begin(self, what: str, total: int) -> None:
        """Say nothing."""

    def advance(self) -> None:
        """Say nothing."""


def tracked(items: Iterable[Item], what: str, total: int, progress: Progress) -> Iterator[Item]:
    """Yield the items, a step each."""
    if total:
        progress.begin(what, total)
    for item in items:
        yield item
        progress.advance()

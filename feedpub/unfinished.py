"""A note of runs that did not come to their end: perhaps a record they read killed them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = "unfinished"


@contextmanager
def noted(folder: Path) -> Iterator[bool]:
    """Note in a folder that something is not finished; tell whether the one before never was.

    What is killed leaves the note behind, and so does what ends with an error: it remembers
    nothing of what it met. A disk on which there can be no note costs the note alone.
    """
    note = folder / _NAME
    was_there = note.exists()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        note.touch()
    yield was_there
    with suppress(OSError):
        note.unlink()

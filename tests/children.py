"""The processes that a test leaves behind, beside those its process had before."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def children() -> set[str]:
    """Return the children of this process, those that ended and nobody waited for too (Linux)."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it is gone by now
            if int(status.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.add(status.parent.name)
    return found


@contextmanager
def none_left() -> Iterator[None]:
    """Assert that in the end there is no child that was not there before."""
    before = children()
    yield
    assert children() - before == set()

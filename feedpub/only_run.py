"""One run of a site at a time: a lock that the system takes back, however a run ends."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from feedpub.errors import BusyError, UnwritableStateError

NAME = "lock"
PATIENCE = 10  # seconds, of what is left to do once all is published


@contextmanager
def only_run(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the lock in a folder, which is made if need be; wait for it if another run has it.

    Raises `BusyError` after `wait_seconds`, and `UnwritableStateError` if there can be no lock. The
    lock is flock(2)'s, which ends with the process, even with kill -9; the file stays, and what it
    says of its holder is for people alone.
    """
    location = folder / NAME
    lock = FileLock(location, timeout=wait_seconds)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        location.write_text(f"{os.getpid()}\n", "ascii")
    except Timeout:
        raise BusyError(f"another run{_holder(location)} is active") from None
    except OSError as error:
        lock.release()
        raise UnwritableStateError(f"cannot write {location}: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


def _holder(location: Path) -> str:
    """Tell who has the lock: ` (pid 123, since 10:05)`, or nothing if it did not say so yet."""
    try:
        pid = int(location.read_text("ascii"))
        since = time.localtime(location.stat().st_mtime)
    except (OSError, ValueError):
        return ""
    return f" (pid {pid}, since {time.strftime('%H:%M', since)})"

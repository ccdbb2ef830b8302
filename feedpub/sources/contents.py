"""What files of a source hold, read without trusting their kind."""

import os
import stat
import time

from feedpub.errors import RecordError
from feedpub.sources.files import SourceFile

_UNTRUSTING = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
# How long to wait before each further try to read a file that changed.
_PAUSES = (0.01, 0.05)
# What mends these may leave no trace in the stamp of a file.
PASSING = frozenset({"unreadable", "changing"})
_MEND = "write it aside and rename it; the next run reads it again"


def read_bytes(file: SourceFile, max_bytes: int) -> bytes:
    """Return the bytes of a file; raise `RecordError` if it is not a readable regular file.

    Symbolic links are not followed, and nothing but a regular file is opened for longer than it
    takes to see what it is: a pipe named like a record must not stop the run.
    """
    try:
        return _read_unchanging(file.location, max_bytes)
    except FileNotFoundError as error:
        code = "gone" if _is_gone(file.location) else "unreadable"
        raise RecordError(code, f"cannot be read: {error.strerror}") from error
    except OSError as error:
        if os.path.islink(file.location):  # noqa: PTH114
            raise RecordError("symlink", "a symbolic link, not followed") from error
        raise RecordError("unreadable", f"cannot be read: {error.strerror}") from error


def decoded(data: bytes) -> str:
    """Return the text of a file; raise `RecordError` if it is not UTF-8."""
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        message = f"not UTF-8 (byte 0x{data[error.start]:02X} at offset {error.start})"
        raise RecordError("not-utf-8", message, help="save it as UTF-8") from error


def _is_gone(location: str) -> bool:
    """Tell whether a file is gone for sure: its folder can be listed, and does not hold it."""
    folder, _, name = location.rpartition("/")
    try:
        with os.scandir(folder or ".") as entries:
            return all(entry.name != name for entry in entries)
    except OSError:
        return False


def _read_unchanging(location: str, max_bytes: int) -> bytes:
    """Return the bytes of a file that nobody wrote to meanwhile; a writer may need a moment."""
    for seconds in (*_PAUSES, None):
        data = _read_regular(location, max_bytes)
        if data is not None:
            return data
        if seconds is not None:
            time.sleep(seconds)
    raise RecordError("changing", "changed while it was read, each time that was tried", help=_MEND)


def _read_regular(location: str, max_bytes: int) -> bytes | None:
    """Return the bytes of a file, or None if it changed while it was read."""
    descriptor = os.open(location, _UNTRUSTING)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise RecordError("not-a-file", "not a regular file")
        if status.st_size > max_bytes:
            raise RecordError("too-large", f"larger than {max_bytes} bytes")
        data = os.read(descriptor, status.st_size + 1)
        if len(data) != status.st_size:
            # It grows or shrinks as it is read, or is on a system that hands out files in parts.
            with open(descriptor, "rb", closefd=False) as rest:
                data += rest.read(max_bytes)
        after = os.fstat(descriptor)
        is_same = (after.st_size, after.st_mtime_ns) == (status.st_size, status.st_mtime_ns)
        return data if is_same else None
    finally:
        os.close(descriptor)

"""What a crash leaves for whoever mends it: a file that tells where, and of no record what.

Messages of exceptions may quote what a record says, which may be secret: they are left out.
"""

import hashlib
import platform
import traceback
from collections.abc import Iterator
from pathlib import Path


def number_of(error: BaseException) -> str:
    """Return what the same mistake at the same place is called each time."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.name}:{frame.lineno}" for frame in frames]
    told = "\n".join([type(error).__qualname__, *places])
    return f"E{hashlib.sha256(told.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"


def leave_behind(error: BaseException, config: Path) -> Path | None:
    """Write what is known of an error beside the state, in place of an earlier file on the same.

    Return the file, or None if there is no such folder or it cannot be written.
    """
    from feedpub.databases import LOCATION

    location = config.resolve().parent / LOCATION.parent / f"crash-{number_of(error)}.txt"
    try:
        location.write_text("".join(_told(error)), "utf-8", "backslashreplace")
    except OSError:
        return None
    return location


def _told(error: BaseException) -> Iterator[str]:
    from importlib import metadata

    yield f"feedpub {metadata.version('feedpub')}, Python {platform.python_version()},"
    yield f" {platform.platform()}\n\n"
    for each in reversed(list(_chain(error))):
        yield "Traceback (most recent call last), without what was said:\n"
        yield from traceback.format_tb(each.__traceback__)
        yield f"{type(each).__module__}.{type(each).__qualname__}\n\n"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, then what led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)

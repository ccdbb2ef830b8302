"""Files that look different but hold the same, as those of a fresh clone: their bytes tell."""

import hashlib
import time

from feedpub.errors import RecordError
from feedpub.sources.contents import read_bytes
from feedpub.sources.files import FileSource, Scans, SourceFile, Stamp
from feedpub.state import State

# Whoever writes twice within this time may leave the same stamp twice.
_SETTLED_NS = 2_000_000_000


def trusted(stamp: Stamp, started_ns: int) -> Stamp:
    """Return the stamp to record of a file: none it could have, if it changed as the run began.

    It may change once more within the same stamp; so it is read again next time.
    """
    return stamp if stamp.mtime_ns < started_ns - _SETTLED_NS else Stamp(stamp.size, -1)


def content_digest(data: bytes) -> bytes:
    """Return what stands for bytes when they are compared with those of an earlier run."""
    return hashlib.sha256(data).digest()


def digest_of(file: SourceFile, stamp: Stamp) -> bytes | None:
    """Return the digest of what a file holds; None if it cannot be read, or is larger by now."""
    try:
        return content_digest(read_bytes(file, stamp.size))
    except RecordError:
        return None


def may_all_be_same(
    sources: tuple[FileSource, ...], suffixes: tuple[str, ...], scans: Scans, state: State
) -> bool:
    """Tell, by their number and size, whether files may hold what they held."""
    stamps = [stamp for source in sources for stamp in scans.of(source, suffixes).values()]
    return state.extent() == (len(stamps), sum(stamp.size for stamp in stamps))


def all_are_same(
    sources: tuple[FileSource, ...], suffixes: tuple[str, ...], scans: Scans, state: State
) -> bool:
    """Tell whether every file holds what it held; the stamps of those that do are recorded."""
    started_ns = time.time_ns()
    known = state.stamps()
    touched: list[tuple[SourceFile, Stamp]] = []
    for source in sources:
        root = source.root
        changed = {}
        for relative, stamp in scans.of(source, suffixes).items():
            before = known.pop(f"{root}/{relative}", None)
            if before is None or before.size != stamp.size:
                return False
            if before != stamp:
                changed[relative] = stamp
        touched += source.stamped_files(changed)
    digests = state.digests(file.location for file, _ in touched)
    same = {
        file.location: trusted(stamp, started_ns)
        for file, stamp in touched
        if digest_of(file, stamp) == digests[file.location]
    }
    state.record_stamps(same)
    return not known and len(same) == len(touched)

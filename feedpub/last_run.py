"""The shortest way: recognising, before anything else is loaded, that there is nothing to do.

A run remembers under which conditions it was made, which files it saw and what it left behind. If
all that still holds, another run would do the same and write nothing.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from feedpub.digests import digest
from feedpub.errors import UnreadableFolderError
from feedpub.fingerprints import code_fingerprint
from feedpub.report import Summary
from feedpub.same_bytes import all_are_same, may_all_be_same
from feedpub.sources.files import FileSource, Scans, Stamp
from feedpub.state import State

_FACT = "last run"
_PICTURES_DUE = "pictures due"


class LastRun(Struct, frozen=True, kw_only=True):
    """What a run remembers of itself.

    `files` is a digest of the stamps of the record files, `metadata` one of those of the metadata
    files, `templates_seen` one of those of the templates, `valid_until` when a date among the
    records next changes what is listed (in seconds since 1970), `output` the output folder,
    `written` a digest of the recorded stamps of its files, `healthcheck` the address that is told
    of each run.
    """

    conditions: bytes
    files: bytes
    sources: tuple[FileSource, ...]
    suffixes: tuple[str, ...]
    metadata_sources: tuple[FileSource, ...]
    metadata: bytes
    templates: tuple[FileSource, ...]
    template_suffixes: tuple[str, ...]
    templates_seen: bytes
    valid_until: float | None
    output: str
    written: bytes
    healthcheck: str | None
    summary: Summary


def conditions(config: Path, *, unpublished: bool, prune: bool) -> bytes:
    """Return a digest of all that was asked for; raise OSError without a configuration."""
    return digest(
        code_fingerprint(), str(config.resolve()), config.read_bytes(), unpublished, prune
    )


def remember(state: State, run: LastRun) -> None:
    """Record a run."""
    state.record_fact(_FACT, msgspec.msgpack.encode(run))


def forget(state: State) -> None:
    """Make the next run look at everything."""
    state.forget_fact(_FACT)


def remember_pictures(state: State, due: int | None) -> None:
    """Record when the next picture is to be measured, in seconds since 1970; None for never."""
    if due is None:
        state.forget_fact(_PICTURES_DUE)
    else:
        state.record_fact(_PICTURES_DUE, b"%d" % due)


def recalled(state: State) -> LastRun | None:
    """Return what the last run recorded of itself, if it did."""
    recorded = state.fact(_FACT)
    if recorded is None:
        return None
    try:
        return msgspec.msgpack.decode(recorded, type=LastRun)
    except msgspec.DecodeError:
        return None


def nothing_to_do(
    state: State, asked: bytes, now: datetime, scans: Scans, *, offline: bool = False
) -> LastRun | None:
    """Return the last run if another one would change nothing."""
    run = still_valid(state, asked, now, offline=offline)
    try:
        return run if run and _holds(run, state, scans) else None
    except (OSError, UnreadableFolderError):
        return None


def still_valid(state: State, asked: bytes, now: datetime, *, offline: bool) -> LastRun | None:
    """Return the last run if it was asked for the same, and time alone changes nothing.

    One that is not `offline` measures the pictures that are due.
    """
    due = state.fact(_PICTURES_DUE)
    if due is not None and not offline and now.timestamp() >= int(due):
        return None
    run = recalled(state)
    if run is None or run.conditions != asked:
        return None
    is_over = run.valid_until is not None and now.timestamp() >= run.valid_until
    return None if is_over else run


def _holds(run: LastRun, state: State, scans: Scans) -> bool:
    """Tell whether all is as a run left it, but for the times of files."""
    if files_digest(run.sources, run.suffixes, scans) == run.files:
        return rest_holds(run, state, scans)
    state.look_over()  # whatever became of the files, what it knows of them is needed
    return (
        may_all_be_same(run.sources, run.suffixes, scans, state)
        and rest_holds(run, state, scans)
        and _files_hold_the_same(run, state, scans)
    )


def rest_holds(run: LastRun, state: State, scans: Scans) -> bool:
    """Tell whether all but the records is as a run left it."""
    outputs = state.outputs()
    try:
        return (
            files_digest(run.metadata_sources, run.suffixes, scans) == run.metadata
            and files_digest(run.templates, run.template_suffixes, scans) == run.templates_seen
            and outputs_digest(outputs) == run.written
            and _stands(run.output, outputs)
        )
    except (OSError, UnreadableFolderError):
        return False


def _files_hold_the_same(run: LastRun, state: State, scans: Scans) -> bool:
    """Tell whether the records are what they were, whatever their times; remember those then."""
    state.make_sure()
    if not all_are_same(run.sources, run.suffixes, scans, state):
        return False
    remember_files(state, run, scans)
    return True


def remember_files(state: State, run: LastRun, scans: Scans) -> None:
    """Record a run once more, after which files changed that nobody sees to have changed."""
    remember(state, replace(run, files=recorded_files(run.sources, run.suffixes, scans, state)))
    state.commit()


def recorded_files(
    sources: Iterable[FileSource], suffixes: tuple[str, ...], scans: Scans, state: State
) -> bytes:
    """Return the digest of files as they are recorded.

    A stamp that cannot be trusted must not look unchanged to the next run.
    """
    return files_digest(sources, suffixes, scans, state.untrusted_stamps())


def files_digest(
    sources: Iterable[FileSource],
    suffixes: tuple[str, ...],
    scans: Scans,
    recorded: Mapping[str, Stamp] | None = None,
) -> bytes:
    """Return a digest of the files of some sources and their stamps.

    Stamps that are `recorded`, by location, stand in for those of the scan. The digest needs a
    quarter of the memory that comparing the stamps themselves would.
    """
    hashed, others = hashlib.sha256(), recorded or {}
    for source in sources:
        root = source.root
        for relative, stamp in scans.of(source, suffixes).items():
            location = f"{root}/{relative}"
            size, mtime_ns = others.get(location, stamp) if others else stamp
            hashed.update(os.fsencode(f"{location}\0{size}\0{mtime_ns}\n"))
    return hashed.digest()


def outputs_digest(outputs: Mapping[str, Stamp]) -> bytes:
    """Return a digest of published files and their stamps, in the order in which they come."""
    hashed = hashlib.sha256()
    for path, (size, mtime_ns) in outputs.items():
        hashed.update(f"{path}\0{size}\0{mtime_ns}\n".encode())
    return hashed.digest()


def _stands(folder: str, outputs: dict[str, Stamp]) -> bool:
    """Tell whether every published file is as it was written."""
    root = os.fsencode(folder)
    for path, stamp in outputs.items():
        status = os.lstat(root + b"/" + path.encode())  # UTF-8 in every locale, as it was written
        if (status.st_size, status.st_mtime_ns) != stamp:
            return False
    return True

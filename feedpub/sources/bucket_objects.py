"""Records in object storage: what changed is fetched, several objects at a time.

The copy holds the objects as files under their own names, and in `.index.json` what the listing
said of each when it was fetched.
"""

from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import msgspec

from feedpub.buckets import Bucket, BucketError, Object, at_once
from feedpub.errors import OutputError, Problem
from feedpub.sources.readers import READERS
from feedpub.sources.remote import (
    INDEX,
    FetchError,
    Remote,
    shown_address,
    split_pattern,
    write_copy,
)

# As for files: the longest name of a file there can be.
_LONGEST_NAME = 255
MOST_BYTES = 64 * 1024 * 1024


def fetch(remote: Remote) -> list[Problem]:
    """Bring the copy up to date; an object that cannot be fetched stays there as it was."""
    base, pattern = split_pattern(remote.url)
    folder = Path(remote.folder)
    known = _index(folder)
    try:
        bucket = Bucket(base)
        there = {p: o for p, o in bucket.list().items() if _is_wanted(p, pattern)}
    except BucketError as error:
        raise FetchError(str(error)) from error
    unfit = {path for path, each in there.items() if not _is_fit(path, each)}
    changed = [p for p, each in there.items() if p not in unfit and known.get(p) != each]
    try:
        failures = list(filter(None, at_once(partial(_copy, bucket, folder), changed)))
        if failures and not known:
            raise FetchError(failures[0][1])
        for path in known.keys() - there.keys():
            (folder / path).unlink(missing_ok=True)
        _record(folder, known, there, unfit | {path for path, _ in failures})
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror}") from error
    return [*_unfit_problems(remote, unfit), *_failed(remote, failures, len(changed))]


def _copy(bucket: Bucket, folder: Path, path: str) -> tuple[str, str] | None:
    """Copy an object; return its path and the reason if it cannot be had."""
    try:
        data = bucket.read(path)
    except BucketError as error:
        return path, str(error)
    if data is None:
        return path, "it went away meanwhile"
    location = folder / path
    try:
        location.parent.mkdir(parents=True, exist_ok=True)
        write_copy(location, data)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return path, "one object has the name of the folder of another"
    return None


def _is_wanted(path: str, pattern: str) -> bool:
    """Tell whether an object may be a record: the copy is looked through more closely."""
    name = path.rpartition("/")[2]
    fits = not pattern or fnmatchcase(name, pattern.rpartition("/")[2])
    hidden = path.startswith(".") or "/." in path or path.endswith("~")
    return fits and not hidden and path.lower().endswith(tuple(READERS))


def _is_fit(path: str, each: Object) -> bool:
    parts = path.split("/")
    return each.size <= MOST_BYTES and all(
        part and part != ".." and "\0" not in part and len(part.encode()) <= _LONGEST_NAME - 10
        for part in parts
    )


def _index(folder: Path) -> dict[str, Object]:
    try:
        return msgspec.json.decode((folder / INDEX).read_bytes(), type=dict[str, Object])
    except (OSError, msgspec.DecodeError):
        return {}


def _record(
    folder: Path, known: dict[str, Object], there: dict[str, Object], passed_over: set[str]
) -> None:
    index = {p: each for p, each in there.items() if p not in passed_over}
    index |= {p: known[p] for p in passed_over if p in known}
    folder.mkdir(parents=True, exist_ok=True)
    write_copy(folder / INDEX, msgspec.json.encode(index))


def _unfit_problems(remote: Remote, unfit: set[str]) -> list[Problem]:
    message = f"larger than {MOST_BYTES} bytes, or its name is none of a file"
    shown = shown_address(split_pattern(remote.url)[0])
    return [Problem(code="object", source=f"{shown}/{p}", message=message) for p in sorted(unfit)]


def _failed(remote: Remote, failures: list[tuple[str, str]], changed: int) -> list[Problem]:
    if not failures:
        return []
    message = f"{len(failures)} of {changed} changed objects could not be fetched:"
    message += f" {failures[0][1]}; their records stay as they were"
    return [Problem(code="not-fetched", source=remote.shown, message=message)]

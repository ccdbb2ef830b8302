"""Files of a source: found in an order of their own."""

import os
import time
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from glob import has_magic
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from msgspec import Struct

from feedpub.errors import UnreadableFolderError


class Stamp(NamedTuple):
    """What tells, without reading a file, whether it may have changed."""

    size: int
    mtime_ns: int


class SourceFile(Struct, frozen=True, kw_only=True):
    """A file to read: `shown` is its name in messages, `path` its identity within the source.

    `prefix` is the one of its source, for records that do not have the file in their identity.
    """

    location: str
    shown: str
    path: str
    prefix: str = ""

    @property
    def suffix(self) -> str:
        """Return the extension in lower case, with its dot."""
        return os.path.splitext(self.location)[1].lower()  # noqa: PTH122 - five times faster


class FileSource(Struct, frozen=True, kw_only=True):
    """A folder, a glob or a single file; `shown` is how the configuration names it.

    `prefix` goes in front of the paths of its records, so that two sources never share an id.
    Files below `output` are feedpub's own and no records.
    """

    pattern: str
    shown: str
    prefix: str = ""
    exclude: tuple[str, ...] = ()
    output: str | None = None

    def exists(self) -> bool:
        """Tell whether there is anything to look into: an absent folder is not an empty one."""
        if _glob_start(self.pattern) is None:
            return os.path.exists(self.pattern)  # noqa: PTH110
        return os.path.isdir(self.root)  # noqa: PTH112

    @property
    def start(self) -> str:
        """Return the folder or file without which there is nothing to look into."""
        return self.pattern.rstrip("/") if _glob_start(self.pattern) is None else self.root

    @property
    def root(self) -> str:
        """Return the folder relative to which records have their paths."""
        start = _glob_start(self.pattern)
        if start is not None:
            return str(Path(*Path(self.pattern).parts[:start]))
        if os.path.isdir(self.pattern):  # noqa: PTH112
            return self.pattern.rstrip("/") or "/"
        return os.path.dirname(self.pattern)  # noqa: PTH120

    @property
    def roots(self) -> tuple[str, str]:
        """Return the root, and how messages call it."""
        root = self.root
        return root, _shown_root(self.shown, self.pattern, root)

    def scan(
        self, suffixes: Iterable[str], unreadable: list[UnreadableFolderError] | None = None
    ) -> dict[str, Stamp]:
        """Return the files there are, relative to the root, with their stamps, sorted.

        Hidden files, backups (`~`) and what `exclude` names are passed over. A folder that cannot
        be read is added to `unreadable`, or raised: its records are not gone.
        """
        known = tuple(suffixes)
        root = self.root
        own = self._output_below(root)
        found = [
            (relative, stamp)
            for relative, stamp in self._found(root, unreadable)
            if relative.lower().endswith(known)
            and not self._is_excluded(relative)
            and not (own and relative.startswith(own))
        ]
        return dict(sorted(found, key=itemgetter(0)))

    def files(self, suffixes: Iterable[str]) -> Iterator[SourceFile]:
        """Yield the files there are, sorted by path."""
        for file, _ in self.stamped_files(self.scan(suffixes)):
            yield file

    def stamped_files(self, found: dict[str, Stamp]) -> Iterator[tuple[SourceFile, Stamp]]:
        """Yield the files that a scan found, with their stamps."""
        root, shown_root = self.roots
        for relative, stamp in found.items():
            yield self.file(relative, root, shown_root), stamp

    def file(self, relative: str, root: str, shown_root: str) -> SourceFile:
        """Return a file by its path, relative to the roots."""
        shown = f"{shown_root}/{relative}" if shown_root else relative
        name = os.path.splitext(relative)[0]  # noqa: PTH122
        if not shown.isascii():
            # Names are bytes: in any locale the same ones make the same path. One that is not UTF-8
            # must be fit to be said, and to be kept.
            name = os.fsencode(name).decode("utf-8", "surrogateescape")
            shown = os.fsencode(shown).decode("utf-8", "backslashreplace")
        return SourceFile(
            location=f"{root}/{relative}",
            shown=shown,
            path=self.prefix + name,
            prefix=self.prefix,
        )

    def _is_excluded(self, relative: str) -> bool:
        if relative.startswith(".") or "/." in relative or relative.endswith("~"):
            return True
        if not self.exclude:
            return False
        return any(PurePosixPath(relative).match(pattern) for pattern in self.exclude)

    def _output_below(self, root: str) -> str | None:
        """Return the beginning of the paths of feedpub's own files, if they lie below the root."""
        if not self.output:
            return None
        folder, output = os.path.realpath(root), os.path.realpath(self.output)
        if not output.startswith(f"{folder.rstrip('/')}/"):
            return None
        return output[len(folder.rstrip("/")) + 1 :] + "/"

    def _found(
        self, root: str, unreadable: list[UnreadableFolderError] | None
    ) -> Iterator[tuple[str, Stamp]]:
        start = _glob_start(self.pattern)
        if start is not None:
            yield from self._matching(root, "", Path(self.pattern).parts[start:], unreadable)
        elif root == self.pattern.rstrip("/"):
            yield from self._matching(root, "", ("**",), unreadable)
        else:
            yield os.path.basename(self.pattern), _stamp(os.lstat(self.pattern))  # noqa: PTH119

    def _matching(
        self,
        root: str,
        folder: str,
        parts: tuple[str, ...],
        unreadable: list[UnreadableFolderError] | None,
    ) -> Iterator[tuple[str, Stamp]]:
        """Yield the files below `root/folder` that a pattern finds; links are not followed."""
        here, rest = parts[0], parts[1:]
        if here == "**" and rest:
            yield from self._matching(root, folder, rest, unreadable)
        for entry in self._entries(root, folder, unreadable):
            name = entry.name
            if entry.is_dir(follow_symlinks=False):
                if here == "**":
                    yield from self._matching(root, f"{folder}{name}/", parts, unreadable)
                elif rest and fnmatchcase(name, here):
                    yield from self._matching(root, f"{folder}{name}/", rest, unreadable)
            elif not rest and (here == "**" or fnmatchcase(name, here)):
                try:
                    status = entry.stat(follow_symlinks=False)
                except (FileNotFoundError, NotADirectoryError):
                    continue  # it has been deleted since the folder was listed
                yield f"{folder}{name}", _stamp(status)

    def _entries(
        self, root: str, folder: str, unreadable: list[UnreadableFolderError] | None
    ) -> Iterator["os.DirEntry[str]"]:
        """Yield what a folder holds, hidden entries aside; not as a list, which may be long."""
        try:
            with os.scandir(f"{root}/{folder}") as entries:
                for entry in entries:
                    if not entry.name.startswith("."):
                        yield entry
        except OSError as error:
            # A folder that became a file, or vanished, since the one above was listed is no more.
            is_gone = isinstance(error, FileNotFoundError | NotADirectoryError)
            if folder and (is_gone or self._is_excluded(folder.rstrip("/"))):
                return
            _, shown_root = self.roots
            shown = f"{shown_root}/{folder}" if shown_root else folder or "./"
            location, reason = f"{root}/{folder}", f"cannot be read: {error.strerror}"
            failure = UnreadableFolderError(location, shown, reason)
            if unreadable is None:
                raise failure from error
            unreadable.append(failure)


def _shown_root(shown: str, pattern: str, root: str) -> str:
    """Return how messages call the root of a source."""
    if root == pattern.rstrip("/"):
        return PurePosixPath(shown).as_posix() if shown not in {".", "./"} else ""
    length = len(Path(root).parts) - len(Path(pattern).parts)
    shown_root = PurePosixPath(*PurePosixPath(shown).parts[:length])
    return "" if str(shown_root) == "." else str(shown_root)


class Scans:
    """What a run finds in its sources; each is looked through once, however often it is asked.

    None was before `began_ns`.
    """

    def __init__(self) -> None:
        self.began_ns = time.time_ns()
        self._found: dict[FileSource, dict[str, Stamp]] = {}
        self._unreadable: dict[FileSource, list[UnreadableFolderError]] = {}

    def of(self, source: FileSource, suffixes: tuple[str, ...]) -> dict[str, Stamp]:
        """Return the files of a source; raise `UnreadableFolderError` if it may hold others."""
        found = self.readable(source, suffixes)
        for failure in self._unreadable[source]:
            raise failure
        return found

    def readable(self, source: FileSource, suffixes: tuple[str, ...]) -> dict[str, Stamp]:
        """Return the files of a source that can be found, if it is there at all."""
        if source not in self._found:
            failures: list[UnreadableFolderError] = []
            self._unreadable[source] = failures
            if source.exists():
                self._found[source] = source.scan(suffixes, failures)
            else:
                self._found[source] = {}
                reason = "is not there any more"
                failures.append(UnreadableFolderError(source.start, source.shown, reason))
        return self._found[source]

    def forget(self) -> None:
        """Forget the files, which are looked for anew should anybody ask, but no folder."""
        self._found.clear()

    @property
    def unreadable(self) -> list[UnreadableFolderError]:
        """Return the folders that could not be read."""
        return [failure for failures in self._unreadable.values() for failure in failures]


def _glob_start(pattern: str) -> int | None:
    """Return which part of a path is the first glob; a name that is there as written is none."""
    if not has_magic(pattern):
        return None
    parts = Path(pattern).parts
    for number, part in enumerate(parts):
        if has_magic(part) and not os.path.lexists(Path(*parts[: number + 1])):
            return number
    return None


def stamp_at(location: str) -> Stamp | None:
    """Return the stamp of a file, if there is one."""
    try:
        return _stamp(os.lstat(location))
    except OSError:
        return None


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_mtime_ns)

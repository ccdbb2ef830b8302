"""Files of a source: found in an order of their own, read without trusting their kind."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path, PurePosixPath

from feedpub.errors import RecordError

_UNTRUSTING = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file to read: `shown` is its name in messages, `path` its identity within the source."""

    location: Path
    shown: str
    path: str

    @property
    def suffix(self) -> str:
        """Return the extension in lower case, with its dot."""
        return self.location.suffix.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A folder, a glob or a single file; `shown` is how the configuration names it.

    `prefix` goes in front of the paths of its records, so that two sources never share an id.
    Files below `output` are feedpub's own and no records.
    """

    pattern: Path
    shown: str
    prefix: str = ""
    exclude: tuple[str, ...] = ()
    output: Path | None = None

    def exists(self) -> bool:
        """Tell whether there is anything to look into."""
        return self.root.exists()

    @property
    def root(self) -> Path:
        """Return the folder relative to which records have their paths."""
        if has_magic(str(self.pattern)):
            parts = self.pattern.parts
            plain = next(i for i, part in enumerate(parts) if has_magic(part))
            return Path(*parts[:plain])
        return self.pattern if self.pattern.is_dir() else self.pattern.parent

    def files(self, suffixes: Iterable[str]) -> Iterator[SourceFile]:
        """Yield the files with one of the suffixes, sorted by path; hidden ones are passed over."""
        known = frozenset(suffixes)
        for location in sorted(self._locations()):
            relative = PurePosixPath(location.relative_to(self.root).as_posix())
            if location.suffix.lower() not in known or self._is_excluded(relative):
                continue
            if self.output and location.is_relative_to(self.output):
                continue
            yield SourceFile(
                location=location,
                shown=self._shown(relative),
                path=self.prefix + str(relative.with_suffix("")),
            )

    def _shown(self, relative: PurePosixPath) -> str:
        root = self.shown
        if has_magic(root) or self.root != self.pattern:
            shown_root = Path(root).parts[: len(self.root.parts) - len(self.pattern.parts)]
            root = str(Path(*shown_root)) if shown_root else ""
        return str(PurePosixPath(Path(root).as_posix(), relative)) if root else str(relative)

    def _is_excluded(self, relative: PurePosixPath) -> bool:
        if any(part.startswith(".") for part in relative.parts) or relative.name.endswith("~"):
            return True
        return any(relative.match(pattern) for pattern in self.exclude)

    def _locations(self) -> Iterator[Path]:
        if has_magic(str(self.pattern)):
            found = self.root.glob(str(self.pattern.relative_to(self.root)))
            yield from (location for location in found if not location.is_dir())
        elif self.pattern.is_dir():
            for folder, _, names in os.walk(self.pattern):
                yield from (Path(folder, name) for name in names)
        else:
            yield self.pattern


def read_text(file: SourceFile, max_bytes: int) -> str:
    """Return the text of a file; raise `RecordError` if it is not a readable UTF-8 file.

    Symbolic links are not followed, and nothing but a regular file is opened for longer than it
    takes to see what it is: a pipe named like a record must not stop the run.
    """
    try:
        data = _read_regular(file.location, max_bytes)
    except OSError as error:
        if file.location.is_symlink():
            raise RecordError("symlink", "a symbolic link, not followed") from error
        raise RecordError("unreadable", f"cannot be read: {error.strerror}") from error
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        message = f"not UTF-8 (byte 0x{data[error.start]:02X} at offset {error.start})"
        raise RecordError("not-utf-8", message, help="save it as UTF-8") from error


def _read_regular(location: Path, max_bytes: int) -> bytes:
    with open(os.open(location, _UNTRUSTING), "rb") as opened:  # noqa: PTH123 - needs os.open's flags
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise RecordError("not-a-file", "not a regular file")
        if status.st_size > max_bytes:
            raise RecordError("too-large", f"larger than {max_bytes} bytes")
        return opened.read()

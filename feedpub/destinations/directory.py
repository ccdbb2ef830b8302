"""A folder a web server serves: files are replaced whole, and only feedpub's own are touched.

The file `.feedpub` in it lists what feedpub wrote, in the form `sha256sum -c` reads. It makes the
folder feedpub's; a file that is not in the list is somebody else's.
"""

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from feedpub.destinations import Outcome
from feedpub.errors import NotOursError, OutputError
from feedpub.feed import Document

LEDGER = ".feedpub"
_LEDGER_HEADER = "# Written by feedpub, which replaces and removes only these files.\n"
_LEDGER_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")

# Never the whole of what somebody has.
_FORBIDDEN_ROOTS = frozenset({Path("/"), Path.home()})


class Directory:
    """The output folder at `root`, which messages call `shown`."""

    def __init__(self, root: Path, shown: str) -> None:
        self.root = root.resolve()
        self.shown = shown.rstrip("/")
        if self.root in _FORBIDDEN_ROOTS:
            raise NotOursError(f"{shown}: feedpub does not publish into this folder")
        self._ledger = self._read_ledger()

    def read(self, path: str) -> bytes | None:
        """Return a file that feedpub wrote before, or None."""
        if path not in self._ledger:
            return None
        try:
            return self._bytes_at(path)
        except OSError:
            return None

    def publish(self, documents: Sequence[Document], *, prune: bool) -> Outcome:
        """Write what differs, then remove (with `prune`) what is no longer among the documents.

        All new files are written aside and synced before the first is renamed into place, so that
        a full disk changes nothing. The list of own files covers old and new ones while that goes
        on: whatever interrupts it, the next run knows its files.
        """
        wanted = {document.path: document for document in documents}
        changed = [document for document in documents if self._differs(document)]
        self._refuse_foreign(document.path for document in changed)
        obsolete = tuple(sorted(set(self._ledger) - set(wanted)))
        removed = obsolete if prune else ()
        ledger = {path: self._ledger[path] for path in obsolete if not prune}
        ledger |= {path: _sha256(document.data) for path, document in wanted.items()}
        with self._reporting(len(changed)) as progress:
            if set(wanted) - set(self._ledger):
                self._write_ledger({**self._ledger, **ledger})
            self._replace_all(changed, progress)
            for path in removed:
                self._remove(path)
            self._write_ledger(ledger)
        written = tuple(document.path for document in changed)
        return Outcome(
            written=written,
            unchanged=tuple(path for path in wanted if path not in set(written)),
            removed=removed,
            obsolete=() if prune else obsolete,
        )

    def _read_ledger(self) -> dict[str, str]:
        try:
            lines = (self.root / LEDGER).read_text("utf-8").splitlines()
        except FileNotFoundError:
            self._refuse_filled()
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise NotOursError(f"{self.shown}/{LEDGER}: cannot be read") from error
        matches = filter(None, map(_LEDGER_LINE.fullmatch, lines))
        return {match[2]: match[1] for match in matches if _is_safe(match[2])}

    def _refuse_filled(self) -> None:
        """Refuse a folder with somebody else's files in it; hidden ones do not count."""
        if not self.root.exists():
            return
        if not self.root.is_dir():
            raise NotOursError(f"{self.shown}: expected a folder")
        if any(not child.name.startswith(".") for child in self.root.iterdir()):
            raise NotOursError(
                f"{self.shown}/ holds files that feedpub did not write; name an empty folder with"
                f" output:, or put an empty file {LEDGER} into it to let feedpub add its own"
            )

    def _refuse_foreign(self, paths: Iterable[str]) -> None:
        foreign = [path for path in paths if path not in self._ledger and self._exists(path)]
        if foreign:
            raise NotOursError(
                f"{self.shown}/{foreign[0]} was not written by feedpub"
                + (f" (nor were {len(foreign) - 1} others)" if len(foreign) > 1 else "")
                + "; nothing was published: move it away, or name another folder with output:"
            )

    def _exists(self, path: str) -> bool:
        return os.path.lexists(self.root / path)

    def _differs(self, document: Document) -> bool:
        try:
            return self._bytes_at(document.path) != document.data
        except OSError:
            return True

    def _bytes_at(self, path: str) -> bytes:
        location = self.root / path
        if not stat.S_ISREG(location.lstat().st_mode):
            raise FileNotFoundError(path)
        return location.read_bytes()

    def _replace_all(self, documents: Sequence[Document], progress: list[str]) -> None:
        staged: list[tuple[Path, Document]] = []
        try:
            for document in documents:
                progress.append(document.path)
                staged.append((self._stage(document.path, document.data), document))
            for temporary, document in staged:
                temporary.replace(self.root / document.path)
        finally:
            for temporary, _ in staged:
                temporary.unlink(missing_ok=True)
        self._sync_folders(document.path for document in documents)

    def _stage(self, path: str, data: bytes) -> Path:
        """Write `data` to a new file beside `path`, and see it on the disk."""
        if not _is_safe(path):
            raise ValueError(f"unsafe path {path!r}")
        target = self.root / path
        self._make_folders(target.parent)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(temporary, flags, 0o644)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - needs os.open's flags
                os.fchmod(descriptor, 0o644)  # whatever the umask: a web server must read it
                file.write(data)
                file.flush()
                os.fsync(descriptor)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return temporary

    def _make_folders(self, folder: Path) -> None:
        """Make a folder below the root; a symbolic link on the way is not followed out of it."""
        for parent in (*reversed(folder.relative_to(self.root).parents), None):
            current = folder if parent is None else self.root / parent
            if current != self.root and current.is_symlink():
                raise NotOursError(f"{self._show(current)} is a symbolic link; remove it")
            if not current.is_dir():
                current.mkdir(parents=current == self.root)
                current.chmod(0o755)

    def _show(self, location: Path) -> str:
        return f"{self.shown}/{location.relative_to(self.root).as_posix()}"

    def _remove(self, path: str) -> None:
        location = self.root / path
        location.unlink(missing_ok=True)
        for folder in location.parents:
            if folder == self.root:
                break
            with suppress(OSError):  # not empty: somebody else's file is in it
                folder.rmdir()

    def _write_ledger(self, ledger: dict[str, str]) -> None:
        lines = "".join(f"{ledger[path]}  {path}\n" for path in sorted(ledger))
        document = Document(
            path=LEDGER, media_type="text/plain", data=(_LEDGER_HEADER + lines).encode()
        )
        if self._differs(document):
            self._replace_all([document], [])
        self._ledger = ledger

    def _sync_folders(self, paths: Iterable[str]) -> None:
        for folder in sorted({(self.root / path).parent for path in paths}):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    @contextmanager
    def _reporting(self, total: int) -> Iterator[list[str]]:
        """Turn what the system refuses into one sentence that names the file."""
        progress: list[str] = []
        try:
            yield progress
        except OSError as error:
            path = progress[-1] if progress else LEDGER
            raise OutputError(
                f"cannot write {self.shown}/{path}: {error.strerror}"
                f" ({total} files were due; the previous feeds still stand)"
            ) from error


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _is_safe(path: str) -> bool:
    """Tell whether a path stays below the folder it is joined to."""
    parts = path.split("/")
    return bool(path) and not any(part in {"", ".", ".."} or "\0" in part for part in parts)

"""A folder a web server serves: files are replaced whole, and only feedpub's own are touched.

The file `.feedpub` in it lists what feedpub wrote, in the form `sha256sum -c` reads. It makes the
folder feedpub's; a file that is not in the list is somebody else's.
"""

import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from feedpub.compressed import copy_path
from feedpub.destinations import Outcome, no_longer_wanted
from feedpub.destinations.aside import (
    Writers,
    is_filled,
    naming,
    new_token,
    remove_leftovers,
    sync_folders,
    temporary_name,
    write_durably,
)
from feedpub.destinations.ledger import NAME as LEDGER
from feedpub.destinations.ledger import formatted, is_safe, parsed
from feedpub.destinations.verification import verify
from feedpub.errors import NotOursError, OutputError
from feedpub.feed import Document
from feedpub.sources.files import Stamp


class Directory:
    """The output folder at `root`, which messages call `shown`.

    `witnessed` are the files that the last run left, as the state tells: a list of own files that
    was deleted or damaged is made again with it.
    """

    def __init__(
        self, root: Path, shown: str, witnessed: Mapping[str, Stamp] | None = None
    ) -> None:
        self.root = root.resolve()
        self.shown = shown.rstrip("/")
        if self.root in {Path("/"), Path.home().resolve()}:  # never the whole of what one has
            raise NotOursError(f"{shown}: feedpub does not publish into this folder")
        self._ledger = self._read_ledger(witnessed or {})
        self._made: list[Path] = []
        self._ready: set[Path] = set()
        self._in_place = 0
        self._token = ""  # of the new files of a run

    @property
    def hashes(self) -> dict[str, str]:
        """Return the SHA-256 of every file that feedpub wrote, by path."""
        return dict(self._ledger)

    def read(self, path: str) -> bytes | None:
        """Return a file that feedpub wrote before, or None."""
        if path not in self._ledger:
            return None
        try:
            return self._bytes_at(path)
        except OSError:
            return None

    def stamps(self) -> dict[str, Stamp]:
        """Return size and time of every file of ours that is there, the list of them included."""
        paths = (*self._ledger, LEDGER)
        return {path: stamp for path in paths if (stamp := self._stamp(path))}

    def publish(
        self, documents: Iterable[Document], *, prune: bool, kept: Collection[str] = ()
    ) -> Outcome:
        """Write what differs, then remove (with `prune`) what is no longer among the documents.

        All new files are written aside and synced before the first is renamed into place, so that
        a full disk changes nothing. The list of own files covers old and new ones while that goes
        on: whatever interrupts it, the next run knows its files.
        """
        ledger = {path: self._ledger[path] for path in kept}
        staged: list[str] = []
        unchanged = list(kept)
        foreign: list[str] = []
        self._in_place = 0
        self._ready.clear()
        self._token = new_token()
        writers = Writers()
        with self._reporting(staged):
            try:
                for document in documents:
                    if not self._differs(document):
                        ledger[document.path] = _sha256(document.data)
                        unchanged.append(document.path)
                    elif obstacle := self._foreign(document.path):
                        foreign.append(obstacle)
                    elif not foreign:
                        aside = self._stage(document)
                        staged.append(document.path)
                        writers.soon(_write, document, aside, ledger)
                _refuse(foreign, self.shown)
                writers.finish()
                return self._make_visible(staged, unchanged, ledger, prune=prune)
            except BaseException:
                self._unmake_folders()
                raise
            finally:
                writers.close()
                self._made.clear()
                for path in staged:
                    with suppress(OSError):
                        self._beside(path).unlink(missing_ok=True)

    def _clear_up(self, paths: Iterable[str]) -> None:
        """Remove what a killed run wrote aside: only beside own files, only under their names."""
        own = {LEDGER, *paths}
        for folder in {path.rpartition("/")[0] for path in own}:
            if self._obstacle(folder) is None:
                remove_leftovers(self._at(folder), folder, own, self._token)

    def _make_visible(
        self, staged: list[str], unchanged: list[str], ledger: dict[str, str], *, prune: bool
    ) -> Outcome:
        self._clear_up((*self._ledger, *ledger))
        removed, obsolete = no_longer_wanted(self._ledger, ledger, prune=prune)
        ledger |= {path: self._ledger[path] for path in obsolete}
        if any(path not in self._ledger for path in ledger):
            self._write_ledger({**self._ledger, **ledger})
        sync_folders(folder.parent for folder in self._made)
        self._made.clear()
        self._rename(staged, {*removed, *staged})
        for path in sorted(removed, reverse=True):  # a copy before its file
            self._remove(path)
        self._write_ledger(ledger)
        return Outcome(
            written=tuple(staged),
            unchanged=tuple(unchanged),
            removed=removed,
            obsolete=obsolete,
        )

    def _read_ledger(self, witnessed: Mapping[str, Stamp]) -> dict[str, str]:
        try:
            ledger = parsed((self.root / LEDGER).read_text("utf-8"))
        except FileNotFoundError:
            ledger = self._found_again(witnessed)
            if not ledger:
                self._refuse_filled()
            return ledger
        except (OSError, UnicodeDecodeError) as error:
            raise NotOursError(f"{self.shown}/{LEDGER}: cannot be read") from error
        lacking = witnessed.keys() - ledger.keys() - {LEDGER}
        return ledger | self._found_again({path: witnessed[path] for path in lacking})

    def _found_again(self, witnessed: Mapping[str, Stamp]) -> dict[str, str]:
        """Return those files that still are as the last run left them, though no list has them."""
        return {
            path: _sha256(self._bytes_at(path))
            for path, stamp in witnessed.items()
            if path != LEDGER and is_safe(path) and self._stamp(path) == stamp
        }

    def _refuse_filled(self) -> None:
        """Refuse a folder with somebody else's files in it; hidden ones do not count."""
        if not self.root.exists():
            return
        if not self.root.is_dir():
            raise NotOursError(f"{self.shown}: expected a folder")
        if is_filled(self.root):
            raise NotOursError(
                f"{self.shown}/ holds files that feedpub did not write; name an empty folder with"
                f" output:, or put an empty file {LEDGER} into it to let feedpub add its own"
            )

    def _foreign(self, path: str) -> str | None:
        """Return what is in the place of a document, or of a folder of it, and is not ours."""
        obstacle = self._obstacle(path.rpartition("/")[0])
        if obstacle is None:
            return path if path not in self._ledger and os.path.lexists(self._at(path)) else None
        if self._at(obstacle).is_symlink():
            raise NotOursError(f"{self.shown}/{obstacle} is a symbolic link; remove it")
        return obstacle if obstacle not in self._ledger else None

    def _obstacle(self, folder: str) -> str | None:
        """Return the first part of a folder's path that is there and is no folder of its own."""
        path = ""
        for part in filter(None, folder.split("/")):
            path = f"{path}/{part}" if path else part
            try:
                status = os.lstat(self._at(path))
            except OSError:
                return None
            if not stat.S_ISDIR(status.st_mode):
                return path
        return None

    def _at(self, path: str) -> Path:
        """Return where a document lies: its path in UTF-8, whatever the locale."""
        return self.root / os.fsdecode(path.encode("utf-8", "surrogateescape"))

    def _stamp(self, path: str) -> Stamp | None:
        try:  # without pathlib: asked of thousands of files in every run
            status = os.lstat(
                os.fsencode(self.root) + b"/" + path.encode("utf-8", "surrogateescape")
            )
        except OSError:
            return None
        return Stamp(status.st_size, status.st_mtime_ns)

    def _differs(self, document: Document) -> bool:
        try:
            return self._bytes_at(document.path) != document.data
        except OSError:
            return True

    def _bytes_at(self, path: str) -> bytes:
        location = self._at(path)
        if not stat.S_ISREG(location.lstat().st_mode):
            raise FileNotFoundError(path)
        return location.read_bytes()

    def _rename(self, staged: Sequence[str], outdated: Collection[str] = ()) -> None:
        """Put new files in place, each once its copy, if that is among the `outdated`, is gone."""
        for path in staged:
            copy = copy_path(path)
            with naming(path):
                if copy in outdated and copy in self._ledger:
                    self._at(copy).unlink(missing_ok=True)
                self._beside(path).replace(self._at(path))
            self._in_place += path != LEDGER
        sync_folders(self._at(path).parent for path in staged)

    def _stage(self, document: Document) -> Path:
        """Make room for a document, and return where its new file goes."""
        if not is_safe(document.path):
            raise ValueError(f"unsafe path {document.path!r}")
        aside = self._beside(document.path)
        with naming(document.path):
            self._make_folders(aside.parent)
        return aside

    def _beside(self, path: str) -> Path:
        """Return where the new file of this run is that will replace the one at `path`."""
        location = self._at(path)
        return location.with_name(temporary_name(location.name, self._token))

    def _make_folders(self, folder: Path) -> None:
        """Make a folder below the root; a symbolic link on the way is not followed out of it."""
        if folder in self._ready:
            return
        for current in (folder, *folder.parents):
            if current == self.root:
                break
            if current.is_symlink():
                raise NotOursError(f"{self._show(current)} is a symbolic link; remove it")
        missing = list(takewhile(lambda each: not each.is_dir(), (folder, *folder.parents)))
        for current in reversed(missing):
            current.mkdir(exist_ok=True)
            self._made.append(current)
            current.chmod(0o755)  # whatever the umask: a web server must enter it
        self._ready.add(folder)

    def _unmake_folders(self) -> None:
        """Remove the folders that a run made for files which it then did not publish."""
        for folder in reversed(self._made):
            with suppress(OSError):
                folder.rmdir()

    def _show(self, location: Path) -> str:
        return f"{self.shown}/{location.relative_to(self.root).as_posix()}"

    def _remove(self, path: str) -> None:
        location = self._at(path)
        if self._obstacle(path.rpartition("/")[0]) is not None:
            return  # linked out of the output: what is there is not ours
        with naming(path):
            location.unlink(missing_ok=True)
        for folder in location.parents:
            if folder == self.root:
                break
            with suppress(OSError):  # not empty: somebody else's file is in it
                folder.rmdir()

    def _write_ledger(self, ledger: dict[str, str]) -> None:
        document = Document(path=LEDGER, media_type="text/plain", data=formatted(ledger))
        if self._differs(document):
            with naming(LEDGER):
                self._make_folders(self.root)
            try:
                with naming(LEDGER):
                    write_durably(self._beside(LEDGER), document.data)
                self._rename([LEDGER])
            except BaseException:
                self._beside(LEDGER).unlink(missing_ok=True)
                raise
        self._ledger = ledger

    @contextmanager
    def _reporting(self, staged: Sequence[str]) -> Iterator[None]:
        """Turn what the system refuses into one sentence that names the file."""
        try:
            yield
        except OSError as error:
            name = getattr(error, "published_path", LEDGER)
            raise OutputError(
                f"cannot write {self.shown}/{name}: {error.strerror}"
                f" ({self._in_place} of {len(staged)} new files stand; all others are as they were)"
            ) from error


def _write(document: Document, location: Path, ledger: dict[str, str]) -> None:
    """Write a file that a parser has read; what takes long here lets others work meanwhile."""
    verify(document)
    ledger[document.path] = _sha256(document.data)
    with naming(document.path):
        write_durably(location, document.data)


def _refuse(foreign: Sequence[str], shown: str) -> None:
    if foreign:
        others = len(set(foreign)) - 1
        raise NotOursError(
            f"{shown}/{foreign[0]} was not written by feedpub"
            + (f" (nor were {others} others)" if others else "")
            + "; nothing was published: move it away, or name another folder with output:"
        )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

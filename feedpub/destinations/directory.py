"""A folder a web server serves: files are replaced whole, and only feedpub's own are touched.

The file `.feedpub` in it lists what feedpub wrote, in the form `sha256sum -c` reads. It makes the
folder feedpub's; a file that is not in the list is somebody else's.
"""

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from feedpub.compressed import copy_path
from feedpub.destinations import Outcome, no_longer_wanted
from feedpub.destinations.aside import (
    Writers,
    is_filled,
    naming,
    new_token,
    remove,
    remove_leftovers,
    sync_folders,
    temporary_name,
    write_durably,
)
from feedpub.destinations.folder import Folder, folder_of
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
        self._folder = Folder(os.fspath(self.root), self.shown)
        self._ledger = self._read_ledger(witnessed or {})
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
            return self._folder.read(path)
        except OSError:
            return None

    def stamps(self) -> dict[str, Stamp]:
        """Return size and time of every file of ours that is there, the list of them included."""
        paths = (*self._ledger, LEDGER)
        return {path: stamp for path in paths if (stamp := self._folder.stamp(path))}

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
        self._folder.look_anew()
        self._token = new_token()
        writers = Writers()
        with self._reporting(staged):
            try:
                for document in documents:
                    if self._folder.holds(document.path, document.data):
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
                writers.close()
                for path in staged:
                    with suppress(OSError):
                        remove(self._beside(path))
                self._folder.unmake()
                raise
            finally:
                writers.close()

    def _clear_up(self, paths: Iterable[str]) -> None:
        """Remove what a killed run wrote aside: only beside own files, only under their names."""
        own = {LEDGER, *paths}
        for folder in set(map(folder_of, own)):
            if self._folder.obstacle(folder) is None:
                remove_leftovers(self._folder.at(folder), folder, own, self._token)

    def _make_visible(
        self, staged: list[str], unchanged: list[str], ledger: dict[str, str], *, prune: bool
    ) -> Outcome:
        self._clear_up((*self._ledger, *ledger))
        removed, obsolete = no_longer_wanted(self._ledger, ledger, prune=prune)
        ledger |= {path: self._ledger[path] for path in obsolete}
        if any(path not in self._ledger for path in ledger):
            self._write_ledger({**self._ledger, **ledger})
        self._folder.sync_made()
        self._rename(staged, {*removed, *staged})
        for path in sorted(removed, reverse=True):  # a copy before its file
            if self._folder.obstacle(folder_of(path)) is None:  # else what is there is not ours
                with naming(path):
                    self._folder.remove(path)
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
            path: _sha256(self._folder.read(path))
            for path, stamp in witnessed.items()
            if path != LEDGER and is_safe(path) and self._folder.stamp(path) == stamp
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
        folder = self._folder
        obstacle = folder.obstacle(folder_of(path))
        if obstacle is None:
            return path if path not in self._ledger and folder.is_taken(path) else None
        if folder.is_link(obstacle):
            raise NotOursError(f"{self.shown}/{obstacle} is a symbolic link; remove it")
        return obstacle if obstacle not in self._ledger else None

    def _rename(self, staged: Sequence[str], outdated: Collection[str] = ()) -> None:
        """Put new files in place, each once its copy, if that is among the `outdated`, is gone."""
        for path in staged:
            copy = copy_path(path)
            with naming(path):
                if copy in outdated and copy in self._ledger:
                    remove(self._folder.at(copy))
                os.replace(self._beside(path), self._folder.at(path))  # noqa: PTH105
            self._in_place += path != LEDGER
        sync_folders(map(self._folder.at, set(map(folder_of, staged))))

    def _stage(self, document: Document) -> str:
        """Make room for a document, and return where its new file goes."""
        if not is_safe(document.path):
            raise ValueError(f"unsafe path {document.path!r}")
        with naming(document.path):
            self._folder.make(folder_of(document.path))
        return self._beside(document.path)

    def _beside(self, path: str) -> str:
        """Return where the new file of this run is that will replace the one at `path`."""
        folder, _, name = self._folder.at(path).rpartition("/")
        return f"{folder}/{temporary_name(name, self._token)}"

    def _write_ledger(self, ledger: dict[str, str]) -> None:
        document = Document(path=LEDGER, media_type="text/plain", data=formatted(ledger))
        if not self._folder.holds(LEDGER, document.data):
            with naming(LEDGER):
                self._folder.make("")
            try:
                with naming(LEDGER):
                    write_durably(self._beside(LEDGER), document.data)
                self._rename([LEDGER])
            except BaseException:
                remove(self._beside(LEDGER))
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


def _write(document: Document, location: str, ledger: dict[str, str]) -> None:
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

"""Files below a folder, found by their paths: no symbolic link leads out of it.

Here nothing is a `pathlib.Path`: thousands of files are asked of in every run.
"""

import os
import stat
from contextlib import suppress

from feedpub.destinations.aside import remove, sync_folders
from feedpub.errors import NotOursError
from feedpub.sources.files import Stamp


class Folder:
    """The folder at `root`, which messages call `shown`."""

    def __init__(self, root: str, shown: str) -> None:
        self._root = root
        self._shown = shown
        self._made: list[str] = []
        self._ready: set[str] = set()
        self._new: set[str] = set()

    def look_anew(self) -> None:
        """Forget which folders are there: meanwhile somebody may have put a link in their place."""
        self._ready.clear()
        self._new.clear()

    def at(self, path: str) -> str:
        """Return where a file lies: its path in UTF-8, whatever the locale."""
        name = path if path.isascii() else os.fsdecode(path.encode("utf-8", "surrogateescape"))
        return f"{self._root}/{name}"

    def stamp(self, path: str) -> Stamp | None:
        """Return size and time of a file, if it is there."""
        try:
            status = os.lstat(self.at(path))
        except OSError:
            return None
        return Stamp(status.st_size, status.st_mtime_ns)

    def read(self, path: str) -> bytes:
        """Return what is in a file."""
        self._size(path)
        with open(self.at(path), "rb", buffering=0) as file:  # noqa: PTH123
            return file.read()

    def holds(self, path: str, data: bytes) -> bool:
        """Tell whether a file is there, and has these bytes."""
        if folder_of(path) in self._new:
            return False
        try:
            return self._size(path) == len(data) and self.read(path) == data
        except OSError:
            return False

    def is_link(self, path: str) -> bool:
        """Tell whether a symbolic link is at a path."""
        return os.path.islink(self.at(path))  # noqa: PTH114

    def is_taken(self, path: str) -> bool:
        """Tell whether anything is at a path."""
        return folder_of(path) not in self._new and os.path.lexists(self.at(path))

    def obstacle(self, folder: str) -> str | None:
        """Return the first part of a folder's path that is there and is no folder of its own."""
        if not folder or folder in self._ready:
            return None
        obstacle = self.obstacle(folder_of(folder))
        if obstacle is not None:
            return obstacle
        try:
            status = os.lstat(self.at(folder))
        except OSError:
            return None
        if not stat.S_ISDIR(status.st_mode):
            return folder
        self._ready.add(folder)
        return None

    def make(self, folder: str) -> None:
        """Make a folder, and those above it; a symbolic link on the way is not followed."""
        if folder in self._ready:
            return
        if folder:
            self.make(folder_of(folder))
            self._make_one(folder)
        else:
            self._make_root(self._root)
        self._ready.add(folder)

    def unmake(self) -> None:
        """Remove the folders that were made for files which are then not published."""
        for location in reversed(self._made):
            with suppress(OSError):
                os.rmdir(location)  # noqa: PTH106
        self._made.clear()

    def sync_made(self) -> None:
        """See on the disk the folders that were made: they stay."""
        sync_folders(map(os.path.dirname, self._made))
        self._made.clear()

    def remove(self, path: str) -> None:
        """Remove a file, and the folders that are empty without it."""
        remove(self.at(path))
        folder = folder_of(path)
        while folder:
            with suppress(OSError):  # not empty: somebody else's file is in it
                os.rmdir(self.at(folder))  # noqa: PTH106
            folder = folder_of(folder)

    def _make_one(self, folder: str) -> None:
        try:
            self._mkdir(self.at(folder))
            self._new.add(folder)
        except FileExistsError as error:
            if self.is_link(folder):
                hint = f"{self._shown}/{folder} is a symbolic link; remove it"
                raise NotOursError(hint) from error
            if not os.path.isdir(self.at(folder)):  # noqa: PTH112
                raise

    def _make_root(self, location: str) -> None:
        if not os.path.isdir(location):  # noqa: PTH112
            self._make_root(os.path.dirname(location))  # noqa: PTH120
            self._mkdir(location)

    def _mkdir(self, location: str) -> None:
        os.mkdir(location)  # noqa: PTH102
        self._made.append(location)
        # Whatever the umask: a web server must enter it.
        os.chmod(location, 0o755)  # noqa: S103, PTH101

    def _size(self, path: str) -> int:
        status = os.lstat(self.at(path))
        if not stat.S_ISREG(status.st_mode):
            raise FileNotFoundError(path)
        return status.st_size


def folder_of(path: str) -> str:
    """Return the path of the folder that a path is in; of the root it is empty."""
    return path.rpartition("/")[0]

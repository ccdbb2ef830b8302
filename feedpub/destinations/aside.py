"""Files written aside: durable before they are renamed, known again after a killed run."""

import os
import re
import secrets
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future

_WRITERS = 4
# Files whose bytes are held until they are written: memory stays bounded.
_MAX_WAITING = 32
_TEMPORARY = re.compile(r"\.(.+)\.([0-9a-f]{16})\.tmp")


def new_token() -> str:
    """Return what sets the new files of one run apart from all others."""
    return secrets.token_hex(8)


def temporary_name(name: str, token: str) -> str:
    """Return the name of a new file that will replace the one called `name`."""
    return f".{name}.{token}.tmp"


def write_durably(location: str | Path, data: bytes) -> None:
    """Write a new file, and see it on the disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(location, flags, 0o644)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - needs os.open's flags
        os.fchmod(descriptor, 0o644)  # whatever the umask: a web server must read it
        file.write(data)
        file.flush()
        os.fsync(descriptor)


@contextmanager
def naming(path: str) -> Iterator[None]:
    """Let an error of the system name the file it is about, which is not the one written aside."""
    try:
        yield
    except OSError as error:
        error.published_path = path  # type: ignore[attr-defined]
        raise


def sync_folders(folders: Iterable[str | Path]) -> None:
    """See on the disk what folders list."""
    for folder in sorted({os.fspath(folder) for folder in folders}):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove(location: str) -> None:
    """Remove a file that may be gone already."""
    with suppress(FileNotFoundError):
        os.unlink(location)  # noqa: PTH108


def replace_durably(location: Path, data: bytes) -> None:
    """Replace a file whole, or make it; whoever reads it finds the old or the new one."""
    aside = location.with_name(temporary_name(location.name, new_token()))
    try:
        write_durably(aside, data)
        aside.replace(location)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


class Writers:
    """Threads that write files while the next ones are made: most of it is waiting for disks."""

    def __init__(self) -> None:
        from concurrent.futures import ThreadPoolExecutor  # 15 ms that a lone file never pays

        self._pool = ThreadPoolExecutor(_WRITERS)
        self._waiting: deque[Future[None]] = deque()

    def soon(self, write: Callable[..., None], *what: Any) -> None:
        """Call `write` soon; raise what went wrong with an earlier one."""
        self._waiting.append(self._pool.submit(write, *what))
        if len(self._waiting) > _MAX_WAITING:
            self._waiting.popleft().result()

    def finish(self) -> None:
        """Return when all is written; raise what went wrong with the first that is not."""
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """Write no more; return when nothing is being written."""
        self._pool.shutdown(cancel_futures=True)


def remove_leftovers(location: str, folder: str, own: Collection[str], token: str) -> None:
    """Remove what killed runs left in a folder beside its `own` files; this run has the `token`."""
    beside = f"{folder}/" if folder else ""
    with suppress(FileNotFoundError):
        for name in os.listdir(location):  # noqa: PTH208 - done for every folder of the output
            match = _TEMPORARY.fullmatch(name) if name.endswith(".tmp") else None
            if match and beside + _published(match[1]) in own and match[2] != token:
                remove(f"{location}/{name}")


def _published(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "surrogateescape")


def is_filled(folder: Path) -> bool:
    """Tell whether a folder holds more than hidden files and what a killed run left behind."""
    for child in folder.iterdir():
        if child.name.startswith("."):
            continue
        if child.is_symlink() or not child.is_dir() or _is_used(child):
            return True
    return False


def _is_used(folder: Path) -> bool:
    for child in folder.iterdir():
        if child.is_symlink() or not child.is_dir():
            if not _TEMPORARY.fullmatch(child.name):
                return True
        elif _is_used(child):
            return True
    return False

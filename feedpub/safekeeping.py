"""The file of the state kept safe: sealed, set aside if a disk changed what was written.

SQLite looks at how a database is built, not at what it holds: of single bits that flip, half go
unnoticed and give wrong rows. The seal is a hash beside the state: the SHA-256 of those of all its
pieces, which several threads take at once. It is taken away before the state changes, and made anew
once all is in one file again. A state without one was left by a run that was cut off; it is as good
as SQLite can tell.
"""

import hashlib
import re
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, zip_longest
from pathlib import Path
from threading import Thread
from typing import Any

from feedpub.errors import BusyError, FeedpubError, StateError, UnwritableStateError

# Of whole files were the seals of earlier versions, in the form `sha256sum -c` reads.
_LINE = re.compile(r"([0-9a-f]{64})  (?P<pieces>SHA-256 of those of each MiB of )?.+\n")
_PIECE = 1 << 20
_THREADS = 2
# What is written goes to a log first, which a run that is cut off leaves behind: nothing is lost.
LOGGED = "PRAGMA journal_mode = WAL"


def seal_of(location: Path) -> Path:
    """Return where the seal of a state is."""
    return location.with_name(f"{location.name}.sha256")


def seal(location: Path) -> None:
    """Seal a state that nobody has open: its log is then gone, and all is in the one file.

    A disk too full for it costs the seal alone.
    """
    with suppress(OSError):
        if not _beside(location, "-wal").exists():
            line = (
                f"{_sha256_of_pieces(location)}  SHA-256 of those of each MiB of {location.name}\n"
            )
            seal_of(location).write_text(line, "ascii")


def unseal(location: Path) -> None:
    """Take the seal away, for good: it must not come back after a power cut."""
    from feedpub.destinations.aside import sync_folders  # a run with nothing to do never does

    try:
        seal_of(location).unlink()
        sync_folders([location.parent])
    except FileNotFoundError:
        return
    except OSError as error:
        raise UnwritableStateError(f"cannot write {location}: {error.strerror}") from error


def is_broken(location: Path) -> bool:
    """Tell whether a state is not as it was when it was sealed."""
    sealed = _sealed(location)
    if sealed is None:
        return False
    taken = _sha256_of_pieces if sealed["pieces"] else _sha256
    return sealed[1] != taken(location)


class Look(Thread):
    """Looks whether a state is broken, while whoever wants to know does something else."""

    def __init__(self, location: Path) -> None:
        super().__init__(daemon=True)
        self._location = location
        self._is_broken = False
        self._error: OSError | None = None
        self.start()

    def run(self) -> None:
        """Read the whole file."""
        try:
            self._is_broken = is_broken(self._location)
        except OSError as error:
            self._error = error

    def result(self) -> bool:
        """Return what was found, once it is."""
        self.join()
        if self._error:
            raise self._error
        return self._is_broken


def is_sound(location: Path, database: sqlite3.Connection, look: Look) -> bool:
    """Tell whether an open state is what was written, as far as that can be known."""
    is_broken = look.result()
    if _sealed(location) is not None:
        return not is_broken
    try:
        (said,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return False
    return bool(said == "ok")


def readable(database: sqlite3.Connection, query: str, *values: str) -> list[tuple[Any, ...]]:
    """Return the rows that a query finds; of a damaged database none."""
    try:
        return database.execute(query, values).fetchall()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return []


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Tell whether an error is about what is in the file, not about using it."""
    is_about_use = isinstance(error, sqlite3.OperationalError)
    return not is_about_use or any(
        word in str(error) for word in ("file is not a", "no such", "UTF")
    )


def is_in_the_making(location: Path) -> bool:
    """Tell whether nothing was ever committed to a state, and what it holds must not be read."""
    return _beside(location, "-journal").exists()


def set_aside(location: Path) -> None:
    """Keep a damaged state for whoever wants to look at it, instead of an earlier one."""
    unseal(location)
    for suffix in ("-wal", "-shm", "-journal"):
        _beside(location, suffix).unlink(missing_ok=True)
    location.replace(location.with_name(location.name + ".corrupt"))


def failure(location: Path, error: sqlite3.Error) -> FeedpubError:
    """Return the error that ends a run which cannot use its state."""
    if "is locked" in str(error):
        return BusyError(f"{location}: {error} by another program")
    return UnwritableStateError(f"cannot write {location}: {error}")


def opened(location: Path, migrations: Sequence[str]) -> sqlite3.Connection:
    """Open or make the state at a place, of the version to which `migrations` lead.

    A new one has no log until the first commit: all of it would be written twice.
    """
    connection = sqlite3.connect(location, isolation_level=None, timeout=10)
    try:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        if pages:
            connection.execute(LOGGED)
        connection.execute("PRAGMA synchronous = FULL")
        return prepared(connection, migrations, location)
    except BaseException:
        connection.close()
        raise


def prepared(
    connection: sqlite3.Connection, migrations: Sequence[str], location: Path | None = None
) -> sqlite3.Connection:
    """Bring a state to this version, and begin a transaction."""
    known = len(migrations)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    refuse_newer(version, known)
    connection.execute("BEGIN IMMEDIATE")
    if version < known:
        if location is not None:
            unseal(location)
        for statement in ";".join(migrations[version:]).split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {known}")
        connection.execute("COMMIT")
        connection.execute("BEGIN IMMEDIATE")
    return connection


def refuse_newer(version: int, known: int) -> None:
    """Raise `StateError` for a version that only a newer feedpub knows."""
    if version > known:
        raise StateError(
            f"the state is version {version}, this feedpub knows {known}:"
            " use the newer feedpub, or delete the state"
        )


def _sealed(location: Path) -> re.Match[str] | None:
    try:
        return _LINE.fullmatch(seal_of(location).read_bytes().decode("ascii", "replace"))
    except OSError:
        return None


def _beside(location: Path, suffix: str) -> Path:
    """Return where SQLite keeps what belongs to a database."""
    return location.with_name(location.name + suffix)


def _sha256_of_pieces(location: Path) -> str:
    from concurrent.futures import ThreadPoolExecutor  # a run with nothing to do needs no seal

    size = location.stat().st_size

    def digests(first: int) -> list[bytes]:
        piece = bytearray(_PIECE)
        found = []
        with location.open("rb") as file:
            for start in range(first, size, _THREADS * _PIECE):
                file.seek(start)
                found.append(hashlib.sha256(memoryview(piece)[: file.readinto(piece)]).digest())
        return found

    with ThreadPoolExecutor(_THREADS) as pool:
        columns = list(pool.map(digests, range(0, _THREADS * _PIECE, _PIECE)))
    rows = zip_longest(*columns, fillvalue=b"")
    return hashlib.sha256(b"".join(chain.from_iterable(rows))).hexdigest()


def _sha256(location: Path) -> str:
    with location.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Files written aside: durable before they are renamed, known again after a killed run."""

import os
import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

_TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{16}\.tmp")


def temporary_beside(target: Path) -> Path:
    """Return a new name for a file that will replace `target`."""
    return target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")


def write_durably(location: Path, data: bytes) -> None:
    """Write a new file, and see it on the disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(location, flags, 0o644)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - needs os.open's flags
        os.fchmod(descriptor, 0o644)  # whatever the umask: a web server must read it
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def remove_leftovers(folder: Path, names: Collection[str], needed: Collection[Path]) -> None:
    """Remove what killed runs left beside the files called `names`, but for what is `needed`."""
    with suppress(FileNotFoundError):
        for location in _temporaries(folder):
            match = _TEMPORARY.fullmatch(location.name)
            if match and _published(match[1]) in names and location not in needed:
                location.unlink(missing_ok=True)


def _temporaries(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return [Path(entry.path) for entry in entries if entry.name.endswith(".tmp")]


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

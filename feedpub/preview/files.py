"""The files of the output folder that a host would send, and as what."""

import os
import stat
from collections.abc import Sequence
from contextlib import ExitStack
from mimetypes import MimeTypes
from pathlib import Path
from typing import NamedTuple

from feedpub.compose import FORMAT_FILES
from feedpub.formats import HOSTED_TYPES

INDEX = "index.html"
_BY_NAME = {FORMAT_FILES[name]: media_type for name, media_type in HOSTED_TYPES.items()}
_BY_SUFFIX = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".opml": "text/x-opml",
    ".xml": "application/xml",
}
_OTHERS = MimeTypes()  # of Python alone, not of the machine
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# A pipe or device in the folder must not stop the server.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class File(NamedTuple):
    """A file as it is on disk; `modified` is in whole seconds since 1970, as HTTP counts."""

    name: str
    data: bytes
    modified: int


def read(root: Path, path: str) -> File:
    """Return the file at the path of an address, which starts with a slash.

    A folder's path ends in a slash and stands for its index. Hidden names are not there, links are
    not followed: each part is opened in the folder before it, so nothing leads out of the root.
    Raises IsADirectoryError for a folder without its slash, another OSError for all that is not
    there.
    """
    parts = _parts(path)
    with ExitStack() as opened:
        folder = _open(root, _FOLDER, None, opened)
        for part in parts[:-1]:
            folder = _open(part.encode(), _FOLDER | os.O_NOFOLLOW, folder, opened)
        file = _open(parts[-1].encode(), _FILE, folder, opened)
        status = os.fstat(file)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(path)
        if not stat.S_ISREG(status.st_mode):
            raise FileNotFoundError(path)
        with open(file, "rb", closefd=False) as content:
            return File(parts[-1], content.read(), int(status.st_mtime))


def media_type(name: str) -> str:
    """Return the value of Content-Type; XML and JSON say themselves how they are encoded."""
    suffix = os.path.splitext(name)[1].lower()  # noqa: PTH122
    known = _BY_NAME.get(name) or _BY_SUFFIX.get(suffix) or _OTHERS.guess_type(name)[0]
    if known is None:
        return "application/octet-stream"
    texts = known.startswith("text/") and suffix != ".opml"
    return f"{known}; charset=utf-8" if texts else known


def _parts(path: str) -> Sequence[str]:
    first, *parts = path.split("/")
    if first or not parts:
        raise FileNotFoundError(path)
    parts[-1] = parts[-1] or INDEX
    # "..", the list of feedpub's files and the like begin with a dot.
    if any(not part or part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        raise FileNotFoundError(path)
    return parts


def _open(name: Path | bytes, flags: int, folder: int | None, opened: ExitStack) -> int:
    descriptor = os.open(name, flags, dir_fd=folder)
    opened.callback(os.close, descriptor)
    return descriptor

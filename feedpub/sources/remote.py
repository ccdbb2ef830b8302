"""Sources that are not on this disk: copied into a folder beside the state, and read from there.

A run reads the copy as it reads any folder, so that only what changed is read again, and a source
that is down leaves its records as they were. A new kind of source is a module with `fetch` and a
line in `FETCHERS`.
"""

import hashlib
import os
import re
from glob import has_magic
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import urlsplit

from msgspec import Struct

from feedpub.buckets import SCHEMES
from feedpub.errors import Problem
from feedpub.limits import DEFAULT_LIMITS, Limits

# By the scheme of their addresses.
FETCHERS = {
    "http": "feedpub.sources.http_json",
    "https": "feedpub.sources.http_json",
    **dict.fromkeys(SCHEMES, "feedpub.sources.bucket_objects"),
}
# What was found of a source when it was copied: the last file of a copy to be written.
INDEX = ".index.json"
# Where the copies lie, from the folder of the configuration.
COPIES = Path(".feedpub", "sources")


class FetchError(Exception):
    """A source could not be fetched; the message says why and quotes nothing that came."""


class Remote(Struct, frozen=True, kw_only=True):
    """A source elsewhere, and the `folder` its copy lies in.

    `token_env` names the environment variable that holds its bearer token. No more than `pages`
    pages are read, none larger than `page`, and nothing takes longer than `budget_seconds`.
    """

    url: str
    folder: str
    token_env: str | None = None
    pages: int = 100
    budget_seconds: float = 60
    page: Limits = DEFAULT_LIMITS.data_file

    @property
    def shown(self) -> str:
        """Return how messages name it: without its query, which may say more than they should."""
        return shown_address(self.url)


class Fetcher(Protocol):
    """A module that brings the copy of a source up to date."""

    def fetch(self, remote: Remote) -> list[Problem]:
        """Bring the copy up to date, and return what else there is to say.

        Raises `FetchError` if that cannot be done; the copy, if there is one, is as it was.
        """


def fetch(remote: Remote) -> list[Problem]:
    """Bring the copy of a source up to date; see `Fetcher`."""
    return cast("Fetcher", import_module(FETCHERS[urlsplit(remote.url).scheme])).fetch(remote)


def write_copy(location: Path, data: bytes) -> None:
    """Write a file of a copy; its time follows from what it holds.

    So a file that was written anew looks changed to the next run only if it is, and one that was
    written a moment ago need not be doubted.
    """
    new = location.with_name(f".{location.name}.new")
    new.write_bytes(data)
    moment_ns = int.from_bytes(hashlib.sha256(data).digest()[:7])  # a day in the seventies
    os.utime(new, ns=(moment_ns, moment_ns))
    new.replace(location)


def is_known(remote: Remote) -> bool:
    """Tell whether there is a copy of a source."""
    return (Path(remote.folder) / INDEX).exists()


def split_pattern(url: str) -> tuple[str, str]:
    """Return the address of a bucket, and the glob of the objects in it that are wanted."""
    scheme, _, rest = url.partition("://")
    parts = rest.rstrip("/").split("/")
    plain = list(takewhile(lambda part: not has_magic(part), parts))
    if scheme not in SCHEMES or len(plain) == len(parts):
        return url, ""
    return f"{scheme}://{'/'.join(plain)}/", "/".join(parts[len(plain) :])


def shown_address(url: str) -> str:
    """Return host and path of an address, or bucket and path."""
    scheme, _, rest = url.partition("://")
    if scheme in SCHEMES:
        return rest.rstrip("/")
    parts = urlsplit(url)
    return (parts.netloc.rpartition("@")[2] + parts.path).rstrip("/")


def copy_name(url: str) -> str:
    """Return the name of the folder for the copy of a source: readable, and one for each."""
    readable = re.sub(r"[^a-z0-9.-]+", "-", shown_address(url).lower())[:60].strip(".-")
    return f"{readable}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"

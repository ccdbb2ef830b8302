"""Object storage through obstore, for what reads from it and what publishes to it.

Credentials, regions and endpoints come from the environment, under the names obstore knows.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import urlsplit

from feedpub.errors import EnvironmentUnfitError

if TYPE_CHECKING:
    from obstore import Attributes
    from obstore.store import ObjectStore

SCHEMES = ("s3", "gs", "az")
_AT_ONCE = 16
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT")

Item = TypeVar("Item")
Result = TypeVar("Result")


class BucketError(Exception):
    """Object storage did not do what it was asked; the message says why, in words of our own."""


class Object(NamedTuple):
    """What a listing says of an object: it has changed if any of this has."""

    etag: str
    size: int


class Bucket:
    """The objects below an address like `s3://bucket/folder/`, by their paths below it."""

    def __init__(self, url: str) -> None:
        self.shown = shown_bucket(url)
        self._url = url

    @cached_property
    def _store(self) -> "ObjectStore":
        return _opened(self._url)

    def list(self) -> dict[str, Object]:
        """Return all the objects there are, sorted by path."""
        import obstore

        found = _telling(
            lambda: {
                meta["path"]: Object(meta["e_tag"] or "", meta["size"])
                for chunk in obstore.list(self._store)
                for meta in chunk
            }
        )
        return dict(sorted(found.items()))

    def read(self, path: str) -> bytes | None:
        """Return an object, or None if there is none."""
        import obstore

        try:
            return _telling(lambda: bytes(obstore.get(self._store, path).bytes()))
        except FileNotFoundError:
            return None

    def write(self, path: str, data: bytes, attributes: "Attributes") -> str:
        """Write an object as a whole, and return its ETag."""
        import obstore

        result = _telling(lambda: obstore.put(self._store, path, data, attributes=attributes))
        return result["e_tag"] or ""

    def remove(self, paths: Iterable[str]) -> None:
        """Remove objects; one that is gone already is no error."""
        import obstore

        doomed = list(paths)
        if doomed:
            _telling(lambda: obstore.delete(self._store, doomed))


def at_once(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield the results of requests that are made several at a time, in their order."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in futures:
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def shown_bucket(url: str) -> str:
    """Return how messages name a place in object storage."""
    parts = urlsplit(url)
    return (parts.netloc + parts.path).rstrip("/")


def _opened(url: str) -> "ObjectStore":
    try:
        from obstore.store import from_url
    except ImportError:
        scheme = urlsplit(url).scheme
        hint = f"{scheme}:// needs obstore: pip install 'feedpub[cloud]'"
        raise EnvironmentUnfitError(f"{shown_bucket(url)}: {hint}") from None

    plain = any(os.environ.get(name, "").startswith("http://") for name in _ENDPOINTS)
    return _telling(
        lambda: from_url(
            url,
            client_options={"timeout": "30s", "connect_timeout": "5s", "allow_http": plain},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=60)},
        )
    )


def _telling(work: Callable[[], Result]) -> Result:
    """Do some work with obstore, whose own messages quote addresses and run over many lines."""
    from obstore.exceptions import BaseError

    try:
        return work()
    except FileNotFoundError:
        raise
    except (BaseError, OSError, ValueError) as error:
        raise BucketError(_reason(str(error), type(error).__name__)) from error


def _reason(text: str, kind: str) -> str:
    code = re.search(r"<Code>(\w{1,60})</Code>", text)
    status = re.search(r"status code: (\d{3})", text)
    if code:
        return f"the storage answers {code[1]}"
    if status:
        return f"the storage answers {status[1]}"
    if kind in {"PermissionDeniedError", "UnauthenticatedError"}:
        return "the storage refuses the credentials of the environment"
    return "the storage cannot be reached, or the environment lacks what it needs (credentials)"

"""Pages of records from an HTTP API, followed from one to the next.

A page is a JSON list of records, or a mapping that holds them under `value` or `items`. It names
the next one by number or address under one of `NEXT_KEYS`, or in a Link header (RFC 8288). The copy
holds each page as a file, and in `.index.json` what to ask the server for next time (RFC 9110 §13).
"""

import os
import re
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import Retry
from urllib3.exceptions import HTTPError, MaxRetryError

from feedpub.errors import OutputError, Problem, RecordError
from feedpub.sources.remote import INDEX, FetchError, Remote, write_copy
from feedpub.tree import (
    PAGE_KEYS,
    Defect,
    Limits,
    Mapping,
    Node,
    Sequence,
    is_null,
    parse_json,
)

Result = TypeVar("Result")

NEXT_KEYS = ("nextPage", "@odata.nextLink", "nextLink", "next_url")
# Of the whole of a source, in memory while it is fetched.
_MOST_BYTES = 256 * 1024 * 1024
# To connect, and for each part of an answer; the budget holds for all of them together.
_TIMEOUTS = (5, 20)
_TRIES = 3
_BACKOFF_SECONDS = 0.5
_LONGEST_WAIT = 30
_REDIRECTS = 5
_CHUNK = 64 * 1024
_NOT_JSON = re.compile(r"(?:text/(?!json|plain)|image/|audio/|video/|application/(?:xml|pdf|zip))")


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A page that was read: where, its validators, and the address of the next one."""

    url: str
    etag: str | None = None
    modified: str | None = None
    next: str | None = None


class _Page(msgspec.Struct, frozen=True):
    visit: Visit
    text: bytes


def fetch(remote: Remote) -> list[Problem]:
    """Walk through the pages of a source; keep them only if every one of them could be read."""
    folder = Path(remote.folder)
    known = _kept(folder)
    pages = _within(remote.budget_seconds, lambda: _Walk(remote, known).pages())
    try:
        _keep(pages, folder)
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror}") from error
    if len(pages) < remote.pages or pages[-1].visit.next is None:
        return []
    message = f"has more than {remote.pages} pages; the first of them are read (see pages:)"
    return [Problem(code="pages", source=remote.shown, message=message, severity="warning")]


class _Patience(Retry):
    """Tries again, after a pause that grows or that the server asks for, if it is a short one."""

    def get_retry_after(self, response: Any) -> float | None:
        seconds = super().get_retry_after(response)
        if seconds is not None and seconds > _LONGEST_WAIT:
            raise FetchError(f"asks to be left alone for {seconds:.0f} seconds")
        return seconds


class _Walk:
    """One way through the pages of a source."""

    def __init__(self, remote: Remote, known: dict[str, _Page]) -> None:
        self._remote = remote
        self._known = known
        self._deadline = monotonic() + remote.budget_seconds
        self._bytes_left = _MOST_BYTES
        self._token = _token(remote.token_env)

    def pages(self) -> list[_Page]:
        """Return the pages in their order."""
        pages: list[_Page] = []
        seen: dict[object, int] = {}
        url: str | None = self._remote.url.replace("{page}", "1")
        with self._session() as session:
            while url is not None and len(pages) < self._remote.pages:
                page = self._page(session, url, len(pages) + 1)
                for mark in (url, page.text):
                    number = seen.setdefault(mark, len(pages) + 1)
                    if number <= len(pages):
                        raise FetchError(f"page {len(pages) + 1} is page {number} again")
                pages.append(page)
                url = page.visit.next
        return pages

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # ~/.netrc would lend its passwords to where redirects lead
        session.proxies = get_environ_proxies(self._remote.url)
        session.max_redirects = _REDIRECTS
        session.headers.update({"User-Agent": "feedpub", "Accept": "application/json"})
        retry = _Patience(
            total=_TRIES - 1,
            status_forcelist={429, 500, 502, 503, 504},
            backoff_factor=_BACKOFF_SECONDS,
            raise_on_status=False,
        )
        session.mount("http://", HTTPAdapter(max_retries=retry))
        session.mount("https://", HTTPAdapter(max_retries=retry))
        return session

    def _page(self, session: requests.Session, url: str, number: int) -> _Page:
        try:
            return self._asked(session, url)
        except FetchError as error:
            raise FetchError(f"page {number}: {error}" if number > 1 else str(error)) from error
        except (requests.RequestException, HTTPError, ValueError) as error:
            reason = _reason(error)
            raise FetchError(f"page {number}: {reason}" if number > 1 else reason) from error

    def _asked(self, session: requests.Session, url: str) -> _Page:
        known = self._known.get(url)
        headers = self._headers(url, known.visit if known else None)
        with session.get(url, headers=headers, stream=True, timeout=_TIMEOUTS) as response:
            if known and response.status_code == requests.codes.not_modified:
                return known
            if response.status_code != requests.codes.ok:
                raise FetchError(f"the server answers {response.status_code}")
            said = response.headers.get("Content-Type", "").lower()
            if _NOT_JSON.match(said):
                raise FetchError(f"the server answers {said.partition(';')[0][:40]!r}, not JSON")
            text = self._body(response)
        node = _parsed(text, self._remote.page)
        visit = Visit(
            url=url,
            etag=response.headers.get("ETag"),
            modified=response.headers.get("Last-Modified"),
            next=self._next(node, response, url),
        )
        return _Page(visit, b'{"value": %b}' % text if isinstance(node, Sequence) else text)

    def _headers(self, url: str, known: Visit | None) -> dict[str, str]:
        headers = {}
        # Whatever a page says is next: the token is for the server that the configuration names.
        if self._token and _origin(url) == _origin(self._remote.url):
            headers["Authorization"] = f"Bearer {self._token}"
        if known and known.etag:
            headers["If-None-Match"] = known.etag
        elif known and known.modified:
            headers["If-Modified-Since"] = known.modified
        return headers

    def _body(self, response: requests.Response) -> bytes:
        parts = []
        limit = min(self._remote.page.size_bytes, self._bytes_left)
        left = limit
        for part in response.iter_content(_CHUNK):
            left -= len(part)
            if left < 0:
                raise FetchError("the answer is too large")
            if monotonic() > self._deadline:
                raise FetchError("takes too long")
            parts.append(part)
        self._bytes_left -= limit - left
        return b"".join(parts)

    def _next(self, node: Node, response: requests.Response, url: str) -> str | None:
        """Return the address of the next page, if there is one."""
        named = (node.get(key) for key in NEXT_KEYS) if isinstance(node, Mapping) else ()
        said = next((str(n) for n in named if isinstance(n, str) and not is_null(n)), "").strip()
        if said.isdecimal():
            return self._numbered(said)
        if not said or said == "false":
            said = response.links.get("next", {}).get("url", "")
        return urljoin(url, said) if said else None

    def _numbered(self, number: str) -> str:
        """Return the address of a page by its number."""
        start = self._remote.url
        if "{page}" in start:
            return start.replace("{page}", number)
        parts = urlsplit(start)
        query = parse_qsl(parts.query, keep_blank_values=True)
        others = [item for item in query if item[0] != "page"]
        return urlunsplit(parts._replace(query=urlencode([*others, ("page", number)])))


def _token(variable: str | None) -> str | None:
    """Return the token that an environment variable holds; its value is never said."""
    if variable is None:
        return None
    token = os.environ.get(variable, "").strip()
    if not token:
        raise FetchError(f"the environment variable {variable} holds no token")
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        raise FetchError(f"what the environment variable {variable} holds is no token")
    return token


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default


def _parsed(data: bytes, limits: Limits) -> Node:
    """Return a page; raise `FetchError` unless it holds records, as reading it would find them."""
    try:
        node = parse_json(data.decode("utf-8-sig"), limits=limits, itemwise=True)
    except UnicodeDecodeError:
        raise FetchError("the answer is not UTF-8") from None
    except RecordError as error:
        raise FetchError(f"the answer cannot be read: {error.message}") from None
    found = [node.get(key) for key in PAGE_KEYS] if isinstance(node, Mapping) else [node]
    for items in found:
        if isinstance(items, Sequence) and (
            not items or any(isinstance(item, Mapping | Defect) for item in items)
        ):
            return node
    raise FetchError("the answer is no page of records: a list, or one under value: or items:")


def _reason(error: Exception) -> str:
    """Say what is the matter in words of our own: those of libraries quote addresses whole."""
    if isinstance(error, requests.TooManyRedirects):
        return "redirects too often"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate cannot be trusted"
    cause = error.args[0] if error.args else None
    inner = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(error, requests.Timeout) or "Timeout" in type(inner).__name__:
        return "takes too long to answer"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the answer breaks off"
    if isinstance(error, requests.ConnectionError):
        return "the server cannot be reached"
    return "the server does not answer as HTTP asks it to"


def _within(seconds: float, work: Callable[[], Result]) -> Result:
    """Do some work in a thread that is left alone when its time is up.

    The timeouts of requests begin anew with every byte.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - raised again by result()
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    try:
        return future.result(seconds)
    except TimeoutError:
        raise FetchError(f"takes longer than {seconds:g} seconds (see budget:)") from None


def _name(number: int) -> str:
    return f"page-{number:05}.json"


def _kept(folder: Path) -> dict[str, _Page]:
    """Return the pages of the last walk, by address."""
    aside = _aside(folder, "old")
    if aside.exists() and not folder.exists():  # a run was cut off between two renames
        aside.rename(folder)
    try:
        visits = msgspec.json.decode((folder / INDEX).read_bytes(), type=list[Visit])
        return {
            visit.url: _Page(visit, (folder / _name(number)).read_bytes())
            for number, visit in enumerate(visits, start=1)
        }
    except (OSError, msgspec.DecodeError):
        return {}


def _keep(pages: list[_Page], folder: Path) -> None:
    """Replace the copy as a whole, if any page is another one."""
    walk = msgspec.json.encode([page.visit for page in pages])
    wanted = {_name(number): page.text for number, page in enumerate(pages, start=1)}
    new, old = _aside(folder, "new"), _aside(folder, "old")
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    if _pages_in(folder) == wanted:
        write_copy(folder / INDEX, walk)
        return
    new.mkdir(parents=True)
    for name, data in {**wanted, INDEX: walk}.items():
        write_copy(new / name, data)
    with suppress(FileNotFoundError):
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _aside(folder: Path, suffix: str) -> Path:
    return folder.with_name(f"{folder.name}.{suffix}")


def _pages_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("page-*.json")}
